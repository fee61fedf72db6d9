/**
 * Compiles the package: modules with declarations, and beside them every file of src/ that is no TypeScript (templates,
 * scripts for the page).
 *
 *     node scripts/build.ts               into dist/, for publishing
 *     node scripts/build.ts --to FOLDER   elsewhere, for the tests: types are not checked and not written
 *     node scripts/build.ts --clean       only removes dist/, which nothing in this repository uses
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.join(import.meta.dirname, '..');
const { clean, to } = parseArgs({ options: { clean: { type: 'boolean' }, to: { type: 'string' } } }).values;
const out = path.resolve(to ?? path.join(root, 'dist'));

rmSync(out, { recursive: true, force: true });
if (!clean) {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const words = [compiler, '-p', 'tsconfig.build.json', '--outDir', out];
  if (to !== undefined) words.push('--noCheck', '--declaration', 'false');
  execFileSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
  cpSync(path.join(root, 'src'), out, { recursive: true, filter: (file) => !/\.tsx?$/.test(file) });
}
