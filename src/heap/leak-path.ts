/** The way from a root to a leaking object as a person reads it: Chrome's and V8's own containers are left out. */
import type { PathLink } from '../core/leaks.ts';
import type { SourceLocation } from '../core/source.ts';
import { redactText } from '../core/text.ts';
import { none } from './graph.ts';
import type { FoundVariable } from './find-leaks.ts';
import { isDom, isPlumbing, type NodeNames } from './nodes.ts';
import type { Paths } from './paths.ts';

/** A node on the way, with the reference by which it is reached; `none` for the root itself. */
export interface Step {
  readonly node: number;
  readonly edge: number;
}

/** From the root down to the node. */
export function stepsTo(paths: Paths, node: number): Step[] {
  const steps: Step[] = [];
  for (let at = node; at !== none; at = paths.from[at] as number)
    steps.push({ node: at, edge: paths.via[at] as number });
  return steps.reverse();
}

export type EdgeKind = PathLink['edge'];

const listeners =
  /^(V8EventListener|V8EventHandlerNonNull|V8On\w+EventHandler\w*|EventListener|blink::RegisteredEventListener)$/;
const timers = /^(blink::)?(ScheduledAction|DOMTimer|V8FrameRequestCallback|V8IdleRequestCallback)$/;

export interface PathContext {
  readonly names: NodeNames;
  readonly grows: (node: number) => boolean;
  /** Whether it is one of many that its holder has, whatever the name of the reference. */
  readonly isEntry: (node: number) => boolean;
  readonly place: (node: number) => SourceLocation | null;
  /** A variable that is read from a function or what it left suspended. */
  readonly variable: (owner: number, name: string) => FoundVariable | null;
}

/** What a node is; a function has the name of the original source, where a map tells: minified ones are a letter. */
export function describeNode(names: NodeNames, node: number, location: SourceLocation | null): string {
  const name = location?.mapped === true ? location.function : null;
  if (name === null) return names.what(node);
  if (names.typeOf(node) === 'closure') return `function ${name}`;
  // The place of an object is its class's constructor.
  const ofClass = name.replace(/\.constructor$/, '');
  return names.rawName(node) !== 'Object' && /^[A-Z][\w$]*$/.test(ofClass) ? ofClass : names.what(node);
}

/** Turns the steps into links; the last one is the leaking object, whatever it is. */
export function readPath(steps: readonly Step[], context: PathContext): PathLink[] {
  const { names, grows, isEntry, place } = context;
  const links: PathLink[] = [];
  let passed: EdgeKind | null = null;
  let variable: FoundVariable | { readonly name: string; readonly location: null } | null = null;
  // The function, or what it left suspended, whose variables come next.
  let owner = none;
  steps.forEach(({ node, edge }, at) => {
    const last = at === steps.length - 1;
    const kind = edge === none ? 'root' : names.edgeKind(edge);
    const name = edge === none ? '' : names.edgeName(edge);
    if (kind === 'context')
      variable = (owner === none ? null : context.variable(owner, name)) ?? { name, location: null };
    if (names.place(node) !== null) owner = node;
    if (edge === none && names.typeOf(node) === 'synthetic') {
      const isConsole = steps.some(
        (step) => step.edge !== none && names.edgeName(step.edge).endsWith('/ DevTools console'),
      );
      links.push({ edge: 'root', name: '', what: isConsole ? 'console' : 'Chrome', grows: false, location: null });
      return;
    }
    const exported = at === 0 || last ? null : names.exportName(steps[at - 1]?.node ?? node, node);
    if (exported !== null) variable = { name: exported, location: null };
    if (!last && isPlumbing(names.typeOf(node), names.rawName(node))) {
      passed = through(names, node, name) ?? passed;
      return;
    }
    const ownPlace = place(node);
    const what = describeNode(names, node, ownPlace);
    const own = isEntry(node) ? 'element' : ownKind(kind, name);
    const edgeKind = edge === none || links.length === 0 ? 'root' : variable === null ? (passed ?? own) : 'variable';
    const before = links.at(-1);
    // A window is a native object and its two global ones.
    if (what === 'Window' && before?.what === 'Window' && !last) return;
    // Within a tree every node leads to every other: only where the way leaves it matters.
    if (before && isDom(before.what) && isDom(what) && !grows(node) && !before.grows) links.pop();
    const shown = variable?.name ?? (edgeKind === 'property' || edgeKind === 'internal' ? name : '');
    const declared = variable?.location ?? null;
    // A library's object in a variable of the page's: the variable is where something can be done.
    const location = ownPlace !== null && isLibrary(ownPlace) ? (declared ?? ownPlace) : (ownPlace ?? declared);
    links.push({ edge: edgeKind, name: redactText(shown, 80), what, grows: grows(node), location });
    passed = null;
    variable = null;
  });
  return links;
}

/** Whether it is code of a package. */
export function isLibrary({ origin }: SourceLocation): boolean {
  return origin === 'library';
}

function ownKind(kind: string, name: string): EdgeKind {
  if (kind === 'property') return 'property';
  if (kind === 'element' || kind === 'hidden' || /^\d+($| )/.test(name)) return 'element';
  return kind === 'context' ? 'variable' : 'internal';
}

function through(names: NodeNames, node: number, edgeName: string): EdgeKind | null {
  const name = names.rawName(node);
  if (names.typeOf(node) === 'native') {
    if (listeners.test(name)) return 'listener';
    if (timers.test(name)) return 'timer';
    return name.startsWith('system / ') ? null : 'native';
  }
  return names.typeOf(node) === 'array' && /^(elements|table)$/.test(edgeName) ? 'element' : null;
}
