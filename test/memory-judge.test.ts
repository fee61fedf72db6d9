/** Budgets of memory scenarios: leaks, growth, what needs a second pass, and what that one says. */
import { expect, test } from 'vitest';
import type { CounterGrowth, Leak, Memory, MemoryCounters } from '../src/core/leaks.ts';
import type { BudgetLine, Verdict } from '../src/core/verdict.ts';
import { judgeDocument } from '../src/judge/document.ts';
import { describeGrowth } from '../src/judge/memory-growth.ts';
import { confirmGrowth, confirmLeaks, countWarmUps, needsConfirmation } from '../src/scenario/leak-confirm.ts';
import { ReturnCheck } from '../src/scenario/leak-return.ts';
import { readPlan } from '../src/scenario/leak-plan.ts';
import { threatensTab } from '../src/scenario/leak-stop.ts';
import { chooseLinks } from '../src/visit/find-links.ts';
import { emptyDocument } from './support/measure.ts';

function leak(about: Partial<Leak> = {}): Leak {
  return {
    title: 'CartItem grows by 1 per iteration',
    pattern: 'cache without eviction',
    what: 'CartItem',
    count: 1,
    births: [1, 1, 1, 1, 1, 1, 1],
    shallow: 20,
    retained: 900,
    path: [{ edge: 'variable', name: 'cache', what: 'Map', grows: false, location: null }],
    location: null,
    advice: '',
    confidence: 0.8,
    signals: [],
    folded: [],
    alike: 0,
    ...about,
  };
}

const still: MemoryCounters = { heap: 1e6, nodes: 50, detached: 0, listeners: 4, documents: 1, frames: 1, workers: 0 };

/** Counters over seven iterations, `by` more each time. */
function counters(by: Partial<MemoryCounters> = {}): MemoryCounters[] {
  return Array.from({ length: 8 }, (_, at) => ({
    ...still,
    ...Object.fromEntries(
      Object.entries(by).map(([name, each]) => [name, (still[name as 'nodes'] ?? 0) + at * (each ?? 0)]),
    ),
  }));
}

function memory(about: Partial<Memory> = {}): Memory {
  const counted = about.counters ?? counters();
  return {
    url: 'http://page/',
    warmUps: 2,
    iterations: counted.length - 1,
    ended: 'complete',
    counters: counted,
    growth: describeGrowth(counted),
    leaks: [],
    outside: [],
    returned: { same: true, how: '' },
    checked: [],
    snapshots: [],
    analysed: 0,
    ...about,
  };
}

function line(metric: string, limit: number, about: Partial<BudgetLine> = {}): BudgetLine {
  return {
    scenario: 'test',
    project: null,
    step: null,
    metric,
    statistic: 'value',
    limit,
    tolerance: null,
    level: 'error',
    source: { file: 'budgets/a.json', line: 3, column: 5 },
    ...about,
  };
}

function judge(part: Memory, budgets: BudgetLine[] = []): Verdict[] {
  return judgeDocument({ ...emptyDocument(), status: 'measured', memory: part, budgets }).verdicts;
}

const short = ({ metric, status, gates }: Verdict): string => `${metric} ${status}${gates ? ' gates' : ''}`;

test('without a budget there may be no leak', () => {
  expect(judge(memory()).map(short)).toEqual(['leaks pass']);
  const [verdict] = judge(memory({ leaks: [leak()] }));
  expect(verdict).toMatchObject({ status: 'fail', value: 1, margin: -1, gates: true, samples: 7 });
  expect(verdict?.reason).toContain('CartItem grows');
  expect(verdict?.source.file).toBe('test.perf.ts');
  expect(judge(memory({ leaks: [leak()] }), [line('leaks', 1)]).map(short)).toEqual(['leaks pass']);
  const warned = judge(memory({ leaks: [leak()] }), [line('leaks', 0, { level: 'warn' })]);
  expect(warned.map(short)).toEqual(['leaks fail']);
});

test('a doubtful finding leaves it open, one that the second pass did not see counts as none', () => {
  expect(judge(memory({ leaks: [leak({ confidence: 0.2 })] })).map(short)).toEqual(['leaks inconclusive']);
  expect(judge(memory({ leaks: [leak({ confidence: 0.1 })] })).map(short)).toEqual(['leaks pass']);
  const [refuted] = judge(memory({ leaks: [leak({ confirmed: false })] }));
  expect(refuted).toMatchObject({ status: 'pass', value: 0 });
  expect(refuted?.reason).toContain('a second one did not find');
});

