/** Budget lines against the samples of a scenario: a verdict for every line and step, none left out. */
import { findMetric, isDiagnosed, isOfMemory, type MetricDefinition, metricOrder } from '../core/metrics.ts';
import { exactness, isPattern, linesForStep } from '../core/precedence.ts';
import type { Sample, StepSample } from '../core/sample.ts';
import { type BudgetLine, type JudgeParameters, statistics, type Verdict } from '../core/verdict.ts';
import { decide } from './decide.ts';
import { decideInPairs, judgedSamples, type SampledScenario, strictness } from './judged-samples.ts';
import { decideValue, type DiagnosedFacts, readDiagnosed } from './diagnosed.ts';

/** What a judgement needs of a scenario; a scenario document has it, and so has a schedule that is still running. */
export interface JudgedScenario extends SampledScenario {
  readonly options: { readonly cpuThrottling: number };
  readonly diagnosis?: DiagnosedFacts | null;
}

/** The values of one metric in one step (or the flow), or why there are none. */
type Reading = { readonly values: readonly number[] } | { readonly absent: string; readonly possible: boolean };

export interface JudgeProgress {
  /** No more samples will come. */
  readonly final: boolean;
  /** The diagnosis is over, or there is none: until then lines on its values are open, and nothing waits for them. */
  readonly diagnosed: boolean;
}

/**
 * A verdict for each line and step it means, in the order of steps (the flow last), then of the metric table. May be
 * asked after every sample: between looks, lines that vary stay inconclusive. A line for a named step counts even
 * where no sample has that step; one that stands under a glob of scenarios does not, since it means others. Lines on
 * what the diagnosis alone knows have no samples to wait for.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things of a step
 */
export function judgeScenario(
  scenario: JudgedScenario,
  given: readonly BudgetLine[],
  parameters: JudgeParameters,
  { final, diagnosed }: JudgeProgress,
): Verdict[] {
  const lines = given.filter((line) => !isForOthers(line));
  const samples = judgedSamples(scenario);
  const strict = strictness(scenario);
  const steps = [...new Set(samples.flatMap((sample) => sample.steps.map((step) => step.name)))];
  const verdicts: Verdict[] = [];
  /** Glob lines that met a step where their metric could exist, and whether it was measured anywhere. */
  const globs = new Map<BudgetLine, { met: boolean; measured: boolean; verdicts: Verdict[]; beside: Verdict[] }>();
  const met = new Set<BudgetLine>();

  for (const step of [...steps, null]) {
    for (const line of linesForStep(lines, step)) {
      met.add(line);
      const metric = findMetric(line.metric);
      if (metric && isDiagnosed(metric) && !diagnosed) {
        verdicts.push(openLine(line, step));
        continue;
      }
      const reading = metric
        ? read(samples, step, metric, scenario)
        : { absent: `this version knows no metric "${line.metric}"`, possible: true };
      const verdict =
        metric && 'values' in reading
          ? judgeLine(line, step, metric, reading.values, parameters, { final, strict })
          : notMeasured(line, step, 'absent' in reading ? reading.absent : '', {
              gates: blames(line, step, scenario, metric),
            });
      verdicts.push(verdict);
      if (step !== null && line.step !== null && exactness(line.step, step) < 2) {
        const glob = globs.get(line) ?? { met: false, measured: false, verdicts: [], beside: [] };
        glob.met ||= 'values' in reading || reading.possible;
        glob.measured ||= 'values' in reading;
        glob.verdicts.push(verdict);
        if ('absent' in reading && !reading.possible) glob.beside.push(verdict);
        globs.set(line, glob);
      }
    }
  }
  // A glob is not to blame for steps in which its metric does not exist. But one that was written for this scenario
  // and found no number in any step, where there could have been one, must not look like a pass.
  // Where it was measured in some step, the steps in which it cannot exist are none of its business: no number is missing.
  const beside = new Set<Verdict>();
  for (const [line, glob] of globs) {
    if (glob.measured) for (const verdict of glob.beside) beside.add(verdict);
    if (!glob.met || glob.measured || line.level !== 'error' || isPattern(line.scenario)) continue;
    for (const verdict of glob.verdicts) verdict.gates = true;
  }
  for (const line of lines) {
    if (met.has(line) || isOvershadowed(line, lines, steps)) continue;
    const reason = samples.length === 0 ? noSamples(scenario.samples) : unknownStep(line, steps);
    // Without samples every line is unmeasured, and the scenario has failed already; a named step must exist.
    if (reason !== null) verdicts.push(notMeasured(line, line.step, reason, { gates: line.level === 'error' }));
  }
  return verdicts
    .filter((verdict) => !beside.has(verdict))
    .sort((a, b) => order(a, steps) - order(b, steps) || compareMetrics(a, b));
}

