/** `compare <ref>`: real repositories, commands and servers. */
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../src/browser/abandoned.ts';
import { createRepository } from './support/repository.ts';

const few = ['--pairs', '2', '--no-budgets'];

test('builds and starts both sides, the second time from the cache; uncommitted changes count', async () => {
  using project = createRepository();
  const base = project.commit('first');
  project.git('switch', '--quiet', '--create', 'feature');
  project.write('index.html', '<h1>second</h1>');
  project.commit('second');
  project.write('index.html', '<h1>third</h1>');

  const first = await project.pacewright(['compare', 'main', ...few], project.env);
  expect(first.code, first.output).toBe(0);
  expect(first.output).toMatch(new RegExp(`base {2}main ${base.slice(0, 7)} {2}http://127\\.0\\.0\\.1:\\d+/`));
  expect(first.output).toMatch(/head {2}feature \w{7}, with uncommitted changes {2}http/);
  expect(project.note('ran')).toBe('base install\nbase build\nhead install\nhead build\n');
  expect(project.note('base.log')).not.toBe('');
  expect(project.note('head.log')).not.toBe('');

  const second = await project.pacewright(['compare', 'main', ...few], project.env);
  expect(second.code, second.output).toBe(0);
  expect(second.output).toContain('was built before');
  expect(project.note('ran')).toBe('base install\nbase build\nhead install\nhead build\nhead install\nhead build\n');
  expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
  expect(readdirSync(`${project.folder}/.git`)).not.toContain('worktrees');
});

test('a ref that is not there, a folder without git, a shallow clone', async () => {
  using project = createRepository();
  project.commit('first');
  const unknown = await project.pacewright(['compare', 'mian'], project.env);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.output).toContain('Did you mean "main"?');
  expect(unknown.output).toContain('git fetch origin mian:mian');

  project.git('tag', 'v1');
  for (const words of [
    ['compare', 'main', 'v1'],
    ['compare', 'v1', '--base-dir', '.', '--head-dir', '.'],
  ]) {
    const stray = await project.pacewright(words, project.env);
    expect(stray).toMatchObject({ code: 2, output: expect.stringContaining('ARGUMENT_INVALID\n  "v1" is a') });
    expect(stray.output).not.toContain('No tests found');
  }

  const elsewhere = { ...project.env, GIT_CEILING_DIRECTORIES: path.dirname(project.folder) };
  renameSync(`${project.folder}/.git`, `${project.folder}/hidden`);
  const bare = await project.pacewright(['compare', 'main'], elsewhere);
  expect(bare).toMatchObject({ code: 2, output: expect.stringContaining('--base-dir') });
  renameSync(`${project.folder}/hidden`, `${project.folder}/.git`);

  // What `git clone --depth 1` leaves: this file names the commits whose parents were not fetched.
  project.write('.git/shallow', `${project.git('rev-parse', 'HEAD')}\n`);
  const shallow = await project.pacewright(['compare', 'release'], project.env);
  expect(shallow).toMatchObject({ code: 2 });
  expect(shallow.output).toContain('git fetch --no-tags --depth=1 origin release:release');
  expect(shallow.output).toContain('fetch-depth: 0');
});

