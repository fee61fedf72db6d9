/**
 * Which objects grow with the number of iterations. Every survivor is dated by the iteration in which it was born: V8
 * hands out ids in order, so the highest id at the end of each iteration is a border between births. Survivors that are
 * held in the same way form a group; a group with births in every iteration grows. One with births in the first only is
 * a lazy start, in the last only the current state, in the last few only a cache with a bound.
 */
import { dateBirths, type Dating } from './dating.ts';
import { type HeapGraph, rootNode } from './graph.ts';
import { callers, findCallback } from './callbacks.ts';
import { isDom, isPlumbing, isWindow, NodeNames } from './nodes.ts';
import { findPaths, type Paths } from './paths.ts';
import { straightenTrees } from './trees.ts';
import { Turnover } from './turnover.ts';

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
  /** Where its functions stand, for groups of functions. */
  readonly placeKey: string;
  readonly members: number[];
  /** Births by iteration, from the first. */
  readonly births: number[];
  /** Members that are new, but whose birth is unknown: objects of Chrome's own. */
  undated: number;
  /** Members with births or not, of how many it is known that nothing of V8 goes with them. */
  natives: number;
  /** Whether it is reached by way of code or shapes alone: names of properties, constants, feedback. */
  readonly bookkeeping: boolean;
  /** Others of its kind from before the first iteration that its holder still has. */
  before: number;
  /** Whether it grows, by its births alone. */
  steady: boolean;
  /** Whether a page has made it: no bookkeeping of V8's or Chrome's. */
  ofPage: boolean;
  /** Whether any group below it is one that a page can have made. */
  growsBelow: boolean;
}

export interface Growth {
  readonly iterations: number;
  /** Groups that grow, and that no other such group holds; in the order in which they are reached. */
  readonly groups: readonly Group[];
  /** All groups of survivors, each behind the one that holds it. */
  readonly all: readonly Group[];
  readonly paths: Paths;
  /** By node: its group; undefined for what is old, or reached from nowhere. */
  readonly groupOf: readonly (Group | undefined)[];
  /** By node: the iteration of its birth, 0 for what was there before, `iterations + 1` for what cannot be dated. */
  readonly birth: Uint8Array;
}

/** V8's own bookkeeping: grows with every function that runs hot, and shrinks again. */
const internals = new Set(['array', 'code', 'hidden', 'object shape', 'number', 'symbol', 'bigint', 'synthetic']);

/** What a page can pile up in Chrome without an object of V8 for each. */
const visible = /^[<#]|^(CSS\w*|Style\w*|Window|Worker|SharedWorker|DocumentFragment|ShadowRoot|Text|Comment|Attr)\b/;

/** Whether there are births in all iterations but `gaps`. */
function isSteady({ births, members, undated, before }: Group): boolean {
  const iterations = births.length;
  if (members.length === undated) return undated >= iterations - gaps;
  if (births.filter((count) => count > 0).length < iterations - gaps) return false;
  // Where the first iteration has left nothing, earlier ones must have, or it is a cache with a bound that was reached.
  return births[0] !== 0 || before > 0;
}

/** Whether there are more than before by what most iterations have added: else old ones went as new ones came. */
function isMore({ births, undated }: Group, more: number): boolean {
  const usual = (births.toSorted((a, b) => a - b)[births.length >> 1] ?? 0) + undated / births.length;
  return more >= usual * (births.length - gaps);
}

/** Whether a page has made it: neither bookkeeping of V8, nor Chrome's own without anything of V8 in it. */
function isOfPage({ nodeType, className, natives, members, growsBelow, bookkeeping }: Group): boolean {
  if (bookkeeping) return false;
  if (internals.has(nodeType) || isPlumbing(nodeType, className)) return false;
  return nodeType !== 'native' || natives < members.length || growsBelow || visible.test(className);
}

/** Finds what grows. */
export function findGrowth(graph: HeapGraph, dating: Dating): Growth {
  const { snapshot } = graph;
  const names = new NodeNames(snapshot);
  const birth = dateBirths(snapshot, dating);
  // A page that loads anew in every iteration has no old window.
  const anyOld = Array.from(birth.keys()).some((node) => birth[node] === 0 && isWindow(names.rawName(node)));
  const paths = findPaths(graph, (window) => !anyOld || birth[window] === 0);
  const { via, from, order } = paths;
  const iterations = dating.borders.length - 1;
  const groupOf: (Group | undefined)[] = [];
  const all: Group[] = [];
  const byHolder = new Map<number, Map<string, Group>>();
  const byGroup = new Map<Group, Map<string, Group>>();
  const siblings = new Map<string, number>();
  // What Chrome keeps to call a function is told apart by that function.
  const placeKeyOf = (node: number): string => {
    const type = names.typeOf(node);
    const callback = type === 'native' && callers.test(names.className(node)) ? findCallback(names, node, isNew) : null;
    return names.placeKey(callback ?? node);
  };
  const isBookkeeping = (node: number): boolean => ['code', 'object shape'].includes(names.typeOf(node));
  const isNew = (node: number): boolean => (birth[node] as number) > 0;

  // A property that is one of many of its kind is an entry of a dictionary, whatever its name.
  for (const node of order) {
    const edge = via[node] as number;
    if (!isNew(node) || edge >= snapshot.edgeCount || names.edgeKind(edge) !== 'property') continue;
    const key = `${from[node]} ${snapshot.names[node]}`;
    siblings.set(key, (siblings.get(key) ?? 0) + 1);
  }

  const attached = straightenTrees(graph, paths, names, isNew);
  for (const node of order) {
    // Parents in a tree may be reached behind their children.
    const waiting: number[] = [];
    for (
      let at = node;
      isNew(at) && groupOf[at] === undefined && (via[at] as number) < snapshot.edgeCount;
      at = from[at] as number
    )
      waiting.push(at);
    for (const next of waiting.reverse()) addToGroup(next);
  }

  function addToGroup(node: number): void {
    const edge = via[node] as number;
    const source = from[node] as number;
    const kind = names.edgeKind(edge);
    const many =
      names.isOneOfMany(edge) || (kind === 'property' && (siblings.get(`${source} ${snapshot.names[node]}`) ?? 0) > 1);
    // What stands behind a number says who holds it.
    const name = many
      ? `[]${kind === 'internal' ? names.edgeName(edge).replace(/^\d+/, '') : ''}`
      : names.edgeName(edge);
    const nodeType = names.typeOf(node);
    // Names of strings and numbers are their values, and those of arrays and code say little.
    const className = ['object', 'native', 'closure', 'regexp'].includes(nodeType)
      ? names.className(node)
      : `(${nodeType})`;
    const parent = groupOf[source] ?? null;
    const edgeKind = kind === 'property' && many ? 'element' : kind;
    // Windows are told apart by nothing: one frame leads to the next.
    const isFrame = attached.has(node) && !isDom(className);
    const key = `${edgeKind}\0${name}\0${nodeType}\0${className}\0${placeKeyOf(node)}`;
    // Literal objects are all of one class: what an entry holds is no further entry, unless it has the same shape.
    const isAlike = (above: Group): boolean =>
      className !== 'Object' || names.what(above.members[0] as number) === names.what(node);
    const group =
      ancestorLike(parent, { kind, name, className }, isAlike) ?? groupFor(parent, isFrame ? rootNode : source, key);
    groupOf[node] = group;
    group.members.push(node);
    const iteration = birth[node] as number;
    if (iteration > iterations) group.undated += 1;
    else group.births[iteration - 1] = (group.births[iteration - 1] ?? 0) + 1;
    if ((snapshot.ids[node] as number) % 2 === 0) group.natives += 1;

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
        placeKey: placeKeyOf(node),
        members: [],
        births: Array.from({ length: iterations }, () => 0),
        undated: 0,
        natives: 0,
        bookkeeping:
          above?.bookkeeping === true ||
          above?.nodeType === 'code' ||
          above?.nodeType === 'object shape' ||
          isBookkeeping(holder),
        before: 0,
        steady: false,
        ofPage: false,
        growsBelow: false,
      };
      table.set(groupKey, fresh);
      all.push(fresh);
      return fresh;
    }
  }
  const turnover = new Turnover(dating.first, snapshot, names);
  return { iterations, groups: outermost(all, { paths, names, birth, turnover }), all, paths, groupOf, birth };
}

