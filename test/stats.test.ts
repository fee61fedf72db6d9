import { describe, expect, test } from 'vitest';
import { binomialAtMost, binomialCritical } from '../src/stats/binomial.ts';
import { evidenceForFail, evidenceForPass } from '../src/stats/evidence.ts';
import { hasModes } from '../src/stats/modes.ts';
import { coefficientOfVariation, moments } from '../src/stats/moments.ts';
import { orderInterval } from '../src/stats/order-interval.ts';
import { distinctCount, mad, median, quantile, robustDeviation } from '../src/stats/quantile.ts';
import { normal, seededRandom } from '../src/stats/random.ts';
import { noncentralTQuantile, toleranceFactor } from '../src/stats/tolerance.ts';

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}

describe('quantile', () => {
  test('is type 7, as in R and NumPy', () => {
    expect(quantile([4, 1, 3, 2], 0.75)).toBe(3.25);
    expect(quantile([15, 20, 35, 40, 50], 0.4)).toBe(29);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([3, 1, 2], 0)).toBe(1);
    expect(quantile([3, 1, 2], 1)).toBe(3);
  });

  test('leaves its argument as it was, and sorts numbers as numbers', () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  test('refuses no values and no quantile', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.1)).toThrow(RangeError);
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });
});

test('spread: MAD is unmoved by an outlier, the standard deviation is not', () => {
  const values = [1, 2, 3, 4, 1000];
  expect(mad(values)).toBe(1);
  expect(robustDeviation(values)).toBeCloseTo(1.4826, 10);
  expect(moments([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, sd: Math.sqrt(32 / 7) });
  expect(moments([3])).toEqual({ mean: 3, sd: 0 });
  expect(coefficientOfVariation([0, 0])).toBe(0);
  expect(coefficientOfVariation([9, 11])).toBeCloseTo(Math.SQRT2 / 10, 12);
  expect(distinctCount([1, 1, 2])).toBe(2);
});

describe('tolerance factors', () => {
  // NIST/SEMATECH e-Handbook 7.2.6.3 (first row); Hahn and Meeker, Statistical Intervals, table A.12d (the others).
  test.each([
    [43, 0.9, 0.99, 1.874],
    [5, 0.9, 0.95, 3.407],
    [5, 0.95, 0.95, 4.203],
    [5, 0.99, 0.95, 5.741],
    [10, 0.95, 0.95, 2.911],
    [20, 0.95, 0.95, 2.396],
  ])('n %d, quantile %d, confidence %d: %d, as published', (n, q, confidence, published) => {
    expect(toleranceFactor(n, q, confidence)).toBeCloseTo(published, 3);
  });

  // What the looks use; from SciPy 1.17, nct.ppf(confidence, n - 1, norm.ppf(q) * sqrt(n)) / sqrt(n).
  test.each([
    [0.5, [1.56319, 1.00453, 0.74856, 0.54413], [-2.50331, -1.42459, -1.00939, -0.70967]],
    [0.75, [3.24591, 2.16037, 1.7143, 1.38875], [-0.81868, -0.36405, -0.14339, 0.04707]],
    [0.95, [6.19587, 4.12264, 3.31461, 2.75175], [0.36047, 0.57765, 0.73346, 0.90033]],
  ])('of the looks, for the %d quantile', (q, upper, lower) => {
    const looks = [5, 8, 12, 20];
    const rounded = (confidence: number) => looks.map((n) => Number(toleranceFactor(n, q, confidence).toFixed(5)));
    expect(rounded(0.9875)).toEqual(upper);
    expect(rounded(0.0025)).toEqual(lower);
  });

  test("the median: the factor is Student's t over √n", () => {
    // t(0.975; 9) = 2.262157
    expect(toleranceFactor(10, 0.5, 0.975) * Math.sqrt(10)).toBeCloseTo(2.262157, 5);
    expect(noncentralTQuantile(0.975, 9, 0)).toBeCloseTo(2.262157, 5);
  });

  test('many values: the approximation agrees with the noncentral t', () => {
    // SciPy: 2.494090, 2.176138, 1.743447
    expect(toleranceFactor(400, 0.99, 0.95)).toBeCloseTo(2.494, 2);
    expect(toleranceFactor(400, 0.99, 0.05)).toBeCloseTo(2.176, 2);
    expect(toleranceFactor(1000, 0.95, 0.975)).toBeCloseTo(1.7434, 2);
  });

  test('refuses a single value and a confidence of 1', () => {
    expect(() => toleranceFactor(1, 0.5, 0.95)).toThrow(RangeError);
    expect(() => noncentralTQuantile(1, 4, 0)).toThrow(RangeError);
  });
});

describe('binomial', () => {
  test('tails', () => {
    expect(binomialAtMost(5, 20, 0.5)).toBeCloseTo(21_700 / 2 ** 20, 10);
    expect(binomialAtMost(-1, 3, 0.5)).toBe(0);
    expect(binomialAtMost(3, 3, 0.5)).toBe(1);
  });

  test('critical count', () => {
    // P(X >= 5) = 0.00257, P(X >= 6) = 0.00033
    expect(binomialCritical(20, 0.05, 0.0025)).toBe(6);
    // Of five, not even all five above the median are that rare: 1/32.
    expect(binomialCritical(5, 0.5, 0.0025)).toBe(6);
  });
});

describe('e-process', () => {
  test('agrees with the integral', () => {
    // ½·2⁵ + ½·2⁵·2·∫(1−p)⁵dp over 0 to ½ = 16 + 5.25
    expect(evidenceForPass(0, 5, 0.5)).toBeCloseTo(21.25, 10);
    // SciPy, quad()
    expect(evidenceForPass(0, 12, 0.75)).toBeCloseTo(20.526075, 6);
    expect(evidenceForPass(3, 20, 0.5)).toBeCloseTo(43.767544, 5);
    expect(evidenceForPass(1, 20, 0.75)).toBeCloseTo(4.419098, 6);
    expect(evidenceForFail(5, 12, 0.75)).toBeCloseTo(0.456876, 6);
  });

  test('fail is the mirror image of pass', () => {
    expect(evidenceForFail(5, 5, 0.5)).toBeCloseTo(evidenceForPass(0, 5, 0.5), 12);
    expect(evidenceForFail(17, 20, 0.25)).toBeCloseTo(evidenceForPass(3, 20, 0.75), 12);
  });

  test.each([0.5, 0.75, 0.95])('is a fair bet at the boundary: its mean is 1 (quantile %d)', (q) => {
    const n = 12;
    const meanOf = (evidence: typeof evidenceForPass) => {
      let sum = 0;
      let ways = 1; // n over k
      for (let k = 0; k <= n; k += 1) {
        sum += ways * (1 - q) ** k * q ** (n - k) * evidence(k, n, q);
        ways = (ways * (n - k)) / (k + 1);
      }
      return sum;
    };
    expect(meanOf(evidenceForPass)).toBeCloseTo(1, 8);
    expect(meanOf(evidenceForFail)).toBeCloseTo(1, 8);
  });

  test('refuses more values above the limit than there are', () => {
    expect(() => evidenceForPass(6, 5, 0.5)).toThrow(RangeError);
  });
});

describe('order-statistic interval', () => {
  test('of the median: ranks 6 and 15 of 20, 2 and 9 of 10', () => {
    expect(orderInterval(upTo(20), 0.5, 0.95)).toMatchObject({
      low: 6,
      high: 15,
      confidence: expect.closeTo(0.9586, 4),
    });
    expect(orderInterval(upTo(10), 0.5, 0.95)).toMatchObject({
      low: 2,
      high: 9,
      confidence: expect.closeTo(0.9785, 4),
    });
  });

  test('says what confidence it has where the values are too few', () => {
    expect(orderInterval(upTo(5), 0.5, 0.95)).toEqual({ low: 1, high: 5, confidence: expect.closeTo(0.9375, 8) });
    expect(orderInterval([1], 0.5, 0.95)).toBeNull();
  });

  test('holds the quantile as often as it says', () => {
    const random = seededRandom(11);
    const trials = 2000;
    let held = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const interval = orderInterval(Array.from({ length: 20 }, random), 0.75, 0.95);
      if (interval && interval.low <= 0.75 && interval.high >= 0.75) held += 1;
    }
    expect(held / trials).toBeGreaterThan(0.94);
  });
});

