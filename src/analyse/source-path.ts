/** What a source map calls its sources, as paths of the project a person would open, and whose code they are. */
import type { CodeOrigin } from '../core/source.ts';
import { sameSite } from '../core/site.ts';
import { cleanText } from '../core/text.ts';

export interface SourcePath {
  readonly file: string;
  readonly library: boolean;
}

/** What bundlers add of their own: loaders of modules, helpers of compiled syntax. */
const bundlerSource = /^(webpack\/|vite\/|rolldown\/|commonjsHelpers|_virtual|\(webpack\)|turbopack\/)/;
/** `webpack://name/`, `webpack:///`, `turbopack:///[project]/`, `ng://`, `file://host/`. */
const scheme = /^[a-z][a-z0-9+.-]{1,30}:\/\/[^/]*\//i;
/** A path of the machine that built it, by drive, root or home. */
const absolute = /^(\/|[a-z]:\/)/i;

/** Plain segments: neither `.` nor `..`, nor what a bundler puts before or after a path. */
function segmentsOf(source: string): string[] {
  const path = source
    .replaceAll('\0', '')
    .replaceAll('\\', '/')
    .replace(/[?#].*$/s, '')
    .replace(scheme, (whole) => (/^file:/i.test(whole) ? '/' : ''))
    .replace(/^\[project\]\//, '');
  const segments: string[] = absolute.test(path) ? [''] : [];
  for (const segment of path.split('/')) {
    if (segment === '..') {
      if (segments.length > 0 && segments.at(-1) !== '') segments.pop();
    } else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}

/** How many leading folders all sources with an absolute path share: the project's own folder. */
function sharedFolders(all: readonly (readonly string[])[]): number {
  const paths = all
    .filter((segments) => segments[0] === '')
    .map((segments) =>
      segments.includes('node_modules') ? segments.slice(0, segments.indexOf('node_modules') + 1) : segments,
    );
  const [first] = paths;
  if (first === undefined) return 0;
  let shared = 0;
  while (
    shared < first.length - 1 &&
    paths.every((path) => path.length - 1 > shared && path[shared] === first[shared])
  ) {
    shared += 1;
  }
  // Where every source lies in one folder, its name says more than nothing: `src/cart.ts`.
  return paths.some((path) => path[shared] === 'node_modules') ? shared : Math.max(1, shared - 1);
}

/**
 * The sources of one map as readable paths: `../../src/cart.ts`, `webpack://shop/./src/cart.ts?8a1f` and
 * `/home/me/shop/src/cart.ts` are all `src/cart.ts`; a package's file begins with `node_modules/`.
 * @param scriptUrl development servers map `/src/cart.ts` to a source that is called `cart.ts`
 */
export function readablePaths(sources: readonly string[], scriptUrl: string): SourcePath[] {
  const all = sources.map(segmentsOf);
  const shared = sharedFolders(all);
  return all.map((segments) => {
    const modules = segments.lastIndexOf('node_modules');
    const library = modules >= 0 && modules < segments.length - 1;
    let parts = segments[0] === '' ? segments.slice(Math.max(1, shared)) : segments;
    if (library) parts = segments.slice(modules);
    else if (parts.length === 1 && sources.length === 1) parts = besideScript(parts, scriptUrl);
    const file = parts.join('/');
    return { file: cleanText(file) || '(nameless source)', library: library || bundlerSource.test(file) };
  });
}

function besideScript(parts: readonly string[], scriptUrl: string): string[] {
  const path = URL.canParse(scriptUrl) ? new URL(scriptUrl).pathname.split('/').filter(Boolean) : [];
  return path.at(-1) === parts[0] ? path : [...parts];
}

/** Whose code a script is. One without an address of its own (`data:`, `blob:`) was made by the page. */
export function scriptOrigin(url: string, pageUrl: string): CodeOrigin {
  if (/^(chrome|devtools)(-untrusted)?:/i.test(url)) return 'browser';
  if (/^(chrome|moz|safari-web)-extension:/i.test(url)) return 'third-party';
  const address = url.replace(/^blob:/i, '');
  if (!/^https?:/i.test(address) || pageUrl === '') return 'application';
  return sameSite(address, pageUrl) ? 'application' : 'third-party';
}
