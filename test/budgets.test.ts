import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import {
  checkScenarioNames,
  checkSharedStepNames,
  checkStepNames,
  readBudgets,
  resolveBudgets,
} from '../src/config/budgets.ts';
import { parseBudget } from '../src/config/budgets-parse.ts';
import { budgetJsonSchema } from '../src/config/schema.ts';
import { formatError, formatPlace, isPacewrightError } from '../src/core/errors.ts';
import { metricTable } from '../src/core/metrics.ts';
import { unitSuffixes } from '../src/core/units.ts';
import type { BudgetLine } from '../src/core/verdict.ts';

const root = path.join(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'pacewright-budgets-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One line each: code, place, message. */
function problemsOf(text: string): string[] {
  return parseBudget(text, 'shop.json').problems.map(
    ({ code, place, message }) => `${code} ${place ? formatPlace(place) : ''} ${message}`,
  );
}

function linesOf(budget: unknown): BudgetLine[] {
  const { lines, problems } = parseBudget(JSON.stringify(budget), 'shop.json');
  expect(problems).toEqual([]);
  return lines;
}

function caught(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isPacewrightError(error)) return formatError(error);
    throw error;
  }
  return 'nothing was thrown';
}

describe('a budget file', () => {
  test('becomes lines in base units, each with its place', () => {
    const text = `{
  // the shop
  "scenario": "buy a pair of boots",
  "flow": { "bytes.total": "900 kB" },
  "steps": {
    "*": { "CLS": 0.1 },
    "open the shop": {
      "LCP": { "p75": "2.5 s", "max": 4000, "level": "warn", "tolerance": "10 %" },
      "timing.hero": { "p50": ".5 s", "tolerance": "20 ms" },
    },
  },
}`;
    const { lines, problems } = parseBudget(text, 'budgets/shop.jsonc');
    expect(problems).toEqual([]);
    const shared = { scenario: 'buy a pair of boots', project: null, tolerance: null, level: 'error' };
    const at = (line: number, column: number) => ({ file: 'budgets/shop.jsonc', line, column });
    expect(lines).toEqual([
      { ...shared, step: '*', metric: 'CLS', statistic: 'p50', limit: 0.1, source: at(6, 12) },
      {
        ...shared,
        step: 'open the shop',
        metric: 'LCP',
        statistic: 'p75',
        limit: 2500,
        level: 'warn',
        tolerance: { kind: 'share', value: 0.1 },
        source: at(8, 16),
      },
      {
        ...shared,
        step: 'open the shop',
        metric: 'LCP',
        statistic: 'max',
        limit: 4000,
        level: 'warn',
        tolerance: { kind: 'share', value: 0.1 },
        source: at(8, 32),
      },
      {
        ...shared,
        step: 'open the shop',
        metric: 'timing.hero',
        statistic: 'p50',
        limit: 500,
        tolerance: { kind: 'absolute', value: 20 },
        source: at(9, 24),
      },
      { ...shared, step: null, metric: 'bytes.total', statistic: 'p50', limit: 900_000, source: at(4, 13) },
    ]);
  });

  test('is for all scenarios when it names none, or for several', () => {
    expect(linesOf({ flow: { errors: 0 } })).toMatchObject([{ scenario: '*' }]);
    expect(linesOf({ scenario: ['a', 'b*'], flow: { errors: 0 } })).toMatchObject([
      { scenario: 'a' },
      { scenario: 'b*' },
    ]);
  });

  test('has limits for one project, or overrides for several', () => {
    expect(linesOf({ project: 'mobile', flow: { errors: 0 } })).toMatchObject([{ project: 'mobile' }]);
    expect(
      linesOf({ steps: { a: { LCP: 1 } }, projects: { mobile: { steps: { a: { LCP: 2 } }, flow: { CLS: 0 } } } }),
    ).toMatchObject([
      { project: null, step: 'a', limit: 1 },
      { project: 'mobile', step: 'a', limit: 2 },
      { project: 'mobile', step: null, metric: 'CLS' },
    ]);
    expect(problemsOf('{ "project": "m", "flow": { "CLS": 0 },\n  "projects": { "m": {} } }')).toEqual([
      'BUDGET_INVALID shop.json:2:3 The file is for the project "m" only, so "projects" has no meaning in it.',
    ]);
  });
});

