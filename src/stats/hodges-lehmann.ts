/**
 * The Hodges–Lehmann estimate of the centre of symmetric differences and its bounds, which belong to Wilcoxon's
 * signed-rank test. Source: Hodges and Lehmann, "Estimates of Location Based on Rank Tests", 1963; Hollander, Wolfe
 * and Chicken, "Nonparametric Statistical Methods", 2014, sections 3.2 and 3.3.
 */
import { signedRankAtMost, signedRankCritical } from './signed-rank.ts';

/**
 * All (x_i + x_j) / 2 with i ≤ j, in ascending order: n(n + 1)/2 of n values. The other functions take them, so that
 * estimate and bounds share one sorting.
 */
export function walshAverages(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const averages = new Float64Array((n * (n + 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i += 1) {
    const first = values[i] ?? Number.NaN;
    for (let j = i; j < n; j += 1) {
      averages[at] = (first + (values[j] ?? Number.NaN)) / 2;
      at += 1;
    }
  }
  return averages.sort();
}

/**
 * The median of the Walsh averages.
 * @throws RangeError without values
 */
export function hodgesLehmann(walsh: Float64Array): number {
  const middle = (walsh.length - 1) / 2;
  const below = walsh[Math.floor(middle)];
  const above = walsh[Math.ceil(middle)];
  if (below === undefined || above === undefined) throw new RangeError('an estimate needs at least one value');
  return (below + above) / 2;
}

export interface SignedRankBounds {
  readonly low: number;
  readonly high: number;
  /** The chance, really reached, that the centre lies beyond one of the two; at most the alpha asked for. */
  readonly alpha: number;
}

/**
 * Lower and upper bound of the centre of `n` values, each wrong with chance `alpha` at most: the Walsh averages that
 * are (c + 1)-th from either end, c the critical signed rank. Together they are an interval of confidence 1 − 2·alpha.
 * Null where n values cannot give such a bound: below 7 at 1 %, below 5 at 5 %.
 */
export function signedRankBounds(walsh: Float64Array, n: number, alpha: number): SignedRankBounds | null {
  const critical = signedRankCritical(n, alpha);
  const low = walsh[critical];
  const high = walsh[walsh.length - 1 - critical];
  if (critical < 0 || low === undefined || high === undefined) return null;
  return { low, high, alpha: signedRankAtMost(critical, n) };
}
