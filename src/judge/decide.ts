/**
 * One budget line against the values of the accepted samples. Pure: the same values and parameters give the same
 * decision, which is why a verdict can be replayed.
 *
 * The rule, at each look:
 * - counted values that do not vary are compared exactly;
 * - a fixed number of samples compares the plain statistic;
 * - `max` fails with the first value beyond the limit, and passes when the schedule is over or the 99th percentile
 *   keeps the limit with confidence;
 * - positive values without modes: log-normal tolerance bounds, with a guard on the count beyond the limit;
 * - values with zeros or modes, and coarse values that the bounds cannot tell: the e-process, good for any
 *   distribution. A metric that may be 0 fails by both rules only.
 *
 * Over all looks at most 5 % false passes and 1 % false fails of log-normal data. A group of samples that did not
 * show yet is beyond any rule that may stop after 5: where 30 % of the samples break a p75 limit by far, 19 % of runs
 * pass, most of them since no such sample was among the first 5.
 */
import type { MetricDefinition } from '../core/metrics.ts';
import { formatQuantity } from '../core/units.ts';
import type { Interval, JudgeParameters, Statistic, Verdict, VerdictStatus } from '../core/verdict.ts';
import { evidenceForFail, evidenceForPass } from '../stats/evidence.ts';
import { distinctCount } from '../stats/quantile.ts';
import { beyondCount, boundsOf, describeLogs, type Logs, rangeOf, statisticOf } from './bounds.ts';
import { mayBeZero } from './resolution.ts';
import { maxStandIn, quantiles } from './parameters.ts';
import { binomialCritical } from '../stats/binomial.ts';

export interface Decision {
  readonly status: Exclude<VerdictStatus, 'not measured'>;
  readonly value: number;
  readonly interval: Interval | null;
  readonly rule: Verdict['rule'];
  readonly reason: string;
}

/** What is asked: a statistic of a metric, and the value that it may reach. */
export interface Demand {
  readonly metric: MetricDefinition;
  readonly statistic: Statistic;
  /** The limit with its tolerance, base unit. A value equal to it passes. */
  readonly allowed: number;
}

interface Look {
  readonly status: 'pass' | 'fail' | null;
  readonly rule: Verdict['rule'];
  readonly interval: Interval | null;
  readonly reason: string;
}

/**
 * @param values of the accepted samples, in order, all finite; at least one
 * @param final no more samples will come
 */
export function decide(
  values: readonly number[],
  demand: Demand,
  parameters: JudgeParameters,
  { final }: { final: boolean },
): Decision {
  const { metric, statistic, allowed } = demand;
  const n = values.length;
  const value = statisticOf(values, metric, statistic);
  const kept = metric.direction === 'lower' ? value <= allowed : value >= allowed;
  const plain = kept ? 'pass' : 'fail';
  const limit = show(demand, allowed);

  if (metric.nature === 'counted' && distinctCount(values) === 1 && n >= parameters.exactSamples) {
    return {
      status: plain,
      value,
      interval: null,
      rule: 'exact',
      reason: `${show(demand, value)} in all ${n} samples`,
    };
  }
  const shown = (): Interval | null => (statistic === 'max' ? null : rangeOf(values, metric, quantiles[statistic]));
  if (parameters.fixed) {
    const reason = `${statistic} of ${samples(n)}, as asked for; the interval beside it was not judged`;
    return { status: plain, value, interval: shown(), rule: 'plain statistic', reason };
  }

  // A spread needs two values, whatever the schedule says.
  const first = Math.max(2, parameters.looks[0] ?? 2);
  const last = parameters.looks.at(-1) ?? 1;
  if (n < first || (!final && n < last && !parameters.looks.includes(n))) {
    const next = parameters.looks.find((look) => look > n) ?? last;
    const reason = final
      ? `${samples(n)}: too few to judge, the first look is at ${first}`
      : `the next look is at ${next} samples`;
    return { status: 'inconclusive', value, interval: shown(), rule: 'none', reason };
  }
  const look =
    statistic === 'max'
      ? lookAtMax(values, demand, parameters)
      : lookAt(values, demand, quantiles[statistic], parameters);
  if (look.status !== null) return { ...look, status: look.status, value, interval: look.interval ?? shown() };
  const middle = statisticOf(values, metric, 'p50');
  const middleKept = metric.direction === 'lower' ? middle <= allowed : middle >= allowed;
  const reason = `${samples(n)} cannot tell: ${look.reason}; the median, ${show(demand, middle)}, ${
    middleKept ? 'keeps' : 'breaks'
  } the limit of ${limit} (shown, not judged)`;
  return { status: 'inconclusive', value, interval: look.interval ?? shown(), rule: look.rule, reason };
}