describe('problems say where, what is allowed, and the nearest name', () => {
  test('all of a file at once, in its order', () => {
    const text = `{
  "scenari": "a",
  "flow": { "LCP": "2 s", "bytes.total": "900 kX" },
  "steps": {
    "*": { "CLS": "0.1 s", "FPC": 3, "timing.x": { "p75": "1 q" } },
    "open": {
      "LCP": { "p75": "2.5 sec", "leve": "warn", "level": "wran", "tolerance": "10 x" },
      "INP": {},
      "duration": true,
      "nodes": -1
    }
  },
  "projects": { "mobile": { "stepss": {} } }
}`;
    const ms = 'a number (ms, 0 or more) or a text with one of the units ms, s, min';
    const allowed = metricTable.filter(({ flow }) => flow !== 'own').map(({ id }) => id);
    expect(problemsOf(text)).toEqual([
      'BUDGET_INVALID shop.json:2:3 Unknown key "scenari". Did you mean "scenario"? Allowed: $schema, scenario, project, flow, steps, projects.',
      'BUDGET_INVALID shop.json:3:13 A flow has no LCP: it belongs to one step.',
      'BUDGET_BAD_UNIT shop.json:3:42 "900 kX" is not a limit for bytes.total. Allowed: a number (bytes, 0 or more) or a text with one of the units B, kB, KB, MB, GB, KiB, MiB.',
      'BUDGET_BAD_UNIT shop.json:5:19 "0.1 s" is not a limit for CLS. Allowed: a number (a score, 0 or more).',
      `BUDGET_UNKNOWN_METRIC shop.json:5:28 There is no metric "FPC". Did you mean "FCP"? Allowed: ${allowed.slice(0, 40).join(', ')}, and ${allowed.length - 40} more.`,
      `BUDGET_BAD_UNIT shop.json:5:59 "1 q" is not a limit for timing.x. Allowed: ${ms}.`,
      `BUDGET_BAD_UNIT shop.json:7:23 "2.5 sec" is not a limit for LCP. Allowed: ${ms}.`,
      'BUDGET_INVALID shop.json:7:34 Unknown key "leve". Did you mean "level"? Allowed: p50, p75, p95, max, level, tolerance, regression.',
      'BUDGET_INVALID shop.json:7:59 "steps" › "open" › "LCP" › "level" is "wran". Allowed: "warn", "error".',
      `BUDGET_BAD_UNIT shop.json:7:80 "10 x" is not a tolerance for LCP. Allowed: a percentage such as "10 %", ${ms}.`,
      'BUDGET_INVALID shop.json:8:14 "steps" › "open" › "INP" is {}. Name at least one statistic (p50, p75, p95, max) or "regression".',
      `BUDGET_INVALID shop.json:9:19 true is not a limit for duration. Allowed: ${ms}.`,
      'BUDGET_INVALID shop.json:10:16 -1 is not a limit for nodes. Allowed: a number (a count, 0 or more).',
      'BUDGET_INVALID shop.json:13:29 Unknown key "stepss". Did you mean "steps"? Allowed: flow, steps.',
    ]);
  });

  test.each([
    ['{ "flow": { "CLS": 1 }', 'BUDGET_SYNTAX shop.json:1:23 Not JSON: close brace expected.'],
    ['', 'BUDGET_SYNTAX shop.json:1:1 Not JSON: value expected.'],
    ['[]', 'BUDGET_INVALID shop.json:1:1 The file: Invalid input: expected object, received array.'],
    ['{}', 'BUDGET_INVALID shop.json:1:1 The file has no limits: nothing under "flow", "steps" or "projects".'],
    [
      '{ "steps": { "a": {} } }',
      'BUDGET_INVALID shop.json:1:1 The file has no limits: nothing under "flow", "steps" or "projects".',
    ],
    [
      '{ "scenario": [], "flow": { "CLS": 1 } }',
      'BUDGET_INVALID shop.json:1:15 "scenario" is []. Allowed: a name or a list of names.',
    ],
    [
      '{ "steps": { "a": 5 } }',
      'BUDGET_INVALID shop.json:1:19 "steps" › "a": Invalid input: expected object, received number.',
    ],
    [
      '{ "steps": { "a": { "LCP": null } } }',
      'BUDGET_INVALID shop.json:1:28 null is not a limit for LCP. Allowed: a number (ms, 0 or more) or a text with one of the units ms, s, min.',
    ],
    [
      '{ "flow": { "CLS": 1, "CLS": 2 } }',
      'BUDGET_INVALID shop.json:1:23 The key "CLS" stands here twice; the first is on line 1.',
    ],
    ['{ "steps": { "__proto__": { "LCP": 1 } } }', 'BUDGET_INVALID shop.json:1:14 The key "__proto__" is not allowed.'],
  ])('%s', (text, problem) => {
    expect(problemsOf(text)[0]).toBe(problem);
  });

  test('lines end in CR LF as well', () => {
    expect(problemsOf('{\r\n  "flow": {\r\n    "CLS": "x" } }')[0]).toContain('shop.json:3:12');
  });
});

