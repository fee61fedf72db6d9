/** What a metric is made of in one sample: parts that sum to it. Values in the metric's base unit. */
import type { ScenarioDocument } from '../core/document.ts';
import { type MetricDefinition, metricTable } from '../core/metrics.ts';
import type { RequestRecord, Sample, StepSample } from '../core/sample.ts';
import { cleanText } from '../core/text.ts';
import { count, metricOf, name, quantity } from './view-format.ts';
import { acceptedSamples, headSamples, ownNumber, stepNames, stepOf } from './view-series.ts';

export interface Part {
  readonly label: string;
  readonly value: number;
}

export interface Parts {
  /** The value that they sum to: of one sample, the nearest to what was judged. */
  readonly whole: number;
  readonly parts: readonly Part[];
}

/** More would not fit a line; the rest is one part. */
const mostParts = 3;
const longTask = 50;

/** The largest parts, the rest as one, so that all sum to the whole. Nothing where they are more than the whole. */
function sumUp(whole: number, parts: readonly Part[], rest: (amount: number) => string): Parts | null {
  const sorted = parts.filter(({ value }) => value > 0).toSorted((a, b) => b.value - a.value);
  if (sorted.length === 0) return null;
  const shown = sorted.slice(0, sorted.length === mostParts + 1 ? mostParts + 1 : mostParts);
  const left = whole - shown.reduce((sum, { value }) => sum + value, 0);
  // Rounding of the page's clock, which is a tenth of a millisecond.
  if (left < -0.5) return null;
  const others = sorted.length - shown.length;
  return {
    whole,
    parts: left > 0.05 || others > 0 ? [...shown, { label: rest(others), value: Math.max(0, left) }] : shown,
  };
}

function ofLcp(step: StepSample, whole: number): Parts | null {
  const { lcp } = step.attribution;
  if (!lcp) return null;
  const { ttfb, loadDelay, loadDuration, renderDelay } = lcp.parts;
  const parts = [
    { label: 'first byte', value: ttfb },
    { label: 'until the resource was asked for', value: loadDelay },
    { label: 'its load', value: loadDuration },
    { label: 'until it was painted', value: renderDelay },
  ];
  return { whole, parts: parts.filter(({ value }) => value > 0) };
}

function ofInp(step: StepSample, whole: number): Parts | null {
  const { inp } = step.attribution;
  if (!inp) return null;
  const { inputDelay, processing, presentation } = inp.parts;
  return {
    whole,
    parts: [
      { label: 'input delay', value: inputDelay },
      { label: 'processing', value: processing },
      { label: 'presentation', value: presentation },
    ],
  };
}

/** Blocking time by task; what lies before First Contentful Paint does not count in a navigation. */
function ofTbt(step: StepSample, whole: number): Parts | null {
  const from = step.kind === 'navigation' ? (step.metrics['FCP'] ?? 0) : 0;
  const tasks = step.attribution.longTasks.map(({ start, duration }) => ({
    label: `a task of ${quantity(duration, 'ms')} at ${quantity(start, 'ms')}`,
    value: Math.max(0, start + duration - Math.max(start, from) - longTask),
  }));
  return sumUp(whole, tasks, (others) => (others > 0 ? count(others, 'other') : 'others'));
}

function ofCls(step: StepSample, whole: number): Parts | null {
  const shifts = step.attribution.shifts.map(({ score, nodes }) => ({
    label: cleanText(nodes.find((node) => node !== '') ?? 'an unknown node', 60),
    value: score,
  }));
  const sorted = shifts.toSorted((a, b) => b.value - a.value).slice(0, mostParts);
  const left = whole - sorted.reduce((sum, { value }) => sum + value, 0);
  if (sorted.length === 0 || left < -0.0001) return null;
  return { whole, parts: left > 0.0001 ? [...sorted, { label: 'other shifts', value: left }] : sorted };
}

function ofCpu(step: StepSample, whole: number): Parts | null {
  const part = (id: string, label: string): Part => ({ label, value: ownNumber(step.metrics, id) ?? 0 });
  const parts = [part('cpu.script', 'scripts'), part('cpu.layout', 'layout'), part('cpu.style', 'style')];
  const sum = parts.reduce((total, { value }) => total + value, 0);
  if (sum === 0 || sum > whole) return null;
  return {
    whole,
    parts: [...parts, { label: 'the rest (promises, parsing, painting, collecting garbage)', value: whole - sum }],
  };
}

/** Whether a request counts in `bytes.TYPE` or `requests.TYPE`. */
export function isOfMetric(metric: string, request: RequestRecord): boolean {
  const type = metric.slice(metric.indexOf('.') + 1);
  if (type === 'failed') return request.failed !== null;
  if (request.fromCache) return false;
  return type === 'total' || request.type === type || request.party === type;
}

