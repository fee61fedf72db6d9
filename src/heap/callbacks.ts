/** The functions that Chrome keeps for a page: of listeners, timers, observers, promises. */
import { isPlumbing, type NodeNames } from './nodes.ts';

/** What Chrome keeps in order to call a function of the page. */
export const callers =
  /^(blink::)?(RegisteredEventListener|DOMTimer|ScheduledAction|V8FrameRequestCallback|V8IdleRequestCallback|\w*Observer|MutationObserverRegistration|MediaQueryList|PromiseReaction)$/;

const between = /Observer|Timer|Callback|Promise|Listener|^Generator$|^AsyncFunction/;
/** How far below it the function stands, through wrappers alone. */
const deepest = 8;

/**
 * The nearest function of a script below a node.
 * @param accepts which function will do
 */
export function findCallback(names: NodeNames, node: number, accepts: (closure: number) => boolean): number | null {
  let level = [node];
  const seen = new Set(level);
  for (let depth = 0; depth < deepest; depth += 1) {
    const next: number[] = [];
    for (const above of level) {
      const { from, to } = names.edgesOf(above);
      for (let edge = from; edge < to; edge += 1) {
        const target = names.target(edge);
        if (seen.has(target) || names.edgeKind(edge) === 'weak') continue;
        seen.add(target);
        const type = names.typeOf(target);
        if (type === 'closure' && names.place(target) !== null && accepts(target)) return target;
        const name = names.className(target);
        // Functions of V8's own that go on with one of the page's.
        const goesOn = type === 'closure' && names.place(target) === null && names.rawName(target) === '';
        if (
          type !== 'code' &&
          type !== 'object shape' &&
          (goesOn || isPlumbing(type, name) || between.test(name)) &&
          !isContext(name)
        )
          next.push(target);
      }
    }
    level = next;
  }
  return null;
}

/** Behind a context stands everything that its functions see. */
function isContext(name: string): boolean {
  return name.startsWith('system / NativeContext');
}
