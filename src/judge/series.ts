/** What is compared: every metric of every step that either side measured, and every budget against base. */
import type { RegressionLine } from '../core/comparison.ts';
import { findMetric, type MetricDefinition, metricOrder } from '../core/metrics.ts';
import { exactness, isPattern, regressionLinesForStep } from '../core/precedence.ts';
import type { Sample, StepSample } from '../core/sample.ts';
import { identifyLcp } from './comparison-lcp.ts';
import { changeRule } from './comparison-parameters.ts';
import type { ValueSeries } from './comparison-view.ts';
import type { Pair } from './pairs.ts';
import { resolutionOf } from './resolution.ts';

export interface Series extends ValueSeries {
  readonly step: string | null;
  readonly metric: MetricDefinition;
  /** The budget that applies; null for a default. */
  readonly line: RegressionLine | null;
  /** Whether that budget names this step in full, so that a missing number is its matter. */
  readonly named: boolean;
  /** Why there is no value where one is missing; empty where nothing says so. */
  readonly missing: string;
}

/** A budget that met no step, or an unknown metric. */
export interface UnmetLine {
  readonly line: RegressionLine;
  readonly reason: string;
}

/**
 * In the order of steps (those of head first, the flow last), then of the metric table.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things of a step
 */
export function buildSeries(
  pairs: readonly Pair[],
  lines: readonly RegressionLine[],
): { series: Series[]; unmet: UnmetLine[] } {
  const sides = [...pairs.map((pair) => pair.head), ...pairs.map((pair) => pair.base)];
  const steps = [...new Set(sides.flatMap((sample) => sample.steps.map((step) => step.name)))];
  const series: Series[] = [];
  const unmet: UnmetLine[] = [];
  const met = new Set<RegressionLine>();
  for (const [group, step] of [...steps, null].entries()) {
    const found = regressionLinesForStep(lines, step);
    const lineOf = new Map(found.map((line) => [line.metric, line]));
    const ids = new Set(sides.flatMap((sample) => Object.keys(metricsOf(sample, step) ?? {})));
    for (const line of found) {
      met.add(line);
      if (ids.has(line.metric)) continue;
      const metric = findMetric(line.metric);
      if (!metric) unmet.push({ line, reason: `this version knows no metric "${line.metric}"` });
      // A glob is not to blame for steps in which its metric cannot exist.
      else if (isNamed(line, step) || mayExist(metric, sides, step)) ids.add(line.metric);
    }
    for (const id of [...ids].toSorted((a, b) => metricOrder(a) - metricOrder(b) || (a < b ? -1 : 1))) {
      const metric = findMetric(id);
      if (metric) series.push(readSeries(pairs, { step, metric, line: lineOf.get(id) ?? null, group }));
    }
  }
  for (const line of lines) {
    // One under a glob of scenarios means others that have the step.
    if (met.has(line) || isPattern(line.scenario) || isOvershadowed(line, steps)) continue;
    unmet.push({ line, reason: pairs.length === 0 ? noPairs : unknownStep(line, steps) });
  }
  return { series, unmet };
}

const noPairs = 'no pair of samples was accepted';

function unknownStep(line: RegressionLine, steps: readonly string[]): string {
  return `no step "${line.step}" was seen; there were: ${steps.map((step) => `"${step}"`).join(', ')}`;
}

/** Whether a line met steps, but a more exact one took its place in each. */
function isOvershadowed(line: RegressionLine, steps: readonly string[]): boolean {
  return [...steps, null].some((step) => regressionLinesForStep([line], step).length > 0);
}

/** Whether a line names its step in full; the flow counts as such. */
function isNamed(line: RegressionLine, step: string | null): boolean {
  return line.step === null || step === null || exactness(line.step, step) === 2;
}

function metricsOf(sample: Sample, step: string | null): Readonly<Record<string, number>> | undefined {
  return step === null ? sample.flow : stepOf(sample, step)?.metrics;
}

function stepOf(sample: Sample, name: string): StepSample | undefined {
  return sample.steps.find((step) => step.name === name);
}

function mayExist(metric: MetricDefinition, samples: readonly Sample[], step: string | null): boolean {
  const looked = samples.flatMap((sample) => (step === null ? sample.steps : (stepOf(sample, step) ?? [])));
  return looked.some(({ kind }) => metric.kinds.includes(kind));
}

/** Of a flow CPU time alone gates by default: what else a flow has, its steps have gated already. */
const flowGates = 'cpu.main';

function readSeries(
  pairs: readonly Pair[],
  {
    step,
    metric,
    line,
    group,
  }: { step: string | null; metric: MetricDefinition; line: RegressionLine | null; group: number },
): Series {
  const values = (side: 'base' | 'head'): number[] =>
    pairs.map((pair) => metricsOf(pair[side], step)?.[metric.id] ?? Number.NaN);
  const rule = changeRule(metric);
  const byDefault = rule.gates && (step !== null || metric.id === flowGates) ? 'default' : 'never';
  const identities =
    metric.id === 'LCP' && step !== null
      ? {
          base: pairs.map((pair) => identifyLcp(stepOf(pair.base, step))),
          head: pairs.map((pair) => identifyLcp(stepOf(pair.head, step))),
        }
      : undefined;
  return {
    step,
    metric,
    line,
    named: line !== null && isNamed(line, step),
    missing: whyMissing(pairs, step, metric),
    base: values('base'),
    head: values('head'),
    sign: metric.direction === 'lower' ? 1 : -1,
    counted: metric.nature === 'counted',
    scale: rule.scale,
    // Counts are not rounded. Half of one is what a few equal differences leave open.
    resolution: metric.unit === 'count' ? 0.5 : resolutionOf(metric),
    floor: rule.floor,
    margin: rule.margin,
    allowed: line?.allowed ?? null,
    level: line?.level ?? 'error',
    gates: line === null ? byDefault : line.allowed === null ? 'never' : 'always',
    group,
    stream: hashText(`${step}\n${metric.id}`),
    identities,
  };
}

/** FNV-1a, 32 bits (Fowler, Noll and Vo): the same number for the same name in every run. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

function whyMissing(pairs: readonly Pair[], step: string | null, metric: MetricDefinition): string {
  const looked = pairs
    .flatMap((pair) => [pair.head, pair.base])
    .flatMap((sample) => (step === null ? sample.steps : (stepOf(sample, step) ?? [])));
  const first = looked.find(({ metrics, missing }) => metrics[metric.id] === undefined && missing[metric.id]);
  return first?.missing[metric.id] ?? '';
}
