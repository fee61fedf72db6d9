/**
 * The trimmed mean and its bootstrap-t interval, for values that come in coarse steps, where ranks are mostly ties.
 * Source: Wilcox, "Introduction to Robust Estimation and Hypothesis Testing", 2012, sections 3.3 and 4.4.
 */
import { seededRandom } from './random.ts';

export interface Trimming {
  /** Share cut off at either end: 0.2. */
  readonly trim: number;
  readonly bootstraps: number;
  readonly seed: number;
  /**
   * The step to which the two values of each difference were rounded, 0 for none. Their difference has at least the
   * deviation of two such errors, step·√(2/12), and its centre is not known better than to a step.
   */
  readonly resolution: number;
}

export interface TrimmedMean {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The mean of what is left without the ⌊trim·n⌋ smallest and largest values. */
export function trimmedMean(values: ArrayLike<number>, trim: number): number {
  const order = Float64Array.from(values).sort();
  return describe(order, new Float64Array(order.length).fill(1), cut(order.length, trim)).mean;
}

/**
 * Estimate, and lower and upper bound, each wrong with chance `alpha`: mean − T*·se, T* the quantiles of the
 * studentised trimmed mean in resamples of the centred values (equal-tailed).
 * @throws RangeError for fewer than 2 values
 */
export function trimmedMeanBounds(values: ArrayLike<number>, alpha: number, trimming: Trimming): TrimmedMean {
  const n = values.length;
  if (n < 2) throw new RangeError(`an interval needs at least 2 values, not ${n}`);
  const order = Float64Array.from(values).sort();
  const g = cut(n, trimming.trim);
  const counts = new Float64Array(n).fill(1);
  const scale = (1 - 2 * trimming.trim) * Math.sqrt(n);
  const leastDeviation = trimming.resolution / Math.sqrt(6);
  const errorOf = (deviation: number): number => Math.max(deviation, leastDeviation) / scale;

  const { mean: estimate, deviation } = describe(order, counts, g);
  const error = errorOf(deviation);
  // Only where nothing varies and nothing is hidden by rounding.
  if (error === 0) return { estimate, low: estimate, high: estimate };

  const random = seededRandom(trimming.seed);
  const studentised = new Float64Array(trimming.bootstraps);
  for (let b = 0; b < trimming.bootstraps; b += 1) {
    counts.fill(0);
    for (let i = 0; i < n; i += 1) {
      const drawn = Math.floor(random() * n);
      counts[drawn] = (counts[drawn] as number) + 1;
    }
    const resample = describe(order, counts, g);
    const shift = resample.mean - estimate;
    const resampledError = errorOf(resample.deviation);
    // A resample without variance says nothing finite unless it hits the estimate itself.
    studentised[b] = resampledError > 0 ? shift / resampledError : shift === 0 ? 0 : Math.sign(shift) * Infinity;
  }
  studentised.sort();
  // Of 1,999 resamples the 20th from either end is the 1 % quantile: alpha·(B + 1).
  const rank = Math.max(1, Math.floor(alpha * (trimming.bootstraps + 1)));
  const smallest = studentised[rank - 1] ?? -Infinity;
  const largest = studentised[trimming.bootstraps - rank] ?? Infinity;
  return {
    estimate,
    low: Math.min(estimate - largest * error, estimate - trimming.resolution),
    high: Math.max(estimate - smallest * error, estimate + trimming.resolution),
  };
}

function cut(n: number, trim: number): number {
  return Math.floor(trim * n + 1e-9);
}

/**
 * Trimmed mean and winsorised standard deviation of the multiset that holds `order[i]` `counts[i]` times. Resamples
 * are given by their counts, so that nothing has to be sorted again.
 */
function describe(order: Float64Array, counts: Float64Array, g: number): { mean: number; deviation: number } {
  const n = order.length;
  let seen = 0;
  let sum = 0;
  let low = order[0] as number;
  let high = order[n - 1] as number;
  for (let i = 0; i < n; i += 1) {
    const count = counts[i] as number;
    if (count === 0) continue;
    const value = order[i] as number;
    // Positions seen … seen + count − 1 hold this value; g … n − g − 1 are kept.
    if (seen <= g && g < seen + count) low = value;
    if (seen <= n - g - 1 && n - g - 1 < seen + count) high = value;
    const kept = Math.min(seen + count, n - g) - Math.max(seen, g);
    if (kept > 0) sum += kept * value;
    seen += count;
  }
  // Equal values keep to the last digit.
  const mean = low === high ? low : sum / (n - 2 * g);
  let winsorised = 0;
  for (let i = 0; i < n; i += 1) {
    winsorised += (counts[i] as number) * Math.min(high, Math.max(low, order[i] as number));
  }
  const centre = winsorised / n;
  let squares = 0;
  for (let i = 0; i < n; i += 1) {
    const count = counts[i] as number;
    if (count > 0) squares += count * (Math.min(high, Math.max(low, order[i] as number)) - centre) ** 2;
  }
  // Equal values leave rounding errors of the mean, never a spread.
  return { mean, deviation: low === high ? 0 : Math.sqrt(squares / (n - 1)) };
}
