/**
 * Trees of DOM nodes and frames. There each node leads to its parent, its siblings and its children, so that the
 * shortest way to one says nothing: what holds it is its parent.
 */
import { type HeapGraph, none } from './graph.ts';
import { isDom, isWindow, type NodeNames } from './nodes.ts';
import type { Paths } from './paths.ts';

/** DOM nodes, and the frames and windows around them. */
function isTree(className: string): boolean {
  return isDom(className) || isWindow(className) || /^(HTML|XML)?Document$|^blink::\w*Frame$/.test(className);
}

/**
 * Makes the paths of the page's own tree go by way of parents.
 * @param isNew which nodes are of interest
 * @returns the nodes of the tree that hangs in a window
 */
export function straightenTrees(
  { snapshot }: HeapGraph,
  { via, from, order }: Paths,
  names: NodeNames,
  isNew: (node: number) => boolean,
): ReadonlySet<number> {
  const attached = new Set<number>();
  const dom: number[] = [];
  for (const node of order) {
    if (names.typeOf(node) !== 'native') continue;
    const className = names.className(node);
    if (!isTree(className)) continue;
    const isRoot = (via[node] as number) >= snapshot.edgeCount;
    if (!isRoot && !attached.has(from[node] as number)) continue;
    attached.add(node);
    if (isDom(className) && isNew(node)) dom.push(node);
  }
  for (const node of dom) {
    const parent = names.domParent(node);
    if (parent === null || !attached.has(parent) || leadsThrough(from, parent, node)) continue;
    from[node] = parent;
  }
  return attached;
}

/** Whether a node is on the way to another one. */
function leadsThrough(from: Uint32Array, start: number, searched: number): boolean {
  for (let at = start; at !== none; at = from[at] as number) if (at === searched) return true;
  return false;
}
