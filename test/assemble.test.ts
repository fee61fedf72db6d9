import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ComparisonSides } from '../src/core/comparison.ts';
import {
  comparisonMediaType,
  type Environment,
  environmentMediaType,
  type Problem,
  problemMediaType,
  type RunDocument,
  type ScenarioDocument,
  scenarioMediaType,
} from '../src/core/document.ts';
import { type Attachment, Collection, exitCodeOf, type TestOutcome } from '../src/reporter/assemble.ts';
import { comparisonRun } from './fixtures/runs/comparisons.ts';
import {
  failedFlowRun,
  failingRun,
  inconclusiveRun,
  interruptedRun,
  noBudgetsRun,
  noisyRun,
  passingRun,
} from './fixtures/runs/runs.ts';

function scenarioOf(run: RunDocument): ScenarioDocument {
  const [scenario] = run.scenarios;
  if (!scenario) throw new Error('the fixture has no scenario');
  return scenario;
}

function environmentOf(more: Partial<Environment> = {}): Environment {
  const [environment] = passingRun().environments;
  if (!environment) throw new Error('the fixture has no environment');
  return { ...environment, ...more };
}

function attach(contentType: string, value: unknown): Attachment {
  return { contentType, body: Buffer.from(JSON.stringify(value)) };
}

const problem: Problem = { code: 'BUDGET_SYNTAX', message: 'no', next: 'do', place: null, exitCode: 2 };

function outcome(more: Partial<TestOutcome> = {}): TestOutcome {
  return { title: 'buy', status: 'passed', expected: true, errors: [], attachments: [], ...more };
}

function failed(errors: string[], ...attachments: Attachment[]): TestOutcome {
  return outcome({ status: 'failed', expected: false, errors, attachments });
}

function collect(...outcomes: TestOutcome[]): RunDocument {
  const collection = new Collection();
  for (const each of outcomes) collection.addTest(each);
  return collection.toRun({ ...passingRun() });
}

const passing = attach(scenarioMediaType, scenarioOf(passingRun()));
const failing = attach(scenarioMediaType, scenarioOf(failingRun()));
const threw = attach(scenarioMediaType, scenarioOf(failedFlowRun()));

describe('Collection', () => {
  test('takes scenario, environment and problem, and passes over what is not ours', () => {
    const run = collect(
      outcome({
        attachments: [
          passing,
          attach(environmentMediaType, environmentOf()),
          attach(problemMediaType, problem),
          { contentType: 'image/png', body: Buffer.from('not JSON') },
        ],
      }),
    );
    expect(run.scenarios).toEqual([scenarioOf(passingRun())]);
    expect(run.environments).toEqual([environmentOf()]);
    expect(run.problems).toEqual([problem]);
    expect(run.otherFailures).toEqual([]);
  });

  test('an attachment may be a file, as merged reports have it', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'assemble-test-'));
    const file = path.join(folder, 'scenario.json');
    try {
      writeFileSync(file, JSON.stringify(scenarioOf(passingRun())));
      expect(
        collect(outcome({ attachments: [{ contentType: scenarioMediaType, path: file }] })).scenarios,
      ).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['half a document', { contentType: scenarioMediaType, body: Buffer.from('{"id":') }],
    ['a document of another version', attach(scenarioMediaType, { ...scenarioOf(passingRun()), extra: 1 })],
    ['a file that is gone', { contentType: scenarioMediaType, path: '/nowhere/scenario.json' }],
    ['nothing at all', { contentType: scenarioMediaType }],
  ])('%s is a failure of that test, and the others count', (_name, broken) => {
    const run = collect(outcome({ title: 'broken', attachments: [broken] }), outcome({ attachments: [passing] }));
    expect(run.scenarios).toHaveLength(1);
    expect(run.otherFailures).toEqual([{ title: 'broken', message: expect.stringContaining('could not be read') }]);
    expect(exitCodeOf(run)).toBe(1);
  });

  test('one problem that many tests met is told once', () => {
    const met = failed(['refused'], attach(problemMediaType, problem));
    expect(collect(met, met, met)).toMatchObject({ problems: [problem], otherFailures: [] });
  });

  test('workers on one machine are one environment, from the first calibration to the last', () => {
    const calibrated = (start: number, end: number | null, more: Partial<Environment> = {}): TestOutcome =>
      outcome({ attachments: [attach(environmentMediaType, environmentOf({ calibration: { start, end }, ...more }))] });
    const { environments } = collect(
      calibrated(100, 101),
      calibrated(102, 110),
      calibrated(103, null),
      calibrated(50, 51, { cpu: 'another' }),
    );
    expect(environments.map((each) => each.calibration)).toEqual([
      { start: 100, end: 110 },
      { start: 50, end: 51 },
    ]);
  });

  test('shards of a comparison are one comparison; one of other commits says so', () => {
    const [first] = comparisonRun().scenarios;
    const sides = comparisonRun().comparison;
    if (!first || !sides) throw new Error('a run without a comparison');
    const shard = (id: string, base: Partial<ComparisonSides['base']>): TestOutcome =>
      failed(
        ['BudgetError'],
        attach(scenarioMediaType, { ...first, id }),
        attach(comparisonMediaType, { ...sides, base: { ...sides.base, ...base } }),
      );
    const run = collect(
      shard('one', {}),
      shard('two', { url: 'http://127.0.0.1:1/' }),
      shard('three', { commit: 'beef' }),
    );
    expect(run.comparison).toEqual(sides);
    expect(run.scenarios.map(({ warnings }) => warnings.map(({ code }) => code))).toEqual([[], [], ['OTHER_COMMIT']]);
    expect(run.scenarios[2]?.warnings[0]?.message).toBe(
      'Here base was commit beef, and not 1a2b3c4d5, which the report names.',
    );
  });

  test('scenarios whose worker died come from the journal, others stay as they were handed over', () => {
    const collection = new Collection();
    collection.addTest(outcome({ attachments: [passing] }));
    const { id } = scenarioOf(passingRun());
    collection.addLost([
      { ...scenarioOf(passingRun()), samples: [] },
      { ...scenarioOf(passingRun()), id: 'lost', status: 'interrupted' },
      { ...scenarioOf(passingRun()), id: 'judged', status: 'measured' },
    ]);
    const { scenarios } = collection.toRun({ ...passingRun() });
    expect(scenarios.map((each) => [each.id, each.status, each.samples.length, each.diagnosis?.notes])).toEqual([
      [id, 'measured', 9, undefined],
      ['lost', 'interrupted', 9, undefined],
      ['judged', 'measured', 9, ['The process that ran the diagnosis ended.']],
    ]);
  });
});

