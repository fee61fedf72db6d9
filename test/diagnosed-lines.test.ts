/** Budgets on what the diagnosis alone knows: how they are written, and how they are judged. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { lighthouseIds } from '../scripts/generate-lighthouse-ids.ts';
import { parseBudget } from '../src/config/budgets-parse.ts';
import { budgetJsonSchema } from '../src/config/schema.ts';
import { whyNotStorable } from '../src/core/baseline.ts';
import { needsDiagnosis, wantedValues } from '../src/core/diagnosed-lines.ts';
import { formatPlace } from '../src/core/errors.ts';
import type { LighthouseFacts } from '../src/core/lighthouse.ts';
import { findMetric } from '../src/core/metrics.ts';
import type { BudgetLine, Verdict } from '../src/core/verdict.ts';
import type { DiagnosedFacts } from '../src/judge/diagnosed.ts';
import { isDecided, judgeScenario } from '../src/judge/judge.ts';
import { defaultParameters } from '../src/judge/parameters.ts';
import { describeGate } from '../src/scenario/gate.ts';
import { makeSample } from './support/samples.ts';

function linesOf(budget: unknown): BudgetLine[] {
  const { lines, problems } = parseBudget(JSON.stringify(budget), 'shop.json');
  expect(problems).toEqual([]);
  return lines;
}

function problemsOf(limits: object, where: 'flow' | 'steps'): string[] {
  const budget = where === 'flow' ? { flow: limits } : { steps: { open: limits } };
  return parseBudget(JSON.stringify(budget), 'shop.json').problems.map(
    ({ code, place, message, next }) => `${code} ${place ? formatPlace(place) : ''} ${message} ${next}`,
  );
}

describe('written in a budget', () => {
  test('a bare limit is the least score, or the most bytes; an object has a level and a tolerance', () => {
    const lines = linesOf({
      flow: { 'bundle.assets/vendor-*.js': '80 kB' },
      steps: {
        open: {
          'lighthouse.performance': 0.9,
          'lighthouse.color-contrast': { limit: 1, level: 'warn', tolerance: '10 %' },
        },
      },
    });
    expect(lines).toMatchObject([
      { step: 'open', metric: 'lighthouse.performance', statistic: 'value', limit: 0.9, level: 'error' },
      {
        metric: 'lighthouse.color-contrast',
        statistic: 'value',
        limit: 1,
        level: 'warn',
        tolerance: { kind: 'share', value: 0.1 },
      },
      { step: null, metric: 'bundle.assets/vendor-*.js', statistic: 'value', limit: 80_000 },
    ]);
  });

  test.each([
    [
      { 'lighthouse.perfomance': 0.9 },
      'steps',
      /^BUDGET_UNKNOWN_METRIC .* There is no metric "lighthouse.perfomance". Did you mean "lighthouse.performance"\?/,
    ],
    [{ 'lighthouse.final-screenshot': 1 }, 'flow', /^BUDGET_UNKNOWN_METRIC /],
    [
      { 'lighthouse.performance': 90 },
      'steps',
      /^BUDGET_INVALID .* 90 is not a limit .* Allowed: a number from 0 to 1/,
    ],
    [{ 'lighthouse.seo': '90 %' }, 'steps', /^BUDGET_BAD_UNIT .* Allowed: a number from 0 to 1/],
    [
      { 'lighthouse.seo': { limit: 1, regression: 0 } },
      'steps',
      /"regression" is not available for lighthouse.seo.*samples are compared/,
    ],
    [
      { 'bundle.*.js': { regression: '1 kB' } },
      'flow',
      /"regression" is not available for bundle.\*.js.*"bytes.script"/,
    ],
    [{ 'lighthouse.seo': { p75: 1 } }, 'steps', /"p75" is not available .* one value, so there are no statistics/],
    [{ 'lighthouse.seo': { level: 'warn' } }, 'steps', /"lighthouse.seo" names no "limit"/],
    [{ 'lighthouse.seo': { limit: 1, min: 1 } }, 'steps', /Unknown key "min". .*Allowed: limit, level, tolerance/],
    [
      { 'bundle.*.js': '80 kB' },
      'steps',
      /A step has no bundle.\*.js: it belongs to the whole flow. move it under "flow"/,
    ],
    [{ LCP: { limit: 1 } }, 'steps', /Name at least one statistic/],
  ] as const)('%j under %s is refused in one sentence', (limits, where, message) => {
    const [first] = problemsOf(limits, where);
    expect(first).toMatch(message);
  });

  test('what is wrong with a limit is said once', () => {
    for (const limit of [{ regression: 0 }, { p75: 0.9 }, { level: 'warn' }, {}]) {
      expect(problemsOf({ 'lighthouse.seo': limit }, 'steps')).toHaveLength(1);
    }
  });

  test('the JSON Schema agrees with the reader', () => {
    const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(budgetJsonSchema());
    const agree = (budget: unknown, valid: boolean): void => {
      expect(validate(budget), JSON.stringify(budget)).toBe(valid);
      expect(parseBudget(JSON.stringify(budget), 'x.json').problems.length === 0, JSON.stringify(budget)).toBe(valid);
    };
    for (const id of ['lighthouse.performance', 'lighthouse.color-contrast']) {
      for (const part of [{ flow: { [id]: 0.9 } }, { steps: { '*': { [id]: { limit: 1, level: 'warn' } } } }]) {
        agree(part, true);
      }
      for (const limit of [1.1, -1, '0.9', { p50: 1 }, { limit: 1, regression: 0 }, {}]) {
        agree({ steps: { a: { [id]: limit } } }, false);
      }
    }
    agree({ steps: { a: { 'lighthouse.nothing': 1 } } }, false);
    agree({ flow: { 'bundle.**/*.js': '80 kB' } }, true);
    agree({ flow: { 'bundle.**/*.js': { limit: 80_000, tolerance: '1 kB' } } }, true);
    agree({ flow: { 'bundle.**/*.js': '80 ms' } }, false);
    agree({ flow: { 'bundle.': 1 } }, false);
    agree({ steps: { a: { 'bundle.*': 1 } } }, false);
    agree({ flow: { bundles: 1 } }, false);
  });

  test('a baseline keeps none of them, and says why', () => {
    expect(whyNotStorable('bundle.*')).toContain('known to the diagnosis alone');
    expect(whyNotStorable('lighthouse.performance')).toContain('known to the diagnosis alone');
  });
});

