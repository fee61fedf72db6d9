/**
 * Which objects grow with the number of iterations. Every survivor is dated by the iteration in which it was born: V8
 * hands out ids in order, so the highest id at the end of each iteration is a border between births. Survivors that are
 * held in the same way form a group; a group with births in every iteration grows. One with births in the first only is
 * a lazy start, in the last only the current state, in the last few only a cache with a bound.
 */
import type { HeapGraph } from './graph.ts';
import type { Paths } from './paths.ts';

/** Iterations that may be without a birth: the last object may still be in use, or the first was made in the warm-up. */
const gaps = 1;
/** How far up a chain of references is searched for the same link: lists and trees fold into one group. */
const deepestFold = 12;

export interface Group {
  /** The group that holds this one; null where an object from before the first iteration does. */
  readonly parent: Group | null;
  /** That old object, from which all of the group's members are reached. */
  readonly holder: number;
  /** The reference on the way: kind and name, `[]` for one of many. */
  readonly edge: { readonly kind: string; readonly name: string };
  readonly className: string;
  readonly nodeType: string;
  readonly members: number[];
  /** Births by iteration, from the first. */
  readonly births: number[];
  /** Members whose birth is unknown: Chrome numbers its own objects when it takes the snapshot. */
  undated: number;
  /** Whether any group below it grows. */
  growsBelow: boolean;
}

export interface Growth {
  /** Groups that grow, and that no other such group holds; in the order in which they are reached. */
  readonly groups: readonly Group[];
  /** All groups of survivors, each behind the one that holds it. */
  readonly all: readonly Group[];
  readonly groupOf: readonly (Group | undefined)[];
  /** By node: the iteration of its birth, 0 for what was there before, `iterations + 1` for what cannot be dated. */
  readonly birth: Uint8Array;
}

/** What tells old objects from new ones. */
export interface Dating {
  /** Highest object id before the first iteration and after each one, for at least 3 iterations. */
  readonly borders: readonly number[];
  /** Even ids of the snapshot before the first iteration. */
  readonly before: ReadonlySet<number>;
}

/** V8's own bookkeeping: grows with every function that runs hot, and shrinks again. */
const internals = new Set(['code', 'hidden', 'object shape', 'number', 'symbol', 'bigint', 'synthetic']);

/**
 * Objects of V8 have odd ids in the order of their birth; those of Chrome itself have even ones, of no order, and are
 * old if the snapshot before the first iteration had them.
 */
function dateBirths({ snapshot }: HeapGraph, { borders, before }: Dating): Uint8Array {
  const birth = new Uint8Array(snapshot.nodeCount);
  for (let node = 0; node < snapshot.nodeCount; node += 1) {
    const id = snapshot.ids[node] as number;
    if (id % 2 === 0) {
      birth[node] = before.has(id) ? 0 : borders.length;
      continue;
    }
    let iteration = 0;
    while (iteration < borders.length && id > (borders[iteration] as number)) iteration += 1;
    birth[node] = iteration;
  }
  return birth;
}

/** Chrome's own containers and wrappers around what a page hands it: they are on the way, never the leak itself. */
const plumbing =
  /^(blink::|cppgc::|v8::|WTF::|EventListener$|V8EventListener$|ScheduledAction$|V8\w+(Callback|Function)$)/;

/** Whether a group has births in all iterations but `gaps`, and not in a run that ends early or starts late. */
function grows({ births, members, undated, nodeType, className, growsBelow }: Group): boolean {
  if (internals.has(nodeType) || (nodeType === 'native' && plumbing.test(className))) return false;
  const iterations = births.length;
  if (members.length === undated) return growsBelow && undated >= iterations - gaps;
  return births.filter((count) => count > 0).length >= iterations - gaps;
}

