/** What the metrics' values are like: how coarse, and whether some samples may have nothing to count. */
import type { MetricDefinition } from '../core/metrics.ts';

/**
 * Metrics whose values come in coarser steps than their unit's. Event Timing rounds durations to 8 ms (W3C Event
 * Timing, section 3); paint times are coarsened to 4 ms (W3C Paint Timing, since Chrome 133); Long Tasks to 1 ms.
 */
const steps: Readonly<Record<string, number>> = { INP: 8, LCP: 4, FCP: 4, 'longtasks.longest': 1, TBT: 1 };

/**
 * The step in which a metric's values come, in its base unit. Equal values closer than this are no proof of a
 * constant: five times 8 ms may be 4.1 to 11.9 ms.
 */
export function resolutionOf(metric: MetricDefinition): number {
  const own = steps[metric.id];
  if (own !== undefined) return own;
  switch (metric.unit) {
    case 'ms':
      return 0.1; // performance.now() outside of cross-origin isolation
    case 'bytes':
    case 'count':
      return 1;
    case 'score':
      return 0.0001; // layout-shift values are printed to four places
    default:
      return metric.unit satisfies never;
  }
}

const thresholds: ReadonlySet<string> = new Set([
  'TBT',
  'longtasks.count',
  'longtasks.longest',
  'CLS',
  'errors',
  'requests.failed',
]);

/**
 * Whether a metric counts only what crosses a threshold, so that the next sample may be 0 though none was so far:
 * a page with a task of 50 ms now and then has long tasks in half of its samples.
 */
export function mayBeZero(metric: MetricDefinition): boolean {
  return thresholds.has(metric.id);
}