describe('failures that are told beside the verdicts', () => {
  const messages = (...outcomes: TestOutcome[]): string[] =>
    collect(...outcomes).otherFailures.map((each) => each.message);

  test('failing budgets explain a failed test', () => {
    expect(messages(failed(['BudgetError: 1 budget line does not pass'], failing))).toEqual([]);
  });

  test('an assertion beside failing budgets is told', () => {
    expect(messages(failed(['BudgetError: 1 line', 'expected 2, got 3'], failing))).toEqual(['expected 2, got 3']);
  });

  test('a flow that threw explains itself', () => {
    expect(messages(failed(['Step "search" failed in sample 3'], threw))).toEqual([]);
  });

  test('an assertion beside budgets that pass is told, with its secrets redacted', () => {
    expect(messages(failed(['expected password=hunter2', 'and\nmore'], passing))).toEqual([
      'expected password=REDACTED · and more',
    ]);
  });

  test('a test that failed without a word', () => {
    expect(messages(failed([]), { ...failed([]), status: 'interrupted' })).toEqual([
      'the test failed',
      'the test was interrupted',
    ]);
  });

  test('a test that was interrupted after its scenario was judged has no other failure', () => {
    expect(messages({ ...failed([], passing), status: 'interrupted' })).toEqual([]);
  });

  test('a test that fails as expected, or was skipped, has not failed', () => {
    expect(messages({ ...failed(['error']), expected: true }, outcome({ status: 'skipped', expected: false }))).toEqual(
      [],
    );
  });
});

describe('stepNames, to tell typing errors in budgets from steps that did not run', () => {
  const names = (...outcomes: TestOutcome[]): string[] => {
    const collection = new Collection();
    for (const each of outcomes) collection.addTest(each);
    return collection.stepNames();
  };

  test('all steps, each once, where all was measured; other tests that passed do not matter', () => {
    expect(names(outcome({ attachments: [passing] }), outcome())).toEqual([
      'open the shop',
      'search',
      'open a product',
    ]);
  });

  test.each([
    ['a scenario was skipped', outcome({ status: 'skipped' })],
    ['a test failed before it measured', failed(['no'])],
    ['a flow threw', failed(['no'], attach(scenarioMediaType, { ...scenarioOf(failedFlowRun()), id: 'other' }))],
  ])('none where %s', (_name, other) => {
    expect(names(outcome({ attachments: [passing] }), other)).toEqual([]);
  });
});

describe('exit codes', () => {
  const withFailure = (code: string): RunDocument => {
    const run = failedFlowRun();
    return {
      ...run,
      scenarios: run.scenarios.map((scenario) => ({
        ...scenario,
        failure: scenario.failure && { ...scenario.failure, code },
      })),
    };
  };
  const withProblem = (run: RunDocument, exitCode: number): RunDocument => ({
    ...run,
    problems: [{ ...problem, exitCode }],
  });
  const withGate = (status: 'not measured' | 'inconclusive' | 'fail'): RunDocument => {
    const run = passingRun();
    return {
      ...run,
      scenarios: run.scenarios.map((scenario) => ({
        ...scenario,
        verdicts: scenario.verdicts.map((verdict, index) =>
          index === 0 ? { ...verdict, status, gates: true } : verdict,
        ),
      })),
    };
  };

  test.each<[string, RunDocument, number]>([
    ['all gates pass', passingRun(), 0],
    ['nothing is judged', noBudgetsRun(), 0],
    ['a line is inconclusive and does not gate', inconclusiveRun(), 0],
    ['a line is inconclusive and gates', withGate('inconclusive'), 1],
    ['a gate failed', failingRun(), 1],
    ['a gate was not measured', withGate('not measured'), 3],
    ['a flow threw', failedFlowRun(), 1],
    ['a step took too long', withFailure('STEP_TIMEOUT'), 1],
    ['the server is down', withFailure('PAGE_UNREACHABLE'), 3],
    ['Chrome died again and again', withFailure('CHROME_DIED'), 3],
    ['the renderer crashed again and again', withFailure('PAGE_CRASHED'), 3],
    ['the flow is no scenario', withFailure('SCENARIO_INVALID'), 2],
    ['the machine was too noisy', noisyRun(), 3],
    ['it was interrupted', interruptedRun(), 3],
    ['a budget is wrong, which goes before a failing gate', withProblem(failingRun(), 2), 2],
    ['a failing gate goes before what could not be measured', withProblem(failingRun(), 3), 1],
    ['something could not be measured', withProblem(passingRun(), 3), 3],
    ['another test failed', { ...passingRun(), otherFailures: [{ title: 'a', message: 'b' }] }, 1],
    ['nothing ran', { ...passingRun(), scenarios: [] }, 0],
  ])('%s', (_name, run, code) => {
    expect(exitCodeOf(run)).toBe(code);
  });
});
