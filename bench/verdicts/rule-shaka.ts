/**
 * shaka-perf: 20 pairs, Wilcoxon's signed-rank test of each metric for itself, two-sided; worse where p < 0.05 and the
 * Hodges–Lehmann estimate, rounded to whole ms (a tenth elsewhere), is not 0 and points that way. No correction for
 * the number of metrics. It measures both sides at once; here they are adjacent.
 * Source: shaka-perf 0.1.3 (shakacode/shakaperf, packages/shaka-perf), src/bench/stats/wilcoxon-signed-rank.ts,
 * stats.ts, src/bench/cli/compare/generate-stats.ts, src/compare/stages/perf/artifacts.ts (`classifyDirection`) and
 * src/config.ts (`numberOfMeasurements` 20, `pValueThreshold` 0.05).
 */
import jstat from 'jstat';
import { findMetric } from '../../src/core/metrics.ts';
import { median } from '../../src/stats/quantile.ts';
import { signedRankAtMost } from '../../src/stats/signed-rank.ts';
import { signedRankZ, signRanks } from './ranks.ts';
import { chooseSeries, type Rule } from './rule.ts';

const measurements = 20;
const significant = 0.05;

/** Two-sided p-value: exact without ties up to 50 differences, else the normal approximation, corrected twice. */
export function pairedPValue(differences: readonly number[]): number {
  const ranks = signRanks(differences, 'wilcox');
  const { n, plus } = ranks;
  if (n === 0) return 1;
  const most = (n * (n + 1)) / 2;
  if (ranks.exact) return Math.min(1, 2 * Math.min(signedRankAtMost(plus, n), signedRankAtMost(most - plus, n)));
  const continuity = plus > most / 2 ? -0.5 : plus < most / 2 ? 0.5 : 0;
  const z = signedRankZ(ranks, continuity);
  return Number.isFinite(z) ? 2 * jstat.normal.cdf(-Math.abs(z), 0, 1) : 1;
}

/** The median of the Walsh averages of head − base. */
function estimateShift(differences: readonly number[]): number {
  const walsh: number[] = [];
  for (let i = 0; i < differences.length; i += 1) {
    for (let j = i; j < differences.length; j += 1) walsh.push(((differences[i] ?? 0) + (differences[j] ?? 0)) / 2);
  }
  return median(walsh);
}

/** Whether head counts as worse. `unit` decides to what the estimate is rounded. */
export function isWorse(base: readonly number[], head: readonly number[], unit: string): boolean {
  const differences = head.map((value, at) => value - (base[at] ?? 0));
  if (pairedPValue(differences) >= significant) return false;
  const shift = estimateShift(differences);
  return (unit === 'ms' ? Math.round(shift) : Math.round(shift * 10) / 10) > 0;
}

export const shakaRule: Rule = {
  id: 'shaka',
  label: 'shaka-perf, Wilcoxon, 20 pairs',
  labels: 'coin',
  judge: (draw) => {
    const rows = Array.from({ length: measurements }, () => draw.nextPair());
    const base = draw.series.map((_, at) => rows.map((row) => row.base[at] ?? 0));
    const head = draw.series.map((_, at) => rows.map((row) => row.head[at] ?? 0));
    const worse = chooseSeries(draw.series, base, head).filter((at) => {
      const unit = findMetric(draw.series[at]?.metric ?? '')?.unit ?? 'count';
      return isWorse(base[at] ?? [], head[at] ?? [], unit);
    });
    return { worse, loads: 2 * measurements, inconclusive: false };
  },
};
