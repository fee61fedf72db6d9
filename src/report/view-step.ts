/** One step of a scenario: what it was, its numbers, and what the samples say about their cause. */
import type { ChangeStatus } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import type { RequestRecord, StepSample } from '../core/sample.ts';
import { type PartsChart, partsChart } from './chart-parts.ts';
import { type FlameView, flameView } from './view-flame.ts';
import { type WaterfallView, waterfallView } from './view-waterfall.ts';
import { type FindingsView, findingsView } from './view-findings.ts';
import { count, kindWord, listed, metricOf, name, quantity } from './view-format.ts';
import { type LineStatus, lineStatus } from './view-lines.ts';
import { type MetricTables, metricTables, type StatusView, statusView } from './view-metrics.ts';
import { acceptedSamples, headSamples, medianSample, stepOf } from './view-series.ts';
import { cleanText } from '../core/text.ts';

export interface RequestRow {
  readonly url: string;
  readonly type: string;
  readonly party: string;
  readonly status: string;
  readonly size: string;
  readonly failed: boolean;
}

export interface StepView {
  readonly anchor: string;
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  /** The worst verdict of the step; null where nothing was judged. */
  readonly status: StatusView | null;
  /** Null where the step was not diagnosed. */
  readonly findings: FindingsView | null;
  readonly tables: MetricTables;
  readonly parts: readonly PartsChart[];
  /** Terms and what they name, from the sample nearest the median. */
  readonly causes: ReadonlyArray<{ readonly term: string; readonly items: readonly string[] }>;
  readonly flame: FlameView | null;
  readonly waterfall: WaterfallView | null;
  readonly requests: { readonly summary: string; readonly rows: readonly RequestRow[] } | null;
  readonly failedRequests: readonly string[];
  readonly pageErrors: readonly string[];
  readonly notes: readonly string[];
  readonly missing: ReadonlyArray<{ readonly reason: string; readonly metrics: string }>;
}

/** Beyond these a table says how many more there are: the report has a size to keep. */
const mostRequests = 30;
const mostMessages = 10;

const worstFirst: readonly LineStatus[] = ['fail', 'warn', 'not measured', 'inconclusive', 'pass'];

const comparedStatus: Record<ChangeStatus, LineStatus> = {
  regressed: 'warn',
  different: 'warn',
  inconclusive: 'inconclusive',
  'not measured': 'not measured',
  improved: 'pass',
  new: 'pass',
  gone: 'pass',
  unchanged: 'pass',
};

/** What the comparison says of a step, or of all, in the words of budget lines; empty without one. */
export function comparedStatuses(scenario: ScenarioDocument, step?: string | null): LineStatus[] {
  return (scenario.comparison?.changes ?? [])
    .filter((change) => change.role === 'gating' && (step === undefined || change.step === step))
    .map((change) => (change.gates ? 'fail' : comparedStatus[change.status]));
}

export function worstStatus(statuses: readonly LineStatus[]): StatusView | null {
  const worst = worstFirst.find((status) => statuses.includes(status));
  return worst === undefined ? null : statusView(worst);
}

/** A message and the number of samples that had it, most frequent first. */
function tally(messages: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const message of messages) counts.set(message, (counts.get(message) ?? 0) + 1);
  const sorted = [...counts].toSorted((a, b) => b[1] - a[1]);
  const shown = sorted
    .slice(0, mostMessages)
    .map(([message, times]) => (times > 1 ? `${message} (${times} times)` : message));
  return sorted.length > mostMessages ? [...shown, `… and ${sorted.length - mostMessages} more`] : shown;
}

function causes(scenario: ScenarioDocument, step: string): StepView['causes'] {
  const found: Array<{ term: string; items: string[] }> = [];
  const of = (metric: string): StepSample['attribution'] | undefined => {
    const sample = medianSample(scenario, step, metric);
    return sample && stepOf(sample, step)?.attribution;
  };
  const elements = acceptedSamples(scenario).flatMap((sample) => stepOf(sample, step)?.attribution.lcp ?? []);
  if (elements.length > 0) {
    const counted = tally(elements.map((lcp) => cleanText(lcp.element)));
    // a different element is a different measurement: say so before anything else
    const items = counted.length > 1 ? counted : [cleanText(elements[0]?.element ?? '')];
    const url = of('LCP')?.lcp?.url;
    found.push({ term: counted.length > 1 ? 'LCP elements differ between samples' : 'LCP element', items });
    if (url) found.push({ term: 'LCP resource', items: [cleanText(url)] });
  }
  const inp = of('INP')?.inp;
  if (inp) found.push({ term: 'INP target', items: [`${cleanText(inp.target)} (${name(inp.type)})`] });
  const shifts = of('CLS')?.shifts ?? [];
  if (shifts.length > 0) {
    found.push({
      term: 'Layout shifts',
      items: shifts.slice(0, 5).map((shift) => {
        const nodes = listed(
          shift.nodes.slice(0, 10).map((node) => cleanText(node, 100)),
          3,
        );
        return `${quantity(shift.score, 'score')} at ${quantity(shift.at, 'ms')}: ${nodes || 'unknown nodes'}`;
      }),
    });
  }
  const tasks = (of('TBT')?.longTasks ?? []).filter((task) => task.duration > 0);
  if (tasks.length > 0) {
    const longest = tasks.toSorted((a, b) => b.duration - a.duration).slice(0, 5);
    const items = longest.map((task) => `${quantity(task.duration, 'ms')} at ${quantity(task.start, 'ms')}`);
    found.push({ term: tasks.length > 5 ? `Longest of ${tasks.length} long tasks` : 'Long tasks', items });
  }
  return found;
}

