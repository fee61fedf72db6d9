/** What one heap snapshot holds: classes, detached nodes, strings that stand several times, the largest holders. */
import { type HeapGraph, none, rootNode } from './graph.ts';

export interface ClassRow {
  /** Constructor, or the kind of what has none in round brackets: `(string)`, `(compiled code)`. */
  readonly name: string;
  readonly count: number;
  /** Bytes of the objects themselves. */
  readonly shallow: number;
  /** Bytes that they keep alive; what one keeps through another of its class counts once. */
  readonly retained: number;
}

export interface StringRow {
  readonly text: string;
  readonly count: number;
  /** Bytes of all copies but one. */
  readonly wasted: number;
}

export interface HolderRow {
  readonly node: number;
  readonly id: number;
  readonly name: string;
  readonly shallow: number;
  readonly retained: number;
}

export interface HeapSummary {
  readonly nodes: number;
  readonly edges: number;
  /** Bytes of all objects. */
  readonly total: number;
  readonly classes: readonly ClassRow[];
  /** Detached DOM nodes by name, as V8 marks them. */
  readonly detached: readonly ClassRow[];
  readonly strings: readonly StringRow[];
  readonly holders: readonly HolderRow[];
}

const kinds: Readonly<Record<string, string>> = {
  hidden: '(system)',
  array: '(array)',
  string: '(string)',
  'concatenated string': '(concatenated string)',
  'sliced string': '(sliced string)',
  code: '(compiled code)',
  closure: 'Function',
  regexp: 'RegExp',
  number: '(number)',
  symbol: 'Symbol',
  bigint: '(bigint)',
  'object shape': '(object shape)',
};

/** Names of classes by number, and the number of each node's class. */
export interface Classes {
  readonly names: readonly string[];
  readonly of: Uint32Array;
}

/** Objects and native ones go by their name, the rest by its kind. A detached node is its own class, as in DevTools. */
export function classify({ snapshot }: HeapGraph): Classes {
  const { nodeCount, types, names: nodeNames, nodeTypes, strings, detached } = snapshot;
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, names.length);
    names.push(name);
    return names.length - 1;
  };
  const byKind = nodeTypes.map((type) => {
    const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    return kind === undefined ? none : numberOf(kind);
  });
  // By name of the node, detached ones apart: a name is decoded once.
  const byName = [new Uint32Array(strings.length).fill(none), new Uint32Array(strings.length).fill(none)] as const;
  const of = new Uint32Array(nodeCount);
  for (let node = 0; node < nodeCount; node += 1) {
    const kind = byKind[types[node] as number] ?? none;
    if (kind !== none) {
      of[node] = kind;
      continue;
    }
    const isDetached = detached[node] === 2;
    const table = byName[isDetached ? 1 : 0];
    const name = nodeNames[node] as number;
    let number = table[name] as number;
    if (number === none) {
      const text = strings.get(name);
      number = numberOf(isDetached && !text.startsWith('Detached ') ? `Detached ${text}` : text);
      table[name] = number;
    }
    of[node] = number;
  }
  return { names, of };
}

