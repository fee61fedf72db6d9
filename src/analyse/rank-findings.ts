/**
 * The order in which findings are told: by how much of what failed each explains; where nothing failed, by how much of
 * the step's metrics it explains, measured in units of what counts as poor. Findings of one place become one.
 */
import type { StepKind } from '../core/metrics.ts';
import type { CodeOrigin } from '../core/source.ts';
import type { Finding, FindingRule } from '../core/finding.ts';
import { poorValue } from './poor-values.ts';

export interface RankContext {
  /** Metric id to the value of the step that shares are of, in the base unit. */
  readonly values: Readonly<Record<string, number>>;
  /** The same in the pass that the findings are of; none where they are of the samples themselves. */
  readonly traced?: Readonly<Record<string, number>>;
  /** Metrics whose verdict is not a pass, or that regressed. */
  readonly failing: readonly string[];
  /** Of the step; null where it is not known. */
  readonly kind: StepKind | null;
}

export interface RankedFinding {
  readonly finding: Finding;
  /** The metric of which it explains most; null where it explains none with a value. */
  readonly metric: string | null;
  /** Of that metric, in its base unit, no more than its value; and the share of that, 0 to 1. */
  readonly amount: number;
  readonly share: number;
  /** Whether that metric failed. */
  readonly failing: boolean;
}

/**
 * How much of the cost goes away when the named place is changed as advised, 0 to 1. Own judgement, not measured: 1
 * where the place itself does the work, 0.5 where others below it do, less where the cost is spread over a whole page
 * or paid once for all (what a cache or a smaller bundle would save on other visits).
 */
const certainty: Record<FindingRule, number> = {
  'hot-function': 1,
  'forced-reflow': 1,
  'large-json': 1,
  'page-error': 1,
  'layout-shift': 1,
  'failed-request': 1,
  'slow-lcp-resource': 1,
  listeners: 1,
  'memory-kept': 1,
  'late-lcp-image': 0.9,
  'slow-response': 0.9,
  'many-requests': 0.9,
  'render-blocking': 0.8,
  uncompressed: 0.6,
  'large-response': 0.6,
  'third-party': 0.6,
  'many-small-calls': 0.5,
  'large-script': 0.5,
  'request-chain': 0.75,
  'large-style-recalculation': 0.2,
  'slow-selector': 0.5,
  'library-cost': 0.4,
  'large-layout': 0.1,
  'duplicate-module': 0.2,
  'image-size': 0.05,
  'garbage-collection': 0.3,
  // These say that time is spent somewhere below or within, which is most often how the page works: what shows a
  // cause comes after the cause.
  timers: 0.2,
  'slow-interaction': 0.1,
  'wide-tower': 0.1,
  'long-task': 0.05,
  'long-animation-frame': 0.05,
  'unused-script': 0.05,
  'legacy-script': 0.05,
  'large-dom': 0.02,
  'font-display': 0.3,
  viewport: 0.3,
  'unused-style': 0.03,
  'not-cached': 0.05,
};

/** The same of a failing limit on bytes: what is not needed, or sent in a larger form than needed, is what to take away. */
const certaintyOfBytes: Partial<Record<FindingRule, number>> = {
  uncompressed: 0.8,
  'image-size': 0.7,
  'duplicate-module': 0.7,
  'unused-script': 0.55,
  'legacy-script': 0.4,
  'unused-style': 0.3,
};

/** What a page sets up when it loads stays on purpose; what a later step leaves behind may come again and again. */
const leftBehind: ReadonlySet<FindingRule> = new Set<FindingRule>(['listeners', 'memory-kept']);
const setUp = 0.05;
/** Kept memory is small each time, and there with every repetition: a page lives for many. */
const addsUp = 3;
/**
 * Playwright's `fill` and scripted changes are no input to Chrome, so what moves in answer to them counts as a shift by
 * surprise, which for a user it is not.
 */
const unseenInput = 0.1;
/** One value that is many times what is poor says no more than that it is poor. */
const mostSize = 1;

/** Own code can be changed; a library's cost is changed where it is called, which such a finding then names. */
const ownership: Record<CodeOrigin, number> = { application: 1, 'third-party': 0.6, library: 0.1, browser: 0.3 };
/** Time without a place in a script still has to be looked into; a request's URL is a place. */
const placeless = 0.7;
/** What explains less of a failing metric than this stands among the others. */
const leastShare = 0.02;

/**
 * Rules that say where time on the main thread goes: of one place, they say the same thing in different words. The
 * most telling first: a cause before what shows it.
 */
const timeRules: readonly FindingRule[] = [
  'forced-reflow',
  'large-json',
  'hot-function',
  'many-small-calls',
  'library-cost',
  'slow-interaction',
  'timers',
  'large-style-recalculation',
  'large-layout',
  'wide-tower',
  'long-animation-frame',
  'long-task',
];
/** Explaining this share of what the best explains counts as nearly the same. */
const nearly = 0.8;

/** Folded findings that one keeps as details; the rest only repeats. */
const mostFolded = 4;

interface Scored extends RankedFinding {
  /** Of failing metrics: the sum of shares; of others: amounts in units of what is poor. */
  readonly failed: number;
  readonly general: number;
}

function own(values: Readonly<Record<string, number>>, id: string): number | undefined {
  return Object.hasOwn(values, id) ? values[id] : undefined;
}

/**
 * Of a value of 0 a finding explains all: an error that the measured samples did not have, say. Of one that was not
 * measured in the step (the heap is read at the end of the flow) nobody knows.
 */
function shareOf(amount: number, value: number | undefined): number {
  if (!(amount > 0) || value === undefined) return 0;
  return value > 0 ? Math.min(1, amount / value) : 1;
}

