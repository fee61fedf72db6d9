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

/** Quantile of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}