/** The last part of a URL's path, for sentences. */
export function fileName(url: string): string {
  const path = /^[^?#]*/.exec(url)?.[0] ?? '';
  return cleanText(path.split('/').findLast((part) => part !== '') ?? url, 60);
}

function ofBytes(metric: string, step: StepSample, whole: number): Parts | null {
  const requests = step.requests
    .filter((request) => isOfMetric(metric, request))
    .map(({ url, bytes }) => ({ label: fileName(url), value: bytes }));
  return sumUp(whole, requests, (others) => (others > 0 ? count(others, 'other') : 'others'));
}

function ofRequests(metric: string, step: StepSample, whole: number): Parts | null {
  const requests = step.requests.filter((request) => isOfMetric(metric, request));
  // Of one type, the folder tells what they are for; of all, the type.
  const mixed = ['total', 'first-party', 'third-party'].some((type) => metric.endsWith(type));
  const keyOf = ({ url, type }: RequestRecord): string => {
    if (mixed) return type;
    const folder = /^[a-z]+:\/\/[^/]*([^?#]*)/i.exec(url)?.[1] ?? url;
    return cleanText(folder.replace(/[^/]*$/, '*'), 60);
  };
  const groups = [...Map.groupBy(requests, keyOf)].map(([label, group]) => ({ label, value: group.length }));
  return sumUp(whole, groups, () => 'others');
}

function partsOf(metric: string, step: StepSample, whole: number): Parts | null {
  if (metric === 'LCP') return ofLcp(step, whole);
  if (metric === 'INP') return ofInp(step, whole);
  if (metric === 'TBT') return ofTbt(step, whole);
  if (metric === 'CLS') return ofCls(step, whole);
  if (metric === 'cpu.main') return ofCpu(step, whole);
  if (metric.startsWith('bytes.')) return ofBytes(metric, step, whole);
  if (metric.startsWith('requests.')) return ofRequests(metric, step, whole);
  if (metric === 'FCP') {
    const first = ownNumber(step.metrics, 'TTFB');
    if (first === undefined || first > whole) return null;
    return {
      whole,
      parts: [
        { label: 'first byte', value: first },
        { label: 'until something was painted', value: whole - first },
      ],
    };
  }
  return null;
}

function nearest(
  samples: readonly Sample[],
  valueOf: (sample: Sample) => number | undefined,
  wanted: number,
): Sample | undefined {
  const distance = (sample: Sample): number => Math.abs((valueOf(sample) ?? Number.POSITIVE_INFINITY) - wanted);
  const valued = samples.filter((sample) => valueOf(sample) !== undefined);
  return valued.toSorted((a, b) => distance(a) - distance(b) || a.index - b.index)[0];
}

/** The parts of a step's metric in the accepted sample nearest to `wanted`; null where it has none that sum up. */
export function stepParts(scenario: ScenarioDocument, step: string, metric: string, wanted: number): Parts | null {
  const valueOf = (sample: Sample): number | undefined => ownNumber(stepOf(sample, step)?.metrics, metric);
  const network = metric.startsWith('bytes.') || metric.startsWith('requests.');
  // Only the first sample keeps its requests; bytes and counts are the same in all, most often.
  const pool = network
    ? headSamples(scenario).filter((sample) =>
        (stepOf(sample, step)?.requests ?? []).some(({ failed }) => failed === null),
      )
    : acceptedSamples(scenario);
  const sample = nearest(pool, valueOf, wanted);
  const whole = sample && valueOf(sample);
  const found = sample && stepOf(sample, step);
  return found && whole !== undefined ? partsOf(metric, found, whole) : null;
}

/** The value of a flow by its steps, for metrics that are sums. */
export function flowParts(scenario: ScenarioDocument, metric: string, wanted: number): Parts | null {
  if (flowRule(metric) !== 'sum') return null;
  const sample = nearest(acceptedSamples(scenario), ({ flow }) => ownNumber(flow, metric), wanted);
  const whole = sample && ownNumber(sample.flow, metric);
  if (!sample || whole === undefined) return null;
  const steps = stepNames(scenario).map((step) => ({
    label: name(step),
    value: ownNumber(stepOf(sample, step)?.metrics, metric) ?? 0,
  }));
  return sumUp(whole, steps, (others) => (others > 0 ? count(others, 'other step') : 'between steps'));
}

function flowRule(metric: string): MetricDefinition['flow'] | undefined {
  return metricTable.find(({ id }) => id === metric)?.flow;
}

/** The step that a flow's value comes from most: the largest, or the last where only that counts. */
export function telltaleStep(scenario: ScenarioDocument, metric: string): string | null {
  const steps = stepNames(scenario);
  if (flowRule(metric) === 'last') return steps.at(-1) ?? null;
  const [sample] = acceptedSamples(scenario);
  const value = (step: string): number => (sample && ownNumber(stepOf(sample, step)?.metrics, metric)) ?? 0;
  return steps.toSorted((a, b) => value(b) - value(a))[0] ?? null;
}

/** `152 ms = input delay 2 ms + processing 130 ms + presentation 20 ms`. */
export function partsText({ whole, parts }: Parts, metric: string): string {
  const { unit } = metricOf(metric);
  return `${quantity(whole, unit)} = ${parts.map(({ label, value }) => `${label} ${quantity(value, unit)}`).join(' + ')}`;
}