test('a missing number is never a pass', () => {
  const none = memory({ counters: [], growth: [], ended: 'failed', iterations: 0 });
  expect(judge(none, [line('heap.growth', 1000)]).map(short)).toEqual([
    'leaks not measured gates',
    'heap.growth not measured gates',
  ]);
  const failed = judge(memory({ ended: 'failed' }), [line('nodes.growth', 0)]);
  expect(failed.map(short)).toEqual(['leaks not measured gates', 'nodes.growth pass']);
  const [, samples] = judge(memory(), [line('LCP', 100, { statistic: 'p75', step: 'open' })]).toReversed();
  expect(samples).toMatchObject({ metric: 'LCP', status: 'not measured', gates: true });
  expect(judge(memory(), [line('bytes.total', 1, { scenario: '*', statistic: 'p50' })]).map(short)).toEqual([
    'leaks pass',
  ]);
});

test('a scenario with samples has no leaks: told where the line names it, passed over where it is for a suite', () => {
  const named = judgeDocument({ ...emptyDocument(), budgets: [line('leaks', 0)] });
  expect(named.verdicts.map(short)).toEqual(['leaks not measured gates']);
  expect(judgeDocument({ ...emptyDocument(), budgets: [line('leaks', 0, { scenario: '*' })] }).verdicts).toEqual([]);
});

test('growth is judged by its interval, exactly where it does not vary', () => {
  const lines = [line('nodes.growth', 0), line('heap.growth', 20_000)];
  const exact = judge(memory({ counters: counters({ nodes: 2 }) }), lines);
  expect(exact.map(short)).toEqual(['leaks pass', 'heap.growth pass', 'nodes.growth fail gates']);
  expect(exact.at(-1)).toMatchObject({ value: 2, rule: 'exact', interval: null });
  const noisy = (by: number): Memory => {
    const noise = [0, 900, -700, 300, -200, 800, -900, 100];
    return memory({
      counters: counters({ heap: by }).map((each, at) => ({ ...each, heap: each.heap + (noise[at] ?? 0) })),
    });
  };
  const statusOf = (by: number): string => judge(noisy(by), lines).map(short)[1] ?? '';
  expect(statusOf(15_000)).toBe('heap.growth pass');
  expect(statusOf(25_000)).toBe('heap.growth fail gates');
  expect(statusOf(20_000)).toBe('heap.growth inconclusive');
  expect(
    judge(memory({ counters: counters({ nodes: 2 }) }), [
      line('nodes.growth', 1, { tolerance: { kind: 'share', value: 1 } }),
    ]).map(short),
  ).toEqual(['leaks pass', 'nodes.growth pass']);
});

test('what would fail is looked at again, unless it is certain', () => {
  const ask = (part: Memory, lines: BudgetLine[] = []): boolean => needsConfirmation(part, judge(part, lines));
  expect(ask(memory())).toBe(false);
  expect(ask(memory({ leaks: [leak()] }))).toBe(true);
  expect(ask(memory({ leaks: [leak({ confidence: 0.97, pattern: 'timer never cleared' })] }))).toBe(false);
  // However even its growth, a cache may have a bound that it has not reached.
  expect(ask(memory({ leaks: [leak({ confidence: 0.97 })] }))).toBe(true);
  expect(ask(memory({ leaks: [leak()] }), [line('leaks', 3)])).toBe(false);
  expect(ask(memory({ counters: counters({ nodes: 1 }) }), [line('nodes.growth', 0)])).toBe(true);
});

test('a second pass begins behind the bound that a cache may have', () => {
  const times = (part: Partial<Memory>, repetition: number): number => countWarmUps(memory(part), repetition);
  expect(times({ leaks: [leak({ pattern: 'timer never cleared' })] }, 200)).toBe(9);
  expect(times({ leaks: [leak()] }, 200)).toBe(60);
  expect(times({ leaks: [leak()] }, 2000)).toBe(30);
  expect(times({ leaks: [leak({ retained: 4e6 })] }, 200)).toBe(25);
  expect(times({ leaks: [leak({ retained: 4e8 })] }, 200)).toBe(9);
  expect(times({ leaks: [leak()] }, 60_000)).toBe(9);
});

