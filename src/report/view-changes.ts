/** Every change of a comparison, worst first, and how its numbers are written. */
import type { Change, ChangeStatus, ComparisonSides } from '../core/comparison.ts';
import type { RunDocument } from '../core/document.ts';
import { type MetricDefinition, metricOrder } from '../core/metrics.ts';
import { cleanText } from '../core/text.ts';
import { count, listed, metricOf, name, nothing, percent, quantity, shortMargin } from './view-format.ts';
import { flowName, scenarioName } from './view-lines.ts';

/** A change's status as a reader sees it: one that got worse without failing the run is apart from one that fails it. */
export type ChangeKind = ChangeStatus | 'worse';

export interface ComparedChange {
  readonly change: Change;
  readonly metric: MetricDefinition;
  readonly kind: ChangeKind;
  /** Position of the scenario in the run. */
  readonly scenario: number;
  readonly scenarioName: string;
  /** Cleaned; `the whole flow` for a change of the flow. */
  readonly step: string;
  /** How many pairs `change.p` is from, where those are not all: confirming pairs are tested apart. */
  readonly testedPairs: number | null;
}

const kindOrder: readonly ChangeKind[] = [
  'regressed',
  'worse',
  'different',
  'inconclusive',
  'not measured',
  'gone',
  'new',
  'improved',
  'unchanged',
];

/** Kinds in the order in which counts of them are told. */
export const changeKinds: readonly ChangeKind[] = kindOrder;

/** What is tolerated, or the margin where nothing is: the yardstick by which changes of different units compare. */
export function yardstick(change: Change): number {
  return Math.max(change.limit, 0.6 * change.margin) || 1;
}

function rank({ change, kind }: ComparedChange): number {
  return kind === 'regressed' ? 0 : change.gates ? 0.5 : kindOrder.indexOf(kind);
}

function severity({ change, kind }: ComparedChange): number {
  const size = (change.change ?? 0) / yardstick(change);
  return kind === 'improved' ? -size : size;
}

/** Worst first: what fails the run, what is worse, undecided or missing, then improved and unchanged ones. */
export function comparedChanges(run: RunDocument): ComparedChange[] {
  return run.scenarios
    .flatMap((scenario, position) => {
      const screened = scenario.comparison?.looks.findLast(({ phase }) => phase === 'screening')?.pairs;
      return (scenario.comparison?.changes ?? []).map((change): ComparedChange => ({
        change,
        metric: metricOf(change.metric),
        kind: change.status === 'regressed' && !change.gates ? 'worse' : change.status,
        scenario: position,
        scenarioName: scenarioName(scenario, run),
        step: change.step === null ? flowName : name(change.step),
        testedPairs:
          change.role === 'gating' && change.p !== null && screened !== change.pairs ? (screened ?? null) : null,
      }));
    })
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) ||
        (a.kind === 'unchanged' ? 0 : severity(b) - severity(a)) ||
        a.scenario - b.scenario ||
        (a.kind === 'unchanged' ? 0 : metricOrder(a.metric.id) - metricOrder(b.metric.id)),
    );
}

/** The changes of a run, or of a scenario, by how they are told; each part worst first. */
export interface ChangeParts {
  readonly gating: readonly ComparedChange[];
  /** Gating ones that both sides have and that are not unchanged: a row and a reason each. */
  readonly moved: readonly ComparedChange[];
  readonly unchanged: readonly ComparedChange[];
  readonly informational: {
    readonly all: readonly ComparedChange[];
    readonly moved: readonly ComparedChange[];
    readonly calm: readonly ComparedChange[];
  };
}

export function partChanges(changes: readonly ComparedChange[]): ChangeParts {
  const gating = changes.filter(({ change }) => change.role === 'gating');
  const moved = gating.filter((compared) => compared.kind !== 'unchanged' && !isOneSided(compared));
  const others = changes.filter(({ change }) => change.role !== 'gating');
  return {
    gating,
    moved,
    unchanged: gating.filter(({ kind }) => kind === 'unchanged'),
    informational: {
      all: others,
      moved: others.filter(({ kind }) => isClear(kind)),
      calm: others.filter((compared) => !isClear(compared.kind) && !isOneSided(compared)),
    },
  };
}

/** `3 other metrics without a clear change, 1 on one side only`, after `shown` rows of those that changed. */
export function informationalText({ all, moved, calm }: ChangeParts['informational'], shown: number): string {
  const rest = Math.max(0, moved.length - shown);
  const oneSided = all.length - moved.length - calm.length;
  return `${rest > 0 ? `${rest} more that changed, and ` : ''}${count(calm.length, moved.length > 0 ? 'other metric' : 'metric')} without a clear change${oneSided > 0 ? `, ${oneSided} on one side only` : ''}`;
}

/** Whether a p in these rows is from fewer pairs than the interval beside it. */
export function isTestedApart(changes: readonly ComparedChange[]): boolean {
  return changes.some((compared) => compared.testedPairs !== null && changeChance(compared) !== '');
}

/** Stands by tables in which `testedPairs` are named. */
export const testedApartText =
  'Intervals are from all pairs; p is from those at the look that decided, the number beside it.';

/** `main (1a2b3c4)`; without the commit where it is unknown, or is the label itself. */
export function sideText(side: ComparisonSides['base']): string {
  const label = cleanText(side.label, 60) || 'no name';
  const commit = side.commit === null ? '' : cleanText(side.commit, 200).slice(0, 7);
  const facts = [
    label.startsWith(commit) && /^[\da-f]+$/.test(label) ? '' : commit,
    side.dirty ? 'with uncommitted changes' : '',
  ].filter((part) => part !== '');
  return facts.length > 0 ? `${label} (${facts.join(', ')})` : label;
}