/**
 * Whether every line has its answer, so that sampling may end. True without verdicts: nothing waits. Samples say
 * nothing of what the diagnosis will tell.
 */
export function isDecided(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ status, statistic }) => status !== 'inconclusive' || statistic === 'value');
}

/** A suite's limits of leaks are for those of its scenarios that look for them. */
function isForOthers({ metric, scenario }: BudgetLine): boolean {
  const definition = findMetric(metric);
  return definition !== undefined && isOfMemory(definition) && isPattern(scenario);
}

/** The limit with its tolerance: upwards where less is better, downwards where more is. */
function allowedValue(line: BudgetLine, direction: MetricDefinition['direction']): number {
  const { limit, tolerance } = line;
  if (tolerance === null) return limit;
  const slack = tolerance.kind === 'share' ? limit * tolerance.value : tolerance.value;
  return direction === 'lower' ? limit + slack : Math.max(0, limit - slack);
}

function judgeLine(
  line: BudgetLine,
  step: string | null,
  metric: MetricDefinition,
  values: readonly number[],
  parameters: JudgeParameters,
  { final, strict }: { final: boolean; strict: number | null },
): Verdict {
  const allowed = allowedValue(line, metric.direction);
  const demand = { metric, statistic: line.statistic === 'value' ? 'p50' : line.statistic, allowed } as const;
  const decision =
    line.statistic === 'value'
      ? decideValue(values[0] ?? Number.NaN, metric, allowed)
      : strict === null
        ? decide(values, demand, parameters, { final })
        : decideInPairs(values, demand, parameters, strict);
  const broken =
    decision.status === 'fail' || (decision.status === 'inconclusive' && parameters.inconclusive === 'fail');
  return {
    ...about(line, step),
    allowed,
    status: decision.status,
    value: decision.value,
    interval: decision.interval,
    margin: metric.direction === 'lower' ? allowed - decision.value : decision.value - allowed,
    samples: values.length,
    rule: decision.rule,
    reason: decision.reason,
    gates: line.level === 'error' && broken,
  };
}

function about(line: BudgetLine, step: string | null) {
  const { metric, statistic, limit, level, source } = line;
  return { step, metric, statistic, limit, level, source };
}

function openLine(line: BudgetLine, step: string | null): Verdict {
  const reason = 'told by the diagnosis, which follows the samples';
  return { ...notMeasured(line, step, reason, { gates: false }), status: 'inconclusive' };
}

function notMeasured(line: BudgetLine, step: string | null, reason: string, { gates }: { gates: boolean }): Verdict {
  return {
    ...about(line, step),
    allowed: allowedValue(line, findMetric(line.metric)?.direction ?? 'lower'),
    status: 'not measured',
    value: null,
    interval: null,
    margin: null,
    samples: 0,
    rule: 'none',
    reason,
    gates,
  };
}

/** Whether a missing number fails the scenario: where the line names its step, and asks for what can be judged. */
function blames(
  line: BudgetLine,
  step: string | null,
  scenario: JudgedScenario,
  metric: MetricDefinition | undefined,
): boolean {
  if (line.level !== 'error') return false;
  // A line for all devices may meet one that is throttled; a line written for that device should not have been.
  if (metric && isThrottled(metric, scenario) && line.project === null) return false;
  return step === null || line.step === null || exactness(line.step, step) === 2;
}

