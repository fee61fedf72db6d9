/** Which of the known kinds a leak is, told by what holds it: never by the name of what leaks alone. */
import type { LeakPattern } from '../core/leaks.ts';

/** What there is on the way to a leaking object, and below it; names as V8 and Chrome have them. */
export interface Trail {
  /** References by name from the root on, and what they lead to. */
  readonly names: readonly string[];
  readonly edges: readonly string[];
  /** Position of the first one of `names` that is new in every iteration. */
  readonly firstNew: number;
  /** The leaking object: kind of node, class, and whether it left its document. */
  readonly nodeType: string;
  readonly className: string;
  readonly detached: boolean;
  /** Whether it is a function of the page's source, in contrast to those of Chrome and V8. */
  readonly hasPlace: boolean;
  /** Classes of what it holds and that grows with it; detached elements begin with `Detached`. */
  readonly below: readonly string[];
  /** Whether it is one of many that its holder has. */
  readonly isEntry: boolean;
  /** What is shown to hold it: `Map`, `Array`, `{}` for an object with many entries, a class. */
  readonly container: string;
  /** How the last old objects on the way are called in the source, by variable, property and class. */
  readonly holders: readonly string[];
  /** Bytes it keeps alive beside its own, an iteration. */
  readonly kept: number;
}

const timer =
  /^(blink::)?(DOMTimer|ScheduledAction|FrameRequestCallback\w*|V8FrameRequestCallback|IdleCallback\w*|V8IdleRequestCallback)\b/;
const observer = /^(blink::)?(Mutation|Resize|Intersection|Performance|Reporting)Observ(er|ation)\w*/;
const listener = /^(blink::RegisteredEventListener|EventListener|V8EventListener|V8\w*Event\w*Handler\w*)$/;
const worker = /^(Worker|SharedWorker|DedicatedWorker\w*|blink::DedicatedWorker\w*|ServiceWorker)$/;
const connection =
  /^(WebSocket|EventSource|BroadcastChannel|MessagePort|WebTransport|RTCPeerConnection|RTCDataChannel|AudioContext|MediaStreamTrack|IDBDatabase|XMLHttpRequest)$/;
const frame = /^(<i?frame|Window( |$)|system \/ NativeContext|HTMLIFrameElement)/;
const style = /^(<style|<link|CSS\w*(Sheet|Rule)\w*|Style(Sheet\w*|Rule\w*)|HTMLStyleElement)/;
/** What holds functions in order to call them: `listeners`, `#handlers`, `subscribers`, `EventBus`, Vue's `effects`. */
const ofCallbacks =
  /(listener|handler|subscri(ber|ption)|callback|observer|watcher|emitter|topic|eventbus)s?$|^(bus|events?|effects|subs|hooks)$/i;
