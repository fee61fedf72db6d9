/**
 * Pulls in what lies far out, so that one bad moment of the machine does not hide what all other pairs agree on.
 * Huber, "Robust Estimation of a Location Parameter", 1964; 2.5 deviations leave 99 of 100 normal values alone.
 */
import { median } from './quantile.ts';

const reach = 2.5 * 1.4826;

/** More values than this share are no outliers, but a group of their own, which is what the page does. */
const mostOutliers = 0.2;

/** Whether what lies out is to be left there: half of the values agree, or too many lie out. */
function isGroup(values: ArrayLike<number>, most: number): boolean {
  const out = Array.from(values).filter((value) => Math.abs(value) > most).length;
  return most === 0 || out > mostOutliers * values.length;
}

/**
 * Differences, none further from 0 than 2.5 deviations, which are estimated from sizes alone: whoever flips signs
 * before or after gets the same, so a sign-flip test of them is as exact as before. As they are where half are 0,
 * or more than a fifth lie out.
 */
export function clipAboutZero(differences: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(differences);
  const most = values.length === 0 ? 0 : reach * median(Array.from(values, Math.abs));
  return isGroup(values, most) ? values : values.map((value) => Math.min(most, Math.max(-most, value)));
}
