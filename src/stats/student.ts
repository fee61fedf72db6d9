/** Bounds that Student's t gives the mean of normal data. */
import jStat from 'jstat';

/** Quantiles are asked for again at every look of every metric. */
const known = new Map<string, number>();

/** Quantile of Student's t distribution. */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  const key = `${probability} ${degreesOfFreedom}`;
  let value = known.get(key);
  if (value === undefined) {
    value = jStat.studentt.inv(probability, degreesOfFreedom);
    known.set(key, value);
  }
  return value;
}

/** P(|T| ≥ |t|): the two-sided p-value. */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  // jstat's is NaN for infinite t, which is what differences without spread have.
  return Number.isFinite(t) ? 2 * jStat.studentt.cdf(-Math.abs(t), degreesOfFreedom) : 0;
}

/**
 * How many times the estimated standard deviation of n normal values the true one may well be: it is more than that
 * with the given chance. √((n − 1)/χ²), the usual bound of a deviation.
 */
export function deviationMargin(chance: number, n: number): number {
  return Math.sqrt((n - 1) / jStat.chisquare.inv(chance, n - 1));
}

/** Quantile of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}
