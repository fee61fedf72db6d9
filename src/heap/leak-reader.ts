/** One leak as the report shows it. */
import type { Leak, MemoryCounters, PathLink } from '../core/leaks.ts';
import type { SourceLocation } from '../core/source.ts';
import { findCallback } from './callbacks.ts';
import type { Cause } from './causes.ts';
import { type HeapGraph, none } from './graph.ts';
import type { GrownTable } from './grown-tables.ts';
import type { Group, Growth } from './growth.ts';
import { describeNode, isLibrary, readPath, type Step, stepsTo } from './leak-path.ts';
import { adviseOn, recognisePattern, type Trail } from './leak-pattern.ts';
import { collectSignals, describeHolder, rateConfidence, tableTitle, titleOf } from './leak-text.ts';
import { isDom, NodeNames } from './nodes.ts';
import type { FoundVariable, FunctionPlace, LeakInput } from './find-leaks.ts';

/** With compressed pointers, as in Chrome; doubles take twice that. */
const bytesOfNumber = 4;
/** Two sizes are no line: that it goes on growing is likely, not seen. */
const tableConfidence = 0.5;

/** Links above a leak whose names say what it is kept for: a list, the table it lies in, their owner. */
const holdersRead = 3;

/** Whose growth it is. */
export type Owner = 'page' | 'harness' | 'browser';

interface Sources {
  readonly counters: readonly MemoryCounters[];
  readonly place: (at: FunctionPlace) => SourceLocation | null;
  readonly variable?: LeakInput['variable'];
}

export class LeakReader {
  readonly names: NodeNames;
  private readonly graph: HeapGraph;
  private readonly growth: Growth;
  private readonly sources: Sources;

  constructor(graph: HeapGraph, growth: Growth, sources: Sources) {
    this.graph = graph;
    this.growth = growth;
    this.sources = sources;
    this.names = new NodeNames(graph.snapshot);
  }

  /** Told by what holds it, never by its class alone. */
  ownerOf(cause: Cause): Owner {
    const steps = stepsTo(this.growth.paths, cause.member);
    // Helpers that Playwright puts into pages.
    if (steps.some(({ node }) => /^(UtilityScript|InjectedScript)$/.test(this.names.rawName(node)))) return 'harness';
    if (!this.isCounted(cause)) return 'browser';
    if (this.growth.paths.fromPage[cause.member] === 1) return 'page';
    const logged = steps.some(({ edge }) => edge !== none && this.names.edgeName(edge).endsWith('/ DevTools console'));
    return logged || this.isMadeByPage(cause, steps) ? 'page' : 'browser';
  }

  /** Objects of Chrome's own are not dated; of DOM nodes the counter has to agree. */
  private isCounted({ main }: Cause): boolean {
    if (main.undated < main.members.length || !isDom(main.className)) return true;
    const { counters } = this.sources;
    const rises = counters.slice(1).filter(({ nodes }, at) => nodes > (counters[at]?.nodes ?? 0)).length;
    return rises >= counters.length - 2;
  }

  /** What Chrome itself holds is the page's if an interface of the web or a function of the page's is part of it. */
  private isMadeByPage(cause: Cause, steps: readonly Step[]): boolean {
    const { groupOf } = this.growth;
    const ofWeb = steps.some(
      ({ node }) =>
        groupOf[node]?.steady === true &&
        this.names.typeOf(node) === 'native' &&
        /^[A-Z]\w+$/.test(this.names.rawName(node)),
    );
    return ofWeb || this.placeOf(cause.member) !== null || this.callbackLink(cause.member, '') !== null;
  }

