/** Why a memory scenario misses a budget: its leaks, as far as they account for what was counted. */
import { functionText } from '../analyse/finding-text.ts';
import type { Leak, Memory } from '../core/leaks.ts';
import { cleanText } from '../core/text.ts';
import { type Counter, counterUnit, objects, sortLeaks } from './leak-text.ts';
import { count, quantity } from './view-format.ts';

/** With the line that counts the rest, as many as any other metric has. */
const mostLeaks = 4;

const counterOf: Readonly<Record<string, Counter>> = {
  'heap.growth': 'heap',
  'nodes.growth': 'nodes',
  'listeners.growth': 'listeners',
};

const ofNodes: ReadonlySet<Leak['pattern']> = new Set<Leak['pattern']>([
  'detached DOM held by JavaScript',
  'DOM that piles up in the page',
  'frame not removed',
]);

/** Whether what a leak keeps is of the kind that the metric counts, as far as can be told. */
function accounts(leak: Leak, metric: string): boolean {
  if (metric === 'listeners.growth') return leak.path.some(({ edge }) => edge === 'listener');
  if (metric === 'nodes.growth') return ofNodes.has(leak.pattern) || leak.what.startsWith('<');
  return true;
}

function leakLine(leak: Leak, metric: string): string {
  const amount =
    metric === 'leaks'
      ? ''
      : metric === 'heap.growth'
        ? ` (${quantity(leak.retained, 'bytes')} an iteration)`
        : ` (${objects(leak.count)} an iteration)`;
  const pattern = leak.pattern === 'unknown' ? 'held' : leak.pattern;
  const place = leak.location ? `: ${functionText(leak.location)}` : '';
  return `${cleanText(leak.what, 60)}${amount}, ${pattern}${place}`;
}

/** Five lines at most; none for a metric of another kind. */
export function whyMemory(memory: Memory, metric: string): string[] {
  const counter = counterOf[metric];
  if (metric !== 'leaks' && counter === undefined) return [];
  const leaks = sortLeaks(memory).counted.filter((leak) => accounts(leak, metric));
  const ranked = metric === 'heap.growth' ? leaks.toSorted((a, b) => b.retained - a.retained) : leaks;
  const shown = ranked.slice(0, mostLeaks).map((leak) => leakLine(leak, metric));
  const hidden = ranked.length - shown.length;
  const growth = memory.growth.find((each) => each.counter === counter);
  const told = hidden > 0 ? [...shown, `and ${count(hidden, 'more leak')}`] : shown;
  if (told.length > 0 || !growth || growth.trend === 'flat') return told;
  const size = quantity(growth.perIteration, counterUnit(growth.counter));
  return [`No leak accounts for it: ${size} an iteration, ${growth.trend}: ${cleanText(growth.note, 200)}`];
}