test('a second pass confirms causes, and refutes growth that has ended by then', () => {
  const place = {
    function: 'add',
    file: 'src/cart.ts',
    line: 8,
    column: 2,
    mapped: true,
    script: 'a.js',
    origin: 'application',
  } as const;
  const first = [leak({ location: place }), leak({ what: 'Row', location: null })];
  const found = confirmLeaks(first, [leak({ what: 'CartItem2', location: place, path: [] })]);
  expect(found.map(({ confirmed }) => confirmed)).toEqual([true, false]);
  expect(confirmLeaks([leak()], [leak()]).map(({ confirmed }) => confirmed)).toEqual([true]);
  const grew = describeGrowth(counters({ nodes: 1 }));
  const nodes = (growth: CounterGrowth[]): string | undefined =>
    growth.find(({ counter }) => counter === 'nodes')?.trend;
  expect(nodes(confirmGrowth(grew, describeGrowth(counters()), 9))).toBe('levels off');
  expect(nodes(confirmGrowth(grew, grew, 9))).toBe('grows');
});

test('whether the action returns, and how that is known', () => {
  const state = { url: 'http://page/?token=secret', tags: { li: 3, other: 2 }, open: 0 };
  const check = new ReturnCheck(state);
  for (let at = 0; at < 3; at += 1) check.note(state);
  check.note({ ...state, tags: { li: 4, other: 2 } });
  expect(check.result()).toMatchObject({ same: true });
  const away = new ReturnCheck(state);
  for (let at = 1; at <= 3; at += 1) away.note({ ...state, tags: { li: 3 + at, other: 2 } });
  expect(away.result()).toEqual({ same: false, how: 'after iteration 3 the document has 6 <li> (3 before)' });
  const elsewhere = new ReturnCheck(state);
  elsewhere.note({ ...state, url: 'http://page/next' });
  expect(elsewhere.result().how).toBe(
    'after iteration 1 the address is http://page/next, and was http://page/?token=REDACTED',
  );
  const open = new ReturnCheck(state);
  open.note({ ...state, open: 1 });
  expect(open.result().how).toContain('1 dialogs or popovers are open, and 0 were');
});

test('the tab is saved from growth that doubles, not from steady growth', () => {
  const heaps = (...values: number[]) => values.map((heap) => ({ heap: heap * 1e6 }));
  expect(threatensTab(heaps(10, 20, 40, 80, 160), 4e9)).toBe(true);
  expect(threatensTab(heaps(10, 30, 50, 70, 90), 4e9)).toBe(false);
  expect(threatensTab(heaps(1, 2, 4, 8, 16), 4e9)).toBe(false);
  expect(threatensTab(heaps(10, 2100), 4e9)).toBe(true);
});

test('what detectLeaks is told is checked', () => {
  const action = async (): Promise<void> => {};
  expect(readPlan({ action })).toEqual({ warmUps: 2, iterations: 7, most: 13 });
  expect(readPlan({ action, iterations: 20, warmUps: 4 })).toEqual({ warmUps: 4, iterations: 20, most: 20 });
  for (const wrong of [{ iterations: 2 }, { iterations: 7.5 }, { warmUps: 1 }, { iteration: 7 }])
    expect(() => readPlan({ action, ...wrong })).toThrow(/iterations|warmUps/);
  expect(() => readPlan({} as Parameters<typeof readPlan>[0])).toThrow('needs an action');
});

test('links are those that lead on within the site and come back', () => {
  const of = (href: string, attribute = href) => ({ href, attribute });
  const found = [
    of('http://page/a'),
    of('http://page/a', '/a'),
    of('http://page/#top'),
    of('http://page/#/route'),
    of('http://other/b'),
    of('http://page/logout'),
    of('http://page/q', 'q"]'),
    of('http://page/b'),
    of('http://page/c'),
  ];
  expect(chooseLinks(found, 'http://page/', 3).map(({ href }) => href)).toEqual([
    'http://page/a',
    'http://page/#/route',
    'http://page/b',
  ]);
});
