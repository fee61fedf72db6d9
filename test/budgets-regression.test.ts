import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { checkScenarioNames, checkSharedStepNames, checkStepNames, resolveBudgets } from '../src/config/budgets.ts';
import { parseBudget } from '../src/config/budgets-parse.ts';
import { budgetJsonSchema } from '../src/config/schema.ts';
import { type RegressionLine, regressionLine } from '../src/core/comparison.ts';
import { formatPlace } from '../src/core/errors.ts';
import { regressionLinesForStep } from '../src/core/precedence.ts';

function problemsOf(text: string): string[] {
  return parseBudget(text, 'shop.json').problems.map(
    ({ code, place, message }) => `${code} ${place ? formatPlace(place) : ''} ${message}`,
  );
}

function regressionsOf(budget: unknown): RegressionLine[] {
  const { regressions, problems } = parseBudget(JSON.stringify(budget), 'shop.json');
  expect(problems).toEqual([]);
  return regressions;
}

const allowedOf = (lines: readonly RegressionLine[]) => lines.map(({ allowed }) => allowed?.value ?? null);

describe('budgets against base', () => {
  test('become lines of their own, beside absolute limits', () => {
    const text = `{
  "scenario": "buy",
  "steps": {
    "open": {
      "LCP": { "p75": "2.5 s", "tolerance": "10 %", "regression": "5 %" },
      "INP": { "regression": "20 ms", "level": "warn" },
      "cpu.main": { "regression": false },
      "nodes": { "regression": 3 },
      "bytes.script": { "regression": "1 kB" }
    }
  },
  "projects": { "mobile": { "flow": { "requests.total": { "regression": 0 } } } }
}`;
    const { lines, regressions, problems } = parseBudget(text, 'budgets/shop.json');
    expect(problems).toEqual([]);
    const shared = { scenario: 'buy', project: null, step: 'open', level: 'error' };
    const at = (line: number, column: number) => ({ file: 'budgets/shop.json', line, column });
    expect(lines).toEqual([
      {
        ...shared,
        metric: 'LCP',
        statistic: 'p75',
        limit: 2500,
        tolerance: { kind: 'share', value: 0.1 },
        source: at(5, 16),
      },
    ]);
    expect(regressions).toEqual([
      { ...shared, metric: 'LCP', allowed: { kind: 'share', value: 0.05 }, source: at(5, 53) },
      { ...shared, metric: 'INP', allowed: { kind: 'absolute', value: 20 }, level: 'warn', source: at(6, 16) },
      { ...shared, metric: 'cpu.main', allowed: null, source: at(7, 21) },
      { ...shared, metric: 'nodes', allowed: { kind: 'absolute', value: 3 }, source: at(8, 18) },
      { ...shared, metric: 'bytes.script', allowed: { kind: 'absolute', value: 1000 }, source: at(9, 25) },
      {
        ...shared,
        project: 'mobile',
        step: null,
        metric: 'requests.total',
        allowed: { kind: 'absolute', value: 0 },
        source: at(12, 59),
      },
    ]);
    for (const line of regressions) expect(regressionLine.parse(line)).toEqual(line);
  });

  test('wrong ones say what is allowed', () => {
    const allowed =
      'Allowed: a percentage of base such as "5 %", a number (ms, 0 or more) or a text with one of the units ms, s, min, or false (compared, never fails).';
    const text = `{ "steps": { "open": {
  "LCP": { "regression": "5 kB" },
  "FCP": { "regression": true },
  "TBT": { "regression": -1 },
  "INP": { "regression": {} },
  "TTFB": { "regression": "5 %", "tolerance": "1 %" },
  "duration": { "tolerance": "1 %" },
  "CLS": { "max": 1, "regresion": 0 },
  "nodes": { "regression": "-5 %" }
} } }`;
    expect(problemsOf(text)).toEqual([
      `BUDGET_BAD_UNIT shop.json:2:26 "5 kB" is not a regression for LCP. ${allowed}`,
      `BUDGET_INVALID shop.json:3:26 true is not a regression for FCP. ${allowed}`,
      `BUDGET_INVALID shop.json:4:26 -1 is not a regression for TBT. ${allowed}`,
      `BUDGET_INVALID shop.json:5:26 {} is not a regression for INP. ${allowed}`,
      'BUDGET_INVALID shop.json:6:11 "steps" › "open" › "TTFB" is {"regression":"5 %","tolerance":"1 %"}. "tolerance" is for absolute limits: name a statistic (p50, p75, p95, max) beside it; what may change against base is "regression".',
      'BUDGET_INVALID shop.json:7:15 "steps" › "open" › "duration" is {"tolerance":"1 %"}. "tolerance" is for absolute limits: name a statistic (p50, p75, p95, max) beside it; what may change against base is "regression".',
      'BUDGET_INVALID shop.json:8:22 Unknown key "regresion". Did you mean "regression"? Allowed: p50, p75, p95, max, level, tolerance, regression.',
      'BUDGET_BAD_UNIT shop.json:9:28 "-5 %" is not a regression for nodes. Allowed: a percentage of base such as "5 %", a number (a count, 0 or more), or false (compared, never fails).',
    ]);
  });

  test('the JSON Schema agrees with the reader', () => {
    const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(budgetJsonSchema());
    const agree = (limit: unknown, valid: boolean) => {
      const budget = { steps: { a: { 'bytes.script': limit } } };
      expect(validate(budget), JSON.stringify(limit)).toBe(valid);
      expect(parseBudget(JSON.stringify(budget), 'x.json').problems.length === 0, JSON.stringify(limit)).toBe(valid);
    };
    for (const regression of ['5 %', '.5%', '1 kB', 1000, 0, false]) {
      agree({ regression }, true);
      agree({ regression, level: 'warn' }, true);
      agree({ regression, p75: 1, tolerance: 1 }, true);
      agree({ regression, tolerance: 1 }, false);
    }
    for (const regression of ['5 ms', '%', true, null, -1, ['5 %'], {}]) agree({ regression }, false);
  });
});

