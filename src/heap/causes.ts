/** Groups that grow, by what makes them grow: all that is added in one place goes when that is mended. */
import type { HeldBesides } from '../core/leaks.ts';
import { type HeapGraph, none, rootNode } from './graph.ts';
import type { Group, Growth } from './growth.ts';
import type { NodeNames } from './nodes.ts';

export interface Cause {
  /** What is shown: the group that keeps most alive. */
  readonly main: Group;
  /** The outermost group on the way to it that grows, be it a container of Chrome's. */
  readonly top: Group;
  /** Further groups that are added in the same place. */
  readonly others: readonly Group[];
  /** Object that is shown as an example. */
  readonly member: number;
  /** Bytes that all of it keeps alive, and those of the shown objects themselves. */
  readonly retained: number;
  readonly shallow: number;
  readonly folded: readonly HeldBesides[];
}

const mostFolded = 6;

/** What lies in one collection, or came with one listener, is together; what Chrome holds in one list is not. */
function holderKey(top: Group, numberOf: (of: Group | number) => number): string {
  const own = top.nodeType === 'native' ? `${top.className} ${top.placeKey}` : '';
  const holder = top.parent === null ? `node ${numberOf(top.holder)}` : `group ${numberOf(top.parent)}`;
  return [holder, top.edge.kind, top.edge.name, own].join('\0');
}

/** Keys of a Map are beside what it maps to, which may be of Chrome's own and stand for itself. */
function foldKeys(clusters: Map<string, Group[]>): void {
  for (const [key, groups] of clusters) {
    if (!groups.every(({ nodeType }) => nodeType.includes('string'))) continue;
    const beside = [...clusters].find(([other]) => other !== key && other.startsWith(key));
    if (!beside) continue;
    beside[1].push(...groups);
    clusters.delete(key);
  }
}

/** But callbacks that Chrome holds for a page are apart, since each is added somewhere else. */
function splitCallbacks(groups: readonly Group[]): Group[][] {
  const places = new Set(
    groups.filter((group) => topOf(group) !== group && group.placeKey !== '').map(({ placeKey }) => placeKey),
  );
  if (places.size < 2) return [[...groups]];
  const rest = groups.filter(({ placeKey }) => !places.has(placeKey));
  return [...places].map((place, at) => [
    ...groups.filter(({ placeKey }) => placeKey === place),
    ...(at === 0 ? rest : []),
  ]);
}

function topOf(group: Group): Group {
  let top = group;
  while (top.parent?.steady === true) top = top.parent;
  return top;
}

/** Bytes that go with these nodes; of those that another one of them keeps alive nothing is counted twice. */
function retainedBy({ dominators, retained }: HeapGraph, nodes: Iterable<number>): number {
  const all = new Set(nodes);
  let sum = 0;
  for (const node of all) {
    let above = dominators[node] as number;
    while (above !== rootNode && above !== none && !all.has(above)) above = dominators[above] as number;
    if (above === rootNode || above === none) sum += retained[node] as number;
  }
  return sum;
}

/** Puts together what has one cause, and under it what it holds. */
export function findCauses(graph: HeapGraph, growth: Growth, names: NodeNames): Cause[] {
  const numbers = new Map<Group | number, number>();
  const numberOf = (of: Group | number): number => {
    const known = numbers.get(of) ?? numbers.size;
    numbers.set(of, known);
    return known;
  };
  const clusters = new Map<string, Group[]>();
  for (const group of growth.groups) {
    const key = holderKey(topOf(group), numberOf);
    const list = clusters.get(key);
    if (list) list.push(group);
    else clusters.set(key, [group]);
  }
  foldKeys(clusters);
  const below = Map.groupBy(growth.all, (group) => group.parent);
  const { sizes } = graph.snapshot;
  const shallow = (nodes: readonly number[]): number => nodes.reduce((sum, node) => sum + (sizes[node] as number), 0);
  return [...clusters.values()].flatMap(splitCallbacks).map((groups): Cause => {
    const [main, ...others] = groups.toSorted((a, b) => rank(graph, b) - rank(graph, a)) as [Group, ...Group[]];
    const tops = new Set(groups.map(topOf));
    const { iterations } = growth;
    const perIteration = (group: Group): HeldBesides => ({
      what: names.what(group.members[0] as number),
      count: group.members.length / iterations,
      bytes: shallow(group.members) / iterations,
    });
    const held = groups.flatMap((group) => descendants(group, below)).filter(({ ofPage }) => ofPage);
    return {
      main,
      top: topOf(main),
      others,
      // The first one is reached on the shortest way.
      member: main.members[0] as number,
      retained: retainedBy(
        graph,
        [...tops].flatMap(({ members }) => members),
      ),
      shallow: shallow(main.members),
      folded: mergeAlike([...others, ...held].map(perIteration)).slice(0, mostFolded),
    };
  });
}

/** Strings are the keys beside what a collection is about; a callback says more than what came with it. */
function rank(graph: HeapGraph, group: Group): number {
  const retained = retainedBy(graph, group.members);
  if (/^<i?frame\b/.test(group.className)) return retained + 1e13;
  if (group.nodeType === 'closure' && topOf(group) !== group && group.placeKey !== '') return retained + 1e12;
  return group.nodeType.includes('string') ? retained / 1e6 : retained;
}

function descendants(group: Group, below: ReadonlyMap<Group | null, readonly Group[]>): Group[] {
  const found: Group[] = [];
  const stack = [...(below.get(group) ?? [])];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.steady) found.push(next);
    stack.push(...(below.get(next) ?? []));
  }
  return found;
}

function mergeAlike(rows: readonly HeldBesides[]): HeldBesides[] {
  const merged = [...Map.groupBy(rows, ({ what }) => what)].map(([what, same]) => ({
    what,
    count: same.reduce((sum, { count }) => sum + count, 0),
    bytes: same.reduce((sum, { bytes }) => sum + bytes, 0),
  }));
  return merged.sort((a, b) => b.bytes - a.bytes);
}
