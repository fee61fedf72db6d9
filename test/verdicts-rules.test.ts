/** The rules of other tools, as bench/verdicts replays them, on examples worked by hand or by the tools themselves. */
import { describe, expect, test } from 'vitest';
import { rankValues, testMannWhitney, testSignedRanks } from '../bench/verdicts/ranks.ts';
import { breaksAssertion } from '../bench/verdicts/rule-lhci.ts';
import { isWorse, pairedPValue } from '../bench/verdicts/rule-shaka.ts';
import { comparePage } from '../bench/verdicts/rule-sitespeed.ts';
import { relativeDifference } from '../bench/verdicts/rule-tachometer.ts';

const base = [10, 11, 12, 12, 13, 14, 15, 16, 17, 18];
const head = [12, 14, 15, 15, 16, 17, 18, 19, 20, 21];
const tied = [1.5, 2, -0.5, 3, 0, 4, -1, 2.5, 3.5, 0, -2, 5, 6, -3, 1];
const untied = [1.5, 2.1, -0.5, 3, 4, -1, 2.5, 3.5, -2.2, 5, 6, -3.1, 1.1];

describe('rank tests agree with SciPy 1.17', () => {
  test('ties share their mean rank', () => {
    expect(rankValues([3, 1, 3, 2, 3])).toEqual({ ranks: [4, 1, 4, 2, 4], ties: 24 });
  });

  test('mannwhitneyu(head, base, use_continuity=False, alternative="greater")', () => {
    expect(testMannWhitney(head, base)).toBeCloseTo(0.0201686, 6);
  });

  test('wilcoxon(d, zero_method="zsplit", correction=False, alternative="greater") with ties and zeros', () => {
    expect(testSignedRanks(tied)).toBeCloseTo(0.0303422, 6);
  });

  test('the same without ties or zeros, where it is exact', () => {
    expect(testSignedRanks(untied)).toBeCloseTo(0.0286865234375, 12);
  });
});

describe('Lighthouse CI', () => {
  test('holds the best of three against the best of three', () => {
    const options = { runs: 3, aggregate: 'optimistic', allowed: 0.1 } as const;
    expect(breaksAssertion([100, 120, 140], [110, 200, 300], options)).toBe(false);
    expect(breaksAssertion([100, 120, 140], [111, 111, 111], options)).toBe(true);
  });

  test('holds the median of five against the median of five', () => {
    const options = { runs: 5, aggregate: 'median', allowed: 0.05 } as const;
    expect(breaksAssertion([90, 100, 100, 130, 140], [10, 20, 106, 107, 108], options)).toBe(true);
    expect(breaksAssertion([90, 100, 100, 130, 140], [10, 20, 104, 107, 108], options)).toBe(false);
  });
});

describe('sitespeed.io', () => {
  test('tests for a larger current value', () => {
    expect(comparePage(base, head, 'mannwhitneyu')).toBeCloseTo(0.0201686, 6);
    expect(comparePage(head, base, 'mannwhitneyu')).toBeCloseTo(1 - 0.0201686, 6);
  });

  test('leaves out what is the same, and judges what is constant and different', () => {
    expect(comparePage([5, 5, 5], [5, 5, 5], 'mannwhitneyu')).toBeNull();
    expect(comparePage(Array(20).fill(5), Array(20).fill(6), 'mannwhitneyu')).toBeLessThan(1e-6);
  });
});

describe('Tachometer', () => {
  test('gives the interval that its computeDifference gives', () => {
    const { low, high } = relativeDifference([10, 12, 14], [20, 22, 24]);
    expect(low).toBeCloseTo(-0.0312821, 6);
    expect(high).toBeCloseTo(1.6979488, 6);
  });
});

describe('shaka-perf', () => {
  test('gives the p-values that its wilcoxonSignedRankPValue gives', () => {
    expect(pairedPValue(untied)).toBeCloseTo(0.057373046875, 12);
    expect(pairedPValue([2, 2, -1, 3, 0, 4, -1, 2, 3, 0, -2, 5, 6, -3, 1])).toBeCloseTo(0.0625706525, 8);
    expect(pairedPValue([0, 0])).toBe(1);
  });

  test('counts a shift only where it rounds to a whole millisecond', () => {
    const pairs = Array.from({ length: 20 }, (_, at) => 100 + at);
    const later = (shift: number): number[] => pairs.map((value, at) => value + shift + at / 1000);
    expect(isWorse(pairs, later(0.4), 'ms')).toBe(false);
    expect(isWorse(pairs, later(0.6), 'ms')).toBe(true);
    expect(isWorse(pairs, later(-0.6), 'ms')).toBe(false);
  });
});