describe('which line against base counts', () => {
  const budget = (scenario: string, step: string, regression: unknown, more = {}) =>
    regressionsOf({ scenario, steps: { [step]: { LCP: { regression } } }, ...more });

  test('the most exact scenario, project and step, as for absolute limits', () => {
    const lines = [
      ...budget('*', '*', 1),
      ...budget('*', 'open*', 2),
      ...budget('b*', '*', 3),
      ...budget('buy', '*', 4),
      ...budget('buy', 'open it', false),
      ...budget('buy', '*', 6, { project: 'mobile' }),
    ];
    const counting = (title: string, project: string, step: string) =>
      allowedOf(regressionLinesForStep(resolveBudgets(lines, { titlePath: ['shop', title], project }), step));
    expect(counting('buy', 'desktop', 'open it')).toEqual([null]);
    expect(counting('buy', 'desktop', 'pay')).toEqual([4]);
    expect(counting('buy', 'mobile', 'open it')).toEqual([6]);
    expect(counting('bring', 'desktop', 'pay')).toEqual([3]);
    expect(counting('sell', 'desktop', 'open')).toEqual([2]);
    expect(counting('sell', 'desktop', 'pay')).toEqual([1]);
  });

  test('one for each metric of a step, and of the flow', () => {
    const lines = regressionsOf({
      flow: { CLS: { regression: 0 } },
      steps: { '*': { CLS: { regression: 1 }, INP: { regression: 2 } }, pay: { CLS: { regression: 3 } } },
    });
    const metrics = (step: string | null) =>
      regressionLinesForStep(lines, step).map(({ metric, allowed }) => `${metric} ${allowed?.value}`);
    expect(metrics('pay')).toEqual(['CLS 3', 'INP 2']);
    expect(metrics(null)).toEqual(['CLS 0']);
  });

  test('equal rank and different allowances are a conflict; the same twice is none', () => {
    const resolve = (lines: readonly RegressionLine[]) =>
      allowedOf(resolveBudgets(lines, { titlePath: ['buy'], project: 'desktop' }));
    expect(() => resolve([...budget('buy', 'pay', '5 %'), ...budget('buy', 'pay', 0.05)])).toThrow(
      'LCP regression of step "pay" has two different limits of equal rank: shop.json:1:42 and shop.json:1:42.',
    );
    expect(() => resolve([...budget('buy', 'pay', false), ...budget('buy', 'pay', 1)])).toThrow('two different limits');
    expect(resolve([...budget('buy', 'pay', '5 %'), ...budget('buy', 'pay', '5.0 %')])).toEqual([0.05]);
  });

  test('names that nothing has are told with their place', () => {
    const lines = [...budget('bui', 'open', 1, { project: 'mobil' }), ...budget('b*', 'pai', 1)];
    expect(() => checkScenarioNames(lines, ['buy'], ['mobile'])).toThrow('There is no scenario "bui". Did you mean');
    expect(() => checkScenarioNames(lines.slice(0, 1), ['bui'], ['mobile'])).toThrow('There is no project "mobil"');
    expect(() => checkStepNames(lines, ['pay', 'opens'])).toThrow('There is no step "open". Did you mean "opens"?');
    expect(() => checkSharedStepNames(lines, ['pay', 'opens'])).toThrow('There is no step "pai". Did you mean "pay"?');
  });
});