/** Finds what grows. */
export function findGrowth(graph: HeapGraph, paths: Paths, dating: Dating): Growth {
  const { snapshot } = graph;
  const { via, from, order } = paths;
  const birth = dateBirths(graph, dating);
  const iterations = dating.borders.length - 1;
  const groupOf: (Group | undefined)[] = [];
  const all: Group[] = [];
  const byHolder = new Map<number, Map<string, Group>>();
  const byGroup = new Map<Group, Map<string, Group>>();
  const siblings = new Map<string, number>();
  const isNew = (node: number): boolean => (birth[node] as number) > 0;
  const kindOf = (edge: number): string => snapshot.edgeTypes[snapshot.edgeKinds[edge] as number] ?? '';
  const classOf = (node: number): string => snapshot.strings.get(snapshot.names[node] as number);

  // A property that is one of many of its kind is an entry of a dictionary, whatever its name.
  for (const node of order) {
    const edge = via[node] as number;
    if (!isNew(node) || edge >= snapshot.edgeCount || kindOf(edge) !== 'property') continue;
    const key = `${from[node]} ${snapshot.names[node]}`;
    siblings.set(key, (siblings.get(key) ?? 0) + 1);
  }

  for (const node of order) {
    const edge = via[node] as number;
    if (!isNew(node) || edge >= snapshot.edgeCount) continue;
    const source = from[node] as number;
    const kind = kindOf(edge);
    const edgeName = snapshot.strings.get(snapshot.edgeNames[edge] as number);
    const many =
      kind === 'element' ||
      // Places in the table of a Map or Set are internal references with numbers for names.
      (kind === 'internal' && /^\d+($| )/.test(edgeName)) ||
      kind === 'hidden' ||
      (kind === 'property' && (siblings.get(`${source} ${snapshot.names[node]}`) ?? 0) > 1);
    const name = many ? '[]' : edgeName;
    const nodeType = snapshot.nodeTypes[snapshot.types[node] as number] ?? '';
    // Names of strings and numbers are their values, and those of arrays and code say little.
    const className = ['object', 'native', 'closure', 'regexp'].includes(nodeType) ? classOf(node) : `(${nodeType})`;
    const parent = groupOf[source] ?? null;
    const key = `${kind === 'property' && many ? 'element' : kind}\0${name}\0${nodeType}\0${className}`;
    const group = ancestorLike(parent, kind, name, className) ?? groupFor(parent, source, key);
    groupOf[node] = group;
    group.members.push(node);
    const iteration = birth[node] as number;
    if (iteration > iterations) group.undated += 1;
    else group.births[iteration - 1] = (group.births[iteration - 1] ?? 0) + 1;

    function groupFor(above: Group | null, holder: number, groupKey: string): Group {
      const table = above
        ? (byGroup.get(above) ?? new Map<string, Group>())
        : (byHolder.get(holder) ?? new Map<string, Group>());
      if (above) byGroup.set(above, table);
      else byHolder.set(holder, table);
      const known = table.get(groupKey);
      if (known) return known;
      const fresh: Group = {
        parent: above,
        holder: above?.holder ?? holder,
        edge: { kind, name },
        className,
        nodeType,
        members: [],
        births: Array.from({ length: iterations }, () => 0),
        undated: 0,
        growsBelow: false,
      };
      table.set(groupKey, fresh);
      all.push(fresh);
      return fresh;
    }
  }
  return { groups: outermost(all), all, groupOf, birth };
}

function ancestorLike(parent: Group | null, kind: string, name: string, className: string): Group | undefined {
  let above = parent;
  for (let depth = 0; above && depth < deepestFold; depth += 1) {
    if (above.edge.kind === kind && above.edge.name === name && above.className === className) return above;
    above = above.parent;
  }
  return undefined;
}

function outermost(all: readonly Group[]): Group[] {
  // Groups stand behind the one that holds them.
  for (const group of all.toReversed()) {
    if (group.parent && (group.growsBelow || grows(group))) group.parent.growsBelow = true;
  }
  return all.filter((group) => {
    if (!grows(group)) return false;
    for (let above = group.parent; above; above = above.parent) if (grows(above)) return false;
    return true;
  });
}
