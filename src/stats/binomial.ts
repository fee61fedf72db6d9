/** Binomial tails. */
import jStat from 'jstat';

/** P(X <= k) for X binomial(n, p). */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  // The incomplete beta function holds where jstat's sum of terms loses digits (Abramowitz and Stegun 26.5.24).
  return jStat.ibeta(1 - p, n - k, k + 1);
}

/** The smallest k with P(X >= k) <= alpha for X binomial(n, p); n + 1 when there is none. */
export function binomialCritical(n: number, p: number, alpha: number): number {
  let k = 0;
  while (k <= n && 1 - binomialAtMost(k - 1, n, p) > alpha) k += 1;
  return k;
}
