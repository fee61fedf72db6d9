/**
 * Trees of DOM nodes and frames. There each node leads to its parent, its siblings and its children, so that the
 * shortest way to one says nothing: what holds it is its parent.
 */
import { type HeapGraph, none } from './graph.ts';
import { isDom, isWindow, type NodeNames } from './nodes.ts';
import type { Paths } from './paths.ts';

/** Chrome's parser nests no deeper than 512; scripts can. */
const deepestTree = 2000;

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
    if (isDom(className) && isNew(node)) dom.push(node);
    const isRoot = (via[node] as number) >= snapshot.edgeCount;
    if (isRoot || attached.has(from[node] as number)) attached.add(node);
  }
  for (const node of dom) {
    const parent = names.domParent(node);
    // Lists of Chrome's (of style sheets, of what has the focus) may lead to a node before its tree does.
    if (parent === null || !attached.has(rootOf(names, parent)) || leadsThrough(from, parent, node)) continue;
    from[node] = parent;
    attached.add(node);
  }
  return attached;
}

function rootOf(names: NodeNames, node: number): number {
  let root = node;
  for (let depth = 0; depth < deepestTree; depth += 1) {
    const parent = names.domParent(root);
    if (parent === null) return root;
    root = parent;
  }
  return root;
}

/** Whether a node is on the way to another one. */
function leadsThrough(from: Uint32Array, start: number, searched: number): boolean {
  for (let at = start; at !== none; at = from[at] as number) if (at === searched) return true;
  return false;
}
