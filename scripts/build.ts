/**
 * Builds dist/ for publishing: compiled modules with declarations, and beside them every file of src/ that is no
 * TypeScript (templates, scripts for the page). `--clean` only removes dist/, which nothing in this repository uses.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
if (!process.argv.includes('--clean')) {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  cpSync(path.join(root, 'src'), dist, { recursive: true, filter: (file) => !/\.tsx?$/.test(file) });
}
