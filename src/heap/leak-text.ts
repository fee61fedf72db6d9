/** What a leak is called, what speaks for it, and how sure we are. */
import type { Leak, LeakPattern, MemoryCounters, PathLink } from '../core/leaks.ts';
import { formatQuantity } from '../core/units.ts';

const rounded = (value: number): string => String(Math.round(value * 10) / 10);
const bytes = (value: number): string => formatQuantity(Math.round(value), 'bytes');

/** What holds the last object of a path, with the nearest name there is: `Map "sessions"`, `Array "entries" of Logger`. */
export function describeHolder(path: readonly PathLink[]): string {
  const holder = path.at(-2);
  if (!holder) return 'Chrome';
  if (holder.edge === 'element' && /^(Array|Map|Set|\{)/.test(holder.what) && path.length > 3)
    return `${holder.what} in ${describeHolder(path.slice(0, -1))}`;
  if (holder.edge === 'variable') return `${holder.what} "${holder.name}"`;
  if (holder.edge !== 'property' || holder.name === '') return holder.what;
  const owner = path.at(-3);
  const of = owner?.edge === 'variable' && !/^[A-Z]/.test(owner.what) ? `"${owner.name}"` : (owner?.what ?? 'Chrome');
  return `${holder.what} "${holder.name}" of ${of}`;
}

const held: Readonly<Partial<Record<LeakPattern, string>>> = {
  'listener not removed': 'as a listener of',
  'observer not disconnected': 'by an observer of',
  'timer never cleared': 'by a timer of',
  'promise never settled': 'waiting for',
  'DOM that piles up in the page': 'in',
};

export function titleOf(leak: {
  readonly pattern: LeakPattern;
  readonly what: string;
  readonly holder: string;
  readonly count: number;
  readonly retained: number;
}): string {
  const { pattern, what, holder, count, retained } = leak;
  const by = `${held[pattern] ?? 'by'} ${/^(console|Chrome)$/.test(holder) ? holder.replace('console', 'the console') : holder}`;
  return withSize(`${rounded(count)} ${what} more with each iteration, held ${by}`, retained);
}

/** @param perIteration bytes */
export function tableTitle(collection: string, perIteration: number): string {
  return withSize(
    `${collection} grows with each iteration, by numbers or other values without an object`,
    perIteration,
  );
}

/** @param perIteration bytes; null where they are not known */
export function countedTitle(what: string, perIteration: number | null): string {
  return perIteration === null ? what : withSize(what, perIteration);
}

const withSize = (title: string, retained: number): string => `${title}: ${bytes(retained)} each time`;

/** The same leak, found to keep more alive. */
export function resized(leak: Leak, retained: number): Leak {
  return { ...leak, retained, title: withSize(leak.title.replace(/: [^:]* each time$/, ''), retained) };
}

export interface Evidence {
  readonly pattern: LeakPattern;
  readonly births: readonly number[];
  readonly undated: number;
  readonly count: number;
  /** Bytes an iteration. */
  readonly retained: number;
  readonly counters: readonly MemoryCounters[];
  /** Others of its kind that the holder had before the first iteration. */
  readonly before: number;
  readonly detached: boolean;
  readonly isDom: boolean;
}

/** How often a counter went up from one iteration to the next, and by how much each time. */
function slope(
  counters: readonly MemoryCounters[],
  of: 'heap' | 'nodes' | 'listeners' | 'frames' | 'workers' | 'documents',
) {
  const steps = counters.slice(1).map((now, at) => now[of] - (counters[at]?.[of] ?? 0));
  const mean = steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length);
  return { rises: steps.filter((step) => step > 0).length, steps: steps.length, mean };
}

/** A line for each thing that agrees; the first is about births. */
export function collectSignals(evidence: Evidence): string[] {
  const { births, undated, counters, retained, pattern } = evidence;
  const lived = births.filter((count) => count > 0).length;
  const signals =
    undated > 0 && lived === 0
      ? [`${undated} more than before the first iteration; Chrome does not date objects of its own`]
      : [`${lived} of ${births.length} iterations left some behind (${births.join(', ')})`];
  const agree = (of: Parameters<typeof slope>[1], name: string): void => {
    const { rises, steps, mean } = slope(counters, of);
    if (steps > 0 && rises >= steps - 1)
      signals.push(`${name} went up in ${rises} of ${steps} iterations, by ${rounded(mean)} on average`);
  };
  if (pattern === 'listener not removed') agree('listeners', 'the number of listeners');
  if (evidence.isDom) agree('nodes', 'the number of DOM nodes');
  if (pattern === 'frame not removed') agree('documents', 'the number of documents');
  if (pattern === 'worker not terminated') agree('workers', 'the number of workers');
  const heap = slope(counters, 'heap');
  if (heap.steps > 0 && heap.mean > 0 && heap.rises >= heap.steps - 1 && retained >= heap.mean / 10)
    signals.push(`the heap grew in ${heap.rises} of ${heap.steps} iterations, by ${bytes(heap.mean)} on average`);
  if (evidence.before > 0) signals.push(`those from before the first iteration (${evidence.before}) are still there`);
  if (evidence.detached) signals.push('it is outside of any document');
  return signals;
}

/** Bytes an iteration from which on a leak is as sure as it can be. */
const plainlyLarge = 1000;

/**
 * Share of iterations with births × evenness of the births × agreeing signals × size; each of the last three takes away
 * at most half.
 */
export function rateConfidence({ births, undated, retained }: Evidence, signals: readonly string[]): number {
  const dated = births.reduce((sum, count) => sum + count, 0);
  // Without dates it is the counts alone that say so.
  const share = dated === 0 && undated > 0 ? 0.7 : births.filter((count) => count > 0).length / births.length;
  const size = 0.8 + 0.2 * Math.min(1, retained / plainlyLarge);
  const agreement = 1 - 0.4 ** signals.length;
  const confidence = share * (1 - Math.min(1, variation(births)) / 2) * agreement * size;
  return Math.round(confidence * 100) / 100;
}

/** Coefficient of variation of the iterations that have any. */
function variation(births: readonly number[]): number {
  const some = births.filter((count) => count > 0);
  if (some.length < 2) return 0;
  const mean = some.reduce((sum, count) => sum + count, 0) / some.length;
  const variance = some.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (some.length - 1);
  return Math.sqrt(variance) / mean;
}
