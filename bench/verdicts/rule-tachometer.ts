/**
 * Tachometer: 50 samples of each, base always first, then 10 more at a time until the 95 % interval of every relative
 * difference excludes 0, or until 3 minutes have passed. It prints "slower" where the interval lies above 0.
 * Source: google/tachometer 0.7.2, src/runner.ts (`takeMinimumSamples`, `takeAdditionalSamples`), src/stats.ts
 * (`computeDifference`, `autoSampleConditionsResolved`), src/defaults.ts. It measures times only. It would also wait
 * for the difference between two metrics of the same page; here it waits for those between base and head alone.
 */
import jstat from 'jstat';
import { findMetric } from '../../src/core/metrics.ts';
import type { SeriesKey } from './pool.ts';
import { chooseSeries, type Rule } from './rule.ts';

const fewest = 50;
const batch = 10;
const timeout = 3 * 60;
const nothing: SeriesKey = { step: null, metric: '' };

interface Interval {
  readonly low: number;
  readonly high: number;
}

function summarise(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}

/** 95 % interval of (b − a) / a for samples of equal size n, by the delta method with n − 1 degrees of freedom. */
export function relativeDifference(a: readonly number[], b: readonly number[]): Interval {
  const n = Math.min(a.length, b.length);
  const one = summarise(a);
  const two = summarise(b);
  const mean = (two.mean - one.mean) / one.mean;
  const variance =
    ((one.variance / a.length) * two.mean ** 2 + (two.variance / b.length) * one.mean ** 2) / one.mean ** 4;
  const margin = jstat.studentt.inv(1 - 0.05 / 2, n - 1) * Math.sqrt(variance);
  return { low: mean - margin, high: mean + margin };
}

const excludesZero = ({ low, high }: Interval): boolean => low > 0 || high < 0;

/** It has no use for counts, sizes and scores. */
function isTime({ metric: id }: SeriesKey): boolean {
  const metric = findMetric(id);
  return metric?.unit === 'ms' && metric.nature !== 'counted';
}

export const tachometerRule: Rule = {
  id: 'tachometer',
  label: 'Tachometer, auto-sample',
  // It always measures base first; the coin takes what that does to the numbers away, in its favour.
  labels: 'coin',
  judge: (draw, { secondsPerLoad }) => {
    const base = draw.series.map((): number[] => []);
    const head = draw.series.map((): number[] => []);
    let pairs = 0;
    const take = (count: number): void => {
      for (let taken = 0; taken < count; taken += 1) {
        const row = draw.nextPair();
        for (const [at, values] of base.entries()) {
          values.push(row.base[at] ?? 0);
          head[at]?.push(row.head[at] ?? 0);
        }
      }
      pairs += count;
    };
    take(fewest);
    const times = chooseSeries(draw.series, base, head).filter((at) => isTime(draw.series[at] ?? nothing));
    const resolved = (): boolean =>
      times.every(
        (at) =>
          excludesZero(relativeDifference(base[at] ?? [], head[at] ?? [])) &&
          excludesZero(relativeDifference(head[at] ?? [], base[at] ?? [])),
      );
    // The clock is read before each load and looked at between batches.
    const elapsed = (): number => Math.max(0, 2 * (pairs - fewest) - 1) * secondsPerLoad;
    while (!resolved() && elapsed() < timeout) take(batch);
    return {
      worse: times.filter((at) => relativeDifference(base[at] ?? [], head[at] ?? []).low > 0),
      loads: 2 * pairs,
      inconclusive: !resolved(),
    };
  },
};
