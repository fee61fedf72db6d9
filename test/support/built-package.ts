/**
 * The package as users have it, for tests that run commands: compiled, in a folder node_modules, where Playwright loads
 * it as it is. The sources Playwright would translate on every run and in every worker, for some 6 s of CPU time a run.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = path.join(root, '.cache');
const prefix = 'package-';

/** All that the build is made of. */
function sourceFiles(): string[] {
  const sources = readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  // The lock file names the compiler.
  const rest = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.ts'];
  return [...sources, ...rest].toSorted();
}

function nameOfBuild(): string {
  const hash = createHash('sha256');
  for (const file of sourceFiles()) {
    const text = readFileSync(path.join(root, file));
    hash.update(`${file}\0${text.length}\0`).update(text);
  }
  return `${prefix}${hash.digest('hex').slice(0, 16)}`;
}

/** Removes builds of other sources that no test used for a day; making a project in one changes its folder. */
function removeOld(current: string): void {
  const yesterday = Date.now() - 24 * 3600 * 1000;
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name);
    if (!name.startsWith(prefix) || name === current || statSync(folder).mtimeMs > yesterday) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

function build(name: string): void {
  const folder = path.join(cache, name);
  const unfinished = mkdtempSync(path.join(cache, 'unfinished-'));
  try {
    const installed = path.join(unfinished, 'node_modules', 'pacewright');
    mkdirSync(installed, { recursive: true });
    const dist = path.join(installed, 'dist');
    execFileSync(process.execPath, [path.join(root, 'scripts/build.ts'), '--to', dist], { stdio: 'inherit' });
    copyFileSync(path.join(root, 'package.json'), path.join(installed, 'package.json'));
    // Nobody knows which of the two versions was compiled.
    if (nameOfBuild() !== name) throw new Error('the sources changed while they were compiled: run the tests again');
    // Whole or not at all, also when two test runs build at once.
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/**
 * A folder whose `node_modules/pacewright` is compiled from the sources as they are now: its name is the hash of them, so
 * that it cannot be out of date. Projects below it find the package, and all others in the repository.
 */
export function buildPackage(): string {
  mkdirSync(cache, { recursive: true });
  const name = nameOfBuild();
  if (!existsSync(path.join(cache, name))) {
    removeOld(name);
    build(name);
  }
  return path.join(cache, name);
}
