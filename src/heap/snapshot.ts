/** A heap snapshot in typed arrays: V8's own graph, one column a field, edges in the order of their nodes. */
import type { StringTable } from './strings.ts';

export interface HeapSnapshot {
  readonly nodeCount: number;
  readonly edgeCount: number;
  /** Names of the node types; `types` indexes them. */
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  /** By node: type, name (a string), V8's object id, shallow size in bytes, detachedness (0 unknown, 1 attached, 2 detached). */
  readonly types: Uint8Array;
  readonly names: Uint32Array;
  readonly ids: Uint32Array;
  readonly sizes: Uint32Array;
  readonly detached: Uint8Array;
  /** First edge of each node; one more at the end. */
  readonly firstEdge: Uint32Array;
  /** By edge: type, name (a string, or an index for elements and hidden edges), and the node it leads to. */
  readonly edgeKinds: Uint8Array;
  readonly edgeNames: Uint32Array;
  readonly edgeTargets: Uint32Array;
  /** Where objects and closures come from: node, script, line and column from 0, in the order of the file. */
  readonly locations: {
    readonly nodes: Uint32Array;
    readonly scripts: Int32Array;
    readonly lines: Int32Array;
    readonly columns: Int32Array;
  };
  readonly strings: StringTable;
}
