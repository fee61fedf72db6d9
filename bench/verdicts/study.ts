/** All simulations of one pool: what is asked of which rule, and how often. */
import { findMetric } from '../../src/core/metrics.ts';
import { hodgesLehmann, walshAverages } from '../../src/stats/hodges-lehmann.ts';
import { moments } from '../../src/stats/moments.ts';
import { findSeries, readSource, type Source } from './draw.ts';
import { findFlow } from './flows.ts';
import type { Pool, SeriesKey } from './pool.ts';
import type { Cell, PoolResult } from './results.ts';
import { lhciRule } from './rule-lhci.ts';
import { brokenRules, pacewrightRule } from './rule-pacewright.ts';
import { shakaRule } from './rule-shaka.ts';
import { sitespeedRule } from './rule-sitespeed.ts';
import { tachometerRule } from './rule-tachometer.ts';
import { simulateRuns, type Simulation } from './simulate.ts';

export interface StudyRuns {
  /** Where nothing changed: false alarms are rare, so it takes many. */
  readonly equal: number;
  readonly power: number;
  readonly flips: number;
  readonly seed: number;
}

const shares = [0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.2] as const;

// A median over runs; more would not move it.
const visibleRuns = 200;

// Fewer resamplings than in a run make p-values coarser (multiples of 0.001 where 0.01 is asked), not smaller.
const bootstraps = 399;

const others = [
  lhciRule({ runs: 3, aggregate: 'optimistic', allowed: 0.05 }),
  lhciRule({ runs: 3, aggregate: 'optimistic', allowed: 0.1 }),
  lhciRule({ runs: 5, aggregate: 'median', allowed: 0.1 }),
  sitespeedRule('mannwhitneyu'),
  sitespeedRule('wilcoxon'),
  tachometerRule,
  shakaRule,
];

/** In which metric a fault of the shop shows first. */
function whereFaultShows(fault: string, target: string): SeriesKey {
  const metrics: Readonly<Record<string, SeriesKey>> = {
    compute: { step: target, metric: 'cpu.main' },
    work: { step: target, metric: 'cpu.main' },
    hero: { step: target, metric: 'LCP' },
    script: { step: target, metric: 'bytes.script' },
    requests: { step: target, metric: 'requests.total' },
    handler: { step: 'add to cart', metric: 'INP' },
  };
  return metrics[fault] ?? { step: target, metric: 'cpu.main' };
}

const isRatio = ({ metric }: SeriesKey): boolean => {
  const nature = findMetric(metric)?.nature;
  return metric === 'LCP' || nature === 'cpu';
};

function differences(source: Source, key: SeriesKey): number[] {
  const at = findSeries(source.series, key);
  return source.rows
    .filter(({ accepted }) => accepted)
    .map(({ base, head }) => {
      const [one, other] = [base[at] ?? 0, head[at] ?? 0];
      return isRatio(key) ? Math.log(other / one) : other - one;
    });
}

function estimateChange(source: Source, key: SeriesKey): PoolResult['measured'] {
  const estimate = hodgesLehmann(walshAverages(Float64Array.from(differences(source, key))));
  return isRatio(key)
    ? { key, scale: 'ratio', change: Math.expm1(estimate) }
    : { key, scale: 'difference', change: estimate };
}

/**
 * @param onCell called with each result as it is there
 * @throws RangeError when the pool is too small for a rule
 */
export function studyPool(pool: Pool, runs: StudyRuns, onCell: (cell: Cell) => void): PoolResult {
  const source = readSource(pool);
  const { effect, flow } = pool.about;
  const { target: step } = findFlow(flow);
  const cells: Cell[] = [];
  const quick = { flips: runs.flips, bootstraps };
  const honest = pacewrightRule({ parameters: quick });
  const all = [honest, ...others];

  const run = (study: Cell['study'], times: number, simulation: Omit<Simulation, 'source' | 'runs' | 'seed'>): Cell => {
    const { rule, worsening, target } = simulation;
    const cell: Cell = {
      study,
      rule: rule.id,
      label: rule.label,
      target: worsening?.target ?? target ?? null,
      share: worsening?.share ?? null,
      tally: simulateRuns({ ...simulation, source, runs: times, seed: runs.seed }),
    };
    cells.push(cell);
    onCell(cell);
    return cell;
  };

  if (effect) {
    const target = whereFaultShows(effect.fault, step);
    for (const rule of all) run('fault', runs.power, { rule, target });
  } else {
    const cpu: SeriesKey = { step, metric: 'cpu.main' };
    const lcp: SeriesKey = { step, metric: 'LCP' };
    for (const rule of all) run('equal', runs.equal, { rule, target: cpu });
    run('recorded', runs.equal, { rule: honest, labels: 'recorded', target: cpu });
    for (const broken of brokenRules(quick)) run('broken', runs.power, { rule: broken });
    for (const target of [cpu, lcp]) {
      for (const share of shares) {
        for (const rule of all) run('worse', runs.power, { rule, worsening: { share, target } });
      }
      // What a run says it would have seen, made to happen.
      const { visible } = simulateRuns({ source, rule: honest, runs: visibleRuns, seed: runs.seed, target });
      if (visible !== null) run('visible', runs.power, { rule: honest, worsening: { share: visible, target } });
    }
  }
  const times = source.series.filter(isRatio);
  return {
    about: pool.about,
    pairs: source.rows.length,
    accepted: source.rows.filter(({ accepted }) => accepted).length,
    spreads: times.map((key) => ({ key, deviation: moments(differences(source, key)).sd })),
    measured: effect ? estimateChange(source, whereFaultShows(effect.fault, step)) : null,
    cells,
  };
}