describe('reading', () => {
  function write(name: string, text: string): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  test('a folder: json and jsonc in the order of their names, no folders within; or one file', () => {
    write('some/b.json', '\ufeff{ "flow": { "CLS": 0 } }');
    write('some/a.jsonc', '{ "flow": { "INP": 0 } } // last');
    write('some/README.md', 'not a budget');
    write('some/strict.json/c.json', '{ "flow": { "TBT": 0 } }');
    const { files, lines } = readBudgets(path.join(folder, 'some'), folder);
    expect(files).toEqual(['some/a.jsonc', 'some/b.json']);
    expect(lines).toMatchObject([
      { metric: 'INP', source: { file: 'some/a.jsonc', line: 1, column: 13 } },
      { metric: 'CLS' },
    ]);
    expect(readBudgets(path.join(folder, 'some/b.json'), folder).files).toEqual(['some/b.json']);
    mkdirSync(path.join(folder, 'empty'));
    expect(readBudgets(path.join(folder, 'empty'), folder)).toEqual({ files: [], lines: [], regressions: [] });
  });

  test('nothing there', () => {
    expect(caught(() => readBudgets(path.join(folder, 'nowhere'), folder))).toBe(
      'BUDGETS_NOT_FOUND\n  The budget folder or file nowhere does not exist.\n  Next: give a folder with budget files, or one budget file',
    );
  });

  test('the problems of all files in one error', () => {
    write('bad/a.json', '{ "flow": { "CLS": "1 s" } }');
    write('bad/b.json', '{ "flow": ');
    expect(caught(() => readBudgets(path.join(folder, 'bad'), folder))).toBe(
      [
        'BUDGET_BAD_UNIT bad/a.json:1:20',
        '  "1 s" is not a limit for CLS. Allowed: a number (a score, 0 or more).',
        '  1 more problem:',
        '  BUDGET_SYNTAX bad/b.json:1:11',
        '    Not JSON: value expected.',
        '  Next: correct the number or its unit',
      ].join('\n'),
    );
  });
});

describe('the lines of a scenario', () => {
  const budget = (scenario: string, LCP: number, more = {}) => linesOf({ scenario, steps: { a: { LCP } }, ...more });
  const limits = (lines: readonly BudgetLine[], titlePath: readonly string[], project = 'desktop') =>
    resolveBudgets(lines, { titlePath, project }).map(({ limit }) => limit);

  test('by title, by title path, by glob', () => {
    expect(limits(budget('buy', 1), ['buy'])).toEqual([1]);
    expect(limits(budget('buy', 1), ['shop', 'buy'])).toEqual([1]);
    expect(limits(budget('shop › buy', 1), ['shop', 'buy'])).toEqual([1]);
    expect(limits(budget('shop › *', 1), ['shop', 'buy'])).toEqual([1]);
    expect(limits(budget('shop › buy', 1), ['market', 'buy'])).toEqual([]);
    expect(limits(budget('Buy', 1), ['buy'])).toEqual([]);
  });

  test('the more exact takes the place of the less exact', () => {
    const lines = [
      ...budget('*', 1),
      ...budget('b*', 2),
      ...budget('buy', 3),
      ...budget('buy', 4, { project: 'mobile' }),
    ];
    expect(limits(lines, ['buy'])).toEqual([3]);
    expect(limits(lines, ['buy'], 'mobile')).toEqual([4]);
    expect(limits(lines, ['bring'])).toEqual([2]);
    expect(limits(lines, ['sell'])).toEqual([1]);
  });

  test('equal rank and different limits are a conflict', () => {
    const other = parseBudget('{ "scenario": "buy",\n "steps": { "a": { "LCP": 2 } } }', 'other.json').lines;
    expect(caught(() => limits([...budget('buy', 1), ...other], ['buy']))).toBe(
      [
        'BUDGET_CONFLICT other.json:2:20',
        '  LCP p50 of step "a" has two different limits of equal rank: shop.json:1:33 and other.json:2:20.',
        '  Next: Remove one of the two, or name scenario, project or step more exactly in one.',
      ].join('\n'),
    );
    expect(limits([...budget('buy', 2), ...other], ['buy'])).toEqual([2]);
  });
});

