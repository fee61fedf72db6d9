/** What a second pass says of the leaks and the growth of the first. Pure. */
import type { CounterGrowth, Leak, LeakPattern, Memory } from '../core/leaks.ts';
import type { Verdict } from '../core/verdict.ts';
import { countLeaks, leakConfidence } from '../judge/memory.ts';

/** Patterns of what may have a bound by intent: a cache, the last pages, steps to undo. */
const boundable: readonly LeakPattern[] = [
  'cache without eviction',
  'collection that only grows',
  'closure over a large scope',
  'detached DOM held by JavaScript',
  'DOM that piles up in the page',
];

/** Whether it may come to an end that lies beyond the first pass. */
function mayHaveBound({ pattern }: Leak): boolean {
  return boundable.includes(pattern);
}

/**
 * Repetitions before the second pass where a cache may have a bound: error trackers keep 100 entries, routers and
 * query caches 10 to 50. Fewer where they would take longer than a minute, or pile up so much that the snapshots
 * take minutes.
 */
const toBound = { repetitions: 60, duration: 60_000, bytes: 100e6 };

/** @param repetition ms of one repetition in the first pass */
export function countWarmUps(memory: Memory, repetition: number): number {
  const fewest = memory.warmUps + memory.iterations;
  const bounded = countLeaks(memory).filter(mayHaveBound);
  if (bounded.length === 0) return fewest;
  const kept = memory.leaks.reduce((sum, { retained }) => sum + retained, 0);
  const most = Math.min(
    toBound.repetitions,
    Math.floor(toBound.duration / Math.max(1, repetition)),
    Math.floor(toBound.bytes / Math.max(1, kept)),
  );
  return Math.max(fewest, most);
}

/** Whether anything that fails the scenario is less than certain, so that a second pass is worth its time. */
export function needsConfirmation(memory: Memory, verdicts: readonly Verdict[]): boolean {
  const failing = verdicts.filter(({ gates, status }) => gates && status === 'fail');
  if (failing.some(({ metric }) => metric !== 'leaks')) return true;
  if (failing.length === 0) return false;
  return countLeaks(memory).some((leak) => leak.confidence < leakConfidence.overwhelming || mayHaveBound(leak));
}

/** The way to what leaks, without the numbers of its elements. */
function pathOf({ path }: Leak): string {
  return JSON.stringify(path.map(({ edge, name, what }) => [edge, name, what]));
}

function placeOf({ location, pattern }: Leak): string | null {
  return location && JSON.stringify([pattern, location.file, location.line, location.column]);
}

/** Whether two findings have one cause: the same objects held in the same way, or the same place to mend. */
function isSameCause(a: Leak, b: Leak): boolean {
  if (a.what === b.what && pathOf(a) === pathOf(b)) return true;
  const place = placeOf(a);
  return place !== null && place === placeOf(b);
}

/** The first pass's leaks, each with what the second says of it. */
export function confirmLeaks(first: readonly Leak[], second: readonly Leak[]): Leak[] {
  return first.map((leak) => ({ ...leak, confirmed: second.some((other) => isSameCause(leak, other)) }));
}

/** What grew in the first pass and no more in the second, which began after more repetitions, had a bound. */
export function confirmGrowth(
  first: readonly CounterGrowth[],
  second: readonly CounterGrowth[],
  warmUps: number,
): CounterGrowth[] {
  return first.map((growth) => {
    const later = second.find(({ counter }) => counter === growth.counter);
    const goesOn = later === undefined || later.trend === 'grows' || later.trend === 'unclear';
    if (growth.trend !== 'grows' || goesOn) return growth;
    const note = `${growth.note} in a first pass; in a second one, after ${warmUps} repetitions, ${later.note}`;
    return { ...later, trend: 'levels off', note };
  });
}
