/** Order statistics of a sample: quantiles, median, spread that an outlier does not move. */

export function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/**
 * The q-quantile, 0 <= q <= 1, by linear interpolation between order statistics at position (n − 1)q.
 * Type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996: the default of R, NumPy and Excel.
 * @throws RangeError without values, or for q outside of 0 to 1
 */
export function quantile(values: readonly number[], q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`q is ${q}, not within 0 and 1`);
  const order = sorted(values);
  const position = (order.length - 1) * q;
  const below = order[Math.floor(position)];
  const above = order[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('a quantile needs at least one value');
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median absolute deviation from the median, unscaled. */
export function mad(values: readonly number[]): number {
  const centre = median(values);
  return median(values.map((value) => Math.abs(value - centre)));
}

/** MAD × 1.4826: estimates the standard deviation of normal data (1 / Φ⁻¹(3/4)). */
export function robustDeviation(values: readonly number[]): number {
  return 1.4826 * mad(values);
}

/** How many different values there are. */
export function distinctCount(values: readonly number[]): number {
  return new Set(values).size;
}
