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

/** Number of a string; `none` where there is no such. */
function findString({ strings }: HeapSnapshot, text: string): number {
  const bytes = new TextEncoder().encode(text);
  for (let index = 0; index < strings.length; index += 1) {
    const raw = strings.raw(index);
    if (raw.length === bytes.length && raw.every((byte, at) => byte === bytes[at])) return index;
  }
  return none;
}

/** The global scopes of all windows and worlds. */
function nativeContexts({ nodeCount, names, types, nodeTypes, strings }: HeapSnapshot): Set<number> {
  const native = nodeTypes.indexOf('native');
  const known = new Map<number, boolean>();
  const found = new Set<number>();
  for (let node = 0; node < nodeCount; node += 1) {
    if (types[node] !== native) continue;
    const name = names[node] as number;
    if (!known.has(name)) known.set(name, strings.get(name).startsWith('system / NativeContext'));
    if (known.get(name)) found.add(node);
  }
  return found;
}

/**
 * Breadth first from the windows, then from the rest of the roots: a timer or a pending request is held by Chrome for the
 * page, and has no way from a window.
 * @param isRoot which of the windows to begin from; those of frames that pile up are no roots, but the leak itself
 */
export function findPaths({ snapshot, essential }: HeapGraph, isRoot: (window: number) => boolean = () => true): Paths {
  const { nodeCount, firstEdge, edgeTargets, edgeNames, edgeKinds, types } = snapshot;
  // Ways through code and shapes say nothing of who holds something: they are gone only when there is no other.
  const bookkeeping = ['code', 'object shape'].map((type) => snapshot.nodeTypes.indexOf(type));
  const isBookkeeping = (node: number): boolean => types[node] === bookkeeping[0] || types[node] === bookkeeping[1];
  // And every function of Chrome's own leads to its window's variables.
  const contexts = nativeContexts(snapshot);
  const closure = snapshot.nodeTypes.indexOf('closure');
  // As does every object to its class, and from there to all that the class's functions see.
  const property = snapshot.edgeTypes.indexOf('property');
  const proto = findString(snapshot, '__proto__');
  const via = new Uint32Array(nodeCount).fill(none);
  const from = new Uint32Array(nodeCount).fill(none);
  const order = new Uint32Array(nodeCount);
  const fromPage = new Uint8Array(nodeCount);
  const [unseen, waits, done] = [0, 1, 2];
  const seen = new Uint8Array(nodeCount);
  let later: number[] = [];
  let end = 0;
  let at = 0;
  const take = (node: number): void => {
    seen[node] = done;
    order[end] = node;
    end += 1;
  };
  const add = (node: number, edge: number, source: number): void => {
    const isShortcut =
      source !== none &&
      ((types[source] === closure && contexts.has(node)) ||
        (edgeNames[edge] === proto && edgeKinds[edge] === property));
    if (seen[node] === done || (seen[node] === waits && (isShortcut || isBookkeeping(node)))) return;
    via[node] = edge;
    from[node] = source;
    if (isShortcut || isBookkeeping(node)) {
      if (seen[node] === unseen) later.push(node);
      seen[node] = waits;
    } else take(node);
  };
  const spread = (page: number): void => {
    for (;;) {
      for (; at < end; at += 1) {
        const node = order[at] as number;
        fromPage[node] = page;
        for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1)
          if (essential[edge] !== 0) add(edgeTargets[edge] as number, edge, node);
      }
      const waiting = later.filter((node) => seen[node] === waits);
      later = [];
      if (waiting.length === 0) return;
      waiting.forEach(take);
    }
  };
  for (const window of windows(snapshot)) if (isRoot(window)) add(window, none, none);
  spread(1);
  add(rootNode, none, none);
  spread(0);
  return { via, from, order: order.subarray(0, end), fromPage };
}
