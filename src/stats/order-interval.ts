/** A confidence interval of a quantile that assumes nothing about the distribution: two of the values themselves. */
import { binomialAtMost } from './binomial.ts';
import { sorted } from './quantile.ts';

export interface OrderInterval {
  readonly low: number;
  readonly high: number;
  /** What the interval really has: 0.9375 for the median of 5 values, whatever was asked for. */
  readonly confidence: number;
}

/**
 * The narrowest pair of order statistics (by rank) that holds the q-quantile with at least `confidence`, else the
 * whole range with the confidence that it has. The number of values below the quantile is binomial(n, q).
 * Source: David and Nagaraja, "Order Statistics", 2003, section 7.1. Null for fewer than 2 values.
 */
export function orderInterval(values: readonly number[], q: number, confidence: number): OrderInterval | null {
  const order = sorted(values);
  const n = order.length;
  if (n < 2) return null;
  const atMost = order.map((_, k) => binomialAtMost(k, n, q));
  // coverage of [x(low), x(high)], ranks from 1: P(low <= X <= high − 1)
  const coverage = (low: number, high: number): number => (atMost[high - 1] ?? 1) - (atMost[low - 1] ?? 0);
  let best = { low: 1, high: n, confidence: coverage(1, n) };
  for (let low = 1; low < n; low += 1) {
    for (let high = low + 1; high <= n; high += 1) {
      const reached = coverage(low, high);
      if (reached < confidence) continue;
      const narrower = high - low - (best.high - best.low);
      if (best.confidence < confidence || narrower < 0 || (narrower === 0 && reached > best.confidence)) {
        best = { low, high, confidence: reached };
      }
      break;
    }
  }
  const low = order[best.low - 1];
  const high = order[best.high - 1];
  return low === undefined || high === undefined ? null : { low, high, confidence: best.confidence };
}
