/**
 * Dominators by Semi-NCA (Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems", 2005): depth-first
 * numbers, semidominators with path compression, then the nearest common ancestor. Iterative, on typed arrays.
 */
import type { HeapSnapshot } from './snapshot.ts';

interface Input {
  readonly snapshot: HeapSnapshot;
  readonly essential: Uint8Array;
  readonly firstRetainer: Uint32Array;
  readonly retainers: Uint32Array;
}

interface DominatorTree {
  /** By node; the root's own is `0xffffffff`. */
  readonly dominators: Uint32Array;
  /** All nodes, each behind its dominator. */
  readonly order: Uint32Array;
}

interface DepthFirst {
  /** Nodes in the order of their first visit. */
  readonly order: Uint32Array;
  /** By node: its position in `order`. */
  readonly numbers: Uint32Array;
  /** By position: that of the node it was reached from. */
  readonly parents: Uint32Array;
}

const unseen = 0xffff_ffff;

/**
 * Visits what the root reaches, then what nothing keeps alive: held weakly only, or in circles of such. Those count as
 * held by the root, as in DevTools.
 */
function visit({ snapshot, essential, firstRetainer }: Input): DepthFirst {
  const { nodeCount, firstEdge, edgeTargets } = snapshot;
  const order = new Uint32Array(nodeCount);
  const numbers = new Uint32Array(nodeCount).fill(unseen);
  const parents = new Uint32Array(nodeCount);
  const stack = new Uint32Array(nodeCount);
  const cursors = new Uint32Array(nodeCount);
  let count = 0;
  const from = (start: number): void => {
    let depth = 0;
    stack[0] = start;
    cursors[0] = firstEdge[start] as number;
    numbers[start] = count;
    order[count] = start;
    count += 1;
    while (depth >= 0) {
      const node = stack[depth] as number;
      const edge = cursors[depth] as number;
      if (edge === firstEdge[node + 1]) {
        depth -= 1;
        continue;
      }
      cursors[depth] = edge + 1;
      const target = edgeTargets[edge] as number;
      if (essential[edge] === 0 || numbers[target] !== unseen) continue;
      numbers[target] = count;
      order[count] = target;
      parents[count] = numbers[node] as number;
      count += 1;
      depth += 1;
      stack[depth] = target;
      cursors[depth] = firstEdge[target] as number;
    }
  };
  from(0);
  for (const lonely of [true, false]) {
    for (let node = 0; count < nodeCount && node < nodeCount; node += 1) {
      const held = firstRetainer[node] !== firstRetainer[node + 1];
      if (numbers[node] === unseen && (!lonely || !held)) from(node);
    }
  }
  return { order, numbers, parents };
}

/** Dominators of all nodes; near to linear time. */
export function buildDominators(input: Input): DominatorTree {
  const { firstRetainer, retainers } = input;
  const { order, numbers, parents } = visit(input);
  const count = order.length;
  // All below works on positions in `order`.
  const semi = Uint32Array.from({ length: count }, (_, at) => at);
  const best = Uint32Array.from(semi);
  const ancestors = Uint32Array.from(parents);
  const path = new Uint32Array(count);

  /** The position with the least semidominator on the way up to the nodes that are not handled yet, up to `limit`. */
  const evaluate = (start: number, limit: number): number => {
    let length = 0;
    let at = start;
    while ((ancestors[at] as number) > limit) {
      path[length] = at;
      length += 1;
      at = ancestors[at] as number;
    }
    let least = best[at] as number;
    while (length > 0) {
      length -= 1;
      const below = path[length] as number;
      ancestors[below] = ancestors[at] as number;
      const own = best[below] as number;
      if ((semi[own] as number) < (semi[least] as number)) least = own;
      else best[below] = least;
      at = below;
    }
    return least;
  };

  for (let at = count - 1; at > 0; at -= 1) {
    const node = order[at] as number;
    let least = parents[at] as number;
    for (let i = firstRetainer[node] as number; i < (firstRetainer[node + 1] as number); i += 1) {
      const retainer = numbers[retainers[i] as number] as number;
      const found = retainer <= at ? retainer : (semi[evaluate(retainer, at)] as number);
      if (found < least) least = found;
    }
    semi[at] = least;
  }
  const dominators = new Uint32Array(count).fill(unseen);
  const immediate = Uint32Array.from(parents);
  for (let at = 1; at < count; at += 1) {
    let dominator = immediate[at] as number;
    while (dominator > (semi[at] as number)) dominator = immediate[dominator] as number;
    immediate[at] = dominator;
    dominators[order[at] as number] = order[dominator] as number;
  }
  return { dominators, order };
}
