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
/** A function that is bound and then bound again. */
const deepestBind = 4;
/** Value of an attribute that says more than what the element is: a document, a drawing, an image as text. */
const longAttribute = /="[^"]{33,}("|$)/g;
const noNames = new Set(['__proto__', 'map', 'constructor']);

const plumbing =
  /^(blink::|cppgc::|v8::|WTF::|InternalNode$|Pending activities$|EventListener$|V8EventListener$|ScheduledAction$|V8\w*(Callback|Function|Handler\w*|HandlerNonNull)$)/;

/** Whether it only stands between what a page knows of: containers and wrappers of Chrome's, contexts, tables. */
export function isPlumbing(nodeType: string, className: string): boolean {
  switch (nodeType) {
    case 'native':
      return plumbing.test(className) || className.startsWith('system / ');
    case 'object':
      return className.startsWith('system / ');
    case 'array':
    case 'hidden':
    case 'code':
    case 'object shape':
    case 'synthetic':
      return true;
    default:
      return false;
  }
}

/** Elements, texts and the like: nodes of a DOM tree, by the name of their class. */
export function isDom(className: string): boolean {
  return /^([<#]|(HTML|SVG|MathML)\w*Element\b|DocumentFragment\b|ShadowRoot\b)/.test(className);
}

/** `Window / https://shop.example`, and behind it the one of JavaScript; not its proxy, which moves with the frame. */
export function isWindow(name: string): boolean {
  return /^Window( \[JSGlobalObject\])?( \/ |$)/.test(name);
}

export class NodeNames {
  private readonly snapshot: HeapSnapshot;
  private readonly places = new Map<number, number>();
  private readonly classes = new Map<number, string>();

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

  /** Name without what differs between objects of one class: where a scope stands, whether a node is detached. */
  className(node: number): string {
    const index = this.snapshot.names[node] as number;
    const known = this.classes.get(index);
    if (known !== undefined) return known;
    const name = this.snapshot.strings
      .get(index)
      .slice(0, 500)
      .replace(/^Detached /, '');
    // Elements by tag and class, not by what tells one from the other; scopes of any number are scopes.
    const tag = /^<[\w:-]+/.exec(name)?.[0];
    const classes = /\sclass="([^"]*)"/.exec(name)?.[1]?.replace(/\d+/g, '');
    const short = tag === undefined ? name.replace(/ @\d+$/, '') : `${tag}${classes ? ` class="${classes}"` : ''}>`;
    this.classes.set(index, short);
    return short;
  }

  /** Tells functions apart, which share their name or have none; empty for all else. */
  placeKey(node: number): string {
    if (this.typeOf(node) !== 'closure') return '';
    const place = this.place(node);
    return place === null ? '' : `${place.script}:${place.line}:${place.column}`;
  }

  /**
   * The parent of a DOM node; null for the root of a tree. Chrome visits a node's members in the order of their
   * declaration, so the parent (or shadow host) stands right behind the document (seen in Chrome 156).
   */
  domParent(node: number): number | null {
    const { from, to } = this.edgesOf(node);
    for (let edge = from; edge + 1 < to; edge += 1) {
      if (this.edgeKind(edge) !== 'element' || !/^(HTML|XML)?Document$/.test(this.className(this.target(edge))))
        continue;
      const next = this.target(edge + 1);
      return this.edgeKind(edge + 1) === 'element' && next !== node && isDom(this.className(next)) ? next : null;
    }
    return null;
  }

  target(edge: number): number {
    return this.snapshot.edgeTargets[edge] as number;
  }

  /** Element of an array, or a place in the table of a Map or Set, which is an internal reference with a number. */
  isOneOfMany(edge: number): boolean {
    const kind = this.edgeKind(edge);
    return kind === 'element' || kind === 'hidden' || (kind === 'internal' && /^\d+($| )/.test(this.edgeName(edge)));
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

  /** The function of the source: of what `bind` returns, the one that was bound. */
  functionOf(node: number): number {
    let at = node;
    for (let depth = 0; depth < deepestBind && this.typeOf(at) === 'closure'; depth += 1) {
      if (this.rawName(at) !== 'native_bind') return at;
      const { from, to } = this.edgesOf(at);
      let edge = from;
      while (edge < to && (this.edgeKind(edge) !== 'internal' || this.edgeName(edge) !== 'bound_function')) edge += 1;
      if (edge === to) return at;
      at = this.target(edge);
    }
    return at;
  }

  /** The name under which a module exports what stands in this cell; a table of names and cells in turns holds it. */
  exportName(table: number, cell: number): string | null {
    if (this.rawName(cell) !== 'system / Cell') return null;
    const { from, to } = this.edgesOf(table);
    const positions = new Map<number, number>();
    for (let edge = from; edge < to; edge += 1)
      if (this.edgeKind(edge) === 'internal') positions.set(Number(this.edgeName(edge)), this.target(edge));
    const place = [...positions].find(([, node]) => node === cell)?.[0] ?? -1;
    const name = positions.get(place - 1);
    return name !== undefined && this.typeOf(name) === 'string' ? this.rawName(name) : null;
  }

  place(node: number): ScriptPlace | null {
    const at = this.places.get(this.functionOf(node));
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
    const name = this.rawName(this.functionOf(node));
    switch (type) {
      case 'closure':
        return name === '' ? 'function' : redactText(`function ${name}`, longestName);
      case 'object':
        if (name === 'Object') return this.shape(node);
        return isWindow(name) ? 'Window' : redactText(name, longestName);
      case 'native':
        return redactText(
          name
            .replace(/^Detached /, '')
            .replace(longAttribute, '="…"')
            .replace(/^Window( \[JSGlobalObject\])?( \/.*)?$/, 'Window'),
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
      if (!noNames.has(name) && !/^[gs]et /.test(name) && !name.startsWith('<symbol') && !names.includes(name))
        names.push(name);
    }
    if (names.length === 0) return '{}';
    // Keys of a dictionary are data, and of any length.
    if (!names.every((name) => /^[\w$#-]{1,40}$/.test(name))) return '{…}';
    const shown = names.slice(0, mostProperties).map((name) => redactText(name, 24));
    return `{${shown.join(', ')}${names.length > mostProperties ? ', …' : ''}}`;
  }
}
