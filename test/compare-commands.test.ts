import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSource } from '../src/cli-compare.ts';
import { buildVariables } from '../src/compare/base-cache.ts';
import { findBuildCommands, findProjectFolder, findStartCommand } from '../src/compare/commands.ts';
import { refuseStrayRef } from '../src/compare/stray-ref.ts';
import { resolveRef, withoutGit } from '../src/compare/repository.ts';
import type { RememberedConfig } from '../src/config/compare-config.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'commands-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, content: object | string = ''): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
}

describe('install and build', () => {
  test.each([
    ['package-lock.json', 'npm ci --no-audit --no-fund', 'npm run build'],
    ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile', 'pnpm run build'],
    ['yarn.lock', 'yarn install --frozen-lockfile', 'yarn run build'],
    ['bun.lock', 'bun install --frozen-lockfile', 'bun run build'],
  ])('%s: %s, %s', (lock, install, build) => {
    write(lock);
    write('package.json', { scripts: { build: 'x' } });
    expect(findBuildCommands(root, root, {})).toEqual({
      install: { command: install, folder: root },
      build: { command: build, folder: root },
    });
  });

  test('a workspace: packages where the lock file is, the build in the project', () => {
    write('yarn.lock');
    write('.yarnrc.yml');
    write('apps/shop/package.json', { scripts: { build: 'x' } });
    const folder = path.join(root, 'apps/shop');
    mkdirSync(path.join(folder, 'perf'));
    expect(findProjectFolder(path.join(folder, 'perf'), root)).toBe(folder);
    expect(findBuildCommands(folder, root, {})).toEqual({
      install: { command: 'yarn install --immutable', folder: root },
      build: { command: 'yarn run build', folder },
    });
  });

  test('nothing that needs it; the config instead', () => {
    expect(findBuildCommands(root, root, {})).toEqual({ install: undefined, build: undefined });
    expect(findBuildCommands(root, root, { install: 'make deps', build: 'make' })).toEqual({
      install: { command: 'make deps', folder: root },
      build: { command: 'make', folder: root },
    });
    write('package-lock.json');
    expect(findBuildCommands(root, root, { install: '', build: '' })).toEqual({ install: undefined, build: undefined });
  });
});

describe('start', () => {
  const start = (config: Partial<RememberedConfig> & { folder?: string }, base = '/cache/base') =>
    findStartCommand(
      { compare: {}, webServers: [], baseUrls: [], folder: '/code/shop', ...config },
      { folder: root, root: base, configRoot: '/code/shop', port: 43210 },
    );

  test('the web server of the config, on another port and in another folder', () => {
    const found = start({
      baseUrls: ['http://localhost:4173/shop/'],
      webServers: [
        { command: 'mock', url: 'http://localhost:5000' },
        {
          command: 'vite preview --port 4173 --log 14173 --config /code/shop/vite.ts --cache /code/shopping',
          url: 'http://localhost:4173/ready',
          cwd: 'packages/app',
          env: { ORIGIN: 'http://localhost:4173', ROOT: '/code/shop' },
        },
      ],
    });
    expect(found).toEqual({
      command: 'vite preview --port 43210 --log 14173 --config /cache/base/vite.ts --cache /code/shopping',
      folder: '/cache/base/packages/app',
      env: { ORIGIN: 'http://localhost:43210', ROOT: '/cache/base' },
      url: 'http://localhost:43210/shop/',
      ready: 'http://localhost:43210/ready',
    });
  });

  test('the command of `compare`, with its own URL or the one that follows from the base URL', () => {
    const own = start({ compare: { start: 'serve -l {port}', url: 'http://[::1]:{port}/a/' } });
    expect(own).toMatchObject({ command: 'serve -l 43210', folder: root, url: 'http://[::1]:43210/a/' });
    expect(start({ compare: { start: 'serve' }, baseUrls: ['http://0.0.0.0:80/a/'] }).url).toBe(
      'http://127.0.0.1:43210/a/',
    );
    expect(start({ compare: { start: 'serve' }, baseUrls: ['https://staging.example/a/'] }).url).toBe(
      'http://127.0.0.1:43210/a/',
    );
    expect(start({ compare: { start: 'serve' }, baseUrls: ['https://localhost:4173'] }).url).toBe(
      'https://localhost:43210/',
    );
  });

  test('a script of package.json; without one nobody knows', () => {
    expect(() => start({})).toThrow('Nothing says how the application is started');
    write('package.json', { scripts: { start: 'x' } });
    expect(start({}).command).toBe('npm run start');
    write('package.json', { scripts: { start: 'x', preview: 'y' } });
    expect(start({}).command).toBe('npm run preview');
  });
});

