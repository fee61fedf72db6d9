/** What of a scenario can be kept as a baseline, and how a later run differs from it. */
import { type Baseline, type BaselineScenario, type BaselineValues, isKept, notExact } from '../core/baseline.ts';
import type { RegressionLine } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { findMetric, type MetricDefinition, metricOrder } from '../core/metrics.ts';
import { regressionLinesForStep } from '../core/precedence.ts';
import type { Sample } from '../core/sample.ts';
import { formatQuantity } from '../core/units.ts';
import { changeRule } from './comparison-parameters.ts';
import { summarise } from './summary.ts';

/** Two samples agree by chance now and then; a run of the schedule has five or more. */
export const fewestSamples = 3;

/** A metric whose value is no exact count in a run, and why. */
export interface LeftOut {
  readonly step: string | null;
  readonly metric: string;
  readonly reason: string;
}

/** What the accepted samples of head say of one metric in one place. */
interface Reading {
  readonly low: number;
  readonly high: number;
  /** Why it is not exact; null where it is. */
  readonly inexact: string | null;
}

function countedSamples(scenario: Pick<ScenarioDocument, 'samples'>): Sample[] {
  return scenario.samples.filter(
    (sample) => sample.accepted && sample.role === 'measured' && sample.variant === 'head',
  );
}

function stepNames(samples: readonly Sample[]): string[] {
  return [...new Set(samples.flatMap(({ steps }) => steps.map(({ name }) => name)))];
}

/** The metrics of each sample in one step, or of the flow (null); a sample without the step leaves none. */
function valuesIn(samples: readonly Sample[], step: string | null): Readonly<Record<string, number>>[] {
  return samples.map((sample) =>
    step === null ? sample.flow : (sample.steps.find(({ name }) => name === step)?.metrics ?? {}),
  );
}

function read(places: readonly Readonly<Record<string, number>>[], metric: MetricDefinition): Reading | null {
  const { id, unit } = metric;
  const values = places.flatMap((place) => (Object.hasOwn(place, id) ? [place[id] ?? 0] : []));
  if (values.length === 0) return null;
  const { min, max, exact } = summarise(values, metric, fewestSamples);
  const shown = (value: number): string => formatQuantity(value, unit);
  const inexact =
    places.length < fewestSamples
      ? `${places.length} ${places.length === 1 ? 'sample' : 'samples'}; ${fewestSamples} are needed`
      : values.length < places.length
        ? `measured in ${values.length} of ${places.length} samples`
        : exact
          ? null
          : `varied: ${shown(min) === shown(max) ? `${min} to ${max}` : `${shown(min)} to ${shown(max)}`}`;
  return { low: min, high: max, inexact };
}

function keptMetrics(ids: Iterable<string>, only: Baseline['only']): MetricDefinition[] {
  return [...new Set(ids)]
    .filter((id) => isKept(only, id))
    .flatMap((id) => findMetric(id) ?? [])
    .toSorted((a, b) => metricOrder(a.id) - metricOrder(b.id));
}

/**
 * The counts of a scenario that did not vary, and what was left out of it. 0 is not written, since most resource
 * types are 0 in most steps; what varied is written as such.
 * @returns `scenario` null where too few samples were accepted to call anything exact
 */
export function takeBaseline(
  scenario: Pick<ScenarioDocument, 'titlePath' | 'project' | 'samples'>,
  only: Baseline['only'],
): { scenario: BaselineScenario | null; leftOut: LeftOut[] } {
  const samples = countedSamples(scenario);
  if (samples.length < fewestSamples) return { scenario: null, leftOut: [] };
  const leftOut: LeftOut[] = [];
  const take = (step: string | null): BaselineValues => {
    const places = valuesIn(samples, step);
    const entries: [string, BaselineValues[string]][] = [];
    for (const metric of keptMetrics(places.flatMap(Object.keys), only)) {
      const reading = read(places, metric);
      if (reading?.inexact) leftOut.push({ step, metric: metric.id, reason: reading.inexact });
      if (reading?.inexact) entries.push([metric.id, notExact]);
      else if (reading && reading.low !== 0) entries.push([metric.id, reading.low]);
    }
    return Object.fromEntries(entries);
  };
  const steps = Object.fromEntries(stepNames(samples).map((step) => [step, take(step)]));
  return {
    scenario: { scenario: baselineName(scenario), project: scenario.project, flow: take(null), steps },
    leftOut,
  };
}

/** The name under which a scenario stands in a baseline; budgets know it by this, too. */
export function baselineName({ titlePath }: Pick<ScenarioDocument, 'titlePath'>): string {
  return titlePath.join(' › ');
}

