/** From the snapshots of a memory scenario to its leaks: what grows, what holds it, and what to mend. */
import type { Leak, MemoryCounters, OutsideGrowth } from '../core/leaks.ts';
import type { SourceLocation } from '../core/source.ts';
import { buildGraph } from './graph.ts';
import { findGrowth, type Group } from './growth.ts';
import { readPath, stepsTo } from './leak-path.ts';
import { NodeNames } from './nodes.ts';
import { findPaths } from './paths.ts';
import type { HeapSnapshot } from './snapshot.ts';

/** A function or class in a script as Chrome numbers scripts, line and column from 0; name empty for none. */
export interface FunctionPlace {
  readonly script: number;
  readonly line: number;
  readonly column: number;
  readonly name: string;
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
}

export interface FoundLeaks {
  /** The one to mend first comes first. */
  readonly leaks: Leak[];
  readonly outside: OutsideGrowth[];
}

export function findLeaks(input: LeakInput): FoundLeaks {
  const graph = buildGraph(input.last);
  const paths = findPaths(graph);
  const before = new Set(Array.from(input.first.ids).filter((id) => id % 2 === 0));
  const growth = findGrowth(graph, paths, { borders: input.borders, before });
  const names = new NodeNames(input.last);
  const iterations = input.borders.length - 1;
  const place = (node: number): SourceLocation | null => {
    const at = names.place(node);
    return at === null
      ? null
      : input.place({ ...at, name: names.typeOf(node) === 'closure' ? names.rawName(node) : '' });
  };
  const growing = new Set<Group>();
  for (const group of growth.all)
    if (group.births.filter((count) => count > 0).length >= iterations - 1) growing.add(group);
  const grows = (node: number): boolean => {
    const group = growth.groupOf[node];
    return group !== undefined && growing.has(group);
  };
  const leaks = growth.groups.map((group): Leak => {
    const member = group.members[Math.floor(group.members.length / 2)] as number;
    const path = readPath(stepsTo(paths, member), { names, grows, place });
    const what = names.what(member);
    const sum = (of: ArrayLike<number>): number =>
      group.members.reduce((total, node) => total + (of[node] as number), 0);
    const count = group.members.length / iterations;
    const location = path.findLast((link) => link.location !== null)?.location ?? null;
    return {
      title: `${what} grows by ${Math.round(count * 10) / 10} per iteration`,
      pattern: 'unknown',
      what,
      count,
      births: [...group.births],
      shallow: sum(graph.snapshot.sizes) / iterations,
      retained: sum(graph.retained) / iterations,
      path,
      location,
      advice: `Let go of ${what} when it is not needed any more.`,
      confidence: 0.5,
      signals: [`${group.births.filter((births) => births > 0).length} of ${iterations} iterations left some behind`],
      folded: [],
      alike: 0,
    };
  });
  leaks.sort((a, b) => b.retained - a.retained);
  return { leaks, outside: [] };
}