test('the ids are those of the installed Lighthouse: node scripts/generate-lighthouse-ids.ts', async () => {
  expect(readFileSync(new URL('../src/core/lighthouse-ids.ts', import.meta.url), 'utf8')).toBe(await lighthouseIds());
  expect(findMetric('lighthouse.performance')).toMatchObject({ label: 'performance', direction: 'higher' });
});

test('the lines say what the diagnosis has to find out', () => {
  const lines = linesOf({
    flow: { 'bundle.a*': 1, 'bundle.b*': 2, errors: 0 },
    steps: { open: { LCP: 1 } },
    projects: { mobile: { flow: { 'bundle.a*': 3 } } },
  });
  expect(wantedValues(lines)).toEqual({ lighthouse: false, bundles: ['a*', 'b*'] });
  expect(needsDiagnosis(lines, { lighthouse: 'off' })).toBe(true);
  const scores = linesOf({ steps: { '*': { 'lighthouse.seo': { limit: 1, level: 'warn' } } } });
  expect(wantedValues(scores)).toEqual({ lighthouse: true, bundles: [] });
  expect(needsDiagnosis(linesOf({ steps: { open: { LCP: 1 } } }), { lighthouse: 'on' })).toBe(false);
});

const lighthouse: LighthouseFacts = {
  version: '13.5.0',
  wall: 20_000,
  throttling: 'none',
  steps: [
    { step: 'open', mode: 'navigation', scores: [], audits: [], passed: 40, warnings: [], problem: null },
    { step: 'search', mode: 'timespan', scores: [], audits: [], passed: 10, warnings: [], problem: null },
  ],
  problem: null,
};

