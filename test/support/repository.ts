/** A project in a git repository of its own, with a server that says what it did, for comparing commits. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProject, type Project } from './project.ts';

/** Serves index.html, and writes its id and the paths that were asked for to files named by its side. */
const server = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const side = process.env.PACEWRIGHT_VARIANT;
const note = (name) => process.env.NOTES + '/' + name;
writeFileSync(note(side + '-server.pid'), String(process.pid));
if (process.env.BLOCK !== 'server') {
  createServer((request, response) => {
    appendFileSync(note(side + '.log'), request.url + '\\n');
    const page = readFileSync(new URL('index.html', import.meta.url));
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  }).listen(Number(process.argv.at(-1)), '127.0.0.1');
} else setInterval(() => {}, 1000);
`;

/** A command that notes that it ran, and never ends where the test wants it so. */
const block = `
import { appendFileSync, writeFileSync } from 'node:fs';
const name = process.argv[2];
appendFileSync(process.env.NOTES + '/ran', process.env.PACEWRIGHT_VARIANT + ' ' + name + '\\n');
if (process.env.BLOCK === name) {
  writeFileSync(process.env.NOTES + '/' + name + '.pid', String(process.pid));
  setInterval(() => {}, 1000);
}
if (process.env.FAIL === name) {
  console.log('the reason why ' + name + ' fails');
  process.exitCode = 7;
}
`;

const config = `
import { defineConfig } from 'pacewright';
export default defineConfig({
  testDir: '.',
  use: { baseURL: 'http://127.0.0.1:4999', noiseGate: 'off', samples: 3 },
  compare: { install: 'node block.mjs install', build: 'node block.mjs build', timeout: Number(process.env.ANSWER ?? 60_000) },
  webServer: { command: 'node server.mjs --port 4999', url: 'http://127.0.0.1:4999' },
});
`;

const scenario = `
import { writeFileSync } from 'node:fs';
import { test } from 'pacewright';
test('home', async ({ measure }) => {
  await measure(async ({ page, step }) => {
    await step('open', () => page.goto('/'));
    writeFileSync(process.env.NOTES + '/measuring.pid', String(process.pid));
  });
});
`;

export interface RepositoryProject extends Project {
  readonly env: NodeJS.ProcessEnv;
  git(...words: string[]): string;
  commit(message: string): string;
  /** What the project's commands and servers noted; empty where they did not. */
  note(name: string): string;
  /** Ids that they noted. */
  pids(): number[];
  /** What of ours is in the folder for temporary files. */
  temporary(): string[];
  /** Folders and files in the cache of builds. */
  cached(): string[];
}

export function createRepository(files: Readonly<Record<string, string>> = {}): RepositoryProject {
  const project = createProject({
    '.gitignore': 'reports\ntest-results\nnode_modules\n',
    'server.mjs': server,
    'block.mjs': block,
    'playwright.config.ts': config,
    'home.perf.ts': scenario,
    'index.html': '<h1>first</h1>',
    ...files,
  });
  const own = mkdtempSync(path.join(tmpdir(), 'pw-notes-'));
  const temporary = path.join(own, 'tmp');
  mkdirSync(temporary);
  const env = { NOTES: own, XDG_CACHE_HOME: path.join(own, 'cache'), TMPDIR: temporary };
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...words], {
      cwd: project.folder,
      encoding: 'utf8',
    }).trim();
  const commit = (message: string): string => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
    return git('rev-parse', 'HEAD');
  };
  git('init', '--quiet', '--initial-branch', 'main');
  const note = (name: string): string => {
    const file = path.join(own, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  return {
    ...project,
    env,
    git,
    commit,
    note,
    pids: () =>
      readdirSync(own)
        .filter((name) => name.endsWith('.pid'))
        .map((name) => Number(note(name))),
    temporary: () =>
      readdirSync(temporary)
        .filter((name) => name.startsWith('pacewright-'))
        .map((name) => path.join(temporary, name)),
    cached: () => {
      const cache = path.join(own, 'cache', 'pacewright', 'base');
      return existsSync(cache) ? readdirSync(cache) : [];
    },
    [Symbol.dispose]: () => {
      rmSync(own, { recursive: true, force: true });
      project[Symbol.dispose]();
    },
  };
}
