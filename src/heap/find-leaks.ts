/** From the snapshots of a memory scenario to its leaks: what grows, what holds it, and what to mend. */
import type { Leak, LeakPattern, MemoryCounters, OutsideGrowth } from '../core/leaks.ts';
import type { Counted } from '../core/counted.ts';
import type { SourceLocation } from '../core/source.ts';
import { findCauses } from './causes.ts';
import { type CountedInput, findCountedLeaks, locateLeak } from './counted-leaks.ts';
import { buildGraph } from './graph.ts';
import { findGrowth, type Group } from './growth.ts';
import { findGrownTables } from './grown-tables.ts';
import { stepsTo } from './leak-path.ts';
import { NodeNames } from './nodes.ts';
import { LeakReader, type Owner } from './leak-reader.ts';
import { resized } from './leak-text.ts';
import { collectOutside } from './outside.ts';
import type { HeapSnapshot } from './snapshot.ts';

/** A function or class in a script as Chrome numbers scripts, line and column from 0; name empty for none. */
export interface FunctionPlace {
  readonly script: number;
  readonly line: number;
  readonly column: number;
  readonly name: string;
}

export interface FoundVariable {
  readonly name: string;
  readonly location: SourceLocation;
}

export interface LeakInput {
  /** Before the first iteration. */
  readonly first: HeapSnapshot;
  /** After the last one. */
  readonly last: HeapSnapshot;
  /** Highest object ids before the first iteration and after each one; at least 3 iterations. */
  readonly borders: readonly number[];
  /** Before the first iteration and after each one. */
  readonly counters: readonly MemoryCounters[];
  /** Where a function that starts at a place stands in the original source (`resolveFunction` of SourceResolver). */
  readonly place: (at: FunctionPlace) => SourceLocation | null;
  /**
   * A variable that is read from a function: its name and declaration in the original source (`resolveVariable`).
   * @param own whether it is the function's own; else it belongs to one around it
   */
  readonly variable?: (at: FunctionPlace, own: boolean, name: string) => FoundVariable | null;
  /** What was seen outside of the heap. */
  readonly counted?: Counted & Pick<CountedInput, 'placeOf'>;
}

export interface FoundLeaks {
  /** The one to mend first comes first. */
  readonly leaks: Leak[];
  readonly outside: OutsideGrowth[];
}

/** Time and memory are linear in the size of the snapshots, but for the dominators (see there). */
export function findLeaks(input: LeakInput): FoundLeaks {
  const graph = buildGraph(input.last);
  const growth = findGrowth(graph, input);
  const reader = new LeakReader(graph, growth, input);
  const causes = findCauses(graph, growth, reader.names);
  const others = new Map<Group, Owner>();
  const leaks: Leak[] = [];
  const explained = new Set<number>();
  for (const cause of causes) {
    for (const { node } of stepsTo(growth.paths, cause.member)) explained.add(node);
    const owner = reader.ownerOf(cause);
    if (owner === 'page') leaks.push(reader.read(cause));
    else for (const group of [cause.main, ...cause.others]) others.set(group, owner);
  }
  const first = { snapshot: input.first, names: new NodeNames(input.first) };
  for (const table of findGrownTables(graph, first, growth, { names: reader.names, explained }))
    leaks.push(reader.readTable(table));
  leaks.sort(byUrgency);
  return { leaks: withCounted(mergeAlike(leaks), input), outside: collectOutside(growth, input.last, others) };
}

/** What was counted besides, but for style sheets that the snapshot has as well: it knows what holds them. */
function withCounted(leaks: Leak[], { counted, counters }: LeakInput): Leak[] {
  if (!counted) return leaks;
  const located = leaks.map((leak) => locateLeak(leak, counted));
  const isKnown = ({ pattern }: Leak): boolean =>
    pattern === 'style sheets pile up' && located.some((leak) => leak.pattern === pattern);
  const more = findCountedLeaks({ ...counted, counters }).filter((leak) => !isKnown(leak));
  return [...located, ...more].toSorted(byUrgency);
}

/** What Chrome keeps in several lists of its own when one thing is added: an element, its window, its sheet. */
const inSeveralLists: readonly LeakPattern[] = ['style sheets pile up', 'frame not removed'];
/** Whether no script is on the way to it. */
const isChromes = ({ path }: Leak): boolean =>
  path.every(({ edge }) => ['root', 'element', 'native', 'internal'].includes(edge));

function mergeAlike(leaks: readonly Leak[]): Leak[] {
  const merged: Leak[] = [];
  for (const leak of leaks) {
    const same = merged.find(
      (other) =>
        other.pattern === leak.pattern &&
        inSeveralLists.includes(leak.pattern) &&
        Math.abs(other.count - leak.count) < 1 &&
        isChromes(other) &&
        isChromes(leak),
    );
    if (!same) {
      merged.push(leak);
      continue;
    }
    // The element says more than its window or its sheet.
    const [shown, other] = leak.what.startsWith('<') ? [leak, same] : [same, leak];
    const alike = shown.alike + other.alike + 1;
    merged[merged.indexOf(same)] = { ...resized(shown, Math.max(shown.retained, other.retained)), alike };
  }
  return merged;
}

/** What keeps most alive and is surest. */
function byUrgency(a: Leak, b: Leak): number {
  return b.retained * b.confidence - a.retained * a.confidence;
}