export type DifferenceStatus = 'regressed' | 'not measured' | 'not exact' | 'improved' | 'tolerated';

/** A metric that is not what the baseline says. Values in the metric's base unit. */
export interface Difference {
  readonly step: string | null;
  readonly metric: string;
  readonly status: DifferenceStatus;
  /** Whether it fails the comparison. */
  readonly gates: boolean;
  readonly level: 'warn' | 'error';
  readonly was: number;
  /** Where it varies now: the sample nearest the baseline on the better side, and the range stands in the reason. */
  readonly now: number | null;
  /** By how much it may become worse; null: it never fails. */
  readonly allowed: number | null;
  readonly reason: string;
}

export interface BaselineComparison {
  readonly differences: readonly Difference[];
  readonly unchanged: number;
  /** Steps of the baseline that the run does not have. */
  readonly gone: readonly string[];
  /** Steps of the run that the baseline does not have. */
  readonly added: readonly string[];
}

/**
 * How a run differs from the baseline, step by step in the order of the run, the flow last. By default a metric may
 * become worse by the floor of its rule (judge/comparison-parameters.ts): nothing for counts, 1 % or 1 kB for bytes;
 * a budget against base takes its place. A metric that varies now is judged by its best sample.
 * @param options.lines budgets against base of this scenario
 * @returns null where no sample was accepted
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things
 */
export function compareWithBaseline(
  was: BaselineScenario,
  now: Pick<ScenarioDocument, 'samples'>,
  options: { readonly only: Baseline['only']; readonly lines: readonly RegressionLine[] },
): BaselineComparison | null {
  const samples = countedSamples(now);
  if (samples.length === 0) return null;
  const steps = stepNames(samples);
  const known = steps.filter((step) => Object.hasOwn(was.steps, step));
  const differences: Difference[] = [];
  let unchanged = 0;
  for (const step of [...known, null]) {
    const stored = step === null ? was.flow : (was.steps[step] ?? {});
    const lines = regressionLinesForStep(options.lines, step);
    const places = valuesIn(samples, step);
    const ids = [...Object.keys(stored), ...places.flatMap(Object.keys)];
    for (const metric of keptMetrics(ids, options.only)) {
      const entry = Object.hasOwn(stored, metric.id) ? stored[metric.id] : undefined;
      if (entry === notExact) continue;
      const line = lines.find((each) => each.metric === metric.id);
      const difference = judgeMetric({ step, metric, was: entry, line, reading: read(places, metric) });
      if (difference) differences.push(difference);
      else unchanged += 1;
    }
  }
  return {
    differences,
    unchanged,
    gone: Object.keys(was.steps).filter((step) => !steps.includes(step)),
    added: steps.filter((step) => !known.includes(step)),
  };
}

function judgeMetric(about: {
  step: string | null;
  metric: MetricDefinition;
  was: number | undefined;
  line: RegressionLine | undefined;
  reading: Reading | null;
}): Difference | null {
  const { step, metric, line, reading } = about;
  const was = about.was ?? 0;
  const { floor } = changeRule(metric);
  const tolerance = Math.max(floor.share * was, floor.absolute);
  const allowed = line === undefined ? tolerance : allowedBy(line, was);
  const level = line?.level ?? 'error';
  const mayFail = allowed !== null && level === 'error';
  const base = { step, metric: metric.id, level, was, allowed };
  if (reading === null) {
    if (about.was === undefined) return null;
    return { ...base, status: 'not measured', gates: mayFail, now: null, reason: 'the run has no value' };
  }
  const best = metric.direction === 'lower' ? reading.low : reading.high;
  const worse = metric.direction === 'lower' ? best - was : was - best;
  const reason = reading.inexact ?? '';
  // Doubles: 0.31 − 0.3 is more than 0.01.
  const slack = 1e-9 * Math.max(1, was);
  if (allowed !== null && worse > allowed + slack) {
    return { ...base, status: 'regressed', gates: mayFail, now: best, reason };
  }
  if (reading.inexact !== null) return { ...base, status: 'not exact', gates: false, now: best, reason };
  if (Math.abs(worse) <= slack) return null;
  return { ...base, status: -worse > tolerance + slack ? 'improved' : 'tolerated', gates: false, now: best, reason };
}

function allowedBy({ allowed }: RegressionLine, was: number): number | null {
  if (allowed === null) return null;
  return allowed.kind === 'share' ? allowed.value * was : allowed.value;
}
