import { expect, test } from 'vitest';
import type { Verdict } from '../src/core/verdict.ts';
import { describeProgress, type ProgressInput } from '../src/scenario/progress.ts';

function verdict(more: Partial<Verdict>): Verdict {
  return {
    step: 'open the shop',
    metric: 'LCP',
    statistic: 'p75',
    limit: 2500,
    allowed: 2500,
    level: 'error',
    status: 'inconclusive',
    value: 512,
    interval: { low: 498, high: 530, confidence: 0.95, method: 'order statistics' },
    margin: 1988,
    samples: 5,
    rule: 'tolerance factors',
    reason: '',
    gates: false,
    source: { file: 'budgets/shop.json', line: 3, column: 5 },
    ...more,
  };
}

function describe(more: Partial<ProgressInput>): string {
  return describeProgress({
    role: 'measured',
    accepted: 5,
    most: 20,
    nextLook: 8,
    perSample: 1400,
    verdicts: [],
    ...more,
  });
}

test.each<[Partial<ProgressInput>, string]>([
  [{ role: 'warm-up', accepted: 0 }, 'warm-up'],
  [{ accepted: 0, nextLook: 5, perSample: undefined }, 'sample 1 of 5 to 20'],
  [{}, 'sample 6 of 8 to 20 · 5 s to 21 s left'],
  [{ accepted: 12, nextLook: 20 }, 'sample 13 of 20 · 12 s left'],
  [{ accepted: 2, most: 3, nextLook: 3, perSample: 10 }, 'sample 3 of 3 · 1 s left'],
  [
    { perSample: undefined, verdicts: [verdict({})] },
    'sample 6 of 8 to 20 · "open the shop" LCP p75 512 ms (498 ms to 530 ms), limit 2.5 s',
  ],
  [
    {
      perSample: undefined,
      verdicts: [
        verdict({ step: null, metric: 'bytes.total', value: 170_000, interval: null, margin: 10, allowed: 170_010 }),
      ],
    },
    'sample 6 of 8 to 20 · flow bytes.total p75 170 kB, limit 170 kB',
  ],
])('%j', (input, text) => {
  expect(describe(input)).toBe(text);
});

test('a time is shown before a count, an undecided line before a decided one, then the nearest to its limit', () => {
  const far = verdict({ metric: 'FCP', margin: 2000 });
  const near = verdict({ metric: 'TTFB', margin: -100 });
  const passed = verdict({ metric: 'LCP', margin: 0, status: 'pass' });
  const counted = verdict({ metric: 'requests.total', margin: 0 });
  const missing = verdict({ metric: 'INP', value: null, margin: null, status: 'not measured' });
  expect(describe({ verdicts: [missing, counted, passed, far, near] })).toContain('TTFB');
  expect(describe({ verdicts: [missing, counted, { ...far, status: 'fail' }, passed] })).toContain('LCP');
  expect(describe({ verdicts: [missing, counted] })).toContain('requests.total');
  expect(describe({ verdicts: [missing] })).toBe(describe({}));
});

test('a limit of 0 is no division by zero: kept exactly, it is as near as can be', () => {
  const kept = verdict({ metric: 'TBT', value: 0, interval: null, margin: 0, limit: 0, allowed: 0 });
  expect(describe({ verdicts: [verdict({ margin: 100 }), kept] })).toContain('TBT');
});
