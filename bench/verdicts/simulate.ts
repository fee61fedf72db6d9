/** Many simulated runs of one rule on one pool, and what became of them. */
import jstat from 'jstat';
import { quantile } from '../../src/stats/quantile.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { type DrawOptions, findSeries, type Source, startDraw } from './draw.ts';
import type { Rule } from './rule.ts';
import type { SeriesKey } from './pool.ts';

/** Runs that failed, and what they took. */
export interface Tally {
  readonly runs: number;
  /** Runs in which some metric was called worse. */
  readonly failed: number;
  /** Runs in which the worsened metric was: that of the step, or of the whole flow. */
  readonly found: number;
  readonly inconclusive: number;
  readonly tooNoisy: number;
  /** Page loads a run. */
  readonly loads: { readonly median: number; readonly p90: number };
  /** Pairs judged a run; null for rules without pairs. */
  readonly pairs: { readonly median: number; readonly p90: number } | null;
  /** Median over runs of the smallest visible worsening of the target; null where none was asked or said. */
  readonly visible: number | null;
}

export interface Simulation {
  readonly source: Source;
  readonly rule: Rule;
  readonly runs: number;
  readonly seed: number;
  /** As the rule orders its sides, unless said otherwise. */
  readonly labels?: DrawOptions['labels'];
  readonly worsening?: DrawOptions['worsening'];
  /** Whose visible worsening to tell, where nothing is worsened. */
  readonly target?: SeriesKey;
}

const spreadOf = (values: readonly number[]) => ({ median: quantile(values, 0.5), p90: quantile(values, 0.9) });

/** Whole launches of Chrome, in which pairs are alike. */
const block = 5;

export function simulateRuns(simulation: Simulation): Tally {
  const { source, rule, runs, seed, worsening } = simulation;
  const { secondsPerLoad } = source.pool.about;
  const options: DrawOptions = { labels: simulation.labels ?? rule.labels, block, worsening };
  const key = worsening?.target ?? simulation.target;
  const target = key ? findSeries(source.series, key) : -1;
  const whole = key ? findSeries(source.series, { step: null, metric: key.metric }) : -1;
  const tally = { failed: 0, found: 0, inconclusive: 0, tooNoisy: 0 };
  const loads: number[] = [];
  const pairs: number[] = [];
  const visible: number[] = [];
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += 1) {
    const outcome = rule.judge(startDraw(source, random, options), { secondsPerLoad, seed: seed + run });
    if (outcome.worse.length > 0) tally.failed += 1;
    if (outcome.worse.some((at) => at === target || at === whole)) tally.found += 1;
    if (outcome.inconclusive) tally.inconclusive += 1;
    if (outcome.tooNoisy) tally.tooNoisy += 1;
    loads.push(outcome.loads);
    if (outcome.pairs !== undefined) pairs.push(outcome.pairs);
    const seen = outcome.visible?.[target] ?? null;
    if (seen !== null) visible.push(seen);
  }
  return {
    runs,
    ...tally,
    loads: spreadOf(loads),
    pairs: pairs.length > 0 ? spreadOf(pairs) : null,
    visible: visible.length > 0 ? quantile(visible, 0.5) : null,
  };
}

/**
 * 95 % interval of a share, by Clopper and Pearson 1934. It is about the runs drawn; a pool is one recording, and
 * another one would differ by more.
 */
export function shareInterval(count: number, runs: number): { low: number; high: number } {
  return {
    low: count === 0 ? 0 : jstat.beta.inv(0.025, count, runs - count + 1),
    high: count === runs ? 1 : jstat.beta.inv(0.975, count + 1, runs - count),
  };
}