interface Link {
  readonly kind: string;
  readonly name: string;
  readonly className: string;
}

function ancestorLike(
  parent: Group | null,
  { kind, name, className }: Link,
  isAlike: (above: Group) => boolean,
): Group | undefined {
  let above = parent;
  for (let depth = 0; above && depth < deepestFold; depth += 1) {
    if (above.edge.kind === kind && above.edge.name === name && above.className === className && isAlike(above))
      return above;
    above = above.parent;
  }
  return undefined;
}

interface Surroundings {
  readonly paths: Paths;
  readonly names: NodeNames;
  readonly birth: Uint8Array;
  readonly turnover: Turnover;
}

/** How many of the kind of the group's members their holder has from before the first iteration. */
function countBefore({ members, className, nodeType }: Group, { paths, names, birth }: Surroundings): number {
  let before = 0;
  const source = paths.from[members[0] as number] as number;
  const { from, to } = names.edgesOf(source);
  for (let edge = from; edge < to; edge += 1) {
    const node = names.target(edge);
    if (birth[node] === 0 && names.typeOf(node) === nodeType && names.className(node) === className) before += 1;
  }
  return before;
}

/** Groups of which as many went as came, and what they hold: it went with them. */
function findReplaced(all: readonly Group[], turnover: Turnover): ReadonlySet<Group> {
  const replaced = new Set<Group>();
  for (const group of all) {
    if (group.parent && replaced.has(group.parent)) replaced.add(group);
    if (replaced.has(group) || group.members.length < group.births.length - gaps) continue;
    const more = turnover.more(group);
    if (more !== null && !isMore(group, more)) replaced.add(group);
  }
  return replaced;
}

function outermost(all: readonly Group[], around: Surroundings): Group[] {
  const grows = new Set<Group>();
  const replaced = findReplaced(all, around.turnover);
  // Groups stand behind the one that holds them.
  for (const group of all.toReversed()) {
    if (group.members.length >= group.births.length - gaps) group.before = countBefore(group, around);
    group.steady = isSteady(group);
    if (replaced.has(group)) group.steady = false;
    group.ofPage = isOfPage(group);
    const own = group.steady && group.ofPage;
    if (own) grows.add(group);
    if (group.parent && (group.growsBelow || own)) group.parent.growsBelow = true;
  }
  return all.filter((group) => {
    if (!grows.has(group)) return false;
    for (let above = group.parent; above; above = above.parent) if (grows.has(above)) return false;
    return true;
  });
}
