import type { LeakCounts } from '../faults.ts';
import { cacheQuotes } from './leak-cache.ts';
import { rememberUndo } from './leak-closure.ts';
import { keepCartRows } from './leak-detached.ts';
import { watchWindow } from './leak-listener.ts';

/** Leaks as many objects of each kind as asked; called once for each opening of the cart. */
export function leakObjects({ listener = 0, detached = 0, cache = 0, closure = 0 }: LeakCounts): void {
  watchWindow(listener);
  keepCartRows(detached);
  cacheQuotes(cache);
  rememberUndo(closure);
}
