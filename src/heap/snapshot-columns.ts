/** From records of numbers to the columns of a snapshot, driven by the layout that the file gives of itself. */
import * as z from 'zod';
import type { HeapSnapshot } from './snapshot.ts';
import type { StringTable } from './strings.ts';

const names = z.array(z.string());
const headSchema = z.object({
  meta: z.object({
    node_fields: names,
    node_types: z.tuple([names]).rest(z.unknown()),
    edge_fields: names,
    edge_types: z.tuple([names]).rest(z.unknown()),
    location_fields: names.default([]),
  }),
  node_count: z.number().int().nonnegative(),
  edge_count: z.number().int().nonnegative(),
});

interface Layout {
  readonly nodeFields: readonly string[];
  readonly edgeFields: readonly string[];
  readonly locationFields: readonly string[];
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly nodeCount: number;
  readonly edgeCount: number;
}

/** @throws SyntaxError where it is not the head of a snapshot */
export function readLayout(head: unknown): Layout {
  const parsed = headSchema.safeParse(head);
  if (!parsed.success) throw new SyntaxError('its layout is not that of a heap snapshot');
  const { meta, node_count: nodeCount, edge_count: edgeCount } = parsed.data;
  const needed = [
    ...['type', 'name', 'id', 'self_size', 'edge_count'].map((field) => [meta.node_fields, field] as const),
  ];
  needed.push(...['type', 'name_or_index', 'to_node'].map((field) => [meta.edge_fields, field] as const));
  const missing = needed.filter(([fields, field]) => !fields.includes(field)).map(([, field]) => field);
  if (missing.length > 0) throw new SyntaxError(`its layout lacks ${missing.join(', ')}`);
  return {
    nodeFields: meta.node_fields,
    edgeFields: meta.edge_fields,
    locationFields: meta.location_fields,
    nodeTypes: meta.node_types[0],
    edgeTypes: meta.edge_types[0],
    nodeCount,
    edgeCount,
  };
}

/** Takes whole records of one list. */
export interface Columns {
  readonly fields: number;
  take(numbers: Int32Array): void;
}

/** Lists that nothing here reads yet; their numbers are passed over. */
const passedOver: Columns = { fields: 1, take: () => {} };

export class SnapshotColumns {
  private readonly layout: Layout;
  private readonly types: Uint8Array;
  private readonly names: Uint32Array;
  private readonly ids: Uint32Array;
  private readonly sizes: Uint32Array;
  private readonly detached: Uint8Array;
  private readonly firstEdge: Uint32Array;
  private readonly edgeKinds: Uint8Array;
  private readonly edgeNames: Uint32Array;
  private readonly edgeTargets: Uint32Array;
  private readonly locations: number[] = [];
  private nodes = 0;
  private edges = 0;

  /** @throws RangeError where memory does not hold what the layout announces */
  constructor(layout: Layout) {
    const { nodeCount, edgeCount } = layout;
    this.layout = layout;
    this.types = new Uint8Array(nodeCount);
    this.names = new Uint32Array(nodeCount);
    this.ids = new Uint32Array(nodeCount);
    this.sizes = new Uint32Array(nodeCount);
    this.detached = new Uint8Array(nodeCount);
    this.firstEdge = new Uint32Array(nodeCount + 1);
    this.edgeKinds = new Uint8Array(edgeCount);
    this.edgeNames = new Uint32Array(edgeCount);
    this.edgeTargets = new Uint32Array(edgeCount);
  }

  columnsOf(list: string): Columns {
    const { nodeFields, edgeFields, locationFields } = this.layout;
    if (list === 'nodes') return { fields: nodeFields.length, take: (numbers) => this.takeNodes(numbers) };
    if (list === 'edges') return { fields: edgeFields.length, take: (numbers) => this.takeEdges(numbers) };
    if (list === 'locations' && locationFields.length > 0)
      return { fields: locationFields.length, take: (numbers) => this.takeLocations(numbers) };
    return passedOver;
  }

