/**
 * Who makes what a page holds without any script referring to it: elements that stay in the document, style sheets and
 * their rules, entries and state of the history, and what the console is given. Chrome notes the stacks itself: where nodes were made, and calls of
 * some functions at which it pauses for a moment. That leaves nothing in the page, but holds on to nodes and slows calls
 * down, so that it is done when all is counted and the last snapshot is taken.
 */
import type { CDPSession } from '@playwright/test';
import type { CallFrame, LeakSite } from '../core/counted.ts';

/** Functions that are looked at, as the page finds them: one that was replaced is at least near the caller. */
const functions: readonly { readonly what: LeakSite['what']; readonly detail: string; readonly source: string }[] = [
  { what: 'history', detail: 'pushState', source: 'History.prototype.pushState' },
  { what: 'history', detail: 'replaceState', source: 'History.prototype.replaceState' },
  { what: 'sheet', detail: 'CSSStyleSheet', source: 'CSSStyleSheet' },
  {
    what: 'sheet',
    detail: 'adoptedStyleSheets',
    source: "Object.getOwnPropertyDescriptor(Document.prototype, 'adoptedStyleSheets').set",
  },
  { what: 'rule', detail: 'insertRule', source: 'CSSStyleSheet.prototype.insertRule' },
  { what: 'rule', detail: 'addRule', source: 'CSSStyleSheet.prototype.addRule' },
  { what: 'rule', detail: 'replaceSync', source: 'CSSStyleSheet.prototype.replaceSync' },
  { what: 'rule', detail: 'replace', source: 'CSSStyleSheet.prototype.replace' },
];

/** A pause takes some ms; a library that inserts a rule for each element would take a minute. */
const mostPauses = 300;
const mostCalls = 1000;
const mostFrames = 10;
/** Elements that are looked at, and those of them whose stacks are asked for. */
const mostElements = 30_000;
const mostSites = 200;

interface Node {
  readonly nodeId: number;
  readonly backendNodeId: number;
  readonly nodeType: number;
  readonly localName: string;
  readonly children?: readonly Node[];
  readonly shadowRoots?: readonly Node[];
  readonly contentDocument?: Node;
}

interface StackFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface Logged {
  readonly args: readonly { readonly objectId?: string }[];
  readonly stackTrace?: { readonly callFrames: readonly StackFrame[] };
}

interface Paused {
  readonly callFrames: readonly {
    readonly functionName: string;
    readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
  }[];
  readonly hitBreakpoints?: readonly string[];
}

function readFrames(frames: readonly StackFrame[]): CallFrame[] {
  return frames.slice(0, mostFrames).map(({ functionName, url, lineNumber, columnNumber }) => ({
    ...{ function: functionName, url, line: lineNumber, column: columnNumber },
  }));
}

/** What of a tree was there: numbers of elements that Chrome keeps. */
type Known = ReadonlySet<number>;

export class LeakSites {
  private readonly session: CDPSession;
  private readonly calls: LeakSite[] = [];
  private readonly breakpoints = new Map<string, { what: LeakSite['what']; detail: string }>();
  /** By number of script: where Chrome pauses, it tells no more. */
  private readonly urls = new Map<string, string>();
  private pauses = 0;
  private readonly onParsed = ({ scriptId, url }: { scriptId: string; url: string }): void => {
    this.urls.set(scriptId, url);
  };
  private readonly onLogged = ({ args, stackTrace }: Logged): void => {
    const holds = args.some(({ objectId }) => objectId !== undefined);
    if (holds && stackTrace && this.calls.length < mostCalls)
      this.calls.push({ what: 'console', detail: '', frames: readFrames(stackTrace.callFrames) });
  };
  private readonly onPaused = (event: Paused): void => this.notePause(event);

  constructor(session: CDPSession) {
    this.session = session;
  }

