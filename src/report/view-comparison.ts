/** The comparison in the HTML report: the paragraph, and for each scenario its changes, pairs and requests. */
import type { ComparisonSides, ScenarioComparison } from '../core/comparison.ts';
import type { RunDocument, ScenarioDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { comparisonOutcome, comparisonSentences } from './comparison-outcome.ts';
import { type PairsFrame, pairsFrame } from './chart-pairs.ts';
import {
  calmText,
  type ChangeDetail,
  changeDetail,
  type ChangeRow,
  changeRow,
  changeStatus,
  rejectionOf,
  rejectionsByVariant,
} from './view-change.ts';
import {
  changeKinds,
  type ComparedChange,
  type ChangeParts,
  comparedChanges,
  informationalText,
  isOneSided,
  isTestedApart,
  oneSidedTexts,
  partChanges,
  sideText,
  testedApartText,
  unchangedText,
} from './view-changes.ts';
import { count, name } from './view-format.ts';
import { scenarioName } from './view-lines.ts';
import type { StatusView } from './view-metrics.ts';
import { measuredPairs } from './view-pairs.ts';
import { type RequestsView, requestsView } from './view-requests.ts';
import { whyChangedLines } from './why.ts';
import type { Fact } from './view-run.ts';

export interface ComparedScenarioView {
  readonly anchor: string;
  /** Empty where the run has one scenario only. */
  readonly name: string;
  readonly status: StatusView | null;
  /** What there is to say in place of a comparison, or about the pairs. */
  readonly sentences: readonly string[];
  readonly rows: readonly ChangeRow[];
  /** That p and interval are from other pairs; empty where they are not. */
  readonly testedApart: string;
  /** Metrics that only one side has. */
  readonly oneSided: readonly string[];
  readonly unchanged: { readonly summary: string; readonly rows: readonly ChangeRow[] } | null;
  readonly informational: {
    readonly rows: readonly ChangeRow[];
    /** One a step. */
    readonly calm: readonly Fact[];
    readonly summary: string;
  } | null;
  readonly details: readonly ChangeDetail[];
  /** Of the unchanged ones, folded. */
  readonly calmDetails: readonly ChangeDetail[];
  /** Drawn once for all charts of the scenario. */
  readonly frame: ({ readonly id: string } & PairsFrame) | null;
  readonly requests: RequestsView | null;
  readonly looks: ReadonlyArray<Readonly<Record<'phase' | 'pairs' | 'alpha' | 'alarms' | 'open', string>>>;
  readonly rejections: readonly string[];
}

export interface ComparisonView {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly counts: ReadonlyArray<{ readonly status: StatusView; readonly amount: number }>;
  readonly facts: readonly Fact[];
  readonly scenarios: readonly ComparedScenarioView[];
}

const mostRejections = 20;
/** Beyond these a line each would bury what gates. */
const mostInformational = 10;

const apart: Record<ScenarioComparison['status'], { readonly status: StatusView | null; readonly text: string }> = {
  compared: { status: null, text: '' },
  identical: {
    status: { word: 'identical', kind: 'same' },
    text: 'Both sides serve the same bytes, so there is nothing to compare.',
  },
  new: { status: { word: 'new', kind: 'added' }, text: 'Base cannot run this scenario, so head alone was measured.' },
  'not compared': {
    status: { word: 'not compared', kind: 'missing' },
    text: 'There is no comparison of this scenario.',
  },
};

function apartSentences(scenario: ScenarioDocument, comparison: ScenarioComparison): string[] {
  const lines = scenario.verdicts.length;
  return [
    scenario.memory ? '' : apart[comparison.status].text,
    comparison.note === '' ? '' : `${cleanText(comparison.note)}.`,
    lines > 0 ? `Head was judged against ${count(lines, 'budget line')}.` : 'No budget line was judged.',
  ].filter((sentence) => sentence !== '');
}

/** How the pairs went: how many, how many were repeated and for which side. */
function pairSentences(scenario: ScenarioDocument): string[] {
  const pairs = measuredPairs(scenario);
  const amount = (phase: string): number => pairs.filter((pair) => pair.accepted && pair.phase === phase).length;
  const rejected = pairs.filter((pair) => !pair.accepted).length;
  const fresh = amount('confirmation');
  return [
    `${count(amount('screening'), 'pair')} of samples${fresh > 0 ? ` and ${fresh} fresh ones to confirm` : ''}, base and head next to each other in random order.`,
    rejected > 0
      ? `${count(rejected, 'pair')} rejected for noise, without regard to which side it was (${rejectionsByVariant(scenario)}).`
      : 'No pair was rejected.',
    scenario.comparison?.parameters.oneCore ? 'Chrome had a core to itself.' : 'Chrome ran on all cores.',
  ];
}

function looksOf(comparison: ScenarioComparison): ComparedScenarioView['looks'] {
  return comparison.looks.map(({ phase, pairs, alpha, alarms, open }) => ({
    phase,
    pairs: String(pairs),
    alpha: alpha === 0 ? 'may only pass' : String(Number(alpha.toPrecision(2))),
    alarms: String(alarms),
    open: String(open),
  }));
}

function informationalView(parts: ChangeParts['informational']): ComparedScenarioView['informational'] {
  const { all, moved, calm } = parts;
  if (all.length === 0) return null;
  return {
    rows: moved.slice(0, mostInformational).map((compared) => changeRow(compared, '')),
    calm: [...Map.groupBy([...moved.slice(mostInformational), ...calm], ({ step }) => step)].map(([step, group]) => ({
      term: step,
      text: group.map(calmText).join(', '),
    })),
    summary: informationalText(parts, mostInformational),
  };
}

function comparedScenario(
  run: RunDocument,
  sides: ComparisonSides,
  { scenario, position, changes }: { scenario: ScenarioDocument; position: number; changes: readonly ComparedChange[] },
): ComparedScenarioView | null {
  const { comparison } = scenario;
  if (!comparison) return null;
  const anchor = `c${position + 1}`;
  const compared = comparison.status === 'compared';
  const { gating, moved, unchanged, informational } = partChanges(changes);
  const detailed = gating.filter((change) => !isOneSided(change));
  const places = new Map(detailed.map((change, place) => [change, `${anchor}-${place + 1}`]));
  const rowOf = (change: ComparedChange): ChangeRow => changeRow(change, places.get(change) ?? '');
  const pairs = measuredPairs(scenario);
  const frame = `${anchor}-f`;
  const isCalm = ({ kind }: ComparedChange): boolean => kind === 'unchanged';
  const detailOf = (change: ComparedChange): ChangeDetail =>
    changeDetail(change, {
      anchor: places.get(change) ?? '',
      pairs,
      frame,
      why: whyChangedLines(scenario, sides, change.change),
    });
  const framed = pairs.map((pair) => ({ ...pair, rejection: pair.accepted ? '' : rejectionOf(pair) }));
  return {
    anchor,
    name: run.scenarios.length > 1 ? scenarioName(scenario, run) : '',
    status: scenario.memory ? { word: 'head alone', kind: 'same' } : apart[comparison.status].status,
    sentences: compared ? pairSentences(scenario) : apartSentences(scenario, comparison),
    rows: moved.map(rowOf),
    testedApart: isTestedApart(moved) ? testedApartText : '',
    oneSided: oneSidedTexts(gating, false),
    unchanged:
      unchanged.length > 0
        ? { summary: `${unchanged.length} unchanged: ${unchangedText(unchanged)}`, rows: unchanged.map(rowOf) }
        : null,
    informational: informationalView(informational),
    details: detailed.filter((change) => !isCalm(change)).map(detailOf),
    calmDetails: detailed.filter(isCalm).map(detailOf),
    frame: detailed.length > 0 ? { id: frame, ...pairsFrame(framed) } : null,
    requests: requestsView(scenario, sides),
    looks: looksOf(comparison),
    rejections: pairs
      .filter((pair) => !pair.accepted)
      .slice(0, mostRejections)
      .map((pair) => `Pair ${pair.number}: ${rejectionOf(pair)}`),
  };
}

function facts({ base, head, how }: ComparisonSides): Fact[] {
  const ways = {
    ref: 'built and served from the repository',
    urls: 'served elsewhere',
    folders: 'served from folders',
  };
  // of sides named by their URL, the name says where they are
  const place = (side: ComparisonSides['base']): string =>
    side.url.startsWith(side.label) ? sideText(side) : `${sideText(side)} at ${cleanText(side.url, 120)}`;
  return [
    { term: 'Base', text: place(base) },
    { term: 'Head', text: place(head) },
    { term: 'Both', text: ways[how] },
  ];
}

/** Null for a run without a comparison. */
export function comparisonView(run: RunDocument): ComparisonView | null {
  const outcome = comparisonOutcome(run);
  if (!outcome || !run.comparison) return null;
  const sides = run.comparison;
  const changes = comparedChanges(run);
  return {
    title: `Compared with ${name(sides.base.label)}`,
    sentences: comparisonSentences(run),
    counts: changeKinds
      .filter((kind) => outcome.counts[kind] > 0)
      .map((kind) => ({ status: changeStatus(kind), amount: outcome.counts[kind] })),
    facts: facts(sides),
    scenarios: run.scenarios.flatMap((scenario, position) => {
      const own = changes.filter((change) => change.scenario === position);
      return comparedScenario(run, sides, { scenario, position, changes: own }) ?? [];
    }),
  };
}
