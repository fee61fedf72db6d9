/** When a memory scenario stops before it kills its tab. Pure. */
import type { MemoryCounters } from '../core/leaks.ts';
import { fewestIterations } from '../judge/memory-growth.ts';

/** The share of V8's limit that the heap may take: a snapshot needs memory as well. */
const mostOfLimit = 0.5;
/** Growth that grows by half three times in a row, and is no small matter any more. */
const geometric = { times: 3, factor: 1.5, least: 50_000_000 };

/** @param limit bytes that V8 lets the heap grow to */
export function threatensTab(counters: readonly Pick<MemoryCounters, 'heap'>[], limit: number): boolean {
  const last = counters.at(-1)?.heap ?? 0;
  if (last > limit * mostOfLimit) return true;
  if (counters.length <= fewestIterations) return false;
  const grown = last - (counters[0]?.heap ?? 0);
  const steps = counters.slice(1).map(({ heap }, at) => heap - (counters[at]?.heap ?? 0));
  const recent = steps.slice(-geometric.times);
  return (
    grown > geometric.least && recent.every((step, at) => at === 0 || step > (recent[at - 1] ?? 0) * geometric.factor)
  );
}
