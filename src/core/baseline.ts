/**
 * The stored baseline: what a scenario's counts were when somebody last agreed to them. It holds counts alone (bytes,
 * requests, layouts, nodes, …), since those alone are the same in every job that runs the same code.
 */
import * as z from 'zod';
import { findMetric, hasOneValue, isDiagnosed, type MetricDefinition, metricTable } from './metrics.ts';
import { suggest } from './nearest.ts';
import { matchesName } from './precedence.ts';

/** Stands in the place of a value that was not the same in every sample, so that its absence does not read as 0. */
export const notExact = 'not exact';

const values = z.record(z.string(), z.union([z.number().nonnegative(), z.literal(notExact)]));
/** Metric id to value in the metric's base unit. What is not named was 0. */
export type BaselineValues = z.infer<typeof values>;

export const baselineScenario = z.strictObject({
  scenario: z.string().describe('"describe › title"'),
  project: z.string().describe('the Playwright project (a device); empty where there is one alone'),
  flow: values,
  steps: z.record(z.string(), values),
});
export type BaselineScenario = z.infer<typeof baselineScenario>;

export const baselineDocument = z.strictObject({
  schemaVersion: z.literal(1),
  commit: z.string().nullable().describe('of the run it was taken from'),
  dirty: z.boolean().describe('that commit had uncommitted changes'),
  chrome: z.array(z.string()).describe('versions: a new one may lay out or recalculate styles more or less often'),
  only: z.array(z.string()).nullable().describe('names or globs of the metrics that are kept; null for all counts'),
  scenarios: z.array(baselineScenario),
});
export type Baseline = z.infer<typeof baselineDocument>;

/** Whether a metric can stand in a baseline. Two forced collections leave some kB standing: no heap is like another. */
function isStorable(metric: MetricDefinition): boolean {
  return metric.nature === 'counted' && metric.id !== 'heap' && !hasOneValue(metric);
}

/** The metrics that can stand in a baseline, by id. */
const storableMetrics: readonly string[] = metricTable.filter(isStorable).map(({ id }) => id);

/** Why a metric id, or a name or glob of metrics, cannot be asked of a baseline; null where it can. */
export function whyNotStorable(pattern: string): string | null {
  if (storableMetrics.some((id) => matchesName(pattern, id))) return null;
  const meant = findMetric(pattern) ?? metricTable.find(({ id }) => matchesName(pattern, id));
  if (!meant) return `There is no metric "${pattern}". ${suggest(pattern, storableMetrics)}`;
  if (isDiagnosed(meant)) {
    return `${pattern} is known to the diagnosis alone, which takes one value: nobody could tell whether it varies.`;
  }
  if (hasOneValue(meant)) return `${pattern} is known to detectLeaks alone: limit it in a budget.`;
  return meant.nature === 'counted'
    ? `${pattern} is never the same in two samples: garbage collection leaves some kB more or less.`
    : `${pattern} depends on how fast the machine is: what another job stored differs by 15 % for no reason of the code.`;
}

export const storableAdvice =
  'a baseline holds counts (bytes.*, requests.*, layouts, nodes, …); times are compared with base in the same job: `npx pacewright compare`';

/** Whether a baseline with this `only` keeps a metric. */
export function isKept(only: Baseline['only'], id: string): boolean {
  const metric = findMetric(id);
  return (
    metric !== undefined && isStorable(metric) && (only === null || only.some((pattern) => matchesName(pattern, id)))
  );
}
