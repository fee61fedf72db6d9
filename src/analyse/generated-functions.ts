/**
 * Functions that a compiler wrote around what people wrote: a component of Svelte, a wrapper of a bundler. A map has no
 * place for their heads, and the nearest one before them belongs to whatever stands there, often another file. Such a
 * function is told by the first place within it.
 */
import type { EnclosingFunction, FunctionSpan, Place } from './original-source.ts';
import type { OriginalPlace, ScriptMap } from './script-map.ts';

export interface FoundFunction {
  readonly found: OriginalPlace;
  /** Null where the place is in no function of its source, or nobody can tell. */
  readonly own: EnclosingFunction | null;
  /** Whether a compiler wrote it: the place is one within the function, not its start. */
  readonly generated: boolean;
}

/** Whether the map knows a place of the function's head, up to the one given. */
export function knowsHead(map: ScriptMap, span: FunctionSpan, upTo: Place): boolean {
  return map.firstBetween(span.head, { line: upTo.line, column: upTo.column + 1 }) !== null;
}

/**
 * The first place of a function's own code that the map knows, else one of the functions within it, which tells the
 * file alone; null where it knows none.
 */
export function firstWithin(
  map: ScriptMap,
  { start, end, inner }: FunctionSpan,
): { readonly place: OriginalPlace; readonly isOwn: boolean } | null {
  let from = start;
  for (const child of inner) {
    const place = map.firstBetween(from, child.head);
    if (place) return { place, isOwn: true };
    from = child.end;
  }
  const last = map.firstBetween(from, end);
  if (last) return { place: last, isOwn: true };
  const place = map.firstBetween(start, end);
  return place && { place, isOwn: false };
}

/** Components are functions only once they are compiled: their file has no name for what the compiler made of it. */
export function isComponent(file: string): boolean {
  return /\.(vue|svelte|astro)$/i.test(file);
}

/** `component RosterList.svelte`, from the path. */
export function componentName(file: string): string {
  return `component ${file.slice(file.lastIndexOf('/') + 1)}`;
}
