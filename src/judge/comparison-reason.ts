/** Why a change has its status: one sentence that a person can act on. */
import type { ComparisonParameters } from '../core/comparison.ts';
import type { Unit } from '../core/metrics.ts';
import { formatPercent, formatQuantity } from '../core/units.ts';
import { findDifference } from './comparison-lcp.ts';
import type { SeriesJudgement, SeriesOutcome } from './comparison-status.ts';
import { fromDifference } from './comparison-view.ts';
import type { Series } from './series.ts';

export interface ReasonContext {
  readonly parameters: ComparisonParameters;
  readonly judgement: SeriesJudgement;
}

/** A change with its sign: `+12 ms` on the difference scale, `+3.4 %` on the ratio scale. */
function show(series: Series, { view }: SeriesOutcome, difference: number): string {
  const change = fromDifference(difference, view.scale, series.sign);
  if (view.scale === 'ratio') return formatPercent(change);
  return signed(change, series.metric.unit);
}

/** A limit or an effect as an amount, without a sign. */
function amount(series: Series, { view }: SeriesOutcome, difference: number): string {
  const size = Math.abs(fromDifference(difference, view.scale, 1));
  return view.scale === 'ratio' ? formatPercent(size).replace(/^\+/, '') : formatQuantity(size, series.metric.unit);
}

function signed(value: number, unit: Unit): string {
  const text = formatQuantity(value, unit);
  return value > 0 && Number.parseFloat(text) !== 0 ? `+${text}` : text;
}

function tolerated(series: Series, outcome: SeriesOutcome): string {
  return outcome.view.limit > 0
    ? `${show(series, outcome, outcome.view.limit)} is tolerated`
    : 'no change is tolerated';
}

export function explainChange(series: Series, outcome: SeriesOutcome, context: ReasonContext): string {
  switch (outcome.status) {
    case 'regressed':
      return outcome.view.different
        ? `${explainRegression(series, outcome)}; ${explainDifferent(series, context.judgement.used)}`
        : explainRegression(series, outcome);
    case 'improved':
      return outcome.estimate?.rule === 'exact'
        ? `${change(series, outcome)} in each of ${pairs(outcome.view.pairs)}`
        : `better: ${range(series, outcome)}, after ${pairs(outcome.view.pairs)}`;
    case 'unchanged':
      return explainUnchanged(series, outcome);
    case 'inconclusive':
      return explainInconclusive(series, outcome, context);
    case 'different':
      return explainDifferent(series, context.judgement.used);
    case 'new':
    case 'gone': {
      const side = outcome.status === 'new' ? 'head' : 'base';
      return `only ${side} has it, so there is nothing to compare${series.missing === '' ? '' : `: ${series.missing}`}`;
    }
    case 'not measured':
      return explainMissing(series, context.judgement.used);
    default:
      return outcome.status satisfies never;
  }
}

function change(series: Series, outcome: SeriesOutcome): string {
  return show(series, outcome, outcome.estimate?.estimate ?? 0);
}

function range(series: Series, outcome: SeriesOutcome): string {
  const { estimate } = outcome;
  if (!estimate || !Number.isFinite(estimate.low) || !Number.isFinite(estimate.high)) return change(series, outcome);
  const ends = [estimate.low, estimate.high].map((end) => show(series, outcome, end));
  if (series.sign < 0) ends.reverse();
  return `${change(series, outcome)} (${ends.join(' to ')})`;
}

function explainRegression(series: Series, outcome: SeriesOutcome): string {
  const { estimate, track, view, gating } = outcome;
  const limit = tolerated(series, outcome);
  if (estimate?.rule === 'exact') return `${change(series, outcome)} in each of ${pairs(view.pairs)}; ${limit}`;
  const { alarm, confirmation } = track;
  // Alarm and confirmation have pairs of their own; estimate and interval are from both.
  const over = gating && confirmation ? ` over all ${pairs(view.pairs)}` : '';
  const found = `${range(series, outcome)}${over}; ${limit}`;
  if (!gating) return `${found}; found after ${pairs(view.pairs)}, for information only`;
  const seen = alarm ? `; found after ${pairs(alarm.pairs)} (p ${probability(alarm.p)})` : '';
  return confirmation
    ? `${found}${seen}, confirmed by ${confirmation.pairs} fresh ones (p ${probability(confirmation.p)})`
    : `${found}${seen}`;
}

