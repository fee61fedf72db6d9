/**
 * Files such as `.env.local`, which bundlers build into what they make and git ignores: without them base would be
 * another application than head, and the comparison one of two configurations.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { upwards } from './commands.ts';
import { listIgnored, type Repository } from './repository.ts';

/** A name that Vite, Next, Create React App, Astro, Nuxt and dotenv read: `.env`, `.env.local`, `.env.production`, … */
const settingsName = /^\.env(?:\.[\w.-]+)?$/;

/**
 * Paths, from the root of the checkout, in the folder of the project and those above it. Only what git ignores: any
 * other file that is not committed is part of the change to be judged.
 */
export function findIgnoredSettings(
  { root, env }: Repository & { readonly env: NodeJS.ProcessEnv },
  project: string,
): string[] {
  const found = upwards(project, root).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => settingsName.test(name))
      .map((name) => path.join(folder, name))
      // A folder of that name may be one of Python's environments.
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
      .map((file) => path.relative(root, file)),
  );
  return found.length === 0 ? [] : listIgnored({ folder: root, env }, found);
}

/** For the identity of a build: another content needs another build. */
export function digestSettings(root: string, files: readonly string[]): string[] {
  return files.map((file) => {
    const content = createHash('sha256').update(readFileSync(path.join(root, file)));
    return `${file} ${content.digest('hex')}`;
  });
}

/** Copies them to where base does not have a file of that name. Returns those that were copied. */
export function copySettings(from: string, to: string, files: readonly string[]): string[] {
  return files.filter((file) => {
    const target = path.join(to, file);
    if (existsSync(target) || !existsSync(path.dirname(target))) return false;
    copyFileSync(path.join(from, file), target);
    return true;
  });
}