/** A diagnosis in which Lighthouse scored `open` in a navigation and `search` in a timespan, which knows no SEO. */
const facts: DiagnosedFacts = {
  values: [
    { step: 'open', metric: 'lighthouse.performance', value: 0.83 },
    { step: 'search', metric: 'lighthouse.performance', value: 0.95 },
    { step: null, metric: 'lighthouse.performance', value: 0.83 },
    { step: 'open', metric: 'lighthouse.seo', value: 1 },
    { step: null, metric: 'lighthouse.seo', value: 1 },
    { step: null, metric: 'bundle.vendor*', value: 81_234 },
  ],
  passes: [{ kind: 'lighthouse', variant: 'head', wall: 20_000, problem: null }],
  lighthouse,
  bundles: { files: [], duplicates: [], changes: null, notes: [] },
};

function judge(
  limits: object,
  about: { diagnosis?: DiagnosedFacts | null; diagnosed?: boolean; samples?: number } = {},
): Verdict[] {
  const { diagnosis = facts, diagnosed = true, samples = 5 } = about;
  const steps = ['open', 'search'].map((name) => ({ name, kind: 'navigation' as const, metrics: {} }));
  const scenario = {
    samples: Array.from({ length: samples }, (_, index) => makeSample(index, steps)),
    options: { cpuThrottling: 1 },
    diagnosis,
  };
  return judgeScenario(scenario, linesOf({ scenario: 'buy', ...limits }), defaultParameters, {
    final: diagnosed,
    diagnosed,
  });
}

const brief = ({ step, metric, status, value, gates }: Verdict): unknown[] => [step, metric, status, value, gates];