function explainUnchanged(series: Series, outcome: SeriesOutcome): string {
  const { estimate, view } = outcome;
  const after = pairs(view.pairs);
  if (estimate?.rule === 'exact') {
    const value = formatQuantity(series.base[0] ?? 0, series.metric.unit);
    return estimate.estimate === 0
      ? `${value} in all of ${after}, on both sides`
      : `${change(series, outcome)} in each of ${after}; ${tolerated(series, outcome)}`;
  }
  const most = estimate ? show(series, outcome, estimate.high) : '';
  return `surely less than ${amount(series, outcome, view.margin)} worse: at most ${most} after ${after}`;
}

function explainInconclusive(series: Series, outcome: SeriesOutcome, { parameters, judgement }: ReasonContext): string {
  const { track, view, visible, gating } = outcome;
  const { alarm, confirmation } = track;
  const after = pairs(view.pairs);
  // Alarms are told with their own pairs.
  const between = `${range(series, outcome)}${alarm && confirmation ? ` over all ${after}` : ''}`;
  const sight =
    visible === null ? '' : `; the schedule finds what is worse by ${amount(series, outcome, visible)} or more`;
  if (alarm && confirmation?.outcome === 'open') {
    const state = judgement.next === 'done' ? 'sampling ended with' : 'confirming with fresh pairs:';
    return `looks regressed after ${pairs(alarm.pairs)} (p ${probability(alarm.p)}), not confirmed: ${state} ${confirmation.pairs} of ${pairs(parameters.confirmPairs)}; ${between}`;
  }
  if (alarm && confirmation) {
    if (confirmation.p !== null && confirmation.p <= parameters.confirmAlpha) {
      return `worse, yet within what is tolerated: ${between}; ${tolerated(series, outcome)}${sight}`;
    }
    const fresh = confirmation.p === null ? '' : ` (p ${probability(confirmation.p)})`;
    return `looked regressed after ${pairs(alarm.pairs)} (p ${probability(alarm.p)}), but ${confirmation.pairs} fresh ones did not confirm it${fresh}; ${between}${sight}`;
  }
  if (alarm && parameters.fixed) {
    const asked = parameters.alphas.reduce((sum, each) => sum + each, 0) * parameters.confirmAlpha;
    return `looks regressed after ${after} (p ${probability(alarm.p)}), not surely: a fixed number of pairs is not confirmed, so p must be ${probability(asked)} at most; ${between}`;
  }
  if (alarm) {
    return `looked regressed again after ${pairs(alarm.pairs)} (p ${probability(alarm.p)}), when ${parameters.mostConfirmations} confirmations had been spent; ${between}${sight}`;
  }
  const first = parameters.looks[0] ?? 1;
  if (judgement.next !== 'done') return `not decided after ${after}: ${between}`;
  if (judgement.looks.length === 0 && view.pairs < first) {
    return `${after}: too few to judge, the first look is at ${first}`;
  }
  const cut = gating && judgement.cut ? ' (sampling ended, since another metric had regressed for certain)' : '';
  const last = parameters.looks.at(-1) ?? 0;
  // An interrupted run ended while a metric was still open.
  const ended = judgement.looks.at(-1)?.open === 0;
  const vain = cut === '' && ended && judgement.used < last ? `, and ${last} would not` : '';
  return `${after} cannot tell${vain}${cut}: ${between}${sight}`;
}

function explainDifferent({ identities }: Series, used: number): string {
  const found = findDifference(identities?.base.slice(0, used) ?? [], identities?.head.slice(0, used) ?? []);
  const name = (identity: string | undefined): string =>
    identity === undefined || identity === '' ? 'an unknown element' : `"${identity}"`;
  return `measured a different thing: the largest paint is ${name(found?.base)} in base and ${name(found?.head)} in head`;
}

function explainMissing(series: Series, used: number): string {
  if (used === 0) return 'no pair of samples was accepted';
  const count = (values: ArrayLike<number>): number =>
    Array.from(values)
      .slice(0, used)
      .filter((value) => !Number.isNaN(value)).length;
  const why = series.missing === '' ? '' : `: ${series.missing}`;
  const [base, head] = [count(series.base), count(series.head)];
  if (base + head === 0) return series.missing === '' ? 'neither side has a value' : series.missing;
  return `base has a value in ${base} of ${pairs(used)}, head in ${head}${why}`;
}

/** Three decimals, as tables have them; what is smaller is said to be. */
function probability(p: number | null): string {
  if (p === null) return 'unknown';
  return p < 0.001 ? '< 0.001' : String(Number(p.toFixed(3)));
}

function pairs(n: number): string {
  return n === 1 ? '1 pair' : `${n} pairs`;
}