test('a branch that is on origin only; a project below the root; packages of a lock file', async () => {
  const lock = { name: 'site', lockfileVersion: 3, requires: true, packages: { '': { name: 'site' } } };
  using project = createRepository({
    'package.json': JSON.stringify({ type: 'module', name: 'site' }),
    'package-lock.json': JSON.stringify(lock),
    'site/package.json': JSON.stringify({ type: 'module', scripts: { build: 'node ../block.mjs build' } }),
    'site/server.mjs': readFileSync(new URL('support/repository.ts', import.meta.url), 'utf8').split('`')[1] ?? '',
    'site/index.html': '<h1>site</h1>',
    'site/home.perf.ts':
      "import { test } from 'pacewright';\ntest('home', ({ measure }) => measure(({ page, step }) => step('open', () => page.goto('/'))));\n",
    // No `webServer`, and its own base URL: the command and the place are all that is needed.
    'site/playwright.config.ts':
      "import { defineConfig } from 'pacewright';\nexport default defineConfig({ testDir: '.', use: { noiseGate: 'off', samples: 3 }, compare: { start: 'node server.mjs {port}', url: 'http://localhost:{port}/shop/' } });\n",
  });
  const commit = project.commit('first');
  project.git('update-ref', 'refs/remotes/origin/release', commit);
  const { code, output } = await project.pacewright(
    ['compare', 'release', '-c', 'site/playwright.config.ts', ...few],
    project.env,
  );
  expect(code, output).toBe(0);
  expect(output).toContain('base  installing: npm ci');
  expect(output).toContain('base  building: npm run build');
  expect(output).toMatch(/base {2}release \w{7} {2}http:\/\/localhost:\d+\/shop\//);
  expect(project.note('ran')).toBe('base build\nhead build\n');
  expect(project.note('base.log')).toContain('/shop/');
});

test('what cannot be brought up: the command, its last words, what to write instead', async () => {
  using project = createRepository();
  project.commit('first');
  const failing = await project.pacewright(['compare', 'main'], { ...project.env, FAIL: 'build' });
  expect(failing).toMatchObject({ code: 3 });
  expect(failing.output).toContain('COMPARE_PREPARE_FAILED');
  expect(failing.output).toContain('`node block.mjs build`');
  expect(failing.output).toContain('ended with exit code 7');
  expect(failing.output).toContain('the reason why build fails');
  expect(failing.output).toContain('compare.build');
  expect(project.cached()).toEqual([]);
  expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);

  const silent = await project.pacewright(['compare', 'main'], { ...project.env, BLOCK: 'server', ANSWER: '500' });
  expect(silent).toMatchObject({ code: 3 });
  expect(silent.output).toMatch(/did not answer at http:\/\/127\.0\.0\.1:\d+\/ within 0\.5 s/);
  expect(silent.output).toMatch(/with PORT=\d+ in its environment/);
  expect(silent.output).toContain('compare: { start:');
  expect(project.pids().filter(isAlive)).toEqual([]);
});

test('mistakes of the config show before anything is built', async () => {
  using project = createRepository({
    'typo.config.ts':
      "import { defineConfig } from 'pacewright';\nexport default defineConfig({ testDir: '.', compare: { biuld: 'x' } } as never);\n",
    'plain.config.ts': "export default { testDir: '.', testMatch: '*.perf.ts' };\n",
    'startless.config.ts':
      "import { defineConfig } from 'pacewright';\nexport default defineConfig({ testDir: '.', compare: { build: 'node block.mjs build' } });\n",
    'broken.perf.ts': "import { test } from 'pacewright';\ntest('broken', () => {\n",
  });
  project.commit('first');
  const compare = (...words: string[]): ReturnType<typeof project.pacewright> =>
    project.pacewright(['compare', 'main', ...words], project.env);
  const typo = await compare('-c', 'typo.config.ts', 'home');
  expect(typo).toMatchObject({ code: 2, output: expect.stringContaining('Did you mean "build"?') });
  expect(await compare('-c', 'plain.config.ts', 'home')).toMatchObject({
    code: 2,
    output: expect.stringContaining('defineConfig'),
  });
  expect(await compare('-c', 'startless.config.ts', 'home')).toMatchObject({
    code: 2,
    output: expect.stringContaining('webServer'),
  });
  expect(await compare()).toMatchObject({ code: 2, output: expect.stringContaining('broken.perf.ts') });
  expect(await compare('nothing-like-it')).toMatchObject({
    code: 2,
    output: expect.stringContaining('No tests found'),
  });
  expect(project.note('ran')).toBe('');
});
