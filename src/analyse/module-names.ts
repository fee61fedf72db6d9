/** Names of original sources as bundles list them, and the npm packages and their copies that they belong to. Pure. */
import { cleanText } from '../core/text.ts';
import { readablePaths } from './source-path.ts';

/** Beyond this nobody reads a path, and nothing in one is looked for. */
const longestPath = 2000;

/** The path from the first folder of packages on, which tells one installed copy of a package from another. */
function copyOf(source: string): string {
  const segments: string[] = [];
  for (const segment of source.replaceAll('\\', '/').replace(/\?.*$/s, '').split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  // Yarn without node_modules has archives with a node_modules each
  return segments.slice(segments.findIndex((segment) => segment === 'node_modules' || segment === '.yarn')).join('/');
}

/** webpack puts the loaders of a file before it. */
function withoutLoaders(source: string): string {
  return source.slice(source.lastIndexOf('!') + 1) || source;
}

/**
 * Clean names of all sources of one map, in its order: as flame graphs name them, but those of packages with the whole
 * path of the copy. Empty where the map gives no name.
 * @param root the map's `sourceRoot`
 * @param scriptUrl of the script that the map is of
 */
export function cleanSourceNames(sources: readonly (string | null)[], root: string, scriptUrl: string): string[] {
  const prefix = root === '' || root.endsWith('/') ? root : `${root}/`;
  const rooted = sources.map((source) => {
    const text = withoutLoaders((source ?? '').slice(0, longestPath));
    return /^([a-z][a-z0-9+.-]*:|\/)/i.test(text) || text === '' ? text : prefix + text;
  });
  return readablePaths(rooted, scriptUrl).map(({ file }, at) => {
    const text = rooted[at] ?? '';
    if (text === '') return '';
    return file.startsWith('node_modules/') ? cleanText(copyOf(text)) : file;
  });
}

export interface PackageName {
  /** With its scope: `@vue/shared`. */
  readonly name: string;
  /** Where the path tells it (pnpm, Bun, Yarn's cache), else null. */
  readonly version: string | null;
  /** The folder of this copy of the package: `node_modules/a/node_modules/b`. */
  readonly folder: string;
  /** Of the file in the package; empty for the folder itself. */
  readonly path: string;
}

const marker = 'node_modules/';

/** Of pnpm and Bun: `.pnpm/@vue+shared@3.4.1_typescript@5.0.0/`; of Yarn: `cache/lodash-npm-4.17.21-6382451519-8.zip/`. */
function readVersion(store: string, name: string): string | null {
  const flat = name.replace('/', '+');
  const entry = store.slice(store.lastIndexOf('/') + 1);
  if (entry.startsWith(`${flat}@`)) return /^[^_(+]+/.exec(entry.slice(flat.length + 1))?.[0] ?? null;
  const yarn = `${name.replace('/', '-')}-npm-`;
  if (entry.startsWith(yarn)) return /^(\d[^/]*?)-[\da-f]{10}\b/.exec(entry.slice(yarn.length))?.[1] ?? null;
  return null;
}

/** The npm package that a source belongs to by its path; null for the application's own code. */
export function packageOf(file: string): PackageName | null {
  const at = file.lastIndexOf(`/${marker}`) + 1;
  if (at === 0 && !file.startsWith(marker)) return null;
  const start = at + marker.length;
  const name = /^(@[^/]+\/)?[^/]+/.exec(file.slice(start))?.[0];
  // `.vite`, `.cache`: folders of tools
  if (name === undefined || name.startsWith('.')) return null;
  const end = start + name.length;
  return {
    name,
    version: readVersion(file.slice(0, Math.max(0, at - 1)), name),
    folder: file.slice(0, end),
    path: file.slice(end + 1),
  };
}
