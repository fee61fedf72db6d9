/** One name for one source in all scripts of a build, though their source maps were written from different folders. */
import type { BundleFile } from '../core/bundles.ts';

function firstFolder(file: string): string {
  const end = file.indexOf('/');
  return end < 0 ? '' : file.slice(0, end);
}

/**
 * Vite writes the sources of a worker's map from another folder than those of the page: `shop/src/a.ts` and
 * `src/a.ts`. Where all names of a script begin with one folder that no other script's have, and without it one of
 * them is known from another script, the folder is dropped.
 */
export function alignNames(files: readonly BundleFile[]): BundleFile[] {
  const known = new Map<string, number>();
  for (const { modules } of files) for (const { file } of modules) known.set(file, (known.get(file) ?? 0) + 1);
  const folders = new Map<string, number>();
  const foldersOf = files.map(
    ({ modules }) => new Set(modules.filter(({ file }) => !file.startsWith('(')).map(({ file }) => firstFolder(file))),
  );
  for (const names of foldersOf) for (const folder of names) folders.set(folder, (folders.get(folder) ?? 0) + 1);
  return files.map((one, place) => {
    const [folder = '', ...others] = foldersOf[place] ?? [];
    if (folder === '' || folder === 'node_modules' || others.length > 0 || folders.get(folder) !== 1) return one;
    const prefix = `${folder}/`;
    const rest = (file: string): string => (file.startsWith(prefix) ? file.slice(prefix.length) : file);
    if (!one.modules.some(({ file }) => file.startsWith(prefix) && known.has(rest(file)))) return one;
    return { ...one, modules: one.modules.map((module) => ({ ...module, file: rest(module.file) })) };
  });
}
