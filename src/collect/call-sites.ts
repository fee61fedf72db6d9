/**
 * Which places in scripts add event listeners, start timers, and make elements that outlive their place in the document:
 * functions of the page are wrapped to note who calls them. In the coverage pass only, since it makes each such call slower, and is seen by a page that looks for it.
 */
import type { CDPSession, Page } from '@playwright/test';
import type { CallFrame } from '../core/counted.ts';
import type { HeavyCollector, ObservedPage, ObservedStep } from './heavy.ts';

/** A call, with the stack that led to it: the caller first. Lines and columns from 0. */
export interface CallStack {
  readonly what: 'listener' | 'timer' | 'interval' | 'element' | 'allocation';
  /** Type of the event, the interval in ms, or the name of the element. */
  readonly detail: string;
  readonly amount: number;
  readonly frames: readonly CallFrame[];
}

/** What a document hands over: stacks as the engine writes them. */
interface RawSite {
  what: 'listener' | 'timer' | 'interval' | 'element';
  detail: string;
  amount: number;
  stack: string;
}

// A handler of the page finds it there; what it may say is read as text from a hostile page.
const key = '__pacewrightCallSites';
/** Deep enough to come from a library's helper to who called it. */
const depth = 10;
const mostSites = 2000;
/** What the page's allocations would else be blamed for. */
export const ownScript = 'pacewright:call-sites';

// Sent to the page as source text: it may use nothing from outside its own body but the page's globals.
function wrapPage(name: string, frames: number, most: number): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  if (name in scope) return;
  interface Site {
    what: RawSite['what'];
    detail: string;
    stack: string;
    calls: number;
    live: Set<object>;
  }
  const sites = new Map<string, Site>();
  const ErrorOfPage = Error as unknown as { new (): Error; stackTraceLimit?: unknown; prepareStackTrace?: unknown };
  const look = (what: Site['what'], detail: string): Site | undefined => {
    // A page may have changed both; it gets them back.
    const changed = Object.hasOwn(ErrorOfPage, 'prepareStackTrace');
    const { stackTraceLimit, prepareStackTrace } = ErrorOfPage;
    let stack: string;
    try {
      ErrorOfPage.stackTraceLimit = frames + 2;
      if (changed) ErrorOfPage.prepareStackTrace = undefined;
      // Without the message, this function and its wrapper.
      stack = String(new ErrorOfPage().stack).split('\n').slice(3).join('\n');
    } finally {
      ErrorOfPage.stackTraceLimit = stackTraceLimit;
      if (changed) ErrorOfPage.prepareStackTrace = prepareStackTrace;
    }
    const id = `${what} ${detail} ${stack}`;
    let site = sites.get(id);
    if (!site && sites.size < most) {
      site = { what, detail, stack, calls: 0, live: new Set() };
      sites.set(id, site);
    }
    return site;
  };

  /** A listener that was added, as long as its target lives and it is not removed. */
  interface Added {
    target: WeakRef<EventTarget>;
    site: Site;
  }
  const listeners = new WeakMap<EventTarget, Map<unknown, Map<string, Added>>>();
  const captures = (options: unknown): boolean =>
    typeof options === 'object' && options !== null
      ? Boolean((options as AddEventListenerOptions).capture)
      : Boolean(options);
  const remove = (target: EventTarget, listener: unknown, type: string): void => {
    const added = listeners.get(target)?.get(listener);
    const known = added?.get(type);
    if (!known) return;
    known.site.live.delete(known);
    added?.delete(type);
  };
  const wrap = <Wrapped extends object>(
    owner: Record<string, unknown>,
    method: string,
    make: (original: (...args: unknown[]) => unknown) => Wrapped,
  ): void => {
    const original = owner[method];
    if (typeof original === 'function') owner[method] = make(original as (...args: unknown[]) => unknown);
  };
  const prototype = EventTarget.prototype as unknown as Record<string, unknown>;
  wrap(
    prototype,
    'addEventListener',
    (original) =>
      function addEventListener(this: EventTarget, ...args: unknown[]): unknown {
        const [type, listener, options] = args;
        const target = this ?? globalThis;
        const about = options as AddEventListenerOptions | undefined;
        // One that is called once, or never, goes by itself.
        if (listener && !(typeof about === 'object' && about?.once)) {
          const id = `${String(type)} ${captures(options)}`;
          const ofTarget = listeners.get(target) ?? new Map<unknown, Map<string, Added>>();
          const ofListener = ofTarget.get(listener) ?? new Map<string, Added>();
          listeners.set(target, ofTarget);
          ofTarget.set(listener, ofListener);
          const site = ofListener.has(id) ? undefined : look('listener', String(type).slice(0, 100));
          if (site) {
            const added: Added = { target: new WeakRef(target), site };
            ofListener.set(id, added);
            site.live.add(added);
            if (about?.signal) original.call(about.signal, 'abort', () => remove(target, listener, id), { once: true });
          }
        }
        return original.apply(this, args);
      },
  );
  wrap(
    prototype,
    'removeEventListener',
    (original) =>
      function removeEventListener(this: EventTarget, ...args: unknown[]): unknown {
        remove(this ?? globalThis, args[1], `${String(args[0])} ${captures(args[2])}`);
        return original.apply(this, args);
      },
  );
  const running = new Map<unknown, { site: Site; mark: object }>();
  wrap(
    scope,
    'setTimeout',
    (original) =>
      function setTimeout(this: unknown, ...args: unknown[]): unknown {
        const site = look('timer', '');
        if (site) site.calls += 1;
        return original.apply(this ?? globalThis, args);
      },
  );
  wrap(
    scope,
    'setInterval',
    (original) =>
      function setInterval(this: unknown, ...args: unknown[]): unknown {
        const id = original.apply(this ?? globalThis, args);
        const site = look('interval', String(Number(args[1]) || 0));
        const mark = {};
        site?.live.add(mark);
        if (site) running.set(id, { site, mark });
        return id;
      },
  );
  for (const method of ['clearInterval', 'clearTimeout'])
    wrap(
      scope,
      method,
      (original) =>
        function clear(this: unknown, ...args: unknown[]): unknown {
          const known = running.get(args[0]);
          known?.site.live.delete(known.mark);
          running.delete(args[0]);
          return original.apply(this ?? globalThis, args);
        },
    );

  /** An element that a script made; it counts while it is held without being in the document. */
  interface Made {
    element: WeakRef<Node>;
  }
  const makers: [owner: object, method: string][] = [
    [Document.prototype, 'createElement'],
    [Document.prototype, 'createElementNS'],
    [Document.prototype, 'importNode'],
    [Node.prototype, 'cloneNode'],
  ];
  for (const [owner, method] of makers)
    wrap(
      owner as Record<string, unknown>,
      method,
      (original) =>
        function make(this: unknown, ...args: unknown[]): unknown {
          const element = original.apply(this, args);
          if (element instanceof Element)
            look('element', element.localName.slice(0, 100))?.live.add({
              element: new WeakRef(element),
            } satisfies Made);
          return element;
        },
    );

  const alive = (mark: object): boolean => {
    if ('element' in mark) return (mark as Made).element.deref()?.isConnected === false;
    if (!('target' in mark)) return true;
    const target = (mark as Added).target.deref();
    return target !== undefined && (!(target instanceof Node) || target.isConnected);
  };
  // Hands over what was noted since the last time, and begins anew.
  const take = (): RawSite[] => {
    const raw = [...sites.values()].map(({ what, detail, stack, calls, live }) => ({
      what,
      detail,
      stack,
      amount: what === 'timer' ? calls : [...live].filter(alive).length,
    }));
    sites.clear();
    running.clear();
    return raw;
  };
  Object.defineProperty(scope, name, { value: take });
}

