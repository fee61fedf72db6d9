/**
 * The numbers under a decision. For metrics where more is better everything is mirrored: `p75` is then the value
 * that 75 % of the samples reach, `max` the worst of them, which is the smallest.
 */
import type { MetricDefinition } from '../core/metrics.ts';
import type { Interval, JudgeParameters, Statistic } from '../core/verdict.ts';
import { hasModes } from '../stats/modes.ts';
import { moments } from '../stats/moments.ts';
import { orderInterval } from '../stats/order-interval.ts';
import { quantile } from '../stats/quantile.ts';
import { toleranceFactor } from '../stats/tolerance.ts';
import { quantiles, shownConfidence, stepDeviation } from './parameters.ts';
import { resolutionOf } from './resolution.ts';

type Direction = Pick<MetricDefinition, 'direction'>;

/** Logarithms of the values, times −1 where more is better, so that larger is always worse. */
export interface Logs {
  readonly mean: number;
  /** Never below what the metric's resolution hides. */
  readonly sd: number;
  readonly modes: boolean;
  readonly sign: 1 | -1;
}

function share(metric: Direction, q: number): number {
  return metric.direction === 'lower' ? q : 1 - q;
}

/** The plain statistic (quantiles of type 7). */
export function statisticOf(values: readonly number[], metric: Direction, statistic: Statistic): number {
  return quantile(values, share(metric, statistic === 'max' ? 1 : quantiles[statistic]));
}

/** How many values break the limit; equal to it is kept. */
export function beyondCount(
  values: readonly number[],
  { metric, allowed }: { metric: Direction; allowed: number },
): number {
  return values.filter((value) => (metric.direction === 'lower' ? value > allowed : value < allowed)).length;
}

/** Null where a value is 0: there is no logarithm then. */
export function describeLogs(values: readonly number[], metric: MetricDefinition): Logs | null {
  if (values.some((value) => value <= 0)) return null;
  const sign = metric.direction === 'lower' ? 1 : -1;
  const logs = values.map((value) => sign * Math.log(value));
  const { mean, sd } = moments(logs);
  // d ln x = dx / x: the deviation of rounding, relative to the values.
  const least = (stepDeviation * resolutionOf(metric)) / moments(values).mean;
  return { mean, sd: Math.max(sd, least), modes: hasModes(logs, least), sign };
}

/** The bounds of the q-quantile, as signed logarithms (`best`, `worst`) and in the metric's unit. */
export function boundsOf(
  logs: Logs,
  n: number,
  q: number,
  metric: Direction,
  { passAlpha, failAlpha }: JudgeParameters,
): { best: number; worst: number; interval: Interval } {
  const worst = logs.mean + toleranceFactor(n, q, 1 - passAlpha) * logs.sd;
  const best = logs.mean + toleranceFactor(n, q, failAlpha) * logs.sd;
  const ends = [Math.exp(logs.sign * best), Math.exp(logs.sign * worst)] as const;
  const [low, high] = metric.direction === 'lower' ? ends : [ends[1], ends[0]];
  const interval = { low, high, confidence: 1 - passAlpha - failAlpha, method: 'log-normal tolerance bounds' };
  return { best, worst, interval };
}

/** The interval that is shown where no bound was judged: order statistics, 95 % or what so few values can give. */
export function rangeOf(values: readonly number[], metric: Direction, q: number): Interval | null {
  const range = orderInterval(values, share(metric, q), shownConfidence);
  return range && { ...range, method: 'order statistics' };
}
