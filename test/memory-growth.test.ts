/** Trends of counters over iterations, and the slope they are read from. */
import { expect, test } from 'vitest';
import type { MemoryCounters } from '../src/core/leaks.ts';
import { describeGrowth, isUnclear } from '../src/judge/memory-growth.ts';
import { seededRandom } from '../src/stats/random.ts';
import { theilSen } from '../src/stats/theil-sen.ts';

const still: MemoryCounters = { heap: 1e6, nodes: 100, detached: 0, listeners: 5, documents: 1, frames: 1, workers: 0 };

function trendOf(counter: 'heap' | 'nodes', values: readonly number[]) {
  const growth = describeGrowth(values.map((value) => ({ ...still, [counter]: value })));
  const found = growth.find((each) => each.counter === counter);
  if (!found) throw new Error(`no growth of ${counter}`);
  return found;
}

test.each([
  ['a leak in every iteration', [10, 13, 16, 19, 22, 25, 28, 31], 'grows', 3],
  ['one in every other iteration', [10, 10, 11, 11, 12, 12, 13, 13], 'grows', 0.5],
  ['nothing', [10, 10, 10, 10, 10, 10, 10, 10], 'flat', 0],
  ['lazy loading in the first iteration', [10, 40, 40, 40, 40, 40, 40, 40], 'levels off', 0],
  ['a cache that is full after three', [10, 20, 30, 40, 40, 40, 40, 40], 'levels off', 0],
  ['a count that goes up and down', [10, 12, 10, 11, 10, 12, 10, 10], 'flat', 0],
  ['what is freed', [31, 28, 26, 22, 19, 16, 12, 10], 'falls', -3],
] as const)('%s', (_what, values, trend, perIteration) => {
  const found = trendOf('nodes', values);
  expect(found.trend).toBe(trend);
  expect(found.perIteration).toBeCloseTo(perIteration, 5);
});

test('a heap that grows, with some noise; bookkeeping alone is flat', () => {
  expect(trendOf('heap', [1e6, 1.021e6, 1.039e6, 1.062e6, 1.08e6, 1.099e6, 1.121e6, 1.14e6]).trend).toBe('grows');
  expect(trendOf('heap', [1e6, 1.0001e6, 1.0003e6, 1.0002e6, 1.0006e6, 1.0007e6, 1.0009e6, 1.001e6]).trend).toBe(
    'flat',
  );
});

test('growth that gets slower, but has not ended, is unclear and asks for more', () => {
  const slower = [0, 50, 90, 125, 155, 170, 185, 199, 212];
  expect(trendOf('nodes', slower).trend).toBe('unclear');
  expect(isUnclear(describeGrowth(slower.map((nodes) => ({ ...still, nodes }))))).toBe(true);
});

test('a counter that is not known is left out, and three values say nothing', () => {
  const unknown = Array.from({ length: 5 }, () => ({ ...still, detached: null }));
  expect(describeGrowth(unknown).map(({ counter }) => counter)).not.toContain('detached');
  expect(describeGrowth(unknown.slice(0, 3))).toEqual([]);
});

test('the bounds hold the true slope as often as they say', () => {
  const random = seededRandom(7);
  const rounds = 2000;
  let held = 0;
  let stated = 0;
  for (let round = 0; round < rounds; round += 1) {
    const values = Array.from({ length: 8 }, (_, at) => 3 * at + 20 * (random() + random() + random()));
    const { low, high, confidence } = theilSen(values, 0.95);
    if (low <= 3 && 3 <= high) held += 1;
    stated = confidence;
  }
  expect(stated).toBeGreaterThanOrEqual(0.95);
  expect(held / rounds).toBeGreaterThan(stated - 0.015);
  expect(held / rounds).toBeLessThan(stated + 0.015);
});