  /**
   * Repeats what is to be looked at. What counts of the elements are those that the first and the second time left.
   * @throws what `repeat` throws
   */
  async watch(repeat: () => Promise<void>): Promise<LeakSite[]> {
    const { session } = this;
    session.on('Debugger.scriptParsed', this.onParsed);
    session.on('Debugger.paused', this.onPaused);
    session.on('Runtime.consoleAPICalled', this.onLogged);
    try {
      // Tells of what was logged before as well.
      await session.send('Runtime.enable');
      await session.send('DOM.enable');
      await session.send('DOM.setNodeStackTracesEnabled', { enable: true });
      await session.send('Debugger.enable');
      for (const each of functions) await this.stopAt(each);
      const before = await this.elements();
      await repeat();
      const between = await this.elements();
      await repeat();
      await session.send('Debugger.disable');
      const elements = before && between ? await this.leftBehind(before, between) : [];
      return [...this.calls, ...elements];
    } finally {
      session.off('Debugger.scriptParsed', this.onParsed);
      session.off('Debugger.paused', this.onPaused);
      session.off('Runtime.consoleAPICalled', this.onLogged);
      await session.send('Runtime.disable').catch(() => {});
      await session.send('Debugger.disable').catch(() => {});
      await session.send('DOM.disable').catch(() => {});
    }
  }

  private async stopAt({ what, detail, source }: (typeof functions)[number]): Promise<void> {
    const { session } = this;
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression: source,
      throwOnSideEffect: true,
      silent: true,
    });
    const { objectId, type } = result;
    if (exceptionDetails || type !== 'function' || objectId === undefined) return;
    try {
      const { breakpointId } = await session.send('Debugger.setBreakpointOnFunctionCall', { objectId });
      this.breakpoints.set(breakpointId, { what, detail });
    } catch {
      // One at which Chrome cannot pause is not looked at.
    } finally {
      await session.send('Runtime.releaseObject', { objectId });
    }
  }

  private notePause({ callFrames, hitBreakpoints = [] }: Paused): void {
    const { session } = this;
    this.pauses += 1;
    const hit = hitBreakpoints.map((id) => this.breakpoints.get(id)).find((known) => known !== undefined);
    if (hit) {
      const frames = callFrames.slice(0, mostFrames).map(({ functionName, location }) => ({
        function: functionName,
        url: this.urls.get(location.scriptId) ?? '',
        line: location.lineNumber,
        column: location.columnNumber ?? 0,
      }));
      this.calls.push({ ...hit, frames });
    }
    // Disabled, it lets the page go on. A page that is gone answers neither.
    const next = this.pauses < mostPauses ? session.send('Debugger.resume') : session.send('Debugger.disable');
    next.catch(() => {});
  }

  /** Null where there are too many. */
  private async elements(): Promise<Known | null> {
    const found = await this.tree();
    return found && new Set(found.map(({ node }) => node.backendNodeId));
  }

  private async tree(): Promise<{ node: Node; parent: number }[] | null> {
    const { root } = await this.session.send('DOM.getDocument', { depth: -1, pierce: true });
    const found: { node: Node; parent: number }[] = [];
    const waiting: { node: Node; parent: number }[] = [{ node: root, parent: 0 }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { node } = next;
      if (node.nodeType === 1) found.push(next);
      if (found.length > mostElements) return null;
      const { children = [], shadowRoots = [], contentDocument } = node;
      for (const child of [...children, ...shadowRoots, ...(contentDocument ? [contentDocument] : [])])
        waiting.push({ node: child, parent: node.nodeType === 1 ? node.backendNodeId : next.parent });
    }
    return found;
  }

  /** Elements that came in either repetition, and none of whose parents did. */
  private async leftBehind(before: Known, between: Known): Promise<LeakSite[]> {
    const last = await this.tree();
    if (!last) return [];
    const added = last.filter(
      ({ node, parent }) => !before.has(node.backendNodeId) && (parent === 0 || before.has(parent)),
    );
    const early = added.filter(({ node }) => between.has(node.backendNodeId));
    // What the second repetition put in place of the first one's is the page's state.
    const kept = added.filter(({ node }) => early.some((one) => one.node.localName === node.localName));
    const sites: LeakSite[] = [];
    for (const { node } of kept.slice(0, mostSites)) {
      const { creation } = await this.session.send('DOM.getNodeStackTraces', { nodeId: node.nodeId });
      const frames = readFrames(creation?.callFrames ?? []);
      if (frames.length > 0) sites.push({ what: 'element', detail: node.localName, frames });
    }
    return sites;
  }
}
