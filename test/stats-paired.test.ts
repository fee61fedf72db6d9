/** What a comparison computes from paired differences, against published values and by seeded simulation. */
import { describe, expect, test } from 'vitest';
import { adjustForDiscovery } from '../src/stats/false-discovery.ts';
import { hodgesLehmann, signedRankBounds, walshAverages } from '../src/stats/hodges-lehmann.ts';
import { normal, seededRandom } from '../src/stats/random.ts';
import { signedRankAtMost, signedRankCritical } from '../src/stats/signed-rank.ts';
import { deviationMargin, normalQuantile, studentQuantile, studentTwoSided } from '../src/stats/student.ts';
import { trimmedMean, trimmedMeanBounds } from '../src/stats/trimmed-mean.ts';

describe('signed ranks', () => {
  // Wilcoxon and Wilcox, "Some Rapid Approximate Statistical Procedures", 1964, table 2.
  test.each([
    [0.05, { 5: 0, 6: 2, 8: 5, 10: 10, 12: 17, 15: 30, 20: 60, 25: 100 }],
    [0.01, { 7: 0, 8: 1, 10: 5, 12: 9, 15: 19, 20: 43, 25: 76 }],
  ])('critical values at %d one-sided, as published', (alpha, published) => {
    for (const [n, critical] of Object.entries(published)) {
      expect(signedRankCritical(Number(n), alpha), `n ${n}`).toBe(critical);
    }
  });

  test('none where even a sum of 0 is likelier than alpha', () => {
    expect(signedRankCritical(4, 0.05)).toBe(-1);
    expect(signedRankCritical(6, 0.01)).toBe(-1);
  });

  test("tails, as R's psignrank has them", () => {
    expect(signedRankAtMost(10, 10)).toBe(0.0419921875);
    expect(signedRankAtMost(30, 15)).toBeCloseTo(0.04730224609375, 14);
    expect(signedRankAtMost(81, 24)).toBeCloseTo(0.02453058958053589, 14);
    expect(signedRankAtMost(500, 50)).toBeCloseTo(0.09384195208670754, 14);
    expect(signedRankAtMost(-1, 5)).toBe(0);
    expect(signedRankAtMost(15, 5)).toBe(1);
  });
});

describe('Hodges–Lehmann', () => {
  // Hollander and Wolfe, "Nonparametric Statistical Methods", 1973, page 29: the example of R's wilcox.test.
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
  const walsh = walshAverages(before.map((value, index) => value - (after[index] ?? 0)));

  test('estimate and bounds, as R prints them', () => {
    expect(walsh).toHaveLength(45);
    expect(hodgesLehmann(walsh)).toBeCloseTo(0.46, 10);
    const interval = signedRankBounds(walsh, 9, 0.025);
    expect(interval?.low).toBeCloseTo(0.01, 10);
    expect(interval?.high).toBeCloseTo(0.786, 10);
    // wilcox.test(…, alternative = "greater"): 95 percent confidence interval 0.175 to Inf
    expect(signedRankBounds(walsh, 9, 0.05)?.low).toBeCloseTo(0.175, 10);
  });

  test('say what they reach: V = 40 has a tail of .01953', () => {
    expect(signedRankBounds(walsh, 9, 0.025)?.alpha).toBeCloseTo(0.01953125, 12);
  });

  test('of one value, of two; no bound from too few', () => {
    expect(hodgesLehmann(walshAverages([3]))).toBe(3);
    expect(hodgesLehmann(walshAverages([1, 4]))).toBe(2.5);
    expect(signedRankBounds(walshAverages([1, 2, 3, 4, 5, 6]), 6, 0.01)).toBeNull();
    expect(signedRankBounds(walshAverages([1, 2, 3, 4, 5, 6, 7]), 7, 0.01)).toEqual({
      low: 1,
      high: 7,
      alpha: 2 ** -7,
    });
    expect(() => hodgesLehmann(walshAverages([]))).toThrow(RangeError);
  });

  test('an upper bound at 5 % is wrong in 5 % of samples at most, heavy tails or not', () => {
    const random = seededRandom(21);
    const trials = 3000;
    let wrong = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const heavy = trial % 2 === 0;
      const values = Array.from({ length: 12 }, () => (heavy ? Math.tan(Math.PI * (random() - 0.5)) : normal(random)));
      if ((signedRankBounds(walshAverages(values), 12, 0.05)?.high ?? 0) < 0) wrong += 1;
    }
    expect(wrong / trials).toBeLessThan(0.055);
    expect(wrong / trials).toBeGreaterThan(0.03);
  });
});

