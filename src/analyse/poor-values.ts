/**
 * From which value on a metric of one step counts as poor, in its base unit: what makes milliseconds, bytes and counts
 * comparable where no budget says what matters.
 */

const known: Readonly<Record<string, number>> = {
  // Core Web Vitals and Lighthouse: the thresholds of "needs improvement" (web.dev/articles/vitals, on mobile).
  LCP: 2500,
  FCP: 1800,
  TTFB: 800,
  CLS: 0.1,
  INP: 200,
  TBT: 200,
  // Two seconds are where users say that they wait (Nielsen: 1 s keeps the flow of thought, 10 s the attention).
  duration: 2000,
  // CPU time of a step that a phone, four times slower, turns into more than a second.
  'cpu.main': 300,
  'cpu.script': 300,
  'cpu.layout': 100,
  'cpu.style': 100,
  // Lighthouse 12 warned of 800 elements and failed 1400; text nodes double the count.
  nodes: 3000,
  // About what a page adds once for all; per step it is growth.
  listeners: 300,
  layouts: 50,
  styles: 50,
  heap: 10_000_000,
  errors: 1,
  // Half of a median mobile page (HTTP Archive, 2025: 2.5 MB, 70 requests, 650 kB of script), for one step.
  'bytes.total': 1_250_000,
  'bytes.script': 330_000,
  'bytes.stylesheet': 40_000,
  'bytes.image': 600_000,
  'bytes.font': 80_000,
  'bytes.third-party': 500_000,
  'requests.total': 35,
  'requests.script': 12,
  'requests.image': 12,
  'requests.fetch': 12,
  'requests.failed': 1,
};

/** Poor for a metric that has no threshold of its own, by the first part of its id. */
const byFamily: Readonly<Record<string, number>> = {
  cpu: 300,
  bytes: 500_000,
  requests: 12,
  timing: 1000,
};

/** The value from which on a metric counts as poor; null for a metric of which nothing is known. */
export function poorValue(metric: string): number | null {
  if (Object.hasOwn(known, metric)) return known[metric] ?? null;
  const family = metric.split('.', 1)[0] ?? '';
  return Object.hasOwn(byFamily, family) ? (byFamily[family] ?? null) : null;
}