/** Rows of all classes, largest retained size first. */
function classRows(graph: HeapGraph, classes: Classes): ClassRow[] {
  const { snapshot, dominators, retained } = graph;
  const amount = classes.names.length;
  const counts = new Uint32Array(amount);
  const shallow = new Float64Array(amount);
  const kept = new Float64Array(amount);
  for (let node = 0; node < snapshot.nodeCount; node += 1) {
    const own = classes.of[node] as number;
    counts[own] = (counts[own] as number) + 1;
    shallow[own] = (shallow[own] as number) + (snapshot.sizes[node] as number);
  }
  for (const node of outermost(graph, classes)) {
    const own = classes.of[node] as number;
    kept[own] = (kept[own] as number) + (retained[node] as number);
  }
  return classes.names
    .map((name, at) => ({
      name,
      count: counts[at] as number,
      shallow: shallow[at] as number,
      retained: kept[at] as number,
    }))
    .sort((a, b) => b.retained - a.retained || b.shallow - a.shallow);

  /** Nodes that no other of their class dominates: a walk down the dominator tree that counts classes on the way. */
  function* outermost({ snapshot: { nodeCount } }: HeapGraph, { of }: Classes): Generator<number> {
    const firstChild = new Uint32Array(nodeCount).fill(none);
    const sibling = new Uint32Array(nodeCount).fill(none);
    for (let node = nodeCount - 1; node > 0; node -= 1) {
      const dominator = dominators[node] as number;
      sibling[node] = firstChild[dominator] as number;
      firstChild[dominator] = node;
    }
    const above = new Uint32Array(amount);
    let node: number = rootNode;
    for (;;) {
      const own = of[node] as number;
      if (above[own] === 0) yield node;
      above[own] = (above[own] as number) + 1;
      if (firstChild[node] !== none) {
        node = firstChild[node] as number;
        continue;
      }
      for (;;) {
        const done = of[node] as number;
        above[done] = (above[done] as number) - 1;
        if (node === rootNode) return;
        if (sibling[node] !== none) {
          node = sibling[node] as number;
          break;
        }
        node = dominators[node] as number;
      }
    }
  }
}

/** Equal strings that stand more than once, by the bytes of all copies but one. */
function stringRows({ snapshot }: HeapGraph, most: number): StringRow[] {
  const { nodeCount, types, names, nodeTypes, sizes, strings } = snapshot;
  const type = nodeTypes.indexOf('string');
  const counts = new Uint32Array(strings.length);
  const bytes = new Float64Array(strings.length);
  for (let node = 0; node < nodeCount; node += 1) {
    if (types[node] !== type) continue;
    const name = names[node] as number;
    counts[name] = (counts[name] as number) + 1;
    bytes[name] = (bytes[name] as number) + (sizes[node] as number);
  }
  const rows: { name: number; count: number; wasted: number }[] = [];
  for (let name = 0; name < counts.length; name += 1) {
    const count = counts[name] as number;
    if (count > 1) rows.push({ name, count, wasted: ((bytes[name] as number) / count) * (count - 1) });
  }
  return rows
    .sort((a, b) => b.wasted - a.wasted)
    .slice(0, most)
    .map(({ name, count, wasted }) => ({ text: strings.get(name), count, wasted }));
}

/** The objects that keep most alive, those of V8 and Chrome themselves left out. */
function holderRows({ snapshot, retained }: HeapGraph, most: number): HolderRow[] {
  const { nodeCount, types, names, ids, sizes, nodeTypes, strings } = snapshot;
  const wanted = new Set(['object', 'closure', 'native', 'array', 'string'].map((type) => nodeTypes.indexOf(type)));
  const top: number[] = [];
  for (let node = 1; node < nodeCount; node += 1) {
    if (!wanted.has(types[node] as number)) continue;
    if (top.length === most && (retained[top.at(-1) ?? 0] as number) >= (retained[node] as number)) continue;
    const at = top.findIndex((other) => (retained[other] as number) < (retained[node] as number));
    top.splice(at < 0 ? top.length : at, 0, node);
    if (top.length > most) top.pop();
  }
  return top.map((node) => ({
    node,
    id: ids[node] as number,
    name: strings.get(names[node] as number),
    shallow: sizes[node] as number,
    retained: retained[node] as number,
  }));
}

/** Sums up one snapshot. @param most rows of each list */
export function summariseHeap(graph: HeapGraph, most: number): HeapSummary {
  const { snapshot } = graph;
  const rows = classRows(graph, classify(graph));
  return {
    nodes: snapshot.nodeCount,
    edges: snapshot.edgeCount,
    total: snapshot.sizes.reduce((sum, size) => sum + size, 0),
    classes: rows.slice(0, most),
    detached: rows.filter(({ name }) => name.startsWith('Detached ')).slice(0, most),
    strings: stringRows(graph, most),
    holders: holderRows(graph, most),
  };
}
