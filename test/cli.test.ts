/** Whole commands without Chrome: a folder, arguments, what is printed, the exit code. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Io, main } from '../src/cli.ts';
import type { RunDocument } from '../src/core/document.ts';
import { readRun, writeRun } from '../src/store/run-folder.ts';
import { lighthouseRun, slowShopDiagnosis } from './fixtures/lighthouse/run.ts';
import { failedFlowRun, failingRun, interruptedRun, passingRun } from './fixtures/runs/runs.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'cli-test-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

async function call(...argv: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    cwd,
    color: false,
    columns: 100,
  };
  const code = await main(argv, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

function save(name: string, run: RunDocument): string {
  const folder = path.join('reports', name);
  writeRun(path.join(cwd, folder), run);
  return folder;
}

function saveBudget(limit: string, step = 'open the shop'): string {
  writeFileSync(
    path.join(cwd, 'budget.json'),
    JSON.stringify({ scenario: 'buy a pair of boots', steps: { [step]: { LCP: limit } } }),
  );
  return 'budget.json';
}

const stored = (place: string): string => readFileSync(path.join(cwd, place, 'run.json'), 'utf8');

describe('help and wrong arguments', () => {
  test('--help lists the commands and exit codes', async () => {
    const { code, out, err } = await call('--help');
    expect(code).toBe(0);
    for (const word of ['run', 'judge', 'report', 'baseline', 'doctor', 'Exit codes: 0 all gates pass'])
      expect(out).toContain(word);
    expect(err).toBe('');
  });

  test('--version is that of the package', async () => {
    const { code, out } = await call('--version');
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test.each([
    ['no command', [], /Usage: pacewright/],
    ['an unknown command', ['jugde'], /unknown command 'jugde'/],
    ['an unknown option', ['judge', '--budget', 'x', 'run'], /unknown option '--budget'/],
    ['a missing argument', ['report'], /missing required argument 'run'/],
    ['a number that is none', ['run', '--samples', 'many'], /a whole number of at least 1 is needed/],
    ['a number of 0', ['run', '--samples', '0'], /a whole number of at least 1 is needed/],
    ['a diagnosis that there is not', ['run', '--diagnose', 'some'], /Allowed choices are all, failures, off/],
  ])('%s: exit code 2', async (_name, argv, message) => {
    const { code, out, err } = await call(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(out).toBe('');
  });

  test('budgets that are not there are told before anything starts', async () => {
    const { code, err } = await call('run', '--budgets', 'nowhere');
    expect(code).toBe(2);
    expect(err).toMatch(/^BUDGETS_NOT_FOUND\n {2}There is no budget folder or file nowhere\.\n {2}Next: /);
  });

  test('a project without Playwright is told what to install', async () => {
    const { code, err } = await call('run');
    expect(code).toBe(2);
    expect(err).toContain('Next: npm install --save-dev @playwright/test');
  });
});

describe('judge', () => {
  test('judges again with the budgets of the run, and writes result, report and list', async () => {
    const place = save('one', passingRun());
    const { code, out, err } = await call('judge', place);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain(path.join('reports', 'one', 'index.html'));
    expect(existsSync(path.join(cwd, place, 'index.html'))).toBe(true);
    expect(existsSync(path.join(cwd, 'reports', 'index.html'))).toBe(true);
    expect(readRun(path.join(cwd, place)).run.scenarios[0]?.verdicts).toHaveLength(7);
  });

  test('what only the diagnosis knows is judged from what it took, by other budgets too', async () => {
    const place = save('one', lighthouseRun());
    const again = await call('judge', place);
    expect(again.code).toBe(1);
    expect(again.out).toMatch(/FAIL +open the shop +lighthouse\.performance +>= 0\.9/);
    const steps = { search: { 'lighthouse.performance': 0.9, 'lighthouse.total-blocking-time': 0.1 } };
    writeFileSync(path.join(cwd, 'scores.json'), JSON.stringify({ scenario: 'buy a pair of boots', steps }));
    const other = await call('judge', '--budgets', 'scores.json', place);
    expect(other.code).toBe(0);
    expect(other.out).toMatch(/pass +search +lighthouse\.total-blocking-time +>= 0\.1/);
    writeFileSync(path.join(cwd, 'scores.json'), JSON.stringify({ steps: { search: { 'lighthouse.seo': 0.1 } } }));
    const missing = await call('judge', '--budgets', 'scores.json', place);
    expect(missing.code).toBe(3);
    expect(missing.out).toContain('Lighthouse gave no score for seo (timespan)');
  });

  test('bytes of bundles that the budgets of the run did not name are told from what it kept', async () => {
    const file = {
      url: 'http://127.0.0.1/assets/vendor-1.js',
      kind: 'script' as const,
      party: 'first-party' as const,
      size: 300_000,
      transferred: 90_000,
      unused: null,
      map: 'none' as const,
      problem: null,
      firstUse: [],
      modules: [],
    };
    const bundles = { files: [file], duplicates: [], changes: null, notes: [] };
    const place = save('one', lighthouseRun({ ...slowShopDiagnosis, bundles }));
    const flow = { 'bundle.vendor-*.js': '80 kB', 'bundle.other-*.js': '1 kB' };
    writeFileSync(path.join(cwd, 'bundles.json'), JSON.stringify({ scenario: 'buy a pair of boots', flow }));
    const { code, out } = await call('judge', '--budgets', 'bundles.json', place);
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL +the whole flow +bundle\.vendor-\*\.js +80 kB +90 kB/);
    expect(out).toContain('no script, style sheet or module matches "other-*.js"');
  });

  test('judging twice gives the same', async () => {
    const place = save('one', failingRun());
    expect((await call('judge', place)).code).toBe(1);
    const once = stored(place);
    await call('judge', path.join(place, 'run.json'));
    expect(stored(place)).toBe(once);
  });

  test('with other budgets it prints their verdict and writes nothing', async () => {
    const place = save('one', passingRun());
    const before = stored(place);
    const { code, out } = await call('judge', place, '--budgets', saveBudget('1 ms'));
    expect(code).toBe(1);
    expect(out).toContain('Judged with budget.json');
    expect(stored(place)).toBe(before);
    expect(existsSync(path.join(cwd, place, 'index.html'))).toBe(false);
    expect((await call('judge', place, '--budgets', saveBudget('1 min'))).code).toBe(0);
  });

  test('a wrong step name in other budgets: exit code 2, the place and the nearest name', async () => {
    const { code, err } = await call(
      'judge',
      save('one', passingRun()),
      '--budgets',
      saveBudget('1 s', 'open the shpo'),
    );
    expect(code).toBe(2);
    expect(err).toContain('BUDGET_UNKNOWN_STEP budget.json:1:');
    expect(err).toContain('Did you mean "open the shop"?');
  });

  test('a scenario without samples has no steps to compare names with', async () => {
    const run = interruptedRun();
    const place = save('one', { ...run, scenarios: run.scenarios.map((scenario) => ({ ...scenario, samples: [] })) });
    expect((await call('judge', place, '--budgets', saveBudget('1 s'))).code).toBe(3);
  });

  test('a flow that threw stays failed', async () => {
    expect((await call('judge', save('one', failedFlowRun()))).code).toBe(1);
  });

  test('a run that is not there: exit code 2 and the nearest name', async () => {
    save('2026-11-20T12-00-00', passingRun());
    const { code, err } = await call('judge', path.join('reports', '2026-11-20T12-00-01'));
    expect(code).toBe(2);
    expect(err).toContain('Did you mean "2026-11-20T12-00-00"?');
  });
});

describe('report', () => {
  test('renders again, and leaves the result alone', async () => {
    const place = save('one', failingRun());
    const before = stored(place);
    const { code, out } = await call('report', place);
    expect(code).toBe(0);
    expect(out).toBe(`Report written: ${path.join(place, 'index.html')}\nNext: open it in a browser.`);
    expect(stored(place)).toBe(before);
    expect(readFileSync(path.join(cwd, place, 'index.html'), 'utf8')).toContain('buy a pair of boots');
  });

  test('a result that cannot be read: exit code 2', async () => {
    writeFileSync(path.join(cwd, 'run.json'), '{"schemaVersion":99}');
    const { code, err } = await call('report', '.');
    expect(code).toBe(2);
    expect(err).toContain('Its schemaVersion is 99');
  });

  test('a report that cannot be written: exit code 3', async () => {
    const place = save('one', passingRun());
    writeRun(path.join(cwd, place, 'index.html'), passingRun()); // a folder in its place
    const { code, err } = await call('report', place);
    expect(code).toBe(3);
    expect(err).toContain('WRITE_FAILED');
  });
});
