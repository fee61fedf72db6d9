/** One change of a comparison: its row in the table, and what stands behind it. */
import { findModes, type LabelledValue } from '../analyse/modes.ts';
import { partnerRejected, type Variant } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import type { Sample } from '../core/sample.ts';
import { cleanText } from '../core/text.ts';
import { type ForestMark, forestMark, type PairPoint, type PairsChart, pairsChart } from './chart-pairs.ts';
import {
  amountText,
  changeChance,
  changeInterval,
  type ChangeKind,
  changeText,
  chanceText,
  type ComparedChange,
  yardstick,
} from './view-changes.ts';
import { count, quantity, range, share } from './view-format.ts';
import type { StatusView } from './view-metrics.ts';
import { type MeasuredPair, valueIn } from './view-pairs.ts';
import type { Fact } from './view-run.ts';
import { stepOf } from './view-series.ts';

const statuses: Record<ChangeKind, StatusView> = {
  regressed: { word: 'regressed', kind: 'fail' },
  worse: { word: 'worse (warns)', kind: 'warn' },
  different: { word: 'measured a different thing', kind: 'differs' },
  inconclusive: { word: 'inconclusive', kind: 'unsure' },
  'not measured': { word: 'not measured', kind: 'missing' },
  gone: { word: 'gone', kind: 'gone' },
  new: { word: 'new', kind: 'added' },
  improved: { word: 'improved', kind: 'better' },
  unchanged: { word: 'unchanged', kind: 'same' },
};

export function changeStatus(kind: ChangeKind, informational = false): StatusView {
  return informational && kind === 'worse' ? { word: 'worse', kind: 'warn' } : statuses[kind];
}

export interface ChangeRow {
  readonly status: StatusView;
  /** Of the details; empty where there are none. */
  readonly anchor: string;
  readonly step: string;
  readonly metric: string;
  readonly label: string;
  readonly base: string;
  readonly head: string;
  readonly change: string;
  readonly interval: string;
  readonly p: string;
  /** `of 12`: the pairs p is from, where these are not all. */
  readonly pPairs: string;
  readonly pairs: string;
  readonly forest: ForestMark | null;
}

export function changeRow(compared: ComparedChange, anchor: string): ChangeRow {
  const { change, metric, kind } = compared;
  const chance = changeChance(compared);
  return {
    status: changeStatus(kind, change.role === 'informational'),
    anchor,
    step: compared.step,
    metric: metric.id,
    label: metric.label === metric.id ? '' : metric.label,
    base: quantity(change.base, metric.unit),
    head: quantity(change.head, metric.unit),
    change: changeText(compared),
    interval: change.interval || change.rule === 'exact' ? changeInterval(compared) : '',
    p: chance === '' ? '' : chanceText(change.p),
    pPairs: chance === '' || compared.testedPairs === null ? '' : `of ${compared.testedPairs}`,
    pairs: change.pairs === 0 ? '' : String(change.pairs),
    forest: forestMark(change.change, change.interval, yardstick(change)),
  };
}

export interface ChangeDetail {
  readonly anchor: string;
  readonly title: string;
  readonly status: StatusView;
  readonly change: string;
  readonly reason: string;
  /** Who accounts for it: five lines at most. */
  readonly why: readonly string[];
  readonly facts: readonly Fact[];
  /** Sides whose values fall into two groups, and what to look at. */
  readonly modes: readonly string[];
  readonly chart: PairsChart | null;
  /** Unfolded from the start: what fails the run. */
  readonly open: boolean;
}

/** Why a pair does not count: what was wrong on which side. */
export function rejectionOf({ base, head }: MeasuredPair): string {
  const sides = { base, head };
  const told = (['base', 'head'] satisfies Variant[]).flatMap((variant) => {
    const sample = sides[variant];
    if (!sample) return `${variant} was not measured`;
    const own = sample.rejection !== null && sample.rejection !== partnerRejected;
    return own ? `${variant}: ${cleanText(sample.rejection ?? '', 120)}` : [];
  });
  return told.join('; ') || 'no reason given';
}

function pointsOf({ change }: ComparedChange, pairs: readonly MeasuredPair[]): PairPoint[] {
  return pairs.map((pair) => {
    const base = valueIn(pair.base, change.step, change.metric) ?? null;
    const head = valueIn(pair.head, change.step, change.metric) ?? null;
    const both = base !== null && head !== null && (change.scale !== 'ratio' || base > 0);
    return {
      number: pair.number,
      phase: pair.phase,
      launch: pair.launch,
      base,
      head,
      change: both ? (change.scale === 'ratio' ? head / base - 1 : head - base) : null,
      rejection: pair.accepted ? '' : rejectionOf(pair),
    };
  });
}