/** Of what is named by a URL, and so has a place; the engine's finding of images too, which has no location. */
const placed: ReadonlySet<FindingRule> = new Set<FindingRule>(['image-size']);

function placeWeight({ rule, location, source }: Finding): number {
  // A package that is there twice is taken out by whoever bundles it: nothing in the package itself is to be changed.
  if (rule === 'duplicate-module') return 1;
  if (location) return ownership[location.origin];
  return (source === 'network' || placed.has(rule)) && !timeRules.includes(rule) ? 1 : placeless;
}

/** How much surer a rule is of this metric than of others. */
function surer(rule: FindingRule, metric: string): number {
  const ofBytes = metric.startsWith('bytes.') ? (certaintyOfBytes[rule] ?? 0) : 0;
  return Math.max(1, ofBytes / certainty[rule]);
}

function score(finding: Finding, { values, failing, kind }: RankContext): Scored {
  const expected = kind === 'navigation' && leftBehind.has(finding.rule) ? setUp : 1;
  const lasting = finding.rule === 'memory-kept' ? addsUp : 1;
  const seen = kind === 'script' && finding.rule === 'layout-shift' ? unseenInput : 1;
  const weight = expected * certainty[finding.rule] * placeWeight(finding);
  let failed = 0;
  let general = 0;
  let best: { metric: string; amount: number; share: number; failing: boolean; size: number } | null = null;
  for (const [metric, explained] of Object.entries(finding.explains)) {
    const value = own(values, metric);
    if (!(explained > 0)) continue;
    const share = shareOf(explained, value);
    // As much as the metric has, but no more: a trace runs slower than the samples did.
    const amount = value !== undefined && value > 0 ? Math.min(explained, value) : explained;
    const fails = failing.includes(metric);
    const poor = poorValue(metric);
    const size = poor === null ? 0 : Math.min(mostSize, amount / poor);
    if (fails) failed += share * surer(finding.rule, metric);
    general = Math.max(general, size);
    const better = !best || (fails !== best.failing ? fails : fails ? share > best.share : size > best.size);
    if (better) best = { metric, amount, share, failing: fails, size };
  }
  return {
    finding,
    metric: best?.metric ?? null,
    amount: best?.amount ?? 0,
    share: best?.share ?? 0,
    failing: best?.failing ?? false,
    failed: failed < leastShare ? 0 : failed * weight,
    general: general * weight * lasting * seen,
  };
}

function compareScored(a: Scored, b: Scored): number {
  return (
    b.failed - a.failed ||
    b.general - a.general ||
    b.finding.cost.value - a.finding.cost.value ||
    (a.finding.title < b.finding.title ? -1 : a.finding.title > b.finding.title ? 1 : 0)
  );
}

/** Where it is, for telling whether two findings mean the same place; null where that cannot be said. */
function placeOf({ rule, location, cost }: Finding): string | null {
  // The trace engine and our own rule name one shift by its score.
  if (rule === 'layout-shift') return `shift ${cost.value.toFixed(6)}`;
  if (!location) return null;
  const family = timeRules.includes(rule) ? 'time' : rule;
  return [family, location.file, location.function ?? `${location.line}:${location.column}`].join(' ');
}

/** Of findings of one place: the most telling among those that explain nearly as much as the first. */
function choose(sorted: readonly Scored[]): Scored | undefined {
  const [first] = sorted;
  if (!first) return undefined;
  const rank = ({ finding }: Scored): number => timeRules.indexOf(finding.rule);
  return sorted
    .filter((one) => one.failed >= nearly * first.failed && one.general >= nearly * first.general)
    .reduce((best, one) => (rank(one) < rank(best) ? one : best), first);
}

function fold(group: readonly Scored[], context: RankContext): Scored[] {
  const chosen = choose(group.toSorted(compareScored));
  if (!chosen) return [];
  const others = group.filter((one) => one !== chosen).toSorted(compareScored);
  if (others.length === 0) return [chosen];
  const explains = new Map(Object.entries(chosen.finding.explains));
  for (const { finding } of others) {
    for (const [metric, amount] of Object.entries(finding.explains))
      explains.set(metric, Math.max(explains.get(metric) ?? 0, amount));
  }
  const said = others.slice(0, mostFolded).map(({ finding }) => finding.title);
  const details = [...chosen.finding.details, ...said.filter((title) => !chosen.finding.details.includes(title))];
  return [score({ ...chosen.finding, explains: Object.fromEntries(explains), details }, context)];
}

/**
 * A trace runs slower than the samples did: a function with half of a metric's time in it has half of the sample's, too.
 * Without that its parts would come to more than the whole. What a server takes is the same in both.
 */
function scaleToSamples(finding: Finding, { values, traced = {} }: RankContext): Finding {
  if (!timeRules.includes(finding.rule)) return finding;
  const scaled = Object.entries(finding.explains).map(([metric, amount]) => {
    const [value, slow] = [own(values, metric), own(traced, metric)];
    const slower = value !== undefined && slow !== undefined && value > 0 && slow > value;
    return [metric, slower ? (amount * value) / slow : amount] as const;
  });
  return { ...finding, explains: Object.fromEntries(scaled) };
}

/** Pure and stable: the same findings in any order come out in one order. Findings of one place are folded into one. */
export function rankFindings(findings: readonly Finding[], context: RankContext): RankedFinding[] {
  const scored = findings.map((finding) => score(scaleToSamples(finding, context), context));
  const groups = Map.groupBy(scored, (one, at) => placeOf(one.finding) ?? at);
  return [...groups.values()]
    .flatMap((group) => fold(group, context))
    .toSorted(compareScored)
    .map(({ finding, metric, amount, share, failing }) => ({ finding, metric, amount, share, failing }));
}