  private takeNodes(numbers: Int32Array): void {
    const { nodeFields, nodeCount } = this.layout;
    const { types, names: nodeNames, ids, sizes, detached, firstEdge } = this;
    const width = nodeFields.length;
    const [type, name, id, size, edges, detachedness] = [
      'type',
      'name',
      'id',
      'self_size',
      'edge_count',
      'detachedness',
    ].map((field) => nodeFields.indexOf(field)) as [number, number, number, number, number, number];
    let node = this.nodes;
    if (node + numbers.length / width > nodeCount) throw new SyntaxError('it holds more nodes than it announces');
    let edge = firstEdge[node] as number;
    for (let at = 0; at < numbers.length; at += width) {
      types[node] = numbers[at + type] as number;
      nodeNames[node] = numbers[at + name] as number;
      ids[node] = numbers[at + id] as number;
      sizes[node] = numbers[at + size] as number;
      if (detachedness >= 0) detached[node] = numbers[at + detachedness] as number;
      edge += numbers[at + edges] as number;
      node += 1;
      firstEdge[node] = edge;
    }
    this.nodes = node;
  }

  private takeEdges(numbers: Int32Array): void {
    const { edgeFields, edgeCount, nodeFields } = this.layout;
    const { edgeKinds, edgeNames, edgeTargets } = this;
    const width = edgeFields.length;
    const nodeWidth = nodeFields.length;
    const type = edgeFields.indexOf('type');
    const name = edgeFields.indexOf('name_or_index');
    const to = edgeFields.indexOf('to_node');
    let edge = this.edges;
    if (edge + numbers.length / width > edgeCount) throw new SyntaxError('it holds more edges than it announces');
    for (let at = 0; at < numbers.length; at += width) {
      edgeKinds[edge] = numbers[at + type] as number;
      edgeNames[edge] = numbers[at + name] as number;
      // The file gives the position of the node's first number, beyond 2³¹ in files of several GB.
      edgeTargets[edge] = ((numbers[at + to] as number) >>> 0) / nodeWidth;
      edge += 1;
    }
    this.edges = edge;
  }

  private takeLocations(numbers: Int32Array): void {
    for (const number of numbers) this.locations.push(number);
  }

  /** @throws SyntaxError where lists are missing, or point at nodes that are not there */
  finish(strings: StringTable): HeapSnapshot {
    const { nodeCount, edgeCount, nodeFields, locationFields, nodeTypes, edgeTypes } = this.layout;
    if (this.nodes !== nodeCount || this.edges !== edgeCount)
      throw new SyntaxError('it holds fewer nodes or edges than it announces');
    if (this.firstEdge[nodeCount] !== edgeCount) throw new SyntaxError('its nodes have other edges than it holds');
    if (nodeCount === 0) throw new SyntaxError('it holds no nodes');
    for (const target of this.edgeTargets)
      if (target >= nodeCount) throw new SyntaxError('an edge leads to a node that is not there');
    const count = locationFields.length === 0 ? 0 : this.locations.length / locationFields.length;
    const column = (field: string): Int32Array => {
      const offset = locationFields.indexOf(field);
      return Int32Array.from({ length: count }, (_, at) => this.locations[at * locationFields.length + offset] ?? 0);
    };
    return {
      nodeCount,
      edgeCount,
      nodeTypes,
      edgeTypes,
      types: this.types,
      names: this.names,
      ids: this.ids,
      sizes: this.sizes,
      detached: this.detached,
      firstEdge: this.firstEdge,
      edgeKinds: this.edgeKinds,
      edgeNames: this.edgeNames,
      edgeTargets: this.edgeTargets,
      locations: {
        nodes: Uint32Array.from(column('object_index'), (index) => index / nodeFields.length),
        scripts: column('script_id'),
        lines: column('line'),
        columns: column('column'),
      },
      strings,
    };
  }
}
