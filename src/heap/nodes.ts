/** What the nodes and references of a snapshot are called, as a reader of the page's source would say it. */
import { redactText } from '../core/text.ts';
import type { HeapSnapshot } from './snapshot.ts';

/** Place of a closure or class in its script, from 0. */
export interface ScriptPlace {
  readonly script: number;
  readonly line: number;
  readonly column: number;
}

/** Properties that a shape shows; more say no more. */
const mostProperties = 5;
const longestName = 80;
const noNames = new Set(['__proto__', 'map', 'constructor']);

export class NodeNames {
  private readonly snapshot: HeapSnapshot;
  private readonly places = new Map<number, number>();

  constructor(snapshot: HeapSnapshot) {
    this.snapshot = snapshot;
    snapshot.locations.nodes.forEach((node, at) => this.places.set(node, at));
  }

  typeOf(node: number): string {
    return this.snapshot.nodeTypes[this.snapshot.types[node] as number] ?? '';
  }

  /** As V8 has it: not redacted, of any length. */
  rawName(node: number): string {
    return this.snapshot.strings.get(this.snapshot.names[node] as number);
  }

  edgeKind(edge: number): string {
    return this.snapshot.edgeTypes[this.snapshot.edgeKinds[edge] as number] ?? '';
  }

  /** Empty for elements, which have numbers. */
  edgeName(edge: number): string {
    const kind = this.edgeKind(edge);
    return kind === 'element' || kind === 'hidden'
      ? ''
      : this.snapshot.strings.get(this.snapshot.edgeNames[edge] as number);
  }

  place(node: number): ScriptPlace | null {
    const at = this.places.get(node);
    if (at === undefined) return null;
    const { scripts, lines, columns } = this.snapshot.locations;
    return { script: scripts[at] as number, line: lines[at] as number, column: columns[at] as number };
  }

  edgesOf(node: number): { readonly from: number; readonly to: number } {
    const { firstEdge } = this.snapshot;
    return { from: firstEdge[node] as number, to: firstEdge[node + 1] as number };
  }

  /** Class, shape, element or function: `CartItem`, `{id, rows}`, `<section>`, `function onResize`. */
  what(node: number): string {
    const type = this.typeOf(node);
    const name = this.rawName(node);
    switch (type) {
      case 'closure':
        return name === '' ? 'function' : redactText(`function ${name}`, longestName);
      case 'object':
        return name === 'Object' ? this.shape(node) : redactText(name, longestName);
      case 'native':
        return redactText(
          name.replace(/^Detached /, '').replace(/^Window( \[JSGlobalObject\])?( \/.*)?$/, 'Window'),
          longestName,
        );
      case 'string':
      case 'concatenated string':
      case 'sliced string':
        return 'string';
      case 'array':
        return 'Array';
      default:
        return type;
    }
  }

  private shape(node: number): string {
    const { from, to } = this.edgesOf(node);
    const names: string[] = [];
    for (let edge = from; edge < to && names.length <= mostProperties; edge += 1) {
      if (this.edgeKind(edge) !== 'property') continue;
      const name = this.edgeName(edge);
      if (!noNames.has(name) && !name.startsWith('<symbol') && !names.includes(name)) names.push(name);
    }
    if (names.length === 0) return '{}';
    const shown = names.slice(0, mostProperties).map((name) => redactText(name, 24));
    return `{${shown.join(', ')}${names.length > mostProperties ? ', …' : ''}}`;
  }
}
