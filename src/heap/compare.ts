/**
 * What changed between snapshots of one process: V8 gives every object an id that it keeps, so an id that only the
 * later snapshot has is a new object, and one that only the earlier has was collected.
 */
import { type HeapGraph, rootNode } from './graph.ts';
import { classify } from './summary.ts';

export interface ClassChange {
  readonly name: string;
  readonly added: number;
  readonly removed: number;
  /** Shallow bytes of what was added and of what was removed. */
  readonly addedSize: number;
  readonly removedSize: number;
  /** Bytes kept alive by the added ones; what one keeps through another new one of its class counts once. */
  readonly retained: number;
}

export interface HeapComparison {
  /** Shallow bytes of all objects, before and after. */
  readonly totals: readonly [before: number, after: number];
  /** By what the added ones keep alive, largest first. */
  readonly classes: readonly ClassChange[];
  /** Share of the earlier objects that the later snapshot still has; near 0 for two processes. */
  readonly common: number;
}

/** Membership of ids; sorted, since a set of 5 million numbers would take 200 MB. */
function idsOf({ snapshot }: HeapGraph): Uint32Array {
  return Uint32Array.from(snapshot.ids).sort();
}

function has(sorted: Uint32Array, id: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] as number;
    if (found === id) return true;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

interface Tally {
  added: number;
  removed: number;
  addedSize: number;
  removedSize: number;
  retained: number;
}

/**
 * Compares two snapshots, or three: then only what was born between the first two and is alive in the third counts as
 * added, which leaves out what a page holds for a moment.
 * @param most rows
 */
export function compareHeaps(
  before: HeapGraph,
  after: HeapGraph,
  later: HeapGraph | null,
  most: number,
): HeapComparison {
  const old = idsOf(before);
  const current = idsOf(after);
  const end = later ?? after;
  const tallies = new Map<string, Tally>();
  const tallyOf = (name: string): Tally => {
    const known = tallies.get(name);
    if (known) return known;
    const fresh = { added: 0, removed: 0, addedSize: 0, removedSize: 0, retained: 0 };
    tallies.set(name, fresh);
    return fresh;
  };

  const { snapshot, dominators, retained } = end;
  const classes = classify(end);
  const isNew = new Uint8Array(snapshot.nodeCount);
  for (let node = 0; node < snapshot.nodeCount; node += 1) {
    const id = snapshot.ids[node] as number;
    if (has(old, id) || (later && !has(current, id))) continue;
    isNew[node] = 1;
    const tally = tallyOf(classes.names[classes.of[node] as number] ?? '');
    tally.added += 1;
    tally.addedSize += snapshot.sizes[node] as number;
  }
  for (let node = 0; node < snapshot.nodeCount; node += 1) {
    if (isNew[node] === 0) continue;
    const own = classes.of[node] as number;
    let above = dominators[node] as number;
    while (above !== rootNode && above < snapshot.nodeCount && !(isNew[above] === 1 && classes.of[above] === own))
      above = dominators[above] as number;
    if (above === rootNode || above >= snapshot.nodeCount)
      tallyOf(classes.names[own] ?? '').retained += retained[node] as number;
  }

  const kept = idsOf(end);
  const beforeClasses = classify(before);
  let common = 0;
  for (let node = 0; node < before.snapshot.nodeCount; node += 1) {
    if (has(kept, before.snapshot.ids[node] as number)) {
      common += 1;
      continue;
    }
    const tally = tallyOf(beforeClasses.names[beforeClasses.of[node] as number] ?? '');
    tally.removed += 1;
    tally.removedSize += before.snapshot.sizes[node] as number;
  }
  const total = (graph: HeapGraph): number => graph.snapshot.sizes.reduce((sum, size) => sum + size, 0);
  return {
    totals: [total(before), total(end)],
    classes: [...tallies]
      .map(([name, tally]) => ({ name, ...tally }))
      .filter(({ added, removed }) => added !== removed || added > 0)
      .sort((a, b) => b.retained - a.retained || b.added - a.added)
      .slice(0, most),
    common: common / before.snapshot.nodeCount,
  };
}