  read(cause: Cause): Leak {
    const { main, member } = cause;
    const { iterations } = this.growth;
    const steps = stepsTo(this.growth.paths, member);
    const path = this.pathOf(steps);
    const trail = this.trailOf(cause, steps, path);
    const pattern = recognisePattern(trail);
    const isCallback = /listener|observer|timer|promise/.test(pattern);
    const callback =
      isCallback && (main.nodeType !== 'closure' || main.placeKey === '') ? this.callbackLink(member, pattern) : null;
    const holder = describeHolder(path);
    if (callback) path.push(callback);
    const shown = path.at(-1) as PathLink;
    const name = shown.location?.function;
    const what = shown.what === 'function' && name !== undefined && name !== null ? `function ${name}` : shown.what;
    // Each wait for a promise leaves several functions behind.
    const births = birthsOf(pattern === 'promise never settled' ? cause.top : main);
    const count = (births.reduce((sum, born) => sum + born, 0) + main.undated) / iterations;
    const retained = cause.retained / iterations;
    const evidence = {
      pattern,
      births,
      undated: main.undated,
      count,
      retained,
      counters: this.sources.counters,
      before: main.before,
      detached: trail.detached,
      isDom: isDom(main.className) || trail.below.some((below) => /^(Detached )?[<#]/.test(below)),
    };
    const signals = collectSignals(evidence);
    return {
      title: titleOf({ pattern, what, holder, count, retained }),
      pattern,
      what,
      count,
      births,
      shallow: cause.shallow / iterations,
      retained,
      path,
      location:
        isCallback || main.nodeType === 'closure'
          ? near(shown.location && !isLibrary(shown.location) ? [shown] : path)
          : (near(path.slice(0, -1)) ?? near(path) ?? this.handlerOf(member, pattern)),
      advice: adviseOn(pattern, what, holder),
      confidence: rateConfidence(evidence, signals),
      signals,
      folded: [...cause.folded],
      alike: cause.others.length,
    };
  }

  /** A collection of numbers, which are nothing of their own. */
  readTable({ node, bytes, since }: GrownTable): Leak {
    const { iterations } = this.growth;
    const path = this.pathOf(stepsTo(this.growth.paths, node)).map((link, at, all) =>
      at === all.length - 1 ? { ...link, grows: true } : link,
    );
    const what = this.names.what(node);
    const holder = describeHolder([...path, path.at(-1) as PathLink]);
    return {
      title: tableTitle(holder, bytes),
      pattern: what === 'Map' ? 'cache without eviction' : 'collection that only grows',
      what,
      count: bytes / bytesOfNumber,
      births: Array.from({ length: iterations }, () => 0),
      shallow: bytes,
      retained: bytes,
      path,
      location: near(path),
      advice: adviseOn('collection that only grows', 'what is not needed any more', holder),
      confidence: tableConfidence,
      signals: [
        `its table is larger than before the first iteration, and was made larger last in iteration ${since} of ${iterations}`,
      ],
      folded: [],
      alike: 0,
    };
  }

  private pathOf(steps: readonly Step[]): PathLink[] {
    const { groupOf } = this.growth;
    return readPath(steps, {
      names: this.names,
      grows: (node) => groupOf[node]?.steady === true,
      isEntry: (node) => groupOf[node]?.edge.name.startsWith('[]') === true,
      place: (node) => this.placeOf(node),
      variable: (owner, name) => this.variableOf(owner, name),
    });
  }

  private variableOf(owner: number, name: string): FoundVariable | null {
    const at = this.names.place(owner);
    const isFunction = this.names.typeOf(owner) === 'closure';
    return at === null ? null : (this.sources.variable?.({ ...at, name: '' }, !isFunction, name) ?? null);
  }

  private placeOf(node: number): SourceLocation | null {
    const at = this.names.place(node);
    if (at === null) return null;
    const name = this.names.typeOf(node) === 'closure' ? this.names.rawName(this.names.functionOf(node)) : '';
    return this.sources.place({ ...at, name });
  }

  private trailOf(
    { main, member, retained, shallow }: Cause,
    steps: readonly Step[],
    path: readonly PathLink[],
  ): Trail {
    const { groupOf, iterations } = this.growth;
    const { snapshot } = this.graph;
    const firstNew = steps.findIndex(({ node }) => groupOf[node]?.steady === true);
    const below = new Set<string>();
    for (const group of this.growth.all) {
      if (!group.steady) continue;
      for (let above = group.parent; above; above = above.parent)
        if (above === main)
          below.add(`${this.isDetached(group.members[0] as number) ? 'Detached ' : ''}${group.className}`);
    }
    return {
      names: steps.map(({ node }) => this.names.rawName(node)),
      edges: steps.map(({ edge }) => (edge < snapshot.edgeCount ? this.names.edgeName(edge) : '')),
      firstNew: firstNew < 0 ? steps.length - 1 : firstNew,
      nodeType: main.nodeType,
      className: main.className,
      detached: this.isDetached(member),
      hasPlace: this.names.place(member) !== null,
      below: [...below],
      isEntry: main.edge.name.startsWith('[]'),
      container: path.at(-2)?.what ?? '',
      holders: path.slice(-holdersRead - 1, -1).flatMap(({ name, what }) => [name, what]),
      kept: (retained - shallow) / iterations,
    };
  }

  private isDetached(node: number): boolean {
    return this.graph.snapshot.detached[node] === 2 || this.names.rawName(node).startsWith('Detached ');
  }

  /** What Chrome alone holds is found by the function that it was given: a worker by its `onmessage`. */
  private handlerOf(member: number, pattern: string): SourceLocation | null {
    return /^(worker|connection)/.test(pattern) ? (this.callbackLink(member, pattern)?.location ?? null) : null;
  }

  /** The function that an observer or a timer calls, as one more link. */
  private callbackLink(member: number, pattern: string): PathLink | null {
    // What waits for a promise is a new run of an old function.
    const anyAge = pattern.startsWith('promise');
    const isOfPage = (node: number): boolean =>
      (anyAge || (this.growth.birth[node] as number) > 0) && this.placeOf(node) !== null;
    const callback = findCallback(this.names, member, isOfPage);
    if (callback === null) return null;
    const location = this.placeOf(callback);
    return {
      edge: pattern.startsWith('timer') ? 'timer' : pattern.startsWith('listener') ? 'listener' : 'native',
      name: '',
      what: describeNode(this.names, callback, location),
      grows: true,
      location,
    };
  }
}

/** With the newest one of a list, which is held in another way than the rest. */
function birthsOf({ births, parent, className, nodeType }: Group): number[] {
  const isHead = parent && !parent.steady && parent.className === className && parent.nodeType === nodeType;
  return births.map((count, at) => count + (isHead ? (parent.births[at] ?? 0) : 0));
}

/** The nearest place; of a package's only where there is no other. */
function near(path: readonly PathLink[]): SourceLocation | null {
  const places = path.map(({ location }) => location).filter((location) => location !== null);
  return places.findLast((location) => !isLibrary(location)) ?? places.at(-1) ?? null;
}
