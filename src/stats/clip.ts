/**
 * Pulls in what lies far out, so that one bad moment of the machine does not hide what all other pairs agree on.
 * Huber, "Robust Estimation of a Location Parameter", 1964; 2.5 deviations leave 99 of 100 normal values alone.
 */
import { mad, median } from './quantile.ts';

const reach = 2.5 * 1.4826;

function pull(value: number, centre: number, most: number): number {
  return Math.min(centre + most, Math.max(centre - most, value));
}

/**
 * Differences, none further from 0 than 2.5 deviations, which are estimated from sizes alone: whoever flips signs
 * before or after gets the same, so a sign-flip test of them is as exact as before. As they are where half are 0.
 */
export function clipAboutZero(differences: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(differences);
  const most = values.length === 0 ? 0 : reach * median(Array.from(values, Math.abs));
  return most === 0 ? values : values.map((value) => pull(value, 0, most));
}

/** Values, none further from their median than 2.5 deviations; as they are where half of them are equal. */
export function clipAboutMedian(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  const centre = median(values);
  const most = reach * mad(values);
  return most === 0 ? [...values] : values.map((value) => pull(value, centre, most));
}