describe('arguments', () => {
  test('a ref comes first; what follows is for Playwright', () => {
    expect(readSource({ identical: 'skip' }, ['main', 'home', '--grep', 'x'])).toEqual({
      source: { how: 'ref', ref: 'main' },
      words: ['home', '--grep', 'x'],
    });
    expect(readSource({ identical: 'skip', baseUrl: 'a', headUrl: 'b' }, ['home'])).toEqual({
      source: { how: 'urls', base: 'a', head: 'b' },
      words: ['home'],
    });
    expect(readSource({ identical: 'skip', baseDir: 'a', headDir: 'b' }, [])).toMatchObject({
      source: { how: 'folders' },
    });
  });

  test.each([
    [{}, [], 'compare <ref>'],
    [{}, ['--grep', 'main'], 'compare <ref>'],
    [{ baseUrl: 'a' }, [], '--head-url'],
    [{ headDir: 'a' }, ['main'], '--head-dir'],
    [{ baseUrl: 'a', headUrl: 'a', headDir: 'b' }, [], '--base-dir'],
    [{}, ['main', '--samples', '5'], '--pairs'],
  ] as const)('%j %j: what is allowed is said', (flags, words, allowed) => {
    expect(() => readSource({ identical: 'skip', ...flags }, words)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID', next: expect.stringContaining(allowed) }),
    );
  });
});

test('a build of base depends on the variables that bundlers write into it, and on no others', () => {
  const env = { PATH: '/bin', VITE_API: 'one', NODE_ENV: 'production', REACT_APP_KEY: 'two', INVITE_CODE: 'x' };
  expect(buildVariables(env)).toEqual(['NODE_ENV=production', 'REACT_APP_KEY=two', 'VITE_API=one']);
});

describe('a second ref', () => {
  const env = { ...withoutGit(process.env), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: root, env, encoding: 'utf8' }).trim();
  const refuse = (
    how: 'ref' | 'urls' | 'folders',
    words: string[],
    files: string[] = [path.join(root, 'scenarios/home.perf.ts')],
  ) => refuseStrayRef({ how, words }, files, { cwd: root, env });
  let commit: string;
  beforeEach(() => {
    git('init', '--quiet', '--initial-branch', 'main');
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    git(...author, 'commit', '--quiet', '--allow-empty', '--message', 'first');
    for (const name of ['v1', 'home', 'shop']) git('branch', name);
    commit = git('rev-parse', 'HEAD');
    git('update-ref', 'refs/remotes/origin/release', commit);
  });

  test.each(['v1', 'HEAD~0', 'release'])('%s after a ref, or beside folders and URLs, is told', (name) => {
    for (const how of ['ref', 'folders', 'urls'] as const) {
      expect(() => refuse(how, ['--grep', 'x', 'home', name])).toThrow(
        expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(`"${name}"`) }),
      );
    }
    expect(() => refuse('ref', [name])).toThrow(
      expect.objectContaining({ next: expect.stringContaining('--base-dir') }),
    );
    expect(() => refuse('urls', [commit.slice(0, 8)])).toThrow(
      expect.objectContaining({ next: expect.stringContaining(`\`compare ${commit.slice(0, 8)}\``) }),
    );
  });

  test.each(['v1..HEAD', 'v1...', 'v1..home'])('a range, %s, is told with the way to compare its ends', (range) => {
    expect(() => resolveRef({ folder: root, env }, range)).toThrow(
      expect.objectContaining({
        code: 'ARGUMENT_INVALID',
        message: expect.stringContaining('is a range'),
        next: expect.stringMatching(/^`compare v1` .*working copy(; check out home first: git switch --detach home)?$/),
      }),
    );
  });

  test('what chooses scenario files, is a file, or may be the value of an option, is for Playwright', () => {
    refuse('ref', ['home', 'HOME.perf.ts:3:1', '--grep', 'v1', '--project=desktop']);
    write('shop');
    refuse('folders', ['shop']);
    // Nothing that git knows, and no pattern: Playwright says so itself.
    refuse('ref', ['nothing', '(']);
    expect(() => refuse('ref', ['home'], [])).toThrow('"home" is a second ref');
    refuse('ref', [`${path.basename(root)}/.*home`]);
    // Playwright would run everything for it, since the path of the checkout has it.
    git('branch', path.basename(root));
    expect(() => refuse('ref', [path.basename(root)])).toThrow('is a second ref');
  });
});