function parts(scenario: ScenarioDocument, step: string): PartsChart[] {
  const charts: PartsChart[] = [];
  const lcpSample = medianSample(scenario, step, 'LCP');
  const lcp = lcpSample && stepOf(lcpSample, step)?.attribution.lcp;
  if (lcp) {
    const { ttfb, loadDelay, loadDuration, renderDelay } = lcp.parts;
    const chart = partsChart(`LCP in sample ${lcpSample.index}, the nearest to the median`, [
      ['Time to first byte', ttfb],
      ['Resource load delay', loadDelay],
      ['Resource load time', loadDuration],
      ['Element render delay', renderDelay],
    ]);
    if (chart) charts.push(chart);
  }
  const inpSample = medianSample(scenario, step, 'INP');
  const inp = inpSample && stepOf(inpSample, step)?.attribution.inp;
  if (inp) {
    const { inputDelay, processing, presentation } = inp.parts;
    const chart = partsChart(`INP in sample ${inpSample.index}, the nearest to the median`, [
      ['Input delay', inputDelay],
      ['Processing', processing],
      ['Presentation delay', presentation],
    ]);
    if (chart) charts.push(chart);
  }
  return charts;
}

function requestRow(request: RequestRecord): RequestRow {
  const failed = request.failed !== null;
  return {
    url: `${request.method === 'GET' ? '' : `${cleanText(request.method, 10)} `}${cleanText(request.url, 120)}`,
    type: cleanText(request.type, 20),
    party: request.party === 'first-party' ? 'first' : 'third',
    status: request.failed !== null ? cleanText(request.failed, 80) : String(request.status ?? 'none'),
    size: request.fromCache ? 'from cache' : quantity(request.bytes, 'bytes'),
    failed,
  };
}

/** The one sample that kept every request; later ones keep only those that failed. */
function requests(steps: readonly StepSample[]): StepView['requests'] {
  const kept = steps.find((step) => step.requests.length > 0)?.requests ?? [];
  if (kept.every((request) => request.failed !== null)) return null;
  const bytes = kept.reduce((sum, request) => sum + request.bytes, 0);
  const rows = kept.toSorted((a, b) => b.bytes - a.bytes);
  const more = rows.length > mostRequests ? `, the ${mostRequests} largest of them here` : '';
  return {
    summary: `${count(kept.length, 'request')} of the first sample, ${quantity(bytes, 'bytes')}${more}`,
    rows: rows.slice(0, mostRequests).map(requestRow),
  };
}

function missing(steps: readonly StepSample[]): StepView['missing'] {
  const metrics = new Map<string, Set<string>>();
  for (const step of steps) {
    for (const [id, reason] of Object.entries(step.missing)) {
      const key = cleanText(reason);
      metrics.set(key, (metrics.get(key) ?? new Set()).add(metricOf(id).id));
    }
  }
  return [...metrics].map(([reason, ids]) => ({ reason, metrics: listed([...ids], 30) }));
}

function notes(steps: readonly StepSample[]): string[] {
  const timedOut = steps.filter((step) => step.settle.timedOut);
  const kinds = [...new Set(steps.map((step) => kindWord(step.kind)))];
  const found: string[] = [];
  if (kinds.length > 1) found.push(`The kind of this step differs between samples: ${kinds.join(', ')}.`);
  if (timedOut.length > 0) {
    const what = new Set(timedOut.flatMap((step) => step.settle.waitingFor.map((text) => cleanText(text, 120))));
    found.push(
      `The page did not settle in ${timedOut.length} of ${count(steps.length, 'sample')}; still going on: ${listed([...what], 4) || 'unknown'}.`,
    );
  }
  return found;
}

/** Of a step, or of the flow as a whole where `step` is null. */
export function placeStatus(scenario: ScenarioDocument, step: string | null): StatusView | null {
  return worstStatus([
    ...scenario.verdicts.filter((verdict) => verdict.step === step).map(lineStatus),
    ...comparedStatuses(scenario, step),
  ]);
}

export function stepView(scenario: ScenarioDocument, step: string, anchor: string): StepView {
  const steps = headSamples(scenario).flatMap((sample) => stepOf(sample, step) ?? []);
  const failed = steps.flatMap((sample) => sample.requests.filter((request) => request.failed !== null));
  return {
    anchor,
    name: name(step),
    kind: steps[0] ? kindWord(steps[0].kind) : '',
    url: cleanText(steps[0]?.url ?? '', 200),
    status: placeStatus(scenario, step),
    findings: findingsView(scenario, step, anchor),
    tables: metricTables(scenario, step),
    parts: parts(scenario, step),
    causes: causes(scenario, step),
    flame: flameView(scenario, step, anchor),
    waterfall: waterfallView(scenario, step, anchor),
    requests: requests(steps),
    failedRequests: tally(
      failed.map((request) => {
        const url = cleanText(request.url, 160);
        return `${cleanText(request.method, 10)} ${url}: ${cleanText(request.failed ?? '', 120)}`;
      }),
    ),
    pageErrors: tally(steps.flatMap((sample) => sample.pageErrors.map((error) => cleanText(error)))),
    notes: notes(steps),
    missing: missing(steps),
  };
}
