/** Budget lines against a memory scenario: leaks by number, growth by its trend over the iterations. */
import type { CounterGrowth, Leak, Memory } from '../core/leaks.ts';
import { findMetric, isOfMemory, type MetricDefinition, metricOrder } from '../core/metrics.ts';
import { isPattern, linesForStep } from '../core/precedence.ts';
import { formatQuantity } from '../core/units.ts';
import type { BudgetLine, JudgeParameters, Verdict } from '../core/verdict.ts';
import { type Counter, fewestIterations, resolutionOf } from './memory-growth.ts';

/**
 * How sure a finding must be: from `counted` on it is a leak, since a second pass confirms it before it fails anything;
 * from `doubtful` on it keeps the line from passing. What is `overwhelming`, four signals that agree and even births,
 * needs no second pass.
 */
export const leakConfidence = { doubtful: 0.15, counted: 0.3, overwhelming: 0.97 } as const;

/** A memory scenario, as far as its budgets go. */
export interface MemoryScenario {
  readonly memory?: Memory | null;
  readonly title: string;
  readonly file: string;
  readonly line: number;
}

/** The leaks that count. What a second pass did not find does not. */
export function countLeaks({ leaks }: Pick<Memory, 'leaks'>): Leak[] {
  return leaks.filter(({ confidence, confirmed }) => confidence >= leakConfidence.counted && confirmed !== false);
}

/** The budget lines of a scenario; where none limits its leaks there may be none: who writes such a test wants to know. */
export function memoryLines(scenario: MemoryScenario, lines: readonly BudgetLine[]): readonly BudgetLine[] {
  if (!scenario.memory || lines.some(({ metric, step }) => metric === 'leaks' && step === null)) return lines;
  const { title, file, line } = scenario;
  const none: BudgetLine = {
    scenario: title,
    project: null,
    step: null,
    metric: 'leaks',
    statistic: 'value',
    limit: 0,
    tolerance: null,
    level: 'error',
    source: { file, line, column: 1 },
  };
  return [...lines, none];
}

interface Decision {
  readonly status: Verdict['status'];
  readonly value: number | null;
  readonly interval: Verdict['interval'];
  readonly rule: Verdict['rule'];
  readonly reason: string;
}

/**
 * A verdict for each line that means the scenario: lines on samples, which it has none of, where they name it in full.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things
 */
export function judgeMemory(memory: Memory, lines: readonly BudgetLine[], parameters: JudgeParameters): Verdict[] {
  const own = linesForStep(lines, null).map((line) => ({ line, metric: findMetric(line.metric) }));
  const verdicts = own.flatMap(({ line, metric }) => {
    if (!metric || !isOfMemory(metric))
      return isPattern(line.scenario) ? [] : toVerdict(line, notOfMemory, memory, parameters);
    return toVerdict(line, decide(memory, line, metric), memory, parameters);
  });
  const ofSteps = lines.filter((line) => line.step !== null && !isPattern(line.scenario));
  return [...verdicts, ...ofSteps.map((line) => toVerdict(line, notOfMemory, memory, parameters))].toSorted(
    (a, b) => metricOrder(a.metric) - metricOrder(b.metric),
  );
}

function notMeasured(reason: string): Decision {
  return { status: 'not measured', value: null, interval: null, rule: 'none', reason };
}

const notOfMemory = notMeasured('this scenario looks for leaks (detectLeaks) and takes no samples');

/** The limit with its tolerance. */
function allowedBy({ limit, tolerance }: BudgetLine): number {
  if (tolerance === null) return limit;
  return limit + (tolerance.kind === 'share' ? limit * tolerance.value : tolerance.value);
}

function toVerdict(line: BudgetLine, decision: Decision, memory: Memory, parameters: JudgeParameters): Verdict {
  const { metric, statistic, limit, level, source, step } = line;
  const { status, value, interval, rule, reason } = decision;
  const allowed = allowedBy(line);
  const broken =
    status === 'fail' || status === 'not measured' || (status === 'inconclusive' && parameters.inconclusive === 'fail');
  return {
    ...{ step, metric, statistic, limit, level, source, allowed, status, value, interval, rule, reason },
    margin: value === null ? null : allowed - value,
    samples: value === null ? 0 : memory.iterations,
    gates: level === 'error' && broken,
  };
}

function decide(memory: Memory, line: BudgetLine, metric: MetricDefinition): Decision {
  const allowed = allowedBy(line);
  if (metric.id === 'leaks') return decideLeaks(memory, allowed);
  const counter = metric.id.replace(/\.growth$/, '') as Counter;
  const growth = memory.growth.find((each) => each.counter === counter);
  if (growth) return decideGrowth(growth, allowed, metric);
  return notMeasured(`${tooFew(memory)}; growth takes ${fewestIterations}`);
}

function tooFew({ iterations }: Memory): string {
  return iterations === 0 ? 'no iteration was completed' : `only ${iterations} iterations were completed`;
}

function decideLeaks(memory: Memory, allowed: number): Decision {
  if (memory.iterations < fewestIterations) return notMeasured(`${tooFew(memory)}; leaks take ${fewestIterations}`);
  if (memory.ended === 'failed') return notMeasured('the heap snapshots were not taken, or could not be analysed');
  const counted = countLeaks(memory);
  const value = counted.length;
  const decision = { value, interval: null, rule: 'one value' } as const;
  if (value > allowed) return { ...decision, status: 'fail', reason: counted.map(({ title }) => title).join(' · ') };
  const doubtful = memory.leaks.filter(
    (leak) => !counted.includes(leak) && leak.confirmed !== false && leak.confidence >= leakConfidence.doubtful,
  );
  if (value + doubtful.length > allowed) {
    const reason = `not sure enough to count: ${doubtful.map(({ title }) => title).join(' · ')}`;
    return { ...decision, status: 'inconclusive', reason };
  }
  const refuted = memory.leaks.filter(({ confirmed }) => confirmed === false).length;
  const second = refuted === 0 ? '' : `; ${refuted} more in the first pass, which a second one did not find`;
  return {
    ...decision,
    status: 'pass',
    reason: `${value === 0 ? 'none' : value} after ${memory.iterations} iterations${second}`,
  };
}

/**
 * What is the same in every iteration is compared exactly. Else the interval decides; where it straddles the limit, a
 * counter that does not climb passes if its estimate keeps the limit as far as that can be told.
 */
function decideGrowth(growth: CounterGrowth, allowed: number, { unit }: MetricDefinition): Decision {
  const { counter, perIteration: value, interval, trend, note } = growth;
  const decide = (status: Decision['status'], reason: string): Decision => ({
    status,
    value,
    interval,
    rule: interval ? 'trend' : 'exact',
    reason,
  });
  if (!interval) return decide(value <= allowed ? 'pass' : 'fail', note);
  if (interval.high <= allowed) return decide('pass', `${trend}: ${note}`);
  const ends = trend === 'flat' || trend === 'levels off' || trend === 'falls';
  if (ends && value <= allowed + resolutionOf(counter)) return decide('pass', `${trend}: ${note}`);
  if (interval.low > allowed && !ends && trend !== 'unclear') return decide('fail', `${trend}: ${note}`);
  const limit = formatQuantity(allowed, unit);
  return decide('inconclusive', `the growth lies on both sides of ${limit} within its interval; ${trend}: ${note}`);
}
