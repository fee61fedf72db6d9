/**
 * What holds what in a heap snapshot: which references count, who refers to whom, dominators and retained sizes.
 * The rules are those of DevTools, so that its numbers and ours agree.
 */
import { buildDominators } from './dominators.ts';
import type { HeapSnapshot } from './snapshot.ts';

/** V8's root of the graph is the first node. */
export const rootNode = 0;

/** Marks a node without one: no dominator, no retainer on a shortest path. */
export const none = 0xffff_ffff;

export interface HeapGraph {
  readonly snapshot: HeapSnapshot;
  /** By edge: 1 where it keeps its target alive. */
  readonly essential: Uint8Array;
  /** Nodes that keep each node alive: those of node n stand from `firstRetainer[n]` to `firstRetainer[n + 1]`. */
  readonly firstRetainer: Uint32Array;
  readonly retainers: Uint32Array;
  /** By node: the node without which it would be collected; `none` for the root. */
  readonly dominators: Uint32Array;
  /** By node: bytes that would be freed with it. */
  readonly retained: Float64Array;
}

/** The table in the name of an edge that holds the value of a WeakMap; see `essentialEdges`. */
const ephemeron = / \/ part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(\d+)\)$/;

/** By name of an internal edge: the id of the WeakMap's table, 0 where it is no such edge. */
function readTables({ strings, edgeTypes, edgeKinds, edgeNames }: HeapSnapshot): Uint32Array {
  const internal = edgeTypes.indexOf('internal');
  const known = new Uint8Array(strings.length);
  const tables = new Uint32Array(strings.length);
  // Decoding is dear: every name is looked at once, and only if it has the bytes of such a name.
  const mark = new TextEncoder().encode(' pair in WeakMap (table @');
  for (let edge = 0; edge < edgeKinds.length; edge += 1) {
    const name = edgeNames[edge] as number;
    if (edgeKinds[edge] !== internal || known[name] !== 0) continue;
    known[name] = 1;
    const raw = strings.raw(name);
    if (raw.length <= mark.length || Buffer.from(raw.buffer, raw.byteOffset, raw.length).indexOf(mark) < 0) continue;
    tables[name] = Number(ephemeron.exec(strings.get(name))?.[1] ?? 0);
  }
  return tables;
}

/**
 * By node: 1 where the page owns it, reached from its windows and DOM trees without weak references. What else refers
 * to such a node (inspector, caches of V8) does not count as holding it.
 */
function markOwned(snapshot: HeapSnapshot): Uint8Array {
  const { nodeCount, firstEdge, edgeKinds, edgeTargets, edgeTypes, names, strings } = snapshot;
  const [weak, shortcut, element] = ['weak', 'shortcut', 'element'].map((type) => edgeTypes.indexOf(type));
  const owned = new Uint8Array(nodeCount);
  const queue = new Uint32Array(nodeCount);
  let end = 0;
  const add = (node: number): void => {
    if (owned[node] !== 0) return;
    owned[node] = 1;
    queue[end] = node;
    end += 1;
  };
  for (let edge = firstEdge[rootNode] as number; edge < (firstEdge[rootNode + 1] as number); edge += 1) {
    const target = edgeTargets[edge] as number;
    const kind = edgeKinds[edge];
    if (kind === shortcut || (kind === element && strings.get(names[target] as number) === '(Document DOM trees)'))
      add(target);
  }
  for (let at = 0; at < end; at += 1) {
    const node = queue[at] as number;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1)
      if (edgeKinds[edge] !== weak) add(edgeTargets[edge] as number);
  }
  return owned;
}

/**
 * By edge: 1 where it keeps its target alive. Not weak ones, nor shortcuts (names for what is held elsewhere) but those
 * of the root, which mark windows; of the two that hold a WeakMap's value that of the key, which says more than that of
 * the table; and none from outside of the page to what the page owns.
 */
function essentialEdges(snapshot: HeapSnapshot): Uint8Array {
  const { nodeCount, edgeCount, firstEdge, edgeKinds, edgeNames, edgeTargets, edgeTypes, ids } = snapshot;
  const [weak, shortcut, internal] = ['weak', 'shortcut', 'internal'].map((type) => edgeTypes.indexOf(type));
  const owned = markOwned(snapshot);
  const tables = readTables(snapshot);
  const essential = new Uint8Array(edgeCount);
  for (let node = 0; node < nodeCount; node += 1) {
    const end = firstEdge[node + 1] as number;
    const outside = node !== rootNode && owned[node] === 0;
    for (let edge = firstEdge[node] as number; edge < end; edge += 1) {
      const kind = edgeKinds[edge];
      const target = edgeTargets[edge] as number;
      if (kind === weak || target === node) continue;
      if (kind === shortcut && node !== rootNode) continue;
      if (outside && owned[target] !== 0) continue;
      if (kind === internal) {
        const table = tables[edgeNames[edge] as number] as number;
        if (table !== 0 && table === ids[node]) continue;
      }
      essential[edge] = 1;
    }
  }
  return essential;
}

function buildRetainers(
  { nodeCount, firstEdge, edgeTargets }: HeapSnapshot,
  essential: Uint8Array,
): Pick<HeapGraph, 'firstRetainer' | 'retainers'> {
  const firstRetainer = new Uint32Array(nodeCount + 1);
  let total = 0;
  for (let edge = 0; edge < essential.length; edge += 1) {
    if (essential[edge] === 0) continue;
    const target = edgeTargets[edge] as number;
    firstRetainer[target] = (firstRetainer[target] as number) + 1;
    total += 1;
  }
  // From counts to ends; filling from behind turns ends into beginnings.
  let sum = 0;
  for (let node = 0; node <= nodeCount; node += 1) {
    sum += firstRetainer[node] as number;
    firstRetainer[node] = sum;
  }
  const retainers = new Uint32Array(total);
  for (let node = nodeCount - 1; node >= 0; node -= 1) {
    for (let edge = (firstEdge[node + 1] as number) - 1; edge >= (firstEdge[node] as number); edge -= 1) {
      if (essential[edge] === 0) continue;
      const target = edgeTargets[edge] as number;
      const at = (firstRetainer[target] as number) - 1;
      firstRetainer[target] = at;
      retainers[at] = node;
    }
  }
  return { firstRetainer, retainers };
}

/** Builds all of it; time and memory are linear in nodes and edges, but for the dominators (see there). */
export function buildGraph(snapshot: HeapSnapshot): HeapGraph {
  const essential = essentialEdges(snapshot);
  const { firstRetainer, retainers } = buildRetainers(snapshot, essential);
  const { dominators, order } = buildDominators({ snapshot, essential, firstRetainer, retainers });
  const retained = Float64Array.from(snapshot.sizes);
  for (let at = order.length - 1; at > 0; at -= 1) {
    const node = order[at] as number;
    const dominator = dominators[node] as number;
    retained[dominator] = (retained[dominator] as number) + (retained[node] as number);
  }
  return { snapshot, essential, firstRetainer, retainers, dominators, retained };
}
