/**
 * Our own rule on simulated runs: `judgeSeries` of src/judge on plain numbers, with fresh pairs drawn for whatever it
 * wants next. The broken variants show that these simulations would notice a rule that does not hold.
 */
import type { ComparisonParameters } from '../../src/core/comparison.ts';
import { findMetric } from '../../src/core/metrics.ts';
import { changeRule, comparisonParametersFor } from '../../src/judge/comparison-parameters.ts';
import { judgeSeries, type SeriesJudgement } from '../../src/judge/comparison-status.ts';
import type { ValueSeries } from '../../src/judge/comparison-view.ts';
import { extraAllowed } from '../../src/judge/noise.ts';
import { resolutionOf } from '../../src/judge/resolution.ts';
import type { Draw, Labels } from './draw.ts';
import type { SeriesKey } from './pool.ts';
import type { Rule } from './rule.ts';

export interface PacewrightOptions {
  readonly id?: string;
  readonly label?: string;
  readonly labels?: Labels;
  readonly parameters?: Partial<ComparisonParameters>;
  /** Broken on purpose: an alarm is confirmed on the pairs that raised it. */
  readonly reuse?: boolean;
}

/** A series as the judge takes it, its values written to as pairs come in. */
interface Filling extends ValueSeries {
  readonly base: number[];
  readonly head: number[];
}

function startSeries(keys: readonly SeriesKey[]): Filling[] {
  const steps = [...new Set(keys.map(({ step }) => step))];
  return keys.map(({ step, metric: id }, at) => {
    const metric = findMetric(id);
    if (!metric) throw new RangeError(`no metric ${id}`);
    const { scale, floor, margin, gates } = changeRule(metric);
    return {
      base: [],
      head: [],
      sign: metric.direction === 'lower' ? 1 : -1,
      counted: metric.nature === 'counted',
      scale,
      // As src/judge/series.ts has it.
      resolution: metric.unit === 'count' ? 0.5 : resolutionOf(metric),
      floor,
      margin,
      allowed: null,
      level: 'error',
      gates: gates ? 'default' : 'never',
      group: steps.indexOf(step),
      stream: at,
    };
  });
}

/** Pairs of a run, those that the noise gate rejects repeated; `taken` and `rejected` after each accepted one. */
class Sampling {
  readonly series: Filling[];
  readonly taken: number[] = [];
  readonly rejected: number[] = [];
  private readonly draw: Draw;
  private count = 0;
  private spoiled = 0;

  constructor(draw: Draw) {
    this.draw = draw;
    this.series = startSeries(draw.series);
  }

  take(count: number): void {
    for (let accepted = 0; accepted < count;) {
      const { base, head, accepted: fit } = this.draw.nextPair();
      this.count += 1;
      if (!fit) {
        this.spoiled += 1;
        // A pool of nothing but spoiled pairs would be drawn from for ever.
        if (this.spoiled < 1000) continue;
      }
      accepted += 1;
      for (const [at, each] of this.series.entries()) {
        each.base.push(base[at] ?? 0);
        each.head.push(head[at] ?? 0);
      }
      this.taken.push(this.count);
      this.rejected.push(this.spoiled);
    }
  }

  /** Puts the `count` pairs before `at` in the place of those from there on. */
  repeat(at: number, count: number): void {
    for (const { base, head } of this.series) {
      base.copyWithin(at, Math.max(0, at - count), at);
      head.copyWithin(at, Math.max(0, at - count), at);
    }
  }
}

/** How many pairs there were before a confirmation, from 0; null where it did not come to it. */
function pairsBefore(looks: SeriesJudgement['looks'], confirmation: number): number | null {
  const indices = looks.flatMap(({ phase }, at) => (phase === 'confirmation' ? [at] : []));
  const index = indices[confirmation];
  if (index === undefined) return null;
  const fresh = indices.slice(0, confirmation).map((at) => looks[at]?.pairs ?? 0);
  return fresh.reduce((sum, pairs) => sum + pairs, looks[index - 1]?.pairs ?? 0);
}

export function pacewrightRule(options: PacewrightOptions = {}): Rule {
  const parameters = { ...comparisonParametersFor(1), ...options.parameters };
  const { looks, confirmPairs, mostConfirmations } = parameters;
  const most = (looks.at(-1) ?? 0) + confirmPairs * mostConfirmations;
  return {
    id: options.id ?? 'pacewright',
    label: options.label ?? 'Pacewright',
    labels: options.labels ?? 'coin',
    judge: (draw, { seed }) => {
      const sampling = new Sampling(draw);
      // All that it could ask for is drawn beforehand; what it does not use counts for nothing.
      sampling.take(most);
      const judge = () => judgeSeries(sampling.series, { pairs: most }, { parameters, seed }, true);
      let judgement = judge();
      for (let confirmation = 0; options.reuse && confirmation < mostConfirmations; confirmation += 1) {
        const before = pairsBefore(judgement.looks, confirmation);
        if (before === null) break;
        sampling.repeat(before, confirmPairs);
        judgement = judge();
      }
      const { used, outcomes, looks: looked } = judgement;
      const taken = sampling.taken[used - 1] ?? 0;
      const confirmations = looked.filter(({ phase }) => phase === 'confirmation').length;
      // Each side is warmed up once, and each further start of Chrome: after so many pairs, and before confirming.
      const launches = Math.floor((taken - 1) / parameters.pairsPerLaunch) + confirmations;
      const loads = 2 * taken + 2 + launches;
      if ((sampling.rejected[used - 1] ?? 0) > extraAllowed(looks.at(-1) ?? 0)) {
        return { worse: [], loads, pairs: used, inconclusive: false, tooNoisy: true };
      }
      const gating = outcomes.filter((outcome) => outcome.gating);
      return {
        worse: outcomes.flatMap(({ gating: gates, status }, at) => (gates && status === 'regressed' ? [at] : [])),
        loads,
        pairs: used,
        inconclusive: gating.some(({ status }) => status === 'inconclusive'),
        visible: outcomes.map(({ visible, view }) =>
          visible !== null && view.scale === 'ratio' ? Math.expm1(visible) : visible,
        ),
      };
    },
  };
}

/** Rules that do not hold: what the simulations must notice. */
export function brokenRules(parameters: Partial<ComparisonParameters> = {}): Rule[] {
  const spent = { alphas: [0.05, 0.05, 0.05, 0.05, 0.05], confirmPairs: 0, confirmAlpha: 1 };
  return [
    pacewrightRule({
      id: 'broken-alpha',
      label: '5 % at every look, no confirmation',
      parameters: { ...parameters, ...spent },
    }),
    pacewrightRule({ id: 'broken-confirmation', label: 'alarms confirmed on the same pairs', parameters, reuse: true }),
    pacewrightRule({ id: 'broken-order', label: 'base always first', parameters, labels: 'base first' }),
  ];
}
