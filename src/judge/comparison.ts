/** The comparison of a scenario: every change with its status and reason, and what sampling must do next. */
import type { Change, ComparisonParameters, RegressionLine, ScenarioComparison } from '../core/comparison.ts';
import { findMetric, metricOrder } from '../core/metrics.ts';
import { isPattern } from '../core/precedence.ts';
import type { Sample } from '../core/sample.ts';
import { median } from '../stats/quantile.ts';
import { changeRule } from './comparison-parameters.ts';
import { explainChange } from './comparison-reason.ts';
import type { Phase } from './comparison-replay.ts';
import { judgeSeries, leastPairs, type SeriesJudgement, type SeriesOutcome } from './comparison-status.ts';
import { fromDifference } from './comparison-view.ts';
import { readPairs } from './pairs.ts';
import { buildSeries, type Series, type UnmetLine } from './series.ts';

/** What the judgement depends on; a scenario's comparison has it. */
export interface ComparisonRule {
  readonly lines: readonly RegressionLine[];
  readonly parameters: ComparisonParameters;
  readonly seed: number;
}

export interface ComparisonOutcome {
  readonly looks: ScenarioComparison['looks'];
  /** In the order of steps (those of head first, the flow last), then of the metric table. */
  readonly changes: Change[];
  /** The phase of the pair that has to be taken next. */
  readonly next: Phase | 'done';
}

/**
 * Replays all looks with the pairs there were at the time, then says what each metric amounts to. The same samples
 * give the same outcome; more samples leave the earlier looks as they were.
 * @param final sampling has ended, whatever is open
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things of a step
 */
export function judgeComparison(
  scenario: { readonly samples: readonly Sample[] },
  rule: ComparisonRule,
  { final }: { final: boolean },
): ComparisonOutcome {
  const pairs = readPairs(scenario.samples);
  const { series, unmet } = buildSeries(pairs, rule.lines);
  const phases = pairs.map((pair) => pair.phase);
  const judgement = judgeSeries(series, phases, rule, final);
  const changes = series.map((each, index) =>
    describeChange(each, judgement.outcomes[index] as SeriesOutcome, rule.parameters, judgement),
  );
  const all = [...changes, ...unmet.map(describeUnmet)];
  const steps = [...new Set(series.map((each) => each.step))];
  const place = ({ step }: Change): number => {
    if (step === null) return steps.length + 1;
    const at = steps.indexOf(step);
    return at < 0 ? steps.length : at;
  };
  return {
    looks: judgement.looks,
    next: judgement.next,
    changes: all.sort((a, b) => place(a) - place(b) || metricOrder(a.metric) - metricOrder(b.metric)),
  };
}

function describeChange(
  series: Series,
  outcome: SeriesOutcome,
  parameters: ComparisonParameters,
  judgement: SeriesJudgement,
): Change {
  const { view, estimate, status, gating, track } = outcome;
  const { scale } = view;
  const { sign, line, level } = series;
  const told = (difference: number): number => fromDifference(difference, scale, sign);
  /** Limits are told as amounts, whichever direction is worse. */
  const amount = (difference: number): number => fromDifference(difference, scale, 1);
  return {
    step: series.step,
    metric: series.metric.id,
    role: gating ? 'gating' : 'informational',
    level,
    status,
    gates: gating && level === 'error' && breaks(status, series, parameters),
    scale,
    base: middleOf(series.base, judgement.used),
    head: middleOf(series.head, judgement.used),
    change: estimate && told(estimate.estimate),
    interval: intervalOf(series, outcome),
    p: outcome.p,
    alarm: track.alarm,
    confirmation: track.confirmation && {
      ...track.confirmation,
      change: track.confirmation.change === null ? null : told(track.confirmation.change),
    },
    pairs: countBoth(series, judgement.used),
    visible: outcome.visible === null ? null : amount(outcome.visible),
    limit: amount(view.limit),
    margin: amount(view.margin),
    rule: estimate?.rule ?? 'none',
    reason: explainChange(series, outcome, { parameters, judgement }),
    source: line?.source ?? null,
  };
}

/** Whether a status of a gating metric at level error fails the scenario. A default never fails for what is missing. */
function breaks(status: Change['status'], series: Series, parameters: ComparisonParameters): boolean {
  switch (status) {
    case 'regressed':
      return true;
    case 'inconclusive':
    case 'different':
      return parameters.inconclusive === 'fail';
    case 'not measured':
      return series.named;
    case 'improved':
    case 'unchanged':
    case 'new':
    case 'gone':
      return false;
    default:
      return status satisfies never;
  }
}

function intervalOf({ sign }: Series, { view, estimate }: SeriesOutcome): Change['interval'] {
  if (view.kind === 'statistical' && view.pairs < leastPairs) return null;
  if (!estimate || estimate.rule === 'exact' || !Number.isFinite(estimate.low) || !Number.isFinite(estimate.high)) {
    return null;
  }
  const ends = [estimate.low, estimate.high].map((end) => fromDifference(end, view.scale, sign));
  const { confidence, method } = estimate;
  return { low: Math.min(...ends), high: Math.max(...ends), confidence, method };
}

/** Median of the values there are; null where there is none. */
function middleOf(values: ArrayLike<number>, used: number): number | null {
  const kept = Array.from(values)
    .slice(0, used)
    .filter((value) => !Number.isNaN(value));
  return kept.length === 0 ? null : median(kept);
}

function countBoth({ base, head }: Series, used: number): number {
  let count = 0;
  for (let i = 0; i < used; i += 1) if (!Number.isNaN((base[i] ?? Number.NaN) + (head[i] ?? Number.NaN))) count += 1;
  return count;
}

function describeUnmet({ line, reason }: UnmetLine): Change {
  const metric = findMetric(line.metric);
  const gating = line.allowed !== null;
  return {
    step: line.step,
    metric: line.metric,
    role: gating ? 'gating' : 'informational',
    level: line.level,
    status: 'not measured',
    gates: gating && line.level === 'error' && (line.step === null || !isPattern(line.step)),
    scale: metric ? changeRule(metric).scale : 'difference',
    base: null,
    head: null,
    change: null,
    interval: null,
    p: null,
    alarm: null,
    confirmation: null,
    pairs: 0,
    visible: null,
    limit: line.allowed?.value ?? 0,
    margin: line.allowed?.value ?? 0,
    rule: 'none',
    reason,
    source: line.source,
  };
}
