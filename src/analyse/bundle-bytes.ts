/** Bytes on the wire of what a glob names: what budgets call `bundle.GLOB`. Pure. */
import picomatch from 'picomatch';
import type { BundleFile, Bundles } from '../core/bundles.ts';
import { packageOf } from './module-names.ts';

type Matcher = (name: string) => boolean;

function matcher(glob: string): Matcher {
  const matches = picomatch(glob, { dot: true, nonegate: true, noextglob: true });
  // `pages/[id].tsx` is a name, not only a glob
  return (name) => name === glob || matches(name);
}

/** `assets/index.js` and `app.test/assets/index.js`, or `index.js` for a glob without a slash. */
function fileNames({ url }: BundleFile, hasFolder: boolean): string[] {
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: '', pathname: url };
  const path = pathname.replace(/^\//, '');
  return hasFolder ? [path, `${host}/${path}`] : [path.slice(path.lastIndexOf('/') + 1)];
}

/** Packages of pnpm and the like also have the path that they would have with npm. */
function moduleNames(file: string): string[] {
  const owner = packageOf(file);
  return owner ? [file, `node_modules/${owner.name}/${owner.path}`] : [file];
}

export interface NamedPart {
  /** Path or host and path of a file, or a module as its source map names it. */
  readonly name: string;
  readonly transferred: number;
}

/**
 * All that a glob names, each once, most bytes on the wire first:
 * - without a slash: scripts and style sheets by the last part of their path (`index-*.js`, `*.css`);
 * - with one: scripts and style sheets by their path, with or without the host (`assets/**`, `cdn.example/**`), and
 *   original modules as source maps name them (`src/**`, `node_modules/react-dom/**`); a module counts with its share
 *   of each script that holds it.
 *
 * `*` stays within a folder, `**` crosses them, `{a,b}` is one of both.
 */
export function bundleParts({ files }: Bundles, glob: string): NamedPart[] {
  const hasFolder = glob.includes('/');
  const matches = matcher(glob);
  const parts = new Map<string, number>();
  const add = (name: string, transferred: number): void => {
    parts.set(name, (parts.get(name) ?? 0) + transferred);
  };
  for (const file of files) {
    const names = fileNames(file, hasFolder);
    if (names.some(matches)) add(names[0] || file.url, file.transferred);
    else if (hasFolder)
      for (const module of file.modules)
        if (moduleNames(module.file).some(matches)) add(module.file, module.transferred);
  }
  return [...parts]
    .map(([name, transferred]) => ({ name, transferred }))
    .toSorted((a, b) => b.transferred - a.transferred);
}

/**
 * The sum of the bytes on the wire of all that a glob names.
 * @returns null where nothing has such a name, which a misspelt glob would not be told from
 */
export function bundleBytes(bundles: Bundles, glob: string): number | null {
  const parts = bundleParts(bundles, glob);
  return parts.length === 0 ? null : parts.reduce((sum, { transferred }) => sum + transferred, 0);
}
