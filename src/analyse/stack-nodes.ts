/** Ways through the tree of sampled stacks. Nodes of depth 0 (the root, V8's own states) hold no JavaScript. */
import type { SampledStacks } from './trace-data.ts';

/** Index of the first sample at `time` or later; the number of samples where there is none. */
export function firstSampleFrom({ time }: SampledStacks, at: number): number {
  let low = 0;
  let high = time.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((time[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The node itself, or the one above it that has no more than `depth` frames. */
export function atDepth({ depth, parent }: SampledStacks, node: number, most: number): number {
  let at = node;
  while ((depth[at] as number) > most) at = parent[at] as number;
  return at;
}

/** The deepest node that both stacks go through; 0 where they share no frame. */
export function commonNode(stacks: SampledStacks, a: number, b: number): number {
  const { depth, parent } = stacks;
  if (depth[a] === 0 || depth[b] === 0) return 0;
  let left = atDepth(stacks, a, depth[b] as number);
  let right = atDepth(stacks, b, depth[a] as number);
  while (left !== right && (depth[left] as number) > 0) {
    left = parent[left] as number;
    right = parent[right] as number;
  }
  return left;
}

/**
 * Depth of the outermost frame of the stack whose key is `key`, deeper than `base`; 0 where there is none.
 * @param keys of each frame
 */
export function findFrame(
  { depth, parent, frame }: SampledStacks,
  node: number,
  { key, keys, base }: { readonly key: string; readonly keys: readonly string[]; readonly base: number },
): number {
  let found = 0;
  for (let at = node; (depth[at] as number) > base; at = parent[at] as number) {
    if (keys[frame[at] as number] === key) found = depth[at] as number;
  }
  return found;
}
