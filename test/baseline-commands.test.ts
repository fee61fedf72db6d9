/** The baseline commands as a user calls them: run folders, a file, what is printed, the exit code. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../src/cli.ts';
import type { RunDocument, ScenarioDocument } from '../src/core/document.ts';
import { writeRun } from '../src/store/run-folder.ts';
import { makeRun, type ScenarioPlan, shopSteps } from './fixtures/runs/make.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'baseline-test-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function call(...argv: string[]): Promise<{ code: number | undefined; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(argv, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    cwd,
    color: false,
    columns: 100,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const [openShop, search] = shopSteps;
if (!openShop || !search) throw new Error('the fixture has lost its steps');
const buy: ScenarioPlan = { title: 'buy', steps: [openShop, search], samples: 5 };
const pay: ScenarioPlan = { title: 'pay', project: 'mobile', steps: [search], samples: 5 };

/** Saves a run; later ones are newer. */
let runs = 0;
function record(plans: readonly ScenarioPlan[], change: Partial<RunDocument> = {}): string {
  runs += 1;
  const place = path.join('reports', `run-${runs}`);
  const startedAt = new Date(Date.UTC(2026, 10, 20, 9, runs)).toISOString();
  writeRun(path.join(cwd, place), makeRun(plans, 1, { startedAt, ...change }));
  return place;
}

const stored = (file = 'pacewright-baseline.json'): string => readFileSync(path.join(cwd, file), 'utf8');

/** Another value of one metric, in every sample or in those of an index. */
function withMetric(metric: string, value: number, isMeant = (_index: number) => true) {
  return (scenario: ScenarioDocument): ScenarioDocument => ({
    ...scenario,
    samples: scenario.samples.map((sample) => ({
      ...sample,
      steps: sample.steps.map((step, index) =>
        index === 0 && isMeant(sample.index) ? { ...step, metrics: { ...step.metrics, [metric]: value } } : step,
      ),
    })),
  });
}

test('save, show, diff: the same run does not differ from itself', async () => {
  const place = record([buy]);
  const saved = await call('baseline', 'save', place, '--only', 'requests.*', '--only', 'nodes');
  expect(saved.out).toBe(
    [
      'pacewright-baseline.json written: 1 scenario, 36 values other than 0. Only nodes, requests.* are kept.',
      'Next: review and commit it; `npx pacewright baseline diff` compares later runs.',
    ].join('\n'),
  );
  expect(saved).toMatchObject({ code: 0, err: '' });

  const shown = await call('baseline', 'show');
  expect(shown.code).toBe(0);
  expect(shown.out.split('\n').slice(0, 7)).toEqual([
    'pacewright-baseline.json: commit 4f1c0a9d2, Chrome 156.0.7204.12, only nodes, requests.*',
    '',
    'buy [desktop]',
    '  step            metric                value',
    '  open the shop   nodes                  2412',
    '  open the shop   requests.total           31',
    '  open the shop   requests.document         3',
  ]);

  const compared = await call('baseline', 'diff', place);
  expect(compared.code).toBe(0);
  expect(compared.out).toBe(
    [
      `${place} (commit 4f1c0a9d2) against pacewright-baseline.json (commit 4f1c0a9d2)`,
      '',
      '39 values compared: all as in the baseline.',
    ].join('\n'),
  );
});

test('diff takes the newest run, and says what is worse, better, not exact, gone and new', async () => {
  await call('baseline', 'save', record([buy, pay]));
  const worse = withMetric('requests.script', 6);
  const better = withMetric('nodes', 2400);
  const varying = withMetric('layouts', 99, (index) => index === 3);
  const other: ScenarioPlan = {
    title: 'buy',
    steps: [openShop, { ...search, name: 'find' }],
    samples: 5,
    change: (scenario) => [worse, better, varying].reduce((all, change) => change(all), scenario),
  };
  const place = record([other, { ...buy, title: 'sell' }]);
  const { code, out } = await call('baseline', 'diff');
  expect(out).toBe(
    [
      `${place} (commit 4f1c0a9d2) against pacewright-baseline.json (commit 4f1c0a9d2)`,
      '',
      'buy [desktop]',
      '          step           metric           baseline   now        change  allowed',
      '  FAIL    open the shop  requests.script         4     6    +2 (+50 %)        0',
      '  UNSURE  open the shop  layouts                14    14                      0  varied: 14 to 99',
      '  better  open the shop  nodes                2412  2400  -12 (-0.5 %)        0',
      '',
      '58 values compared: 1 worse than allowed, 1 not exact in this run, 1 better, 55 the same.',
      'Not in the run: pay [mobile], step "search" of buy [desktop].',
      'Not in the baseline: sell [desktop], step "find" of buy [desktop].',
      'Next: mend it; or, if it is meant, `npx pacewright baseline save` and commit the file.',
    ].join('\n'),
  );
  expect(code).toBe(1);
});

