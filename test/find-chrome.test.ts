/** Finding Chrome, with real executables: small scripts that answer `--version` as the things found in the wild do. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ChromeWorld,
  findChrome,
  type FoundChrome,
  parseChromeVersion,
  readChromeVersion,
} from '../src/browser/find.ts';
import { installChrome, type InstallIo } from '../src/browser/install.ts';

let folder: string;
const executables = {
  chrome: 'echo "Google Chrome 150.0.7800.12 "',
  debian: 'echo "warning: unexpected operator" >&2; echo "Chromium 156.0.8078.79 built on Debian GNU/Linux 12"',
  snap: 'echo "Chromium 128.0.6613.84 snap"',
  stub: `echo "Command '$0' requires the chromium snap to be installed. Please install it with: snap install chromium"; exit 1`,
  broken: 'echo "error while loading shared libraries: libnss3.so" >&2; exit 127',
  other: 'echo "Mozilla Firefox 140.0.1"',
};

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'find-chrome-'));
  for (const [name, script] of Object.entries(executables)) {
    writeFileSync(at(name), `#!/bin/sh\n${script}\n`);
    chmodSync(at(name), 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

function world(parts: { asked?: string; system?: string[]; playwright?: string }): Partial<ChromeWorld> {
  return {
    env: parts.asked === undefined ? {} : { CHROME_PATH: parts.asked },
    system: () => (parts.system ?? []).map(at),
    playwright: () => Promise.resolve(parts.playwright === undefined ? undefined : at(parts.playwright)),
  };
}

describe('findChrome', () => {
  test('CHROME_PATH comes first', async () => {
    const found = await findChrome(world({ asked: at('debian'), system: ['chrome'] }));
    expect(found).toEqual({ path: at('debian'), source: 'CHROME_PATH', version: '156.0.8078.79' });
  });

  test.each(['stub', 'broken', 'other', 'missing'])(
    'CHROME_PATH to %s is an error, even beside a good Chrome',
    async (name) => {
      await expect(findChrome(world({ asked: at(name), system: ['chrome'] }))).rejects.toMatchObject({
        code: 'CHROME_NOT_FOUND',
        exitCode: 3,
        message: `CHROME_PATH is ${at(name)}, which is no Chrome that starts.`,
      });
    },
  );

  test('an empty CHROME_PATH is none', async () => {
    expect(await findChrome(world({ asked: '', system: ['chrome'] }))).toMatchObject({ source: 'system' });
  });

  test('what only looks like Chrome is passed over', async () => {
    const found = await findChrome(world({ system: ['stub', 'broken', 'missing', 'debian', 'chrome'] }));
    expect(found).toEqual({ path: at('debian'), source: 'system', version: '156.0.8078.79' });
  });

  test("Playwright's Chromium is taken when the machine has none", async () => {
    const found = await findChrome(world({ system: ['stub'], playwright: 'chrome' }));
    expect(found).toEqual({ path: at('chrome'), source: 'Playwright', version: '150.0.7800.12' });
  });

  test('a Chromium confined by snap comes last', async () => {
    expect(await findChrome(world({ system: ['snap'], playwright: 'chrome' }))).toMatchObject({ source: 'Playwright' });
    expect(await findChrome(world({ system: ['snap', 'debian'] }))).toMatchObject({ path: at('debian') });
    expect(await findChrome(world({ system: ['snap'] }))).toMatchObject({ path: at('snap'), source: 'system' });
  });

  test('undefined when there is none', async () => {
    expect(await findChrome(world({ system: ['stub'], playwright: 'broken' }))).toBeUndefined();
  });
});

test.each([
  ['Google Chrome 150.0.7800.12 \n', { number: '150.0.7800.12', snap: false }],
  ['Google Chrome for Testing 159.0.8154.6', { number: '159.0.8154.6', snap: false }],
  ['Chromium 128.0.6613.84 snap', { number: '128.0.6613.84', snap: true }],
  ['HeadlessChrome 156.0.8078.79', { number: '156.0.8078.79', snap: false }],
  ['Microsoft Edge 150.0.1.2', undefined],
  ['', undefined],
])('the version in %j', (output, version) => {
  expect(parseChromeVersion(output)).toEqual(version);
});

test('an executable that does not exist has no version', async () => {
  expect(await readChromeVersion(at('missing'))).toBeUndefined();
});

describe('installChrome', () => {
  const chrome: FoundChrome = { path: '/x', source: 'Playwright', version: '1.2.3.4' };

  /** Commands succeed when `works` says so; Chrome is there once a command whose label matches `brings` succeeded. */
  function machine(options: { apt: boolean; works: RegExp; brings?: RegExp }): { io: InstallIo; labels: string[] } {
    const labels: string[] = [];
    let there = false;
    const io: InstallIo = {
      mayUseApt: options.apt,
      find: () => Promise.resolve(there ? chrome : undefined),
      run: (label) => {
        labels.push(label);
        const ok = options.works.test(label);
        there ||= ok && (options.brings?.test(label) ?? false);
        return Promise.resolve({ ok, output: ok ? '' : `reading\nE: no network for ${label.split(' ')[0]}\nmore` });
      },
    };
    return { io, labels };
  }

  test('asks Playwright first, and stops there when that works', async () => {
    const { io, labels } = machine({ apt: true, works: /./, brings: /playwright install\)/ });
    expect(await installChrome(io)).toBe(chrome);
    expect(labels).toEqual(['Downloading Chromium (playwright install)']);
  });

  test('installs the libraries that the download misses', async () => {
    const { io, labels } = machine({ apt: true, works: /./, brings: /install-deps/ });
    expect(await installChrome(io)).toBe(chrome);
    expect(labels.at(-1)).toBe('Installing libraries (playwright install-deps)');
  });

  test('goes to apt when the download fails', async () => {
    const { io, labels } = machine({ apt: true, works: /apt-get/, brings: /apt-get install/ });
    expect(await installChrome(io)).toBe(chrome);
    expect(labels).toEqual([
      'Downloading Chromium (playwright install)',
      'Reading package lists (apt-get update)',
      'Installing Chromium (apt-get install)',
    ]);
  });

  test('says what was tried, and leaves apt alone when we are not root', async () => {
    const { io, labels } = machine({ apt: false, works: /^$/ });
    await expect(installChrome(io)).rejects.toMatchObject({
      code: 'CHROME_NOT_FOUND',
      message: [
        'No Chrome found, and none could be installed.',
        '  Downloading Chromium (playwright install): E: no network for Downloading',
      ].join('\n'),
      next: expect.stringContaining('CHROME_PATH'),
    });
    expect(labels).toHaveLength(1);
  });
});
