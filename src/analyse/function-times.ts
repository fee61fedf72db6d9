/**
 * Time by function, from a profile. A function's own time is its self time and that of what the engine runs for it
 * without a script of its own (`querySelectorAll`, parsing of `innerHTML`): no one else can be asked about it.
 * Forced style and layout, and garbage collection, are apart: rules of their own speak of them.
 * Times in ms of one pass.
 */
import type { Profile, ProfileFrame } from '../core/profile.ts';
import type { SourceLocation } from '../core/source.ts';

export interface FunctionTimes {
  readonly key: string;
  readonly frame: ProfileFrame;
  readonly own: number;
  /** With all it calls; recursion counted once. */
  readonly total: number;
  /** Own time by the nearest function of the application above it, by key; nothing where there is none. */
  readonly callers: ReadonlyMap<string, number>;
  /** What of its own time the engine ran for it, by name. */
  readonly natives: ReadonlyMap<string, number>;
  /** Garbage collection while it ran, not in its own time. */
  readonly collection: number;
}

/** What lies below one function, by key: own time of the functions there, and their time in all. */
export interface Below {
  readonly own: ReadonlyMap<string, number>;
  readonly total: ReadonlyMap<string, number>;
}

export interface ThreadTimes {
  readonly functions: ReadonlyMap<string, FunctionTimes>;
  /** Time of the whole thread by category of frame. */
  readonly categories: ReadonlyMap<ProfileFrame['category'], number>;
  readonly total: number;
  /** What lies below one function; looks at every node, so for the few that matter. */
  readonly below: (key: string) => Below;
}

/** What tells one function from another; null for what has no script: tasks and built-in functions of the browser. */
function functionKey(frame: ProfileFrame): string | null {
  if (frame.category !== 'script' || (frame.file === null && frame.script === null)) return null;
  return [frame.file ?? frame.script, frame.line ?? 0, frame.column ?? 0, frame.name].join(':');
}

/** What the engine does for the script that called it; layout, style and collections are not of this kind. */
const servile: ReadonlySet<ProfileFrame['category']> = new Set(['script', 'native', 'parse', 'other']);

/** Where a function is, as findings name it; null for what has no script. */
export function frameLocation(frame: ProfileFrame): SourceLocation | null {
  if (functionKey(frame) === null) return null;
  return {
    function: frame.name === '' ? null : frame.name,
    file: frame.file ?? frame.script ?? '',
    line: frame.line ?? 1,
    column: frame.column ?? 1,
    mapped: frame.mapped,
    script: frame.script ?? frame.file ?? '',
    origin: frame.origin,
  };
}

interface Sums {
  readonly key: string;
  readonly frame: ProfileFrame;
  own: number;
  total: number;
  collection: number;
  readonly callers: Map<string, number>;
  readonly natives: Map<string, number>;
}

function add<Key>(map: Map<Key, number>, key: Key, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount);
}

/** Nodes of one thread: a thread's root and all whose ancestors end in it. */
function nodesOf(profile: Profile, root: number): Uint8Array {
  const inside = new Uint8Array(profile.parents.length);
  inside[root] = 1;
  for (let node = root + 1; node < inside.length; node += 1) {
    if (inside[profile.parents[node] ?? -1] === 1) inside[node] = 1;
  }
  return inside;
}

/** A call tree with what each node's time belongs to. */
interface Tree {
  readonly profile: Profile;
  readonly inside: Uint8Array;
  readonly keys: readonly (string | null)[];
  /** Time of each node with all below it. */
  readonly subtree: Float64Array;
  /** The node of the function that a node's own time belongs to; -1 where there is none. */
  readonly owners: Int32Array;
  /** The nearest node of a function, the node itself included; -1 where there is none. */
  readonly scripts: Int32Array;
  readonly scale: number;
}

function readTree(profile: Profile, root: number): Tree {
  const inside = nodesOf(profile, root);
  const keys = profile.frames.map(functionKey);
  const scale = 1 / 1000 / Math.max(1, profile.passes);
  const length = profile.parents.length;
  const subtree = new Float64Array(length);
  const owners = new Int32Array(length).fill(-1);
  const scripts = new Int32Array(length).fill(-1);
  for (let node = length - 1; node >= 0; node -= 1) {
    if (inside[node] !== 1) continue;
    subtree[node] = (subtree[node] ?? 0) + (profile.self[node] ?? 0) * scale;
    const parent = profile.parents[node] ?? -1;
    if (parent >= 0) subtree[parent] = (subtree[parent] ?? 0) + (subtree[node] ?? 0);
  }
  for (let node = 0; node < length; node += 1) {
    const index = profile.frameOf[node] ?? -1;
    const frame = profile.frames[index];
    if (inside[node] !== 1 || !frame) continue;
    const parent = profile.parents[node] ?? -1;
    const isFunction = (keys[index] ?? null) !== null;
    scripts[node] = isFunction ? node : parent < 0 ? -1 : (scripts[parent] ?? -1);
    if (isFunction) owners[node] = node;
    else if (servile.has(frame.category) && parent >= 0) owners[node] = owners[parent] ?? -1;
  }
  return { profile, inside, keys, subtree, owners, scripts, scale };
}

