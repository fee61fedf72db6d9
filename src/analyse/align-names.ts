/** One name for one source in all scripts of a build, though their source maps were written from different folders. */
import type { BundleFile } from '../core/bundles.ts';

/** The folder that all modules of own code in a script begin with; null where there is none. */
function commonFolder({ modules }: BundleFile): string | null {
  const own = modules.filter(({ file }) => !file.startsWith('(') && !file.startsWith('node_modules/'));
  const folders = new Set(own.map(({ file }) => file.slice(0, file.indexOf('/') + 1)));
  const [folder, ...others] = folders;
  return folder && others.length === 0 ? folder : null;
}

/**
 * Vite writes the sources of a worker's map from another folder than those of the page: `shop/src/a.ts` and
 * `src/a.ts`. Where all own modules of a script begin with one folder, and without it one of them is a path that another
 * script has, the folder is dropped. A name alone (`shop/index.ts`, `index.ts`) says too little.
 */
export function alignNames(files: readonly BundleFile[]): BundleFile[] {
  const known = new Set(files.flatMap(({ modules }) => modules.map(({ file }) => file)));
  return files.map((one) => {
    const folder = commonFolder(one);
    if (folder === null) return one;
    const rest = (file: string): string => (file.startsWith(folder) ? file.slice(folder.length) : file);
    const isKnown = one.modules.some(
      ({ file }) => rest(file) !== file && rest(file).includes('/') && known.has(rest(file)),
    );
    return isKnown ? { ...one, modules: one.modules.map((module) => ({ ...module, file: rest(module.file) })) } : one;
  });
}
