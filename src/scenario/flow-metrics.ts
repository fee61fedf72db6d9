import { networkMetrics } from '../collect/network.ts';
import { metricTable } from '../core/metrics.ts';
import type { RequestRecord, StepSample } from '../core/sample.ts';

/** Values of the flow from those of its steps, by the metric table's rule; requests between steps count too. */
export function flowMetrics(steps: readonly StepSample[], between: readonly RequestRecord[]): Record<string, number> {
  const flow: Record<string, number> = {};
  const extra = networkMetrics(between);
  for (const metric of metricTable) {
    const values = steps.map((step) => step.metrics[metric.id]).filter((value) => value !== undefined);
    const last = values.at(-1);
    if (last === undefined || metric.flow === 'none') continue;
    if (metric.flow === 'sum')
      flow[metric.id] = values.reduce((sum, value) => sum + value, 0) + (extra[metric.id] ?? 0);
    else flow[metric.id] = metric.flow === 'max' ? Math.max(...values) : last;
  }
  return flow;
}
