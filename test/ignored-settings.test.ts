/** Base is built with the settings that git ignores, as head is: real repository, commands and servers, no browser. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ledger } from '../src/compare/ledger.ts';
import { sidesFromRef } from '../src/compare/ref.ts';
import type { Session } from '../src/compare/session.ts';

const server = `require('node:http')
  .createServer((_, response) => response.end(require('node:fs').readFileSync('built', 'utf8')))
  .listen(process.env.PORT, '127.0.0.1')`;

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'settings-test-'));
  root = path.join(folder, 'a project of Müller');
  write('package.json', '{}');
  write('site/package.json', '{}');
  write('site/server.cjs', server);
  write('.gitignore', '.env*\n!.env\nbuilt\n');
  write('.env', 'tracked\n');
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'first');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
}

function git(...words: string[]): void {
  execFileSync('git', words, { cwd: root });
}

/** What both sides serve, and what was said meanwhile. */
async function bringUp(): Promise<{ base: string; head: string; said: string }> {
  const said: string[] = [];
  const session: Session = {
    cwd: path.join(root, 'site'),
    env: { ...process.env, XDG_CACHE_HOME: path.join(folder, 'cache') },
    say: (text) => said.push(text),
    complain: (text) => said.push(text),
    ledger: new Ledger(),
    measuring: undefined,
    closers: [],
  };
  try {
    const { base, head } = await sidesFromRef(session, 'main', {
      folder: session.cwd,
      scenarios: 1,
      webServers: [],
      baseUrls: ['http://127.0.0.1:4173'],
      compare: { build: 'cat ../.env* .env* 2>/dev/null > built; true', start: `node server.cjs` },
    });
    const ask = async ({ url }: { url: string }): Promise<string> => (await fetch(url)).text();
    return { base: await ask(base), head: await ask(head), said: said.join('\n') };
  } finally {
    await session.ledger.close();
  }
}

test('base gets what git ignores, is built again when it changes, and keeps what its commit has', async () => {
  write('.env.local', 'KEY=1\n');
  write('site/.env.production', 'TITLE=one\n');
  // Not ignored, so part of the change.
  write('.env', 'edited\n');
  const first = await bringUp();
  expect(first.head).toBe('edited\nKEY=1\nTITLE=one\n');
  expect(first.base).toBe('tracked\nKEY=1\nTITLE=one\n');
  expect(first.said).toContain('base  with .env.local, site/.env.production of the working copy, which git ignores');

  const second = await bringUp();
  expect(second.said).toContain('was built before');
  expect(second.base).toBe(first.base);

  write('site/.env.production', 'TITLE=two\n');
  const third = await bringUp();
  expect(third.said).not.toContain('was built before');
  expect(third.base).toBe('tracked\nKEY=1\nTITLE=two\n');
});

test('a folder of that name, a link to nothing, and a file that is new but not ignored stay where they are', async () => {
  write('.env.venv/bin/python', '');
  write('.gitignore', '.env.venv\n.env.gone\nbuilt\n');
  execFileSync('ln', ['-s', 'nowhere', path.join(root, '.env.gone')]);
  write('.env.new', 'NEW=1\n');
  const { base, head, said } = await bringUp();
  expect(head).toBe('tracked\nNEW=1\n');
  expect(base).toBe('tracked\n');
  expect(said).not.toContain('which git ignores');
});
