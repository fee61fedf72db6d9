/**
 * The slope of a line through equally spaced values that outliers do not move: the median of the slopes of all pairs,
 * with two of these as bounds. Source: Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", 1968.
 */
import { median } from './quantile.ts';

export interface SlopeEstimate {
  /** Per step from one value to the next. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** What the bounds really have: of few values less than was asked for. */
  readonly confidence: number;
}

/**
 * P(at most k inversions in a random order of n), by k. Around the true slope the pairs whose own slope is smaller are
 * the inversions of the errors.
 */
function inversionsAtMost(n: number): Float64Array {
  let mass = new Float64Array([1]);
  for (let size = 2; size <= n; size += 1) {
    const next = new Float64Array(mass.length + size - 1);
    for (const [count, share] of mass.entries())
      for (let more = 0; more < size; more += 1) next[count + more] = (next[count + more] ?? 0) + share / size;
    mass = next;
  }
  for (let count = 1; count < mass.length; count += 1) mass[count] = (mass[count] ?? 0) + (mass[count - 1] ?? 0);
  return mass;
}

/**
 * @param confidence of the bounds, both together; the errors of the values are taken to be independent of each other
 * @throws RangeError for fewer than 2 values
 */
export function theilSen(values: readonly number[], confidence: number): SlopeEstimate {
  const slopes: number[] = [];
  for (const [from, first] of values.entries())
    for (const [to, second] of values.entries()) if (to > from) slopes.push((second - first) / (to - from));
  slopes.sort((a, b) => a - b);
  const atMost = inversionsAtMost(values.length);
  // The k-th smallest slope lies above the true one only if fewer than k pairs are inverted.
  let k = 1;
  while (2 * k < slopes.length && (atMost[k] ?? 1) <= (1 - confidence) / 2) k += 1;
  const low = slopes[k - 1];
  const high = slopes.at(-k);
  if (low === undefined || high === undefined) throw new RangeError('a slope needs at least two values');
  return { slope: median(slopes), low, high, confidence: 1 - 2 * (atMost[k - 1] ?? 1) };
}
