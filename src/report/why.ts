/** Why a metric is what it is: what it is made of, and the places in the source that account for most of it. */
import { bundleParts } from '../analyse/bundle-bytes.ts';
import { functionText } from '../analyse/finding-text.ts';
import { compareRequests } from '../analyse/requests.ts';
import type { RankedFinding } from '../analyse/rank-findings.ts';
import type { Bundles } from '../core/bundles.ts';
import type { Change, ComparisonSides } from '../core/comparison.ts';
import type { FunctionChange } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import type { FindingRule } from '../core/finding.ts';
import { isOfMemory } from '../core/metrics.ts';
import type { Verdict } from '../core/verdict.ts';
import { cleanText } from '../core/text.ts';
import { metricOf, quantity, shortMargin } from './view-format.ts';
import { diagnosisOf, stepFindings } from './step-findings.ts';
import { requestsOf } from './view-requests.ts';
import { whyMemory } from './why-memory.ts';
import { fileName, flowParts, isOfMetric, partsText, stepParts, telltaleStep } from './why-parts.ts';

/** Lines that a reader takes in at a glance. */
const mostLines = 5;
/** A cause of less than this share is one of many. */
const leastShare = 0.05;

/** Rules whose finding is a function that takes time: the place and the amount say it all. */
const timed: ReadonlySet<FindingRule> = new Set<FindingRule>([
  'hot-function',
  'wide-tower',
  'many-small-calls',
  'large-json',
  'timers',
]);

/** They tell that time is spent, not by whom: where a cause is known, they add nothing. */
const symptoms: ReadonlySet<FindingRule> = new Set<FindingRule>([
  'long-task',
  'long-animation-frame',
  'slow-interaction',
  'wide-tower',
]);

/** The title with the amount in it set off against the whole: `takes 84 ms of 256 ms`; else both after it. */
function withShare(title: string, amount: string, whole: string): string {
  const takes = /^(.+?) takes \d[\d.,]* m?s\b(.*)$/s.exec(title);
  // The title has the time of the whole step; of this metric it is another amount.
  if (takes && !title.includes(` takes ${amount}`)) return `${takes[1]} takes ${amount} of ${whole}${takes[2]}`;
  const at = title.search(new RegExp(`(?<![\\w.:])${amount.replaceAll('.', '\\.')}(?![\\w.:])`));
  const end = at + amount.length;
  const [before, after] = [title.slice(0, end), title.slice(end)];
  if (at < 0 || after.startsWith(' of '))
    return after.includes(`${whole} `) ? title : `${title} (${amount} of ${whole})`;
  return `${before} of ${whole}${after}`;
}

function causeText({ finding }: RankedFinding, metric: string, value: number): string {
  const { unit } = metricOf(metric);
  const amount = quantity(Math.min(finding.explains[metric] ?? 0, value), unit);
  const whole = quantity(value, unit);
  if (finding.location && timed.has(finding.rule)) return `${functionText(finding.location)} ${amount} of ${whole}`;
  if (finding.location && finding.rule === 'forced-reflow')
    return `${functionText(finding.location)} forces layout: ${amount} of ${whole}`;
  return cleanText(withShare(finding.title, amount, whole), 240);
}

function causes(scenario: ScenarioDocument, step: string, metric: string, value: number): string[] {
  const found = stepFindings(scenario, step)
    .filter(({ finding }) => Object.hasOwn(finding.explains, metric))
    .filter(({ finding }) => (finding.explains[metric] ?? 0) >= leastShare * value);
  const told = found.filter(({ finding }) => !symptoms.has(finding.rule));
  return (told.length > 0 ? told : found).map((ranked) => causeText(ranked, metric, value));
}

const bundleMetric = 'bundle.';

/** What the glob of a budget names: `Largest of 14: src/cart.ts 3.1 kB, …`. */
function named(bundles: Bundles, glob: string): string[] {
  const parts = bundleParts(bundles, glob);
  const shown = parts
    .slice(0, 4)
    .map(({ name, transferred }) => `${cleanText(name, 80)} ${quantity(transferred, 'bytes')}`);
  if (shown.length === 0) return [];
  return [`${parts.length > shown.length ? `Largest of ${parts.length}: ` : ''}${shown.join(', ')}`];
}

