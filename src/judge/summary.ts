/** The description of a metric's values that stands in the report and in what `measure()` returns. */
import type { Warning } from '../core/document.ts';
import type { MetricDefinition } from '../core/metrics.ts';
import { formatQuantity } from '../core/units.ts';
import type { Interval } from '../core/verdict.ts';
import { coefficientOfVariation, moments } from '../stats/moments.ts';
import { distinctCount, median, quantile, robustDeviation } from '../stats/quantile.ts';
import { rangeOf } from './bounds.ts';
import { defaultParameters, firstStandsOut, stepDeviation } from './parameters.ts';
import { resolutionOf } from './resolution.ts';

/** Values in the metric's base unit; quantiles of type 7. */
export interface MetricSummary {
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
  readonly max: number;
  readonly mean: number;
  /** Standard deviation over mean, 0 to 1 and beyond. */
  readonly cv: number;
  /** Of the median, from order statistics; its confidence is 95 % or what so few values give. Null for one value. */
  readonly interval: Interval | null;
  /** How many different values there are. */
  readonly distinct: number;
  /** A counted metric that did not vary: judged to the unit. */
  readonly exact: boolean;
}

/** @throws RangeError without values */
export function summarise(
  values: readonly number[],
  metric: MetricDefinition,
  exactSamples = defaultParameters.exactSamples,
): MetricSummary {
  const distinct = distinctCount(values);
  return {
    n: values.length,
    min: quantile(values, 0),
    median: median(values),
    p75: quantile(values, 0.75),
    p95: quantile(values, 0.95),
    max: quantile(values, 1),
    mean: moments(values).mean,
    cv: coefficientOfVariation(values),
    // The median has no better and worse side.
    interval: rangeOf(values, { direction: 'lower' }, 0.5),
    distinct,
    exact: metric.nature === 'counted' && distinct === 1 && values.length >= exactSamples,
  };
}

/**
 * A warning when the first accepted sample lies apart from the rest, as it does when the warm-up did not warm all:
 * more than 3 robust standard deviations from the median of the others, and more than that among few samples.
 * Null for fewer than 5 values.
 */
export function outlierWarning(
  step: string | null,
  values: readonly number[],
  metric: MetricDefinition,
): Warning | null {
  const [first, ...rest] = values;
  if (first === undefined || values.length < firstStandsOut.samples) return null;
  const centre = median(rest);
  // Values that agree but for rounding leave no spread to measure by.
  const spread = Math.max(robustDeviation(rest), stepDeviation * resolutionOf(metric), firstStandsOut.share * centre);
  const bound = firstStandsOut.deviations * (1 + firstStandsOut.few / values.length);
  if (Math.abs(first - centre) <= bound * spread) return null;
  const show = (value: number): string => formatQuantity(value, metric.unit);
  return {
    code: 'FIRST_SAMPLE_APART',
    message: `${metric.id} of ${step === null ? 'the flow' : `step "${step}"`}: the first sample, ${show(first)}, lies apart from the rest, ${show(centre)} in the middle.`,
    advice:
      'What is built or cached once in the server or the browser was not warm: call it before measure(), or do more in the warm-up.',
  };
}
