/**
 * When each object was born, by iteration. Those of V8 have odd ids in the order of their birth. Those of Chrome itself
 * have even ones, new in every snapshot (V8 forgets them whenever it counts its heap), so they are matched by where
 * they hang: of those that one old object holds in one way, as many are old as there were in the first snapshot.
 */
import type { HeapSnapshot } from './snapshot.ts';

/** What tells old objects from new ones. */
export interface Dating {
  /** Highest object id before the first iteration and after each one, for at least 3 iterations. */
  readonly borders: readonly number[];
  /** Taken before the first iteration. */
  readonly first: HeapSnapshot;
}

/** How far below an object of Chrome's the dated one is searched that came with it: listener, callback, function. */
const deepestHint = 5;
/** Looked at for one of them; more belong to something larger than a callback. */
const mostHints = 24;

/** By node of the last snapshot: the one of the first that is the same object, `absent` for none. */
const absent = 0xffff_ffff;

/**
 * By node: the iteration of its birth, 0 for what was there before, `borders.length` for what is new but cannot be
 * dated.
 */
export function dateBirths(last: HeapSnapshot, { borders, first }: Dating): Uint8Array {
  const birth = new Uint8Array(last.nodeCount);
  const undated = borders.length;
  for (let node = 0; node < last.nodeCount; node += 1) {
    const id = last.ids[node] as number;
    if (id % 2 === 0) {
      birth[node] = undated;
      continue;
    }
    let iteration = 0;
    while (iteration < borders.length && id > (borders[iteration] as number)) iteration += 1;
    // Born after the last iteration: numbers and texts that taking the snapshot made; nothing to look for.
    birth[node] = iteration === borders.length ? 0 : iteration;
  }
  new NativeDating(first, last, birth, undated).run();
  return birth;
}

function isTree(name: string): boolean {
  return /^([<#]|Window|HTMLDocument|Document)/.test(name);
}

class NativeDating {
  private readonly first: HeapSnapshot;
  private readonly last: HeapSnapshot;
  private readonly birth: Uint8Array;
  private readonly undated: number;
  private readonly same: Uint32Array;
  private readonly taken: Uint8Array;
  private readonly hints = new Map<number, number>();
  private readonly names = { first: new Map<number, string>(), last: new Map<number, string>() };

  constructor(first: HeapSnapshot, last: HeapSnapshot, birth: Uint8Array, undated: number) {
    this.first = first;
    this.last = last;
    this.birth = birth;
    this.undated = undated;
    this.same = new Uint32Array(last.nodeCount).fill(absent);
    this.taken = new Uint8Array(first.nodeCount);
  }

  run(): void {
    const { first, last, same, birth, undated } = this;
    // By half of the odd id: a table is a tenth of what a Map of millions takes.
    const byId = new Uint32Array((first.ids.reduce((most, id) => Math.max(most, id), 0) >>> 1) + 1).fill(absent);
    first.ids.forEach((id, node) => {
      if (id % 2 === 1) byId[id >>> 1] = node;
    });
    const queue: number[] = [];
    this.matchRoots();
    for (let node = 0; node < last.nodeCount; node += 1) {
      const id = last.ids[node] as number;
      if (id % 2 === 0) continue;
      const old = same[node] === absent ? (byId[id >>> 1] ?? absent) : (same[node] as number);
      same[node] = old;
      if (old !== absent && this.holdsNatives(last, node)) queue.push(node);
    }
    for (let at = 0; at < queue.length; at += 1) this.matchBelow(queue[at] as number, queue);
    for (let node = 0; node < last.nodeCount; node += 1)
      if (birth[node] === undated && (last.ids[node] as number) % 2 === 0) birth[node] = this.hint(node) || undated;
  }

  /** Some of the roots have new ids in each snapshot; their names stand for them. */
  private matchRoots(): void {
    const synthetic = (snapshot: HeapSnapshot): number[] => {
      const type = snapshot.nodeTypes.indexOf('synthetic');
      return Array.from(snapshot.types.keys()).filter((node) => snapshot.types[node] === type);
    };
    const old = new Map(synthetic(this.first).map((node) => [this.nameOf('first', node), node]));
    for (const node of synthetic(this.last)) {
      this.same[node] = old.get(this.nameOf('last', node)) ?? absent;
      this.birth[node] = 0;
    }
  }

  private holdsNatives({ firstEdge, edgeTargets, ids }: HeapSnapshot, node: number): boolean {
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1)
      if ((ids[edgeTargets[edge] as number] as number) % 2 === 0) return true;
    return false;
  }

  private nameOf(which: 'first' | 'last', node: number): string {
    const snapshot = this[which];
    const index = snapshot.names[node] as number;
    const known = this.names[which].get(index);
    if (known !== undefined) return known;
    // A node that left its document is the same one.
    const name = snapshot.strings.get(index).replace(/^Detached /, '');
    this.names[which].set(index, name);
    return name;
  }

  private nativesBelow(which: 'first' | 'last', node: number): Map<string, number[]> {
    const { firstEdge, edgeTargets, ids } = this[which];
    const below = new Map<string, number[]>();
    const seen = new Set<number>();
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      const target = edgeTargets[edge] as number;
      if ((ids[target] as number) % 2 === 1) continue;
      if (which === 'first' ? this.taken[target] !== 0 : this.same[target] !== absent) continue;
      const name = this.nameOf(which, target);
      const list = below.get(name);
      if (seen.has(target)) continue;
      seen.add(target);
      if (list) list.push(target);
      else below.set(name, [target]);
    }
    return below;
  }

  private matchBelow(node: number, queue: number[]): void {
    const now = this.nativesBelow('last', node);
    if (now.size === 0) return;
    const then = this.nativesBelow('first', this.same[node] as number);
    for (const [name, targets] of now) {
      const old = then.get(name) ?? [];
      // Those with something new below them are the new ones; the rest stands in the order in which it came.
      const ordered =
        old.length < targets.length && old.length > 0
          ? targets.toSorted((a, b) => this.hint(a) - this.hint(b))
          : targets;
      ordered.slice(0, old.length).forEach((target, at) => {
        this.same[target] = old[at] as number;
        this.taken[old[at] as number] = 1;
        this.birth[target] = 0;
        queue.push(target);
      });
    }
  }

  /** Birth of the first new object of V8 below one of Chrome's, by way of such only; 0 where there is none near. */
  private hint(node: number): number {
    const known = this.hints.get(node);
    if (known !== undefined) return known;
    const { firstEdge, edgeTargets, ids } = this.last;
    let found = 0;
    let level = [node];
    const seen = new Set(level);
    for (let depth = 0; depth < deepestHint && found === 0 && level.length > 0; depth += 1) {
      const next: number[] = [];
      for (const above of level) {
        for (let edge = firstEdge[above] as number; edge < (firstEdge[above + 1] as number); edge += 1) {
          const target = edgeTargets[edge] as number;
          // Through the DOM everything is near to everything.
          if (seen.has(target) || seen.size > mostHints || isTree(this.nameOf('last', target))) continue;
          seen.add(target);
          if ((ids[target] as number) % 2 === 0) next.push(target);
          else if (found === 0) found = this.birth[target] as number;
        }
      }
      level = next;
    }
    this.hints.set(node, found);
    return found;
  }
}
