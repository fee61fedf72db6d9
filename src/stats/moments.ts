/** Mean and standard deviation. */

export interface Moments {
  readonly mean: number;
  /** With n − 1 in the denominator; 0 for a single value. */
  readonly sd: number;
}

/** @throws RangeError without values */
export function moments(values: readonly number[]): Moments {
  if (values.length === 0) throw new RangeError('a mean needs at least one value');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

/** Standard deviation over mean; 0 for constant values, also when they are all 0. */
export function coefficientOfVariation(values: readonly number[]): number {
  const { mean, sd } = moments(values);
  return sd === 0 ? 0 : sd / Math.abs(mean);
}
