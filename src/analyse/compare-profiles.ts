/** Which functions got slower, from repeated profiles of base and head. */
import type { FunctionChange } from '../core/diagnosis.ts';
import type { Profile, ProfileFrame } from '../core/profile.ts';
import type { SourceLocation } from '../core/source.ts';
import { median } from '../stats/quantile.ts';
import { estimateShift } from '../stats/shift.ts';
import { type FunctionTime, functionTimes } from './function-totals.ts';

/** Of intervals; three passes of each side reach 0.9 at most, and say so. */
const confidence = 0.95;
/** Less than this is no interval. */
const leastConfidence = 0.8;
/** ms. Less is a handful of samples, whatever the interval says. */
const leastChange = 0.5;
/** A function is explained by another that it calls where that makes up so much of its change. */
const explaining = 0.7;
const mostFunctions = 50;

interface Candidate {
  readonly key: string;
  readonly frame: ProfileFrame;
  readonly self: Change;
  readonly own: Change;
  readonly total: Change;
  readonly callees: ReadonlySet<string>;
}

type Change = Pick<FunctionChange, 'base' | 'head' | 'change' | 'interval'>;

/**
 * By how much slower, slowest first by what they are slower by at least: what only varies a lot stands behind. A function stands for its own time; where that did not
 * grow, for its time with all that it called, unless one function that it called explains that.
 * @param base a profile for each pass; so is `head`
 */
export function compareProfiles(base: readonly Profile[], head: readonly Profile[]): FunctionChange[] {
  if (base.length === 0 || head.length === 0) return [];
  const passes = Math.min(base.length, head.length);
  const candidates = gather(base.map(functionTimes), head.map(functionTimes));
  const byKey = new Map(candidates.map((candidate) => [candidate.key, candidate]));
  return candidates
    .flatMap((candidate): FunctionChange[] => {
      const told = tell(candidate, byKey);
      if (told === null || Math.abs(told.change.change) < leastChange) return [];
      return [{ location: locationOf(candidate.frame), kind: told.kind, ...told.change, passes }];
    })
    .sort(order)
    .slice(0, mostFunctions);
}

function gather(
  base: readonly ReadonlyMap<string, FunctionTime>[],
  head: readonly ReadonlyMap<string, FunctionTime>[],
): Candidate[] {
  const keys = new Set([...head, ...base].flatMap((times) => [...times.keys()]));
  return [...keys].map((key) => {
    const [inBase, inHead] = [base, head].map((side) => side.map((times) => times.get(key)));
    const seen = [...(inHead ?? []), ...(inBase ?? [])].filter((time) => time !== undefined);
    const change = (of: (time: FunctionTime) => number): Change => {
      const values = (side: readonly (FunctionTime | undefined)[]): number[] =>
        side.map((time) => (time ? of(time) : 0));
      return describe(values(inBase ?? []), values(inHead ?? []), {
        base: inBase?.some(Boolean) ?? false,
        head: inHead?.some(Boolean) ?? false,
      });
    };
    // Where head has it, it is shown as it is there.
    const shown = (inHead?.some(Boolean) === true ? inHead : inBase)?.filter((time) => time !== undefined) ?? [];
    const [first] = shown.toSorted((a, b) => b.self - a.self);
    return {
      key,
      frame: (first ?? (seen[0] as FunctionTime)).frame,
      self: change((time) => time.self),
      own: change((time) => time.own),
      total: change((time) => time.total),
      callees: new Set(seen.flatMap((time) => [...time.callees])),
    };
  });
}

/** @param present whether any pass of a side has the function */
function describe(
  base: readonly number[],
  head: readonly number[],
  present: { readonly base: boolean; readonly head: boolean },
): Change {
  const shift = estimateShift(base, head, confidence);
  const { low, high, confidence: reached } = shift;
  return {
    base: present.base ? median(base) : null,
    head: present.head ? median(head) : null,
    change: shift.estimate,
    interval: reached < leastConfidence ? null : { low, high, confidence: reached },
  };
}

/** Null where what it called explains how it changed. */
function tell(
  { key, self, total, callees }: Candidate,
  all: ReadonlyMap<string, Candidate>,
): { readonly kind: FunctionChange['kind']; readonly change: Change } | null {
  const size = Math.abs(total.change);
  // Its code took more and what it called as much less: a function was put into another, and nothing got slower.
  if (size < leastChange) return null;
  const sameWay = (change: Change): number => (change.change * total.change > 0 ? Math.abs(change.change) : 0);
  // Most of what changed is in its own code.
  if (sameWay(self) >= explaining * size) return { kind: 'self', change: self };
  for (const callee of callees) {
    const called = all.get(callee);
    if (!called) continue;
    // Of two that call each other neither explains the other by all that it called, but by what is its own.
    if (sameWay(called.callees.has(key) ? called.own : called.total) >= explaining * size) {
      return Math.abs(self.change) >= leastChange ? { kind: 'self', change: self } : null;
    }
  }
  return { kind: 'total', change: total };
}

/** What it is slower by at least, ms; without an interval what it was slower by. */
function atLeast({ change, interval }: FunctionChange): number {
  return interval?.low ?? change;
}

/** Slower ones by what they are slower by at least; then those that got faster, the most first. */
function order(a: FunctionChange, b: FunctionChange): number {
  if (a.change < 0 && b.change < 0) return a.change - b.change;
  if (a.change < 0 || b.change < 0) return b.change - a.change;
  return atLeast(b) - atLeast(a) || b.change - a.change;
}

function locationOf({ name, file, line, column, script, mapped, origin }: ProfileFrame): SourceLocation {
  return {
    function: name,
    file: file ?? '',
    line: line ?? 1,
    column: column ?? 1,
    mapped,
    script: script ?? '',
    origin,
  };
}
