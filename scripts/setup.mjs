/**
 * Makes a fresh clone ready: installs the packages when they are missing or out of date, then finds or installs
 * Chrome. With arguments it then runs them as a script under the pinned Node:
 *
 *     node scripts/setup.mjs src/cli.ts run --budgets budgets/strict
 *
 * Plain JavaScript for Node 20 with nothing installed. The chaining is done here and not by `&&` in package.json,
 * because a shell remembers where it found `node` and would go on with the machine's own, which may be too old.
 *
 * Exit codes: 3 when the set-up fails, else that of the script that was run.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './quiet.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const pinnedNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const environment = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH ?? ''}` };

/** A failure whose message says what to do. */
class SetupError extends Error {}

function say(line) {
  process.stderr.write(`${line}\n`);
}

/** The packages of a lock file by path, or an empty table when it is missing or cut short. */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/**
 * Whether node_modules holds what the lock file asks for. npm writes down what it installed as its very last step, so
 * this also sees an interrupted installation, and an `npm install` by hand does not lead to another one here.
 */
function isInstalled() {
  const installed = readLock(join(modules, '.package-lock.json'));
  const wanted = Object.entries(readLock(join(root, 'package-lock.json'))).filter(([path]) => path !== '');
  const complete = wanted.every(([path, { version, optional }]) =>
    installed[path] === undefined ? optional === true : installed[path].version === version,
  );
  return complete && existsSync(pinnedNode);
}

async function installPackages() {
  if (isInstalled()) return;
  // Under npm, run the very npm that was called; its own `npm` may not be on the PATH, and on Windows it is a .cmd.
  const npm = process.env.npm_execpath;
  const asScript = npm !== undefined && /\.[cm]?js$/.test(npm);
  // Without --include, NODE_ENV=production would leave out the tools.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const label = 'Installing packages (npm ci)';
  const { ok, output } = asScript
    ? await runQuietly(label, process.execPath, [npm, ...args], { cwd: root })
    : await runQuietly(label, 'npm', args, { cwd: root, shell: process.platform === 'win32' });
  if (!ok) {
    // The reason comes first; below it npm prints its manual.
    const reason = output.split('\n').slice(0, 15).join('\n');
    throw new SetupError(`npm ci failed:\n${reason}\nNext: check the network and the npm registry, then try again.`);
  }
  if (!existsSync(pinnedNode)) {
    // The binary is put in place by the package's install script, which `ignore-scripts=true` leaves out.
    throw new SetupError(
      `npm ci did not put ${pinnedNode} in place.\n` +
        'Next: npm rebuild node --ignore-scripts=false, or see whether .npmrc forbids install scripts.',
    );
  }
}

/** Runs a script of the repository under the pinned Node, attached to this terminal; resolves to its exit code. */
function runPinned(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, args, { cwd: root, stdio: 'inherit', env: environment });
    // A terminal sends Ctrl-C to every process of the group by itself; a second one would look like impatience.
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

async function main(args) {
  await installPackages();
  const chrome = await runPinned(['scripts/chrome.ts']);
  if (chrome !== 0) return 3;
  return args.length === 0 ? 0 : await runPinned(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof SetupError ? error.message : (error?.stack ?? String(error)));
  process.exitCode = 3;
}
