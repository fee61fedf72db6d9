/** The shortest way from a root to every object, by references that keep it alive: what a reader is shown as its path. */
import { type HeapGraph, none, rootNode } from './graph.ts';
import { isWindow } from './nodes.ts';
import type { HeapSnapshot } from './snapshot.ts';

export interface Paths {
  /** By node: the reference by which it is reached first; `none` for roots and for what nothing holds. */
  readonly via: Uint32Array;
  /** By edge of `via`: the node that it starts from, by target node; `none` likewise. */
  readonly from: Uint32Array;
  /** Nodes in the order in which they are reached. */
  readonly order: Uint32Array;
  /** By node: 1 where it is reached from a window of the page, 0 where only from Chrome's own roots. */
  readonly fromPage: Uint8Array;
}

/** The global objects of the page's frames: `Window / https://shop.example`, and behind it the one of JavaScript. */
function windows({ nodeCount, names, types, nodeTypes, strings }: HeapSnapshot): number[] {
  const wanted = ['object', 'native'].map((type) => nodeTypes.indexOf(type));
  const known = new Map<number, boolean>();
  const found: number[] = [];
  for (let node = 0; node < nodeCount; node += 1) {
    if (!wanted.includes(types[node] as number)) continue;
    const name = names[node] as number;
    if (!known.has(name)) known.set(name, isWindow(strings.get(name)));
    if (known.get(name)) found.push(node);
  }
  return found;
}

/**
 * Breadth first from the windows, then from the rest of the roots: a timer or a pending request is held by Chrome for the
 * page, and has no way from a window.
 * @param isRoot which of the windows to begin from; those of frames that pile up are no roots, but the leak itself
 */
export function findPaths({ snapshot, essential }: HeapGraph, isRoot: (window: number) => boolean = () => true): Paths {
  const { nodeCount, firstEdge, edgeTargets, types } = snapshot;
  // Ways through code and shapes say nothing of who holds something: they are gone only when there is no other.
  const bookkeeping = ['code', 'object shape'].map((type) => snapshot.nodeTypes.indexOf(type));
  const isBookkeeping = (node: number): boolean => types[node] === bookkeeping[0] || types[node] === bookkeeping[1];
  const via = new Uint32Array(nodeCount).fill(none);
  const from = new Uint32Array(nodeCount).fill(none);
  const order = new Uint32Array(nodeCount);
  const fromPage = new Uint8Array(nodeCount);
  const seen = new Uint8Array(nodeCount);
  let later: number[] = [];
  let end = 0;
  let at = 0;
  const add = (node: number, edge: number, source: number): void => {
    if (seen[node] !== 0) return;
    seen[node] = 1;
    via[node] = edge;
    from[node] = source;
    if (isBookkeeping(node)) {
      later.push(node);
      return;
    }
    order[end] = node;
    end += 1;
  };
  const spread = (page: number): void => {
    for (;;) {
      for (; at < end; at += 1) {
        const node = order[at] as number;
        fromPage[node] = page;
        for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1)
          if (essential[edge] !== 0) add(edgeTargets[edge] as number, edge, node);
      }
      if (later.length === 0) return;
      order.set(later, end);
      end += later.length;
      later = [];
    }
  };
  for (const window of windows(snapshot)) if (isRoot(window)) add(window, none, none);
  spread(1);
  add(rootNode, none, none);
  spread(0);
  return { via, from, order: order.subarray(0, end), fromPage };
}