describe('judged', () => {
  test('one value against the limit: at least a score, at most so many bytes; a limit that is met passes', () => {
    const verdicts = judge({
      steps: { open: { 'lighthouse.performance': 0.9 }, search: { 'lighthouse.performance': 0.95 } },
      flow: { 'bundle.vendor*': '80 kB', 'lighthouse.performance': 0.8 },
    });
    expect(verdicts.map(brief)).toEqual([
      ['open', 'lighthouse.performance', 'fail', 0.83, true],
      ['search', 'lighthouse.performance', 'pass', 0.95, false],
      [null, 'lighthouse.performance', 'pass', 0.83, false],
      [null, 'bundle.vendor*', 'fail', 81_234, true],
    ]);
    const [open, , , bundle] = verdicts;
    expect(open).toMatchObject({ rule: 'one value', samples: 1, interval: null, allowed: 0.9 });
    expect(open?.margin).toBeCloseTo(-0.07);
    expect(open?.reason).toBe('taken once, by the diagnosis that follows the samples');
    expect(bundle?.margin).toBe(-1234);
    expect(open && describeGate(open)).toContain(
      '"open" lighthouse.performance: 0.83, limit >= 0.9, margin -0.07 (fail)',
    );
  });

  test('tolerance and level hold as for every line', () => {
    const [tolerated, warned] = judge({
      steps: { open: { 'lighthouse.performance': { limit: 0.9, tolerance: '10 %' } } },
      flow: { 'bundle.vendor*': { limit: '80 kB', level: 'warn' } },
    });
    expect(tolerated).toMatchObject({ status: 'pass', limit: 0.9 });
    expect(tolerated?.allowed).toBeCloseTo(0.81);
    expect(warned).toMatchObject({ status: 'fail', level: 'warn', gates: false });
  });

  test('until the diagnosis is over a line is open, gates nothing and is nothing that samples wait for', () => {
    const verdicts = judge(
      { steps: { open: { 'lighthouse.performance': 0.9 } }, flow: { 'bundle.vendor*': 1 } },
      { diagnosis: null, diagnosed: false },
    );
    expect(verdicts.map(brief)).toEqual([
      ['open', 'lighthouse.performance', 'inconclusive', null, false],
      [null, 'bundle.vendor*', 'inconclusive', null, false],
    ]);
    expect(verdicts[0]?.reason).toContain('follows the samples');
    expect(isDecided(verdicts)).toBe(true);
  });

  test.each([
    ['no diagnosis', null, /there was no diagnosis: `diagnose` or `lighthouse` is 'off'/],
    [
      'no Lighthouse',
      { ...facts, values: [], passes: [], lighthouse: null },
      /Lighthouse did not run: `lighthouse` is 'off'/,
    ],
    [
      'a pass that failed',
      {
        ...facts,
        values: [],
        lighthouse: null,
        passes: [{ kind: 'lighthouse', variant: 'head', wall: 1, problem: 'Chrome ended' }],
      },
      /Lighthouse failed: Chrome ended/,
    ],
    [
      'a step that failed',
      {
        ...facts,
        values: [],
        lighthouse: {
          ...lighthouse,
          steps: [
            { step: 'open', mode: 'navigation', scores: [], audits: [], passed: 0, warnings: [], problem: 'NO_FCP' },
          ],
        },
      },
      /Lighthouse failed here: NO_FCP/,
    ],
    [
      'a flow that was cut short',
      {
        ...facts,
        values: [],
        lighthouse: { ...lighthouse, steps: [], problem: 'step "open" failed' },
      },
      /Lighthouse failed here: step "open" failed/,
    ],
  ] as const satisfies readonly (readonly [string, DiagnosedFacts | null, RegExp])[])(
    '%s: not measured, with the reason, and gates like any other missing number',
    (_, diagnosis, reason) => {
      for (const limits of [
        { steps: { open: { 'lighthouse.performance': 0.1 } } },
        { steps: { '*': { 'lighthouse.performance': 0.1 } } },
        { flow: { 'lighthouse.performance': 0.1 } },
      ]) {
        const [verdict] = judge(limits, { diagnosis });
        expect(verdict).toMatchObject({ status: 'not measured', value: null, gates: true });
        expect(verdict?.reason).toMatch(reason);
      }
    },
  );

  test('a glob of steps leaves out those in which Lighthouse has no such score', () => {
    expect(judge({ steps: { '*': { 'lighthouse.seo': 0.9 } } }).map(brief)).toEqual([
      ['open', 'lighthouse.seo', 'pass', 1, false],
    ]);
    const [named] = judge({ steps: { search: { 'lighthouse.seo': 0.9 } } });
    expect(named).toMatchObject({ status: 'not measured', gates: true });
    expect(named?.reason).toContain('(timespan)');
  });

  test('bundles that nothing matches, or that could not be read, are not measured', () => {
    const [unmatched] = judge({ flow: { 'bundle.other*': 1 } });
    expect(unmatched).toMatchObject({ status: 'not measured', gates: true });
    expect(unmatched?.reason).toContain('no script, style sheet or module matches "other*"');
    const passes = [{ kind: 'coverage', variant: 'head', wall: 1, problem: 'the flow failed' }] as const;
    const [unread] = judge(
      { flow: { 'bundle.other*': 1 } },
      { diagnosis: { ...facts, values: [], bundles: null, passes: [...passes] } },
    );
    expect(unread?.reason).toContain('no bundles: the flow failed');
  });

  test('without a sample there is nothing to say of any line', () => {
    const [verdict] = judge({ flow: { 'lighthouse.performance': 0.1 } }, { samples: 0 });
    expect(verdict).toMatchObject({ status: 'not measured' });
    expect(verdict?.reason).toContain('no sample was completed');
  });
});
