/** A project of its own in a temporary folder, in which the command line runs as a user would run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunDocument, runDocument } from '../../src/core/document.ts';
import { buildPackage } from './built-package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// vitest asks for colours, which NO_COLOR would then have to argue with.
const { FORCE_COLOR: _color, ...plain } = process.env;

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

export interface Project extends Disposable {
  readonly folder: string;
  /** The file of the command line. */
  readonly cli: string;
  /** Starts `pacewright` with these arguments. */
  start(words: readonly string[], env?: NodeJS.ProcessEnv): { child: ChildProcess; finished: Promise<Finished> };
  pacewright(words: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
  /** Starts Playwright itself. */
  playwright(words: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
  write(file: string, text: string): void;
  /** Folders of runs, oldest first. */
  runs(): string[];
  /** The newest run's document, validated. */
  lastRun(): RunDocument;
}

/** Files by name; `package.json`, `playwright.config.ts` and `tsconfig.json` have defaults. */
export function createProject(files: Readonly<Record<string, string>>): Project {
  const home = buildPackage();
  const folder = mkdtempSync(path.join(home, 'project-'));
  // Temporary folders of its own, to see what is left behind.
  const temporary = mkdtempSync(path.join(tmpdir(), 'pw-test-'));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  write('package.json', '{ "type": "module" }');
  // Without one, that of the repository would be found, in which `pacewright` are the sources.
  write('tsconfig.json', JSON.stringify({ compilerOptions: { target: 'es2024', module: 'nodenext' } }));
  write(
    'playwright.config.ts',
    "import { defineConfig } from 'pacewright';\nexport default defineConfig({ testDir: '.', use: { noiseGate: 'off', samples: 3, lighthouse: 'off' } });\n",
  );
  for (const [file, text] of Object.entries(files)) write(file, text);
  const start = (
    program: string,
    words: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): ReturnType<Project['start']> => {
    const child = spawn(process.execPath, [program, ...words], {
      cwd: folder,
      // Tests that are about the diagnosis say which; the others are not to wait for it.
      env: { ...plain, CI: 'true', NO_COLOR: '1', TMPDIR: temporary, PACEWRIGHT_DIAGNOSE: 'off', ...env },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, output })));
    return { child, finished };
  };
  const cli = path.join(home, 'node_modules/pacewright/dist/cli.js');
  const playwright = path.join(root, 'node_modules/@playwright/test/cli.js');
  const reports = path.join(folder, 'reports');
  const runs = (): string[] =>
    readdirSync(reports, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(reports, entry.name))
      .toSorted();
  return {
    folder,
    cli,
    write,
    runs,
    start: (words, env) => start(cli, words, env),
    pacewright: (words, env) => start(cli, words, env).finished,
    playwright: (words, env) => start(playwright, words, env).finished,
    lastRun: () => runDocument.parse(JSON.parse(readFileSync(path.join(runs().at(-1) ?? '', 'run.json'), 'utf8'))),
    [Symbol.dispose]: () => {
      const left = readdirSync(temporary).filter((name) => name.startsWith('pacewright-'));
      rmSync(temporary, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left in the temporary folder: ${left.join(', ')}`);
    },
  };
}
