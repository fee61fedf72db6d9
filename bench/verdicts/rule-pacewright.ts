/**
 * Our own rule on simulated runs: `judgeSeries` of src/judge on plain numbers, with fresh pairs drawn for whatever it
 * wants next. The broken variants show that these simulations would notice a rule that does not hold.
 */
import type { ComparisonParameters } from '../../src/core/comparison.ts';
import { findMetric } from '../../src/core/metrics.ts';
import { changeRule, comparisonParametersFor } from '../../src/judge/comparison-parameters.ts';
import { replayLooks } from '../../src/judge/comparison-replay.ts';
import { judgeSeries } from '../../src/judge/comparison-status.ts';
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
      resolution: resolutionOf(metric),
      floor,
      margin,
      allowed: null,
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

  /** The last pairs once more, as if they were fresh. */
  repeat(count: number): void {
    const from = this.taken.length - count;
    for (let at = from; at < from + count; at += 1) {
      for (const { base, head } of this.series) {
        base.push(base[at] ?? 0);
        head.push(head[at] ?? 0);
      }
      this.taken.push(this.count);
      this.rejected.push(this.spoiled);
    }
  }
}

/** Takes what the rule asks for, pairs of its screening again instead of fresh ones for confirmations. */
function sampleReusing(sampling: Sampling, parameters: ComparisonParameters, seed: number): void {
  for (;;) {
    const pairs = sampling.taken.length;
    const { next, looks } = replayLooks(sampling.series, { pairs }, { parameters, seed }, false);
    if (next === 'done') return;
    const screened = looks.findLast(({ phase }) => phase === 'screening')?.pairs ?? 0;
    if (next === 'confirmation') sampling.repeat(Math.min(parameters.confirmPairs, pairs));
    else sampling.take((parameters.looks.find((look) => look > screened) ?? pairs + 1) - screened);
    // A confirmation of fewer pairs than there were is filled up by fresh ones.
    if (next === 'confirmation' && pairs < parameters.confirmPairs) sampling.take(parameters.confirmPairs - pairs);
  }
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
      if (options.reuse) sampleReusing(sampling, parameters, seed);
      else sampling.take(most);
      const pairs = sampling.taken.length;
      const { used, outcomes, looks: looked } = judgeSeries(sampling.series, { pairs }, { parameters, seed }, true);
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