/** An amount on the scale of the change, signed: `+5.2 %` or `+20 ms`. */
export function amountText({ change, metric }: ComparedChange, value: number | null, minus = '−'): string {
  if (value === null || !Number.isFinite(value)) return nothing;
  if (change.scale === 'ratio') return percent(value, minus);
  return value === 0 ? quantity(0, metric.unit) : shortMargin(value, metric.unit, minus);
}

export function changeText(compared: ComparedChange, minus?: string): string {
  return amountText(compared, compared.change.change, minus);
}

/** `+3.1 to +7.4 %`; `exact` where every sample of a side says the same. `between` is ` to ` or what is as plain. */
export function changeInterval(compared: ComparedChange, between = ' to ', minus?: string): string {
  const { interval, rule } = compared.change;
  if (!interval) return rule === 'exact' ? 'exact' : nothing;
  const low = amountText(compared, interval.low, minus);
  const high = amountText(compared, interval.high, minus);
  const [, suffix] = /( \S+)$/.exec(high) ?? [];
  return `${suffix !== undefined && low.endsWith(suffix) ? low.slice(0, -suffix.length) : low}${between}${high}`;
}

/** Two digits; random flips can show no less than 1 in 10,000. */
export function chanceText(p: number | null): string {
  if (p === null || !Number.isFinite(p)) return nothing;
  return p < 0.0001 ? '<0.0001' : String(Number(p.toPrecision(2)));
}

/** p, and of how many pairs where not of all: `0.0003 of 12`; empty for what got better, of which it says nothing. */
export function changeChance({ change, kind, testedPairs }: ComparedChange): string {
  if (kind === 'improved' || change.p === null) return '';
  return testedPairs === null ? chanceText(change.p) : `${chanceText(change.p)} of ${testedPairs}`;
}

/** Both medians: `1.16 s → 1.34 s`. */
export function valuesText({ change, metric }: ComparedChange, arrow = '→'): string {
  return `${quantity(change.base, metric.unit)} ${arrow} ${quantity(change.head, metric.unit)}`;
}

/** What became of the alarm on fresh pairs; empty without an alarm. */
export function confirmationText({ change }: ComparedChange): string {
  const { confirmation } = change;
  if (!confirmation) return '';
  const fresh = count(confirmation.pairs, 'fresh pair');
  if (confirmation.outcome === 'confirmed') return `confirmed on ${fresh}`;
  return confirmation.outcome === 'refuted' ? `not confirmed on ${fresh}` : `not yet confirmed after ${fresh}`;
}

const mostBounds = 6;

/**
 * What unchanged means for each metric: `8 exactly equal; 1 changed within what is tolerated, +512 B (bytes.script); the
 * others surely no worse than +10 % (LCP), +24 ms (INP)`.
 */
export function unchangedText(unchanged: readonly ComparedChange[], minus?: string): string {
  const isExact = ({ change }: ComparedChange): boolean => change.rule === 'exact';
  const exact = unchanged.filter(isExact);
  const tolerated = exact.filter(({ change }) => change.base !== change.head);
  const equal = exact.length - tolerated.length;
  const sizes = tolerated.map((compared) => [changeText(compared, minus), compared.metric.id] as const);
  // one metric has one unit, and in several steps the widest margin holds for all of them
  const statistical = Map.groupBy(
    unchanged.filter((compared) => !isExact(compared)),
    ({ metric }) => metric.id,
  );
  const bounds = [...statistical].flatMap(([id, group]) => {
    const [widest] = group.toSorted((a, b) => b.change.margin - a.change.margin);
    return widest ? [[amountText(widest, widest.change.margin, minus), id] as const] : [];
  });
  return [
    equal > 0 ? `${equal} exactly equal` : '',
    sizes.length > 0 ? `${sizes.length} changed within what is tolerated, ${byAmount(sizes)}` : '',
    bounds.length > 0 ? `${exact.length > 0 ? 'the others ' : ''}surely no worse than ${byAmount(bounds)}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** `+10 % (LCP), +24 ms (INP, TBT)` */
function byAmount(amounts: ReadonlyArray<readonly [amount: string, id: string]>): string {
  const texts = [...Map.groupBy(amounts, ([amount]) => amount)].map(
    ([amount, group]) => `${amount} (${[...new Set(group.map(([, id]) => id))].join(', ')})`,
  );
  return listed(texts, mostBounds);
}

/** Whether a metric that does not gate is worth a row. */
function isClear(kind: ChangeKind): boolean {
  return kind === 'regressed' || kind === 'worse' || kind === 'improved' || kind === 'different';
}

export function isOneSided({ kind }: ComparedChange): boolean {
  return kind === 'new' || kind === 'gone';
}

/** What only one side has, step by step: `8 new: open the wish list (LCP, CLS and 6 more)`; one line a kind. */
export function oneSidedTexts(changes: readonly ComparedChange[], several: boolean): string[] {
  return (['new', 'gone'] as const).flatMap((kind) => {
    const own = changes.filter((compared) => compared.kind === kind);
    if (own.length === 0) return [];
    const steps = Map.groupBy(own, ({ scenarioName: title, step }) => (several ? `${title}, ${step}` : step));
    const told = [...steps].map(([step, group]) => {
      const ids = group.map(({ metric }) => metric.id);
      return `${step} (${listed(ids, 4)})`;
    });
    return `${own.length} ${kind}, with ${kind === 'new' ? 'head' : 'base'} only: ${told.slice(0, 4).join('; ')}${told.length > 4 ? ` and ${told.length - 4} more steps` : ''}`;
  });
}