function lookAt(values: readonly number[], demand: Demand, q: number, parameters: JudgeParameters): Look {
  const logs = describeLogs(values, demand.metric);
  if (logs === null) return weigh(values, demand, q, parameters, 'values with zeros');
  if (logs.modes) return weigh(values, demand, q, parameters, 'values in separate groups');
  const look = lookAtBounds(values, demand, q, parameters, logs);
  if (look.status === 'fail' && mayBeZero(demand.metric)) {
    // 5 samples without a zero say nothing of the zeros to come: in simulation 3 % false fails of a median.
    const weighed = weigh(values, demand, q, parameters, 'values that may be 0');
    return weighed.status === 'fail' ? look : weighed;
  }
  // Coarse values (all of them 16 ms, or 1 long task) never get their bound down to a limit they just keep.
  if (look.status !== null || distinctCount(values) > values.length / 2) return look;
  const weighed = weigh(values, demand, q, parameters, 'values in coarse steps');
  return weighed.status === null ? look : weighed;
}

/** Log-normal tolerance bounds, and a count beyond the limit that must not contradict them. */
function lookAtBounds(
  values: readonly number[],
  demand: Demand,
  q: number,
  parameters: JudgeParameters,
  logs: Logs,
): Look {
  const n = values.length;
  const p0 = 1 - q;
  const beyond = beyondCount(values, demand);
  const { best, worst, interval } = boundsOf(logs, n, q, demand.metric, parameters);
  const limit = Math.log(demand.allowed) * logs.sign;
  const rule = 'tolerance factors';
  const name = demand.statistic;
  const low = show(demand, interval.low);
  const high = show(demand, interval.high);
  // The bounds believe in the bell curve; the count does not need it. Half of what is allowed may lie beyond.
  if (worst <= limit && beyond <= Math.floor((n * p0) / 2 + rounding)) {
    const side = logs.sign > 0 ? `at most ${high}` : `at least ${low}`;
    return {
      status: 'pass',
      rule,
      interval,
      reason: `${name} is ${side} with ${percent(1 - parameters.passAlpha)} confidence after ${samples(n)}`,
    };
  }
  // A third of the way from what is allowed to all; or a count that alone has the significance asked for: for p95
  // a third of the way would be 8 of 20, which a page with every fifth load beyond its limit hardly ever shows.
  const third = Math.ceil(n * (p0 + (1 - p0) / 3) - rounding);
  if (best > limit && (beyond >= third || beyond >= binomialCritical(n, p0, parameters.failAlpha))) {
    const side = logs.sign > 0 ? `at least ${low}` : `at most ${high}`;
    return {
      status: 'fail',
      rule,
      interval,
      reason: `${name} is ${side} with ${percent(1 - parameters.failAlpha)} confidence after ${samples(n)}`,
    };
  }
  return { status: null, rule, interval, reason: `${name} lies between ${low} and ${high}` };
}

/** The e-process: only the count beyond the limit is used. */
function weigh(values: readonly number[], demand: Demand, q: number, parameters: JudgeParameters, why: string): Look {
  const n = values.length;
  const beyond = beyondCount(values, demand);
  const pass = evidenceForPass(beyond, n, q);
  const fail = evidenceForFail(beyond, n, q);
  const count = `${beyond} of ${n} samples beyond the limit (${why})`;
  const look = { rule: 'e-process', interval: null } as const;
  if (pass >= parameters.passEvidence) {
    return {
      ...look,
      status: 'pass',
      reason: `${count}: evidence ${pass.toFixed(0)}, ${parameters.passEvidence} needed`,
    };
  }
  if (fail >= parameters.failEvidence) {
    return {
      ...look,
      status: 'fail',
      reason: `${count}: evidence ${fail.toFixed(0)}, ${parameters.failEvidence} needed`,
    };
  }
  const hint =
    evidenceForPass(0, parameters.looks.at(-1) ?? n, q) < parameters.passEvidence
      ? `; ${demand.statistic} of such values cannot pass within the schedule, a fixed number of samples can`
      : '';
  return {
    ...look,
    status: null,
    reason: `${count}: evidence ${pass.toPrecision(2)} of the ${parameters.passEvidence} needed to pass${hint}`,
  };
}

function lookAtMax(values: readonly number[], demand: Demand, parameters: JudgeParameters): Look {
  const n = values.length;
  const beyond = beyondCount(values, demand);
  const plain = { rule: 'plain statistic', interval: null } as const;
  if (beyond > 0) return { ...plain, status: 'fail', reason: `${beyond} of ${samples(n)} beyond the limit` };
  if (n >= (parameters.looks.at(-1) ?? 1))
    return { ...plain, status: 'pass', reason: `none of ${samples(n)} beyond the limit` };
  const logs = describeLogs(values, demand.metric);
  if (logs !== null && !logs.modes) {
    const { worst } = boundsOf(logs, n, maxStandIn, demand.metric, parameters);
    if (worst <= Math.log(demand.allowed) * logs.sign) {
      return {
        status: 'pass',
        rule: 'tolerance factors',
        interval: null,
        reason: `none of ${samples(n)} beyond the limit, and p99 keeps it with ${percent(1 - parameters.passAlpha)} confidence`,
      };
    }
  }
  return { ...plain, status: null, reason: `none of ${samples(n)} beyond the limit so far` };
}

/** Keeps 12 × 2/3 from becoming 9. */
const rounding = 1e-9;

function show(demand: Demand, value: number): string {
  return formatQuantity(value, demand.metric.unit);
}

function samples(n: number): string {
  return n === 1 ? '1 sample' : `${n} samples`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
