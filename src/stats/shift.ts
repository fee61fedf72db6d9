/**
 * By how much one sample lies above another: the Hodges–Lehmann estimate of a shift and the interval that belongs to
 * the rank-sum test. Exact for values without ties, whatever their distribution; with ties it covers more.
 * Source: Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 2014, sections 4.2 and 4.3.
 */
import { hodgesLehmann } from './hodges-lehmann.ts';
import { rankSumAtMost, rankSumCritical } from './rank-sum.ts';

export interface Shift {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** What the interval really has: 0.9 for three values of each, whatever was asked for. */
  readonly confidence: number;
}

/**
 * The median of all differences head − base, and the differences that are (c + 1)-th from either end, c the critical
 * value of U. Where so few values cannot reach the confidence, all differences, with the confidence that they have.
 * @throws RangeError where a sample is empty
 */
export function estimateShift(base: readonly number[], head: readonly number[], confidence: number): Shift {
  const differences = Float64Array.from(head.flatMap((value) => base.map((other) => value - other))).sort();
  const estimate = hodgesLehmann(differences);
  const critical = Math.max(0, rankSumCritical(base.length, head.length, (1 - confidence) / 2));
  return {
    estimate,
    low: differences[critical] ?? estimate,
    high: differences[differences.length - 1 - critical] ?? estimate,
    confidence: 1 - 2 * rankSumAtMost(critical, base.length, head.length),
  };
}