describe('trimmed mean', () => {
  // Wilcox, "Introduction to Robust Estimation and Hypothesis Testing", 2012, section 3.3.1: the self-awareness data.
  const seconds = [77, 87, 88, 114, 151, 210, 219, 246, 253, 262, 296, 299, 306, 376, 428, 515, 666, 1310, 2611];

  test('without the smallest and the largest fifth', () => {
    expect(trimmedMean(seconds, 0.2)).toBeCloseTo(282.69, 2);
    expect(trimmedMean([1, 2, 3, 4, 100], 0.2)).toBe(3);
    expect(trimmedMean([1, 2], 0.2)).toBe(1.5);
  });

  test("its interval is longer on the side of the longer tail, and near Tukey and McLaughlin's", () => {
    const bounds = trimmedMeanBounds(seconds, 0.025, { trim: 0.2, bootstraps: 1999, seed: 1, resolution: 0 });
    expect(bounds.estimate).toBeCloseTo(282.69, 2);
    // 282.69 ± 2.179 · 56.1, Student's t with 12 degrees of freedom (same section), is 160 to 405.
    expect(bounds.low).toBeGreaterThan(100);
    expect(bounds.low).toBeLessThan(200);
    expect(bounds.high).toBeGreaterThan(370);
    expect(bounds.high - bounds.estimate).toBeGreaterThan(bounds.estimate - bounds.low);
  });

  test('the same seed gives the same, equal values have no interval unless rounding hides one', () => {
    const trimming = { trim: 0.2, bootstraps: 199, seed: 3, resolution: 0 };
    expect(trimmedMeanBounds(seconds, 0.05, trimming)).toEqual(trimmedMeanBounds(seconds, 0.05, trimming));
    expect(trimmedMeanBounds([0.1, 0.1, 0.1], 0.05, trimming)).toEqual({ estimate: 0.1, low: 0.1, high: 0.1 });
    const most = [0, 0, 0, 0, 0, 0, 0, 8];
    expect(trimmedMeanBounds(most, 0.05, { ...trimming, resolution: 8 })).toEqual({ estimate: 0, low: -8, high: 8 });
    const spread = trimmedMeanBounds([0, 0, 8, 8, 8, 16, 16, 24], 0.01, { ...trimming, resolution: 8 });
    expect(spread.high).toBeGreaterThan(spread.estimate + 8);
    expect(Number.isFinite(spread.low)).toBe(true);
    expect(() => trimmedMeanBounds([1], 0.05, trimming)).toThrow(RangeError);
  });

  test('a bound of values in steps of 8 is wrong in 2 % of samples at most where 1 % is asked for', () => {
    const random = seededRandom(17);
    const runs = 1500;
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      // The true shift is 24; base and head are both rounded.
      const values = Array.from({ length: 12 }, () => {
        const base = 40 + 4 * normal(random);
        const head = 64 + 4 * normal(random);
        return 8 * (Math.round(head / 8) - Math.round(base / 8));
      });
      const trimming = { trim: 0.2, bootstraps: 499, seed: run, resolution: 8 };
      if (trimmedMeanBounds(values, 0.01, trimming).high < 24) wrong += 1;
    }
    expect(wrong / runs).toBeLessThan(0.02);
  });
});

test("Student's t and the normal distribution, as in tables", () => {
  expect(studentQuantile(0.99, 4)).toBeCloseTo(3.746947, 5);
  expect(studentQuantile(0.975, 9)).toBeCloseTo(2.262157, 5);
  expect(studentQuantile(0.99, 1)).toBeCloseTo(31.82052, 3);
  expect(studentTwoSided(-2.262157, 9)).toBeCloseTo(0.05, 6);
  expect(studentTwoSided(31.82052, 1)).toBeCloseTo(0.02, 6);
  // Infinite where nothing varies.
  expect(studentTwoSided(Infinity, 4)).toBe(0);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
});

test('false discovery rate: the example of Benjamini and Hochberg, as p.adjust gives it', () => {
  const p = [
    0.0459, 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ];
  const rounded = adjustForDiscovery(p).map((value) => Number(value.toFixed(5)));
  expect(rounded).toEqual([
    0.0765, 0.0015, 0.003, 0.0095, 0.03562, 0.0603, 0.06386, 0.06386, 0.0645, 0.486, 0.58118, 0.71488, 0.75323, 0.81321,
    1,
  ]);
  expect(adjustForDiscovery([])).toEqual([]);
});

test('the true deviation may well be larger than that of few values: χ² of R, qchisq(0.25, 9) is 5.898826', () => {
  expect(deviationMargin(0.25, 10)).toBeCloseTo(Math.sqrt(9 / 5.898826), 6);
  expect(deviationMargin(0.25, 1000)).toBeLessThan(1.02);
});