/** The modules behind the bytes of scripts or style sheets, by package; own code as one. */
function modules(bundles: Bundles | null | undefined, metric: string): string[] {
  if (bundles && metric.startsWith(bundleMetric)) return named(bundles, metric.slice(bundleMetric.length));
  const kind = metric === 'bytes.script' ? 'script' : metric === 'bytes.stylesheet' ? 'stylesheet' : null;
  if (!bundles || kind === null) return [];
  const parts = bundles.files.filter((file) => file.kind === kind).flatMap((file) => file.modules);
  const groups = [...Map.groupBy(parts, (part) => part.package ?? 'own code')].map(([label, group]) => ({
    label: cleanText(label, 60),
    bytes: group.reduce((sum, { transferred }) => sum + transferred, 0),
  }));
  const shown = groups.toSorted((a, b) => b.bytes - a.bytes).slice(0, 4);
  if (shown.length === 0) return [];
  return [`Modules: ${shown.map(({ label, bytes }) => `${label} ${quantity(bytes, 'bytes')}`).join(', ')}`];
}

/** Parts first, then causes; at most five lines. Empty where nothing is known. */
export function whyLines(
  scenario: ScenarioDocument,
  { step, metric, value }: Pick<Verdict, 'step' | 'metric' | 'value'>,
): string[] {
  if (value === null) return [];
  const { memory } = scenario;
  if (memory && isOfMemory(metricOf(metric))) return whyMemory(memory, metric);
  const asked = step ?? telltaleStep(scenario, metric);
  const parts = step === null ? flowParts(scenario, metric, value) : stepParts(scenario, step, metric, value);
  // Of one sample, where its parts stand above: both lines then speak of one number.
  const found = asked === null ? [] : causes(scenario, asked, metric, parts?.whole ?? value);
  return [
    ...(parts ? [partsText(parts, metric)] : []),
    ...modules(scenario.diagnosis?.bundles, metric),
    ...found,
  ].slice(0, mostLines);
}

/** Metrics that functions take time of. */
const ofTime = /^(cpu\.(main|script)|TBT|INP|duration|LCP|FCP|longtasks\.longest)$/;

/** `renderList (src/list.tsx:42) +38 ms (was 2 ms)`. */
function slowerText({ location, base, change }: FunctionChange): string {
  const before = base === null ? 'not seen in base' : `was ${quantity(base, 'ms')}`;
  return `${functionText(location)} ${shortMargin(change, 'ms')} (${before})`;
}

function slowerFunctions(scenario: ScenarioDocument, step: string): string[] {
  // Where repeated profiles could not tell, nobody is to blame.
  const slower = (diagnosisOf(scenario, step)?.functions ?? []).filter(
    ({ change, interval }) => change > 0 && (interval === null || interval.low > 0),
  );
  return [...new Map(slower.map((one) => [functionText(one.location), one] as const).toReversed()).values()]
    .toReversed()
    .map(slowerText);
}

/** Requests of the metric that are new, gone, or of another size, the largest difference first. */
function changedRequests(
  scenario: ScenarioDocument,
  sides: ComparisonSides,
  { step, metric }: Pick<Change, 'step' | 'metric'>,
): string[] {
  const [base, head] = [requestsOf(scenario, 'base'), requestsOf(scenario, 'head')];
  if (base.length === 0 || head.length === 0) return [];
  const { differences } = compareRequests({ base, head }, { base: sides.base.url, head: sides.head.url });
  return differences.flatMap(({ status, base: before, head: after, bytes }) => {
    const one = after ?? before;
    if (!one || status === 'same' || (step !== null && one.step !== step) || !isOfMetric(metric, one.request))
      return [];
    if (metric.startsWith('requests.') && status !== 'new' && status !== 'gone') return [];
    const size = bytes === 0 ? '' : ` ${shortMargin(bytes, 'bytes')}`;
    return [
      `${fileName(one.request.url)}${size} (${status === 'grown' || status === 'shrunk' ? `was ${quantity(before?.request.bytes ?? 0, 'bytes')}` : status})`,
    ];
  });
}

const worse: ReadonlySet<Change['status']> = new Set<Change['status']>(['regressed', 'inconclusive']);

/**
 * For a metric that got worse: the functions that got slower, the requests that grew, else what head's findings say;
 * nothing for one that did not, or of which nothing is sure but seems better.
 */
export function whyChangedLines(
  scenario: ScenarioDocument,
  sides: ComparisonSides,
  { step, metric, head, status, change }: Pick<Change, 'step' | 'metric' | 'head' | 'status' | 'change'>,
): string[] {
  const towards = metricOf(metric).direction === 'lower' ? 1 : -1;
  if (!worse.has(status) || (change ?? 0) * towards <= 0) return [];
  const asked = step ?? telltaleStep(scenario, metric);
  const slower = asked !== null && ofTime.test(metric) ? slowerFunctions(scenario, asked) : [];
  const requests = /^(bytes|requests)\./.test(metric) ? changedRequests(scenario, sides, { step, metric }) : [];
  const changed = [...slower, ...requests].slice(0, mostLines);
  return changed.length > 0 ? changed : whyLines(scenario, { step, metric, value: head });
}