// `at name (url:line:column)`, `at async name (…)`, `at url:line:column`.
const framePattern = /^\s*at (?:(?:async )?([^()]*) \()?((?:[a-z][a-z0-9+.-]*:|\/).*?):(\d+):(\d+)\)?$/i;

/** The frames of a stack as the engine writes it; what is none (native code, promises) is left out. */
export function readStack(stack: string): CallFrame[] {
  return stack.split('\n').flatMap((line): CallFrame[] => {
    const [, name = '', url = '', row = '', column = ''] = framePattern.exec(line) ?? [];
    return url === '' ? [] : [{ function: name, url, line: Number(row) - 1, column: Number(column) - 1 }];
  });
}

function readSites(value: unknown): CallStack[] {
  const list: unknown[] = Array.isArray(value) ? value.slice(0, mostSites) : [];
  return list.flatMap((each): CallStack[] => {
    const { what, detail, amount, stack } = (each ?? {}) as Partial<RawSite>;
    if (what !== 'listener' && what !== 'timer' && what !== 'interval' && what !== 'element') return [];
    if (typeof detail !== 'string' || typeof amount !== 'number' || typeof stack !== 'string') return [];
    const frames = readStack(stack.slice(0, 20_000));
    return amount > 0 && frames.length > 0 ? [{ what, detail: detail.slice(0, 100), amount, frames }] : [];
  });
}

export class CallSiteCollector implements HeavyCollector {
  readonly what = 'who adds listeners, timers and elements';
  private readonly steps = new Map<string, CallStack[]>();
  private page: Page | undefined;
  private session: CDPSession | undefined;

  sitesOf(step: string): readonly CallStack[] {
    return this.steps.get(step) ?? [];
  }

  async attach({ page, context }: ObservedPage): Promise<void> {
    this.page = page;
    this.session = await context.newCDPSession(page);
    await page.addInitScript(
      `(${wrapPage.toString()})(${JSON.stringify(key)}, ${depth}, ${mostSites});\n//# sourceURL=${ownScript}`,
    );
  }

  private async take(): Promise<CallStack[]> {
    const frames = this.page?.frames() ?? [];
    // As text: nothing of the page's own making (a changed toJSON, say) runs on the way.
    const taken = await Promise.all(
      frames.map((frame) =>
        frame
          .evaluate((name) => (globalThis as unknown as Record<string, (() => unknown) | undefined>)[name]?.(), key)
          .catch(() => []),
      ),
    );
    return taken.flatMap(readSites);
  }

  /** What happened between the steps is not the next one's. */
  async beginStep(): Promise<void> {
    await this.take();
  }

  async endStep({ name }: ObservedStep): Promise<void> {
    // What nothing holds is not kept.
    await this.session?.send('HeapProfiler.collectGarbage');
    this.steps.set(name, await this.take());
  }

  async endFlow(): Promise<void> {}

  async dispose(): Promise<void> {
    await this.session?.detach().catch(() => {});
    this.session = undefined;
    this.page = undefined;
  }
}
