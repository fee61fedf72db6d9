/**
 * Collections of numbers: V8 keeps small integers and the numbers of an array in the collection's own table, so that
 * nothing new stands in a snapshot when one is added. Only the table is larger than it was.
 */
import type { HeapGraph } from './graph.ts';
import type { Growth } from './growth.ts';
import type { NodeNames } from './nodes.ts';
import type { HeapSnapshot } from './snapshot.ts';

export interface GrownTable {
  /** The Array, Map, Set or object. */
  readonly node: number;
  /** Bytes an iteration. */
  readonly bytes: number;
  /** Iteration in which the table was made anew last. */
  readonly since: number;
}

/** Bytes an iteration; smaller tables grow and shrink by themselves. */
const leastGrowth = 1000;
/** How much larger: V8 makes a table that is full larger by half. */
const leastRatio = 1.5;
const tables = new Set(['elements', 'table', 'properties']);

/** Number and bytes of an object's tables. */
function tablesOf({ firstEdge, edgeTargets, sizes }: HeapSnapshot, nameOf: (edge: number) => string, node: number) {
  let size = 0;
  let newest = -1;
  for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
    if (!tables.has(nameOf(edge))) continue;
    const table = edgeTargets[edge] as number;
    size += sizes[table] as number;
    newest = table;
  }
  return { size, table: newest };
}

/**
 * Old collections whose tables have grown until late in the run, and that no other leak explains.
 * @param explained nodes on the ways to what leaks, and what leaks
 */
export function findGrownTables(
  graph: HeapGraph,
  first: { readonly snapshot: HeapSnapshot; readonly names: NodeNames },
  growth: Growth,
  { names, explained }: { readonly names: NodeNames; readonly explained: ReadonlySet<number> },
): GrownTable[] {
  const { snapshot } = graph;
  const { birth, iterations, paths } = growth;
  const candidates = new Map<number, { readonly node: number; readonly size: number; readonly since: number }>();
  for (const node of paths.order) {
    if (birth[node] !== 0 || names.typeOf(node) !== 'object' || explained.has(node) || paths.fromPage[node] === 0)
      continue;
    const { size, table } = tablesOf(snapshot, (edge) => internalName(names, edge), node);
    if (size < leastGrowth * iterations) continue;
    const since = birth[table] as number;
    // What is as large as it was in the first half of the run may have reached its bound.
    if (since > iterations / 2 && since <= iterations)
      candidates.set(snapshot.ids[node] as number, { node, size, since });
  }
  const found: GrownTable[] = [];
  if (candidates.size === 0) return found;
  first.snapshot.ids.forEach((id, old) => {
    const now = candidates.get(id);
    if (!now) return;
    const before = tablesOf(first.snapshot, (edge) => internalName(first.names, edge), old).size;
    const bytes = (now.size - before) / iterations;
    if (bytes >= leastGrowth && now.size >= before * leastRatio)
      found.push({ node: now.node, bytes, since: now.since });
  });
  return found.sort((a, b) => b.bytes - a.bytes);
}

function internalName(names: NodeNames, edge: number): string {
  return names.edgeKind(edge) === 'internal' ? names.edgeName(edge) : '';
}