describe('seeded random numbers', () => {
  test('come out the same for a seed, and differ between seeds', () => {
    const take = (seed: number) => Array.from({ length: 3 }, seededRandom(seed));
    expect(take(1)).toEqual([0.5636717735324055, 0.5851113414391875, 0.8959073920268565]);
    expect(take(1)).toEqual(take(1));
    expect(take(1)).not.toEqual(take(2));
  });

  test('are uniform, and normal', () => {
    const random = seededRandom(3);
    const uniform = moments(Array.from({ length: 50_000 }, random));
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.sd).toBeCloseTo(1 / Math.sqrt(12), 2);
    const bell = moments(Array.from({ length: 50_000 }, () => normal(random)));
    expect(Math.abs(bell.mean)).toBeLessThan(0.02);
    expect(bell.sd).toBeCloseTo(1, 1);
  });
});

describe('modes', () => {
  test('two groups are seen, an outlier and a few values are not', () => {
    expect(hasModes([100, 101, 102, 103, 500, 501, 502, 503])).toBe(true);
    expect(hasModes([100, 101, 102, 103, 104, 105, 106, 500])).toBe(false);
    expect(hasModes([100, 101, 500, 501, 502])).toBe(false);
  });

  test('steps of rounding are no groups', () => {
    const values = [8, 8, 8, 8, 8, 8, 16, 16];
    expect(hasModes(values)).toBe(true);
    expect(hasModes(values, 8 / Math.sqrt(12))).toBe(false);
  });

  test.each([8, 12, 20])('of %d normal values about 1 in 100 is called grouped', (n) => {
    const random = seededRandom(n);
    const trials = 4000;
    let called = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      if (hasModes(Array.from({ length: n }, () => normal(random)))) called += 1;
    }
    expect(called / trials).toBeLessThan(0.02);
    expect(called).toBeGreaterThan(0);
  });
});