function isThrottled(metric: MetricDefinition, { options }: JudgedScenario): boolean {
  return metric.nature === 'cpu' && options.cpuThrottling > 1;
}

function read(
  samples: readonly Sample[],
  step: string | null,
  metric: MetricDefinition,
  scenario: JudgedScenario,
): Reading {
  if (samples.length === 0) return { absent: noSamples(scenario.samples), possible: true };
  if (isOfMemory(metric)) return { absent: 'this scenario takes samples, and has no detectLeaks', possible: false };
  if (isDiagnosed(metric)) return readDiagnosed(scenario.diagnosis ?? null, step, metric);
  if (isThrottled(metric, scenario)) {
    // The throttler spins on the main thread, so its thread time is not the page's.
    const times = scenario.options.cpuThrottling;
    return { absent: `CPU time is not judged under CPU throttling (${times} times)`, possible: false };
  }
  const found = samples.map((sample) => ({ sample, step: sample.steps.find(({ name }) => name === step) }));
  const values = found
    .map((pair) => (step === null ? pair.sample.flow[metric.id] : pair.step?.metrics[metric.id]))
    .filter((value) => value !== undefined);
  if (values.length === samples.length) return { values };

  const looked = step === null ? samples.flatMap((sample) => sample.steps) : found.flatMap((pair) => pair.step ?? []);
  const possible = looked.some(({ kind }) => metric.kinds.includes(kind));
  const why = whyMissing(looked, step, metric, possible);
  if (values.length === 0) return { absent: why, possible };
  return { absent: `present in ${values.length} of ${samples.length} samples; elsewhere: ${why}`, possible: true };
}

function whyMissing(
  looked: readonly StepSample[],
  step: string | null,
  metric: MetricDefinition,
  possible: boolean,
): string {
  const first = looked.find(
    ({ missing, metrics }) => metrics[metric.id] === undefined && missing[metric.id] !== undefined,
  );
  const given = first?.missing[metric.id];
  if (given !== undefined) return step === null ? `step "${first?.name}": ${given}` : given;
  const kind = looked.find(({ metrics }) => metrics[metric.id] === undefined)?.kind;
  if (!possible && kind !== undefined) return `${metric.id} does not exist in a step of kind ${kind}`;
  if (metric.group === 'timing') return `the page made no performance.measure or mark called "${metric.label}"`;
  if (step !== null && looked.length === 0) return `no sample has a step "${step}"`;
  return 'the collector gave no value';
}

function noSamples(samples: readonly Sample[]): string {
  const rejected = samples.filter((sample) => sample.role === 'measured' && !sample.accepted).length;
  return rejected === 0 ? 'no sample was completed' : `no sample was accepted, ${rejected} rejected`;
}

/** Null where the line does not mean this scenario: it stands under a glob of scenarios, and others have the step. */
function unknownStep(line: BudgetLine, steps: readonly string[]): string | null {
  if (isPattern(line.scenario)) return null;
  return `no step "${line.step}" was seen; there were: ${steps.map((step) => `"${step}"`).join(', ')}`;
}

/** Whether a line met steps, but a more exact one took its place in each. */
function isOvershadowed(line: BudgetLine, lines: readonly BudgetLine[], steps: readonly string[]): boolean {
  if (line.step === null) return lines.includes(line) && !linesForStep(lines, null).includes(line);
  return steps.some((step) => linesForStep([line], step).length > 0);
}

function order(verdict: Verdict, steps: readonly string[]): number {
  if (verdict.step === null) return steps.length + 1;
  const at = steps.indexOf(verdict.step);
  return at < 0 ? steps.length : at;
}

function compareMetrics(a: Verdict, b: Verdict): number {
  const place = ({ statistic }: Verdict): number => statistics.findIndex((each) => each === statistic);
  return metricOrder(a.metric) - metricOrder(b.metric) || place(a) - place(b);
}