describe('names that nothing has', () => {
  test('scenarios and projects; a lone star is never wrong', () => {
    const lines = linesOf({
      scenario: ['buy a pair of boot', '*', 'sell*', 'shop › *'],
      project: 'mobil',
      flow: { CLS: 1 },
    });
    const titles = ['shop › buy a pair of boots', 'check out'];
    expect(caught(() => checkScenarioNames(lines, titles, ['desktop', 'mobile']))).toBe(
      [
        'BUDGET_UNKNOWN_SCENARIO shop.json:1:14',
        '  There is no scenario "buy a pair of boot". Did you mean "buy a pair of boots"? Allowed: buy a pair of boots, check out.',
        '  2 more problems:',
        '  BUDGET_UNKNOWN_SCENARIO shop.json:1:39',
        '    No scenario matches "sell*". Allowed: buy a pair of boots, check out.',
        '  BUDGET_UNKNOWN_PROJECT shop.json:1:69',
        '    There is no project "mobil". Did you mean "mobile"? Allowed: desktop, mobile.',
        '  Next: correct the name of the scenario in the budget, or remove it',
      ].join('\n'),
    );
    expect(caught(() => checkScenarioNames(linesOf({ flow: { CLS: 1 } }), [], []))).toBe('nothing was thrown');
  });

  test('steps: of the lines for this scenario, and of the shared ones over all', () => {
    const own = linesOf({
      scenario: 'buy',
      steps: { 'open the shp': { LCP: 1 }, '*': { CLS: 1 }, 'open*': { TTFB: 1 } },
    });
    expect(caught(() => checkStepNames(own, ['open the shop']))).toBe(
      [
        'BUDGET_UNKNOWN_STEP shop.json:1:28',
        '  There is no step "open the shp". Did you mean "open the shop"? Allowed: open the shop.',
        '  Next: correct the name of the step in the budget, or remove it',
      ].join('\n'),
    );
    const shared = linesOf({ steps: { pay: { LCP: 1 } } });
    expect(caught(() => checkStepNames(shared, ['open the shop']))).toBe('nothing was thrown');
    expect(caught(() => checkSharedStepNames(shared, ['open the shop', 'pay']))).toBe('nothing was thrown');
    expect(caught(() => checkSharedStepNames(shared, ['open the shop']))).toContain('BUDGET_UNKNOWN_STEP');
  });
});

describe('the JSON Schema', () => {
  const committed: unknown = JSON.parse(readFileSync(path.join(root, 'schema/budget.schema.json'), 'utf8'));
  // An independent reading of the schema, as editors have one.
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(budgetJsonSchema());
  const accepts = (budget: unknown) => validate(budget);

  test('is up to date: node scripts/generate-schema.ts', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(budgetJsonSchema())));
  });

  test.each(['budgets', 'budgets/strict'])('accepts every file of %s, and so does the reader', (name) => {
    expect(readBudgets(path.join(root, name), root).lines.length).toBeGreaterThan(0);
    for (const file of readdirSync(path.join(root, name)).filter((each) => each.endsWith('.json'))) {
      const budget: unknown = JSON.parse(readFileSync(path.join(root, name, file), 'utf8'));
      expect(accepts(budget), file).toBe(true);
      expect(budget).toHaveProperty(
        '$schema',
        path.relative(path.join(root, name), path.join(root, 'schema/budget.schema.json')),
      );
    }
  });

  test('agrees with the reader', () => {
    const agree = (budget: unknown, valid: boolean) => {
      expect(accepts(budget), JSON.stringify(budget)).toBe(valid);
      expect(parseBudget(JSON.stringify(budget), 'x.json').problems.length === 0, JSON.stringify(budget)).toBe(valid);
    };
    for (const { id, unit } of metricTable.filter((row) => !row.id.endsWith('.*') && row.flow !== 'own')) {
      for (const suffix of ['', ...unitSuffixes(unit)]) agree({ steps: { a: { [id]: `2.5 ${suffix}` } } }, true);
      agree({ steps: { a: { [id]: '2.5 furlongs' } } }, false);
      agree({ steps: { a: { [id]: { p75: 1, tolerance: '5 %', level: 'warn' } } } }, true);
      agree({ steps: { a: { [id]: { level: 'warn' } } } }, false);
    }
    agree({ steps: { a: { 'timing.hero': '1 s' } } }, true);
    agree({ steps: { a: { 'timing.': '1 s' } } }, false);
    agree({ steps: { a: { timinghero: '1 s' } } }, false);
    for (const id of ['leaks', 'nodes.growth', 'listeners.growth']) {
      agree({ flow: { [id]: 0 } }, true);
      agree({ flow: { [id]: { limit: 2, level: 'warn' } } }, true);
      agree({ flow: { [id]: '2 kB' } }, false);
      agree({ flow: { [id]: { p75: 1 } } }, false);
      agree({ steps: { a: { [id]: 0 } } }, false);
    }
    agree({ flow: { 'heap.growth': '20 kB' } }, true);
    agree({ flow: { 'heap.growth': { limit: '20 kB', tolerance: '5 %' } } }, true);
    agree({ flow: { 'heap.growth': { regression: '5 %' } } }, false);
    agree({ flow: { LCP: '1 s' } }, false);
    agree({ flow: { CLS: 0.1 }, step: {} }, false);
  });
});
