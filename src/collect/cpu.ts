/** Main-thread CPU time and counters of a step, from `Performance.getMetrics` in thread ticks. */
import type { CDPSession } from '@playwright/test';

export interface CpuReading {
  /** V8's isolate: a new one means that the navigation went to a new renderer process, where all counters restart. */
  readonly isolate: string;
  readonly counters: ReadonlyMap<string, number>;
}

export async function enableCpu(session: CDPSession): Promise<void> {
  // Thread ticks: the CPU time of the thread, without the time it waited for a core.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
}

export async function readCpu(session: CDPSession): Promise<CpuReading> {
  const [{ metrics }, { id }] = await Promise.all([
    session.send('Performance.getMetrics'),
    session.send('Runtime.getIsolateId'),
  ]);
  return { isolate: id, counters: new Map(metrics.map((metric) => [metric.name, metric.value])) };
}

/** ms of CPU time of the main thread since the counters started. */
export function threadTime(reading: CpuReading): number {
  return (reading.counters.get('ThreadTime') ?? 0) * 1000;
}

const differences: readonly [id: string, counter: string, factor: number][] = [
  ['cpu.main', 'ThreadTime', 1000],
  ['cpu.script', 'ScriptDuration', 1000],
  ['cpu.layout', 'LayoutDuration', 1000],
  ['cpu.style', 'RecalcStyleDuration', 1000],
  ['layouts', 'LayoutCount', 1],
  ['styles', 'RecalcStyleCount', 1],
];
const levels: readonly [id: string, counter: string][] = [
  ['nodes', 'Nodes'],
  ['listeners', 'JSEventListeners'],
];

/**
 * Metrics of the step between two readings: times in ms, counts as they are. After a change of renderer the new
 * process's counters alone are counted, from zero: the old one's last moments are lost.
 */
export function cpuMetrics(before: CpuReading, after: CpuReading): Record<string, number> {
  // With the back-forward cache on, Chrome was seen to restart the counters in the same isolate: time never goes back.
  const fresh = before.isolate !== after.isolate || threadTime(after) < threadTime(before);
  const metrics: Record<string, number> = {};
  for (const [id, counter, factor] of differences) {
    const end = after.counters.get(counter);
    if (end !== undefined) metrics[id] = Math.max(0, end - (fresh ? 0 : (before.counters.get(counter) ?? 0))) * factor;
  }
  for (const [id, counter] of levels) {
    const end = after.counters.get(counter);
    if (end !== undefined) metrics[id] = end;
  }
  return metrics;
}

/** Bytes of JavaScript heap in use after two collections: the second takes what finalizers of the first let go. */
export async function readHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}
