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

/**
 * The sum of the bytes on the wire of all that a glob names, each once:
 * - without a slash: scripts and style sheets by the last part of their path (`index-*.js`, `*.css`);
 * - with one: scripts and style sheets by their path, with or without the host (`assets/**`, `cdn.example/**`), and
 *   original modules as source maps name them (`src/**`, `node_modules/react-dom/**`); a module counts with its share
 *   of each script that holds it.
 *
 * `*` stays within a folder, `**` crosses them, `{a,b}` is one of both.
 * @returns null where nothing has such a name, which a misspelt glob would not be told from
 */
export function bundleBytes({ files }: Bundles, glob: string): number | null {
  const hasFolder = glob.includes('/');
  const matches = matcher(glob);
  let bytes: number | null = null;
  for (const file of files) {
    if (fileNames(file, hasFolder).some(matches)) {
      bytes = (bytes ?? 0) + file.transferred;
    } else if (hasFolder) {
      for (const module of file.modules)
        if (moduleNames(module.file).some(matches)) bytes = (bytes ?? 0) + module.transferred;
    }
  }
  return bytes;
}
