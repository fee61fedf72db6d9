/**
 * Names of original sources, as a reader of the repository knows them, and the npm packages they belong to. What a
 * source map calls its sources is free text: URLs of bundlers' own schemes, paths of the machine that built, anything.
 */
import { cleanText } from '../core/text.ts';

/** `webpack://name/`, `turbopack:///`, `ng://`, `file://`: the scheme, and the authority where there is one. */
const scheme = /^([a-z][a-z0-9+.-]{1,30}):\/\/([^/]*)/i;
/** Beyond this nobody reads a path, and nothing in one is looked for. */
const longestPath = 2000;

interface SourcePath {
  readonly segments: readonly string[];
  /** A path of the machine that built, not one within the project. */
  readonly absolute: boolean;
}

/** `.` and `..` resolved within the path; those that lead out of it are dropped, since nobody knows from where. */
function normalise(path: string): string[] {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments;
}

function readPath(source: string): SourcePath {
  // Rollup's virtual modules begin with a zero
  const text = source.slice(0, longestPath).replaceAll('\0', '').replaceAll('\\', '/');
  const [whole = '', name = ''] = scheme.exec(text) ?? [];
  const rest = text.slice(whole.length);
  const local = whole === '' || name.toLowerCase() === 'file';
  // webpack writes `webpack:///` before a path, and absolute paths get a slash more: `webpack:////home/…`
  const absolute = local ? /^(\/|[a-z]:\/)/i.test(rest) : rest.startsWith('//');
  // webpack puts loaders before a file; Vue and others split one into parts by a query
  const file = (rest.slice(rest.lastIndexOf('!') + 1) || rest).replace(/\?.*$/s, '');
  const segments = normalise(file.replace(/^\/?[a-z]:\//i, ''));
  return { segments: segments[0] === '[project]' ? segments.slice(1) : segments, absolute };
}

/** The folder that all absolute paths share: the project's, as far as can be told. */
function commonFolder(paths: readonly SourcePath[]): readonly string[] {
  let common: readonly string[] | undefined;
  for (const { absolute, segments } of paths) {
    if (!absolute) continue;
    const packages = segments.indexOf('node_modules');
    const folder = segments.slice(0, packages < 0 ? -1 : packages);
    const before = common ?? folder;
    const differs = before.findIndex((segment, place) => segment !== folder[place]);
    common = differs < 0 ? before : before.slice(0, differs);
  }
  // `src` says more than nothing where all sources lie in it
  return (common ?? []).at(-1) === 'src' ? (common ?? []).slice(0, -1) : (common ?? []);
}

/**
 * Clean names of all sources of one map, in its order: relative to the project, forward slashes, one printable line.
 * Empty where the map gives no name.
 * @param root the map's `sourceRoot`
 */
export function cleanSourceNames(sources: readonly (string | null)[], root = ''): string[] {
  const prefix = root === '' || root.endsWith('/') ? root : `${root}/`;
  const isOwn = (source: string): boolean => scheme.test(source) || /^(\/|[a-z]:[\\/])/i.test(source);
  const paths = sources.map((source) =>
    source === null || source === '' ? null : readPath(isOwn(source) ? source : prefix + source),
  );
  const common = commonFolder(paths.flatMap((path) => path ?? []));
  return paths.map((path) => {
    if (!path) return '';
    const { segments, absolute } = path;
    // Yarn without node_modules has archives with a node_modules each
    const packages = segments.findIndex((segment) => segment === 'node_modules' || segment === '.yarn');
    const within = packages >= 0 ? segments.slice(packages) : absolute ? segments.slice(common.length) : segments;
    return cleanText(within.join('/'));
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