const collection = /^(Array|Map|Set|\{)/;

/** Bytes beside its own from which on a function holds a large scope. */
const largeScope = 1000;

export function recognisePattern(trail: Trail): LeakPattern {
  const { names, edges, firstNew, nodeType, className, below, container } = trail;
  // The last old object and all new ones on the way.
  const added = names.slice(Math.max(0, firstNew - 1));
  const has = (pattern: RegExp): boolean => added.some((name) => pattern.test(name));
  if (edges.some((edge) => edge.endsWith('/ DevTools console'))) return 'held by the console';
  if (has(timer)) return 'timer never cleared';
  if (has(observer)) return 'observer not disconnected';
  if (has(worker)) return 'worker not terminated';
  if (connection.test(className)) return 'connection not closed';
  if (style.test(className)) return 'style sheets pile up';
  if (frame.test(className)) return 'frame not removed';
  if (has(/^system \/ Promise(Reaction|Capability)/) || (className === 'Promise' && has(/^Promise$/)))
    return 'promise never settled';
  // An element, or what a list holds, has listeners of its own, which go away with it.
  const isElement = nodeType === 'native' && /^[<#]/.test(className);
  const isListed = trail.isEntry && collection.test(container);
  const ownListeners = isElement || isListed;
  if (has(listener) || (!ownListeners && below.some((name) => listener.test(name)))) return 'listener not removed';
  if (below.some((name) => /^(Window( |$)|system \/ NativeContext)/.test(name))) return 'frame not removed';
  if (names.some((name) => /^(History|NavigationHistoryEntry|blink::HistoryItem)$/.test(name))) return 'history state';
  if (isListed && /^(closure|object)$/.test(nodeType) && trail.holders.some((name) => ofCallbacks.test(name)))
    return 'listener not removed';
  if (isElement) return trail.detached ? 'detached DOM held by JavaScript' : 'DOM that piles up in the page';
  if (below.some((name) => /^Detached [<#]/.test(name))) return 'detached DOM held by JavaScript';
  if (nodeType === 'closure') {
    // What settles a promise is a function of V8's, without a place in any script.
    if (!trail.hasPlace && below.includes('Promise')) return 'promise never settled';
    if (trail.kept >= largeScope) return 'closure over a large scope';
  }
  if (container === 'Map' || (container.startsWith('{') && trail.isEntry)) return 'cache without eviction';
  return 'collection that only grows';
}

/** What to do about it. @param thing what leaks, @param holder what holds it, both as they are shown */
export function adviseOn(pattern: LeakPattern, thing: string, holder: string): string {
  switch (pattern) {
    case 'listener not removed':
      if (collection.test(holder))
        return `Take ${thing} out of ${holder} where its owner goes away: call what undoes the subscription (unsubscribe, off, stop) in the clean-up of the effect, in disconnectedCallback.`;
      return `Call removeEventListener for ${thing} where its owner goes away (in the clean-up of the effect, in disconnectedCallback), or add it with the signal of an AbortController and abort that.`;
    case 'observer not disconnected':
      return `Call disconnect() on the observer of ${thing} where what it observes goes away.`;
    case 'timer never cleared':
      return `Keep what setInterval, setTimeout or requestAnimationFrame returns, and clear it (clearInterval, clearTimeout, cancelAnimationFrame) where ${thing} is not needed any more.`;
    case 'closure over a large scope':
      return `Take ${thing} out of ${holder} when it is done with, and let it use only the values it needs: the scope it was made in stays alive as a whole.`;
    case 'cache without eviction':
      return `Give ${holder} a bound (drop the oldest entry at some size) or delete entries when they are done with; if its keys are objects, make it a WeakMap.`;
    case 'collection that only grows':
      return `Remove ${thing} from ${holder} when it is done with, or give ${holder} a bound.`;
    case 'detached DOM held by JavaScript':
      return `Drop the reference to ${thing} from ${holder} when the element leaves the page, or hold it in a WeakRef or WeakMap.`;
    case 'DOM that piles up in the page':
      return `Remove ${thing} from the page again (remove(), replaceChildren()), or use one element again and again.`;
    case 'promise never settled':
      return `Let the promise settle in every case (resolve, reject, a time limit, an AbortSignal): what waits for it, ${thing}, stays alive until then.`;
    case 'held by the console':
      return `Log a text or a copy of the few values that matter, not ${thing} itself: the console keeps every object it was given.`;
    case 'history state':
      return `Keep only a key in history.state, and what it stands for elsewhere; use replaceState where no new entry is wanted.`;
    case 'frame not removed':
      return `Remove the iframe (remove()), and drop what was taken from it from ${holder}: any object of a frame keeps its whole window alive.`;
    case 'worker not terminated':
      return `Call terminate() on the worker when its work is done, or use one worker again and again; revoke the object URL it was made from.`;
    case 'connection not closed':
      return `Call close() on ${thing} where it is not needed any more: Chrome keeps what can still receive something.`;
    case 'style sheets pile up':
      return `Insert the style sheet once, or remove it (remove(), deleteRule(), adoptedStyleSheets without it) with what it was for.`;
    case 'unknown':
      return `Let go of ${thing} in ${holder} when it is not needed any more.`;
    default:
      return pattern satisfies never;
  }
}
