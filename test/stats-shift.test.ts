/** Two samples: the distribution of rank sums, the shift between them and its interval. */
import { describe, expect, test } from 'vitest';
import { normal, seededRandom } from '../src/stats/random.ts';
import { rankSumAtMost, rankSumCritical } from '../src/stats/rank-sum.ts';
import { estimateShift } from '../src/stats/shift.ts';

describe('rank sums', () => {
  // Critical values of U, two-sided at 5 % and 1 %; Milton, "An Extended Table of Critical Values for the
  // Mann-Whitney (Wilcoxon) Two-Sample Statistic", 1964, as statistics textbooks print them.
  test.each([
    [3, 5, 0, -1],
    [4, 4, 0, -1],
    [5, 5, 2, 0],
    [5, 10, 8, 4],
    [8, 8, 13, 7],
    [10, 10, 23, 16],
    [12, 15, 49, 37],
    [20, 20, 127, 105],
  ])('critical values of %d and %d', (n, m, five, one) => {
    expect(rankSumCritical(n, m, 0.025)).toBe(five);
    expect(rankSumCritical(m, n, 0.025)).toBe(five);
    expect(rankSumCritical(n, m, 0.005)).toBe(one);
  });

  test('tails: of C(n + m, n) orders one has U = 0', () => {
    expect(rankSumAtMost(0, 3, 3)).toBeCloseTo(1 / 20, 14);
    expect(rankSumAtMost(0, 5, 5)).toBeCloseTo(1 / 252, 14);
    // Mann and Whitney 1947, table 1: n = 4, m = 4, U = 3 has .100
    expect(rankSumAtMost(3, 4, 4)).toBeCloseTo(0.1, 14);
    expect(rankSumAtMost(-1, 4, 4)).toBe(0);
    expect(rankSumAtMost(16, 4, 4)).toBeCloseTo(1, 14);
    expect(rankSumAtMost(450, 30, 30)).toBeCloseTo(0.5, 1);
  });
});

describe('shift', () => {
  // Hollander and Wolfe 1973, page 69: permeability of the human chorioamnion, the example of R's wilcox.test, for
  // which it prints W = 35, the estimate 0.305 and the interval from -0.15 to 0.76.
  const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const early = [1.15, 0.88, 0.9, 0.74, 1.21];

  test('as R has it', () => {
    const shift = estimateShift(early, term, 0.95);
    expect(shift.estimate).toBeCloseTo(0.305, 10);
    expect(shift.low).toBeCloseTo(-0.15, 10);
    expect(shift.high).toBeCloseTo(0.76, 10);
    expect(shift.confidence).toBeGreaterThan(0.95);
  });

  test('the other way round it is the same with other signs', () => {
    const [there, back] = [estimateShift(early, term, 0.95), estimateShift(term, early, 0.95)];
    expect(back.estimate).toBeCloseTo(-there.estimate, 12);
    expect(back.low).toBeCloseTo(-there.high, 12);
  });

  test('few values say what they can', () => {
    expect(estimateShift([1, 2, 3], [11, 12, 14], 0.95)).toEqual({ estimate: 10, low: 8, high: 13, confidence: 0.9 });
    expect(estimateShift([1], [4], 0.95)).toEqual({ estimate: 3, low: 3, high: 3, confidence: 0 });
    expect(() => estimateShift([], [1], 0.95)).toThrow(RangeError);
  });

  test('covers the true shift as often as it says', () => {
    const random = seededRandom(7);
    const sample = (n: number, shift: number): number[] => Array.from({ length: n }, () => shift + normal(random));
    let covered = 0;
    let wide = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round += 1) {
      const five = estimateShift(sample(5, 0), sample(5, 2), 0.95);
      if (five.low <= 2 && five.high >= 2) covered += 1;
      const three = estimateShift(sample(3, 0), sample(3, 2), 0.95);
      if (three.low <= 2 && three.high >= 2) wide += 1;
    }
    // U goes in steps, so 95 % asked for are a little more with 5 and 5, and 90 % with 3 and 3; 4 standard errors.
    const reached = estimateShift([1, 2, 3, 4, 5], [1, 2, 3, 4, 6], 0.95).confidence;
    expect(Math.abs(covered / rounds - reached)).toBeLessThan(4 * Math.sqrt((reached * (1 - reached)) / rounds));
    expect(Math.abs(wide / rounds - 0.9)).toBeLessThan(4 * Math.sqrt((0.9 * 0.1) / rounds));
  });
});