/** The key of a node's function; null where it has none. */
function keyAt({ profile, keys }: Tree, node: number): string | null {
  return keys[profile.frameOf[node] ?? -1] ?? null;
}

/** Keys of the functions above a node, innermost first, with their frames. */
function* above(tree: Tree, from: number): Generator<{ key: string; frame: ProfileFrame }> {
  const { profile } = tree;
  for (let node = profile.parents[from] ?? -1; node >= 0; node = profile.parents[node] ?? -1) {
    const frame = profile.frames[profile.frameOf[node] ?? -1];
    const key = keyAt(tree, node);
    if (frame && key !== null) yield { key, frame };
  }
}

function isBelow(tree: Tree, node: number, key: string): boolean {
  for (const one of above(tree, node)) if (one.key === key) return true;
  return false;
}

function nearestCaller(tree: Tree, node: number, own: string): string | null {
  for (const { key, frame } of above(tree, node)) if (key !== own && frame.origin === 'application') return key;
  return null;
}

function below(tree: Tree, key: string): Below {
  const own = new Map<string, number>();
  const total = new Map<string, number>();
  const { profile } = tree;
  const under = new Uint8Array(profile.parents.length);
  for (let node = 0; node < under.length; node += 1) {
    const parent = profile.parents[node] ?? -1;
    if (tree.inside[node] !== 1) continue;
    if (under[parent] === 1 || (parent >= 0 && keyAt(tree, parent) === key)) under[node] = 1;
    else continue;
    const ownKey = keyAt(tree, tree.owners[node] ?? -1);
    if (ownKey !== null && ownKey !== key) add(own, ownKey, (profile.self[node] ?? 0) * tree.scale);
    const self = keyAt(tree, node);
    if (self !== null && self !== key && !isBelow(tree, node, self)) add(total, self, tree.subtree[node] ?? 0);
  }
  return { own, total };
}

/** How profiles call it. */
export const mainThread = 'Main thread';

/** Times of one thread, the main thread if not said; of nothing where the profile has no such thread. */
export function functionTimes(profile: Profile, threadName = mainThread): ThreadTimes {
  const thread = profile.threads.find(({ name }) => name === threadName);
  const sums = new Map<string, Sums>();
  const categories = new Map<ProfileFrame['category'], number>();
  if (!thread) return { functions: sums, categories, total: 0, below: () => ({ own: new Map(), total: new Map() }) };
  const tree = readTree(profile, thread.root);
  const sumOf = (node: number): Sums | null => {
    const key = keyAt(tree, node);
    const frame = profile.frames[profile.frameOf[node] ?? -1];
    if (key === null || !frame) return null;
    const known = sums.get(key);
    if (known) return known;
    const fresh: Sums = { key, frame, own: 0, total: 0, collection: 0, callers: new Map(), natives: new Map() };
    sums.set(key, fresh);
    return fresh;
  };
  for (let node = 0; node < profile.parents.length; node += 1) {
    const frame = profile.frames[profile.frameOf[node] ?? -1];
    if (tree.inside[node] !== 1 || !frame) continue;
    const self = (profile.self[node] ?? 0) * tree.scale;
    add(categories, frame.category, self);
    const script = tree.scripts[node] ?? -1;
    if (frame.category === 'gc' && script >= 0) {
      const collecting = sumOf(script);
      if (collecting) collecting.collection += self;
    }
    const owner = tree.owners[node] ?? -1;
    const sum = sumOf(owner);
    if (!sum) continue;
    sum.own += self;
    if (owner !== node && self > 0) add(sum.natives, frame.name, self);
    if (owner === node && !isBelow(tree, node, sum.key)) sum.total += tree.subtree[node] ?? 0;
    const caller = self > 0 ? nearestCaller(tree, owner, sum.key) : null;
    if (caller !== null) add(sum.callers, caller, self);
  }
  return { functions: sums, categories, total: tree.subtree[thread.root] ?? 0, below: (key) => below(tree, key) };
}

/** The middle of the passes, the lower one of two. */
function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/**
 * Times of one run from those of several passes: what one bad moment of the machine did to a pass moves a mean, and not
 * the median. Who called, and what lies below, is of all passes together.
 * @param merged of all passes
 */
export function typicalTimes(merged: ThreadTimes, passes: readonly ThreadTimes[]): ThreadTimes {
  if (passes.length < 2) return merged;
  const functions = new Map<string, FunctionTimes>();
  for (const [key, one] of merged.functions) {
    const own = middle(passes.map((pass) => pass.functions.get(key)?.own ?? 0));
    const total = middle(passes.map((pass) => pass.functions.get(key)?.total ?? 0));
    const collection = middle(passes.map((pass) => pass.functions.get(key)?.collection ?? 0));
    functions.set(key, { ...one, own, total, collection });
  }
  const categories = new Map(
    [...merged.categories.keys()].map((category) => [
      category,
      middle(passes.map((pass) => pass.categories.get(category) ?? 0)),
    ]),
  );
  return { ...merged, functions, categories, total: middle(passes.map(({ total }) => total)) };
}
