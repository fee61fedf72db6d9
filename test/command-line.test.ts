import { describe, expect, test } from 'vitest';
import { describeCommand, quoteCommand, seesWholeSuite } from '../src/reporter/command-line.ts';

const playwright = (...words: string[]): string[] => [
  'node',
  '/project/node_modules/@playwright/test/cli.js',
  ...words,
];

describe('seesWholeSuite', () => {
  test.each([
    [''],
    ['--headed'],
    ['--reporter list -j 1 --config perf.config.ts'],
    ['--reporter=list --timeout=0'],
    ['-j1 -cperf.config.ts'],
    ['--add-reporter json --last-failed-file last.json --ui-port 0'],
    ['--'],
  ])('whole: playwright test %s', (words) => {
    expect(seesWholeSuite(playwright('test', ...words.split(' ').filter(Boolean)), false)).toBe(true);
  });

  test.each([
    ['shop.perf.ts'],
    ['--headed shop.perf.ts'],
    ['--reporter list shop.perf.ts'],
    ['-g boots'],
    ['-gboots'],
    ['-G boots'],
    ['--grep=boots'],
    ['--grep-invert boots'],
    ['--project desktop'],
    ['--shard=1/2'],
    ['--last-failed'],
    ['--only-changed'],
    ['--test-list list.txt'],
    ['--max-failures=1'],
    ['-x'],
    ['-- shop.perf.ts'],
    ['-- -old.perf.ts'],
  ])('a part: playwright test %s', (words) => {
    expect(seesWholeSuite(playwright('test', ...words.split(' ')), false)).toBe(false);
  });

  test('a shard that the config sets, and merged shards, are parts', () => {
    expect(seesWholeSuite(playwright('test'), true)).toBe(false);
    expect(seesWholeSuite(playwright('merge-reports', 'blobs'), false)).toBe(false);
  });
});

describe('describeCommand', () => {
  test('names Playwright instead of its path, and quotes what a shell would take apart', () => {
    const argv = playwright('test', '--grep', "it's $HOME", '--project=desktop');
    expect(describeCommand(argv)).toBe(String.raw`npx playwright test --grep 'it'\''s $HOME' --project=desktop`);
    expect(describeCommand(playwright('merge-reports', 'blobs'))).toBe('npx playwright merge-reports blobs');
  });

  test('our own command goes before it', () => {
    expect(describeCommand(playwright('test'), { PACEWRIGHT_COMMAND: 'npx pacewright run' })).toBe(
      'npx pacewright run',
    );
  });

  test('a host of its own (an editor) runs the same tests', () => {
    expect(describeCommand(['node', '/editor/server.js'])).toBe('npx playwright test');
  });
});

test('quoteCommand quotes the empty word', () => {
  expect(quoteCommand(['run', '', 'a b'])).toBe("run '' 'a b'");
});