/** What is known to split values into groups, the first suspect first. */
function factsOf(sample: Sample, step: string | null): Record<string, string> {
  const metric = (id: string): string => String(valueIn(sample, step, id) ?? '');
  const element = step === null ? undefined : stepOf(sample, step)?.attribution.lcp?.element;
  return {
    'LCP element': element ?? '',
    'number of requests': metric('requests.total'),
    'number of layouts': metric('layouts'),
    'start of Chrome': String(sample.launch),
  };
}

function modesOf({ change, metric }: ComparedChange, pairs: readonly MeasuredPair[]): string[] {
  if (metric.nature === 'counted' || change.rule === 'exact') return [];
  return (['base', 'head'] satisfies Variant[]).flatMap((variant) => {
    const values = pairs.flatMap((pair): LabelledValue[] => {
      const sample = pair[variant];
      const value = valueIn(sample, change.step, change.metric);
      return pair.accepted && sample && value !== undefined ? [{ value, facts: factsOf(sample, change.step) }] : [];
    });
    // Event Timing rounds to 8 ms; within rounding there are no groups to believe in
    const modes = findModes(values, metric.id === 'INP' ? 4 : 0);
    if (!modes) return [];
    const [low, high] = modes.edges.map((edge) => quantity(edge, metric.unit));
    const groups = `The values of ${variant} fall into two groups: ${modes.sizes[0]} up to ${low}, ${modes.sizes[1]} from ${high} on.`;
    return modes.cause
      ? `${groups} The ${modes.cause} goes along with the group: look there first.`
      : `${groups} Neither LCP element nor the numbers of requests and layouts nor the start of Chrome goes along with the group.`;
  });
}

function historyText({ change }: ComparedChange): string {
  const { alarm, confirmation } = change;
  if (!alarm) return '';
  const raised = `after ${count(alarm.pairs, 'pair')}, p ${chanceText(alarm.p)} of ${alarm.alpha} allowed`;
  if (!confirmation) return raised;
  const { pairs, p, outcome } = confirmation;
  const size = p === null ? '' : `, p ${chanceText(p)}`;
  return `${raised}; on ${count(pairs, 'fresh pair')}: ${outcome}${size}`;
}

export function changeDetail(
  compared: ComparedChange,
  {
    anchor,
    pairs,
    frame,
    why,
  }: {
    readonly anchor: string;
    readonly pairs: readonly MeasuredPair[];
    readonly frame: string;
    readonly why: readonly string[];
  },
): ChangeDetail {
  const { change, metric } = compared;
  const statistical = change.interval !== null;
  const { interval } = change;
  return {
    anchor,
    title: `${compared.step}, ${metric.id}`,
    status: changeStatus(compared.kind),
    change: changeText(compared),
    reason: cleanText(change.reason),
    why,
    open: change.gates,
    facts: [
      {
        term: 'Estimate',
        text: interval
          ? `${changeText(compared)}, ${changeInterval(compared)} with ${share(interval.confidence)} confidence, from ${compared.testedPairs === null ? '' : 'all '}${count(change.pairs, 'pair')} (${cleanText(interval.method, 60)})`
          : change.rule === 'exact'
            ? `${changeText(compared)}, exact`
            : '',
      },
      {
        term: 'p, for all gating metrics',
        text: statistical
          ? changeChance(compared) + (compared.testedPairs === null ? '' : ' pairs, at the look that decided')
          : '',
      },
      { term: 'Alarm', text: historyText(compared) },
      { term: 'Visible from', text: change.visible === null ? '' : amountText(compared, change.visible) },
      {
        term: 'Tolerated',
        text: `${amountText(compared, change.limit)} (${change.source ? `${cleanText(change.source.file, 120)}:${change.source.line}` : 'default'}); unchanged is below ${amountText(compared, change.margin)}`,
      },
      { term: 'Gate', text: change.gates ? 'fails it' : change.level === 'warn' ? 'only warns' : '' },
    ].filter((fact) => fact.text !== ''),
    modes: modesOf(compared, pairs),
    chart: pairsChart({
      points: pointsOf(compared, pairs),
      unit: metric.unit,
      limit: change.limit,
      interval,
      amount: (value) => amountText(compared, value),
      frame,
    }),
  };
}

/** `TTFB +4 % (43 to 47 ms)`: a change that nobody needs a row for. */
export function calmText(compared: ComparedChange): string {
  const { change, metric } = compared;
  if (change.base === null || change.head === null) return metric.id;
  return change.base === change.head
    ? `${metric.id} ${quantity(change.head, metric.unit)}`
    : `${metric.id} ${changeText(compared)} (${range(change.base, change.head, metric.unit, ' → ')})`;
}

/** Samples that the noise gate rejected, by variant: `base 1, head 2`. */
export function rejectionsByVariant(scenario: ScenarioDocument): string {
  const of = (variant: Variant): number =>
    scenario.samples.filter(
      ({ variant: own, pair, accepted, rejection }) =>
        own === variant && pair !== null && !accepted && rejection !== null && rejection !== partnerRejected,
    ).length;
  return `base ${of('base')}, head ${of('head')}`;
}
