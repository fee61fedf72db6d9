/** Why a step has no value for a metric. Pure. */
import type { MeasureOptions } from '../core/document.ts';
import { isOfMemory, type MetricDefinition, metricTable } from '../core/metrics.ts';
import type { StepSample } from '../core/sample.ts';

interface StepFacts {
  readonly kind: StepSample['kind'];
  readonly painted: boolean;
  readonly options: MeasureOptions;
}

function missingReason(metric: MetricDefinition, { kind, painted, options }: StepFacts): string {
  if (!metric.kinds.includes(kind)) return `a step of kind "${kind}" has no ${metric.id}`;
  if (metric.id === 'TTFB' && options.network)
    return 'Chrome adds emulated latency after the headers, so that TTFB would be that of the real network';
  if (metric.id === 'INP')
    return 'no click, tap or key press in this step; `fill` sets a value without keys, `pressSequentially` types it';
  if (metric.id === 'LCP' && painted)
    return 'Chrome named no largest paint: images of very few bytes per pixel do not count';
  if (metric.id === 'heap' && options.heap === 'flow')
    return "read at the end of the flow only; `heap: 'steps'` reads it after every step";
  if (kind === 'soft-navigation' && metric.group === 'vitals') {
    return 'Chrome reported no soft navigation here: it takes a click or key press, a new URL and a paint';
  }
  if (metric.id === 'LCP' || metric.id === 'FCP') return 'the page painted no text and no image';
  return 'the page did not report it';
}

/** The reason for each metric of the table that the step has no value for. */
export function explainMissing({ metrics, kind }: StepSample, options: MeasureOptions): Record<string, string> {
  const missing: Record<string, string> = {};
  for (const metric of metricTable) {
    if (!(metric.id in metrics) && !metric.id.endsWith('.*') && !isOfMemory(metric))
      missing[metric.id] = missingReason(metric, { kind, options, painted: 'FCP' in metrics });
  }
  return missing;
}