test('budgets against base say what is tolerated', async () => {
  await call('baseline', 'save', record([buy]));
  record([{ ...buy, change: withMetric('requests.script', 6) }]);
  const budget = (regression: unknown, level = 'error') =>
    JSON.stringify({ steps: { '*': { 'requests.script': { regression, level } } } });
  const diffWith = async (text: string): Promise<[number | undefined, string]> => {
    writeFileSync(path.join(cwd, 'other.json'), text);
    const { code, out, err } = await call('baseline', 'diff', '--budgets', 'other.json');
    return [code, `${out}${err}`.split('\n').find((line) => /requests.script|serch/.test(line)) ?? ''];
  };
  expect(await diffWith(budget(1))).toEqual([1, expect.stringMatching(/^ {2}FAIL .* {2}1$/)]);
  expect(await diffWith(budget('50 %'))).toEqual([0, expect.stringMatching(/^ {2}within .* {2}2$/)]);
  expect(await diffWith(budget(1, 'warn'))).toEqual([0, expect.stringMatching(/^ {2}WARN .* {2}1$/)]);
  expect(await diffWith(budget(false))).toEqual([0, expect.stringMatching(/^ {2}within .* {2}any$/)]);
  mkdirSync(path.join(cwd, 'budgets'));
  writeFileSync(path.join(cwd, 'budgets', 'b.json'), budget(2));
  expect((await call('baseline', 'diff')).code).toBe(0);
  const wrong = JSON.stringify({ scenario: 'buy', steps: { serch: { nodes: { regression: 1 } } } });
  expect((await diffWith(wrong))[1]).toContain('There is no step "serch". Did you mean "search"?');
});

test('save names what varied, keeps scenarios that were not measured, and leaves a file alone that says the same', async () => {
  await call('baseline', 'save', record([buy, pay]));
  const varying = record([{ ...buy, change: withMetric('nodes', 2419, (index) => index === 3) }], {
    git: { commit: 'a'.repeat(40), branch: null, dirty: true },
  });
  const { out } = await call('baseline', 'save', varying);
  expect(out).toBe(
    [
      'pacewright-baseline.json written: 2 scenarios, 129 values other than 0.',
      'Left out, since no exact count in this run:',
      '  buy [desktop]  open the shop  nodes  varied: 2412 to 2419',
      'Kept as it was, since not in this run: pay [mobile].',
      'Next: review and commit it; `npx pacewright baseline diff` compares later runs.',
    ].join('\n'),
  );
  const before = stored();
  expect(before).toContain('"nodes": "not exact"');
  expect(before).toContain(`"commit": "${'a'.repeat(40)}",\n  "dirty": true`);
  const again = await call('baseline', 'save', varying);
  expect(again.out).toContain('pacewright-baseline.json already says the same; it was left as it is.');
  expect(stored()).toBe(before);
  expect((await call('baseline', 'save', varying, '--only', 'bytes.*')).out).toContain(
    'Dropped, since not in this run and saved with another `--only`: pay [mobile].',
  );
  // Without the option the metrics of the file stay those that are kept; a star takes all again.
  expect((await call('baseline', 'save', varying)).out).toContain('Only bytes.* are kept.');
  expect((await call('baseline', 'save', varying, '--only', '*')).out).not.toContain('Only');
});

test('a scenario that could not be measured is no pass', async () => {
  await call('baseline', 'save', record([buy]));
  const place = record([{ ...buy, change: (scenario) => ({ ...scenario, samples: [] }) }]);
  const { code, out } = await call('baseline', 'diff');
  expect(out).toContain('0 values compared');
  expect(out).toContain('Could not be measured: buy [desktop].');
  expect(code).toBe(3);
  const saved = await call('baseline', 'save', place);
  expect(saved.code).toBe(2);
  expect(saved.err).toContain(`No scenario of ${place} has 3 accepted samples: nothing is exact.`);
});

test('times are refused with the reason', async () => {
  record([buy]);
  const { code, err } = await call('baseline', 'save', '--only', 'bytes.*', '--only', 'LCP');
  expect(code).toBe(2);
  expect(err).toBe(
    [
      'ARGUMENT_INVALID',
      '  --only: LCP depends on how fast the machine is: what another job stored differs by 15 % for no reason of the code.',
      '  Next: a baseline holds counts (bytes.*, requests.*, layouts, nodes, …); times are compared with base in the same job: `npx pacewright compare`',
    ].join('\n'),
  );
  expect(existsSync(path.join(cwd, 'pacewright-baseline.json'))).toBe(false);
});

test('no baseline, no run, two scenarios of one name', async () => {
  expect(await call('baseline', 'diff')).toMatchObject({
    code: 2,
    err: expect.stringContaining('There is no baseline pacewright-baseline.json.'),
  });
  expect(await call('baseline', 'save')).toMatchObject({ code: 2, err: expect.stringMatching(/^RUN_NOT_FOUND/) });
  expect(await call('baseline', 'save', record([buy, buy]))).toMatchObject({
    code: 2,
    err: expect.stringContaining(
      'Two scenarios of the run are called buy [desktop]: scenarios/shop.perf.ts:3 and scenarios/shop.perf.ts:23.',
    ),
  });
});

test('another file and another folder of reports', async () => {
  const place = record([buy]);
  await call('baseline', 'save', '--reports', path.dirname(place), '--file', 'perf/base.json');
  expect(stored('perf/base.json')).toContain('"scenario": "buy"');
  expect((await call('baseline', 'diff', '--file', 'perf/base.json', place)).code).toBe(0);
});

test('an interrupted run is no baseline: what it kept is not the whole', async () => {
  const place = record([buy], { status: 'interrupted' });
  const { code, err } = await call('baseline', 'save', place);
  expect(code).toBe(2);
  expect(err).toContain('was interrupted');
  expect(existsSync(path.join(cwd, 'pacewright-baseline.json'))).toBe(false);
});
