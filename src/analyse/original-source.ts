/** One source behind a script (or the script itself): which of its functions a place belongs to. */
import { findFunctions, type FunctionScope, type ScopeProblem } from './function-scopes.ts';
import { VariablePlaces } from './variable-places.ts';
import { lineStarts, offsetOf, placeOf } from './line-starts.ts';

/** A function of the source; line and column from 0, of where what names it begins. */
export interface EnclosingFunction {
  readonly index: number;
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** From 0, both. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** From where what names a function begins to its end, and the same of the functions right inside of it, in order. */
export interface FunctionSpan {
  readonly head: Place;
  readonly start: Place;
  readonly end: Place;
  readonly inner: readonly { readonly head: Place; readonly end: Place }[];
}

export class OriginalSource {
  readonly #text: string;
  readonly #file: string;
  #starts: Int32Array | null = null;
  #scopes: readonly FunctionScope[] | null = null;
  #variables: VariablePlaces | null = null;
  /** Why functions cannot be told; null where they can, or nobody has asked. */
  problem: ScopeProblem | null = null;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  #functions(): readonly FunctionScope[] {
    if (this.#scopes === null) {
      const found = findFunctions(this.#text, this.#file);
      if (typeof found === 'string') this.problem = found;
      this.#scopes = typeof found === 'string' ? [] : found;
    }
    return this.#scopes;
  }

  #offset(line: number, column: number): number {
    this.#starts ??= lineStarts(this.#text);
    return offsetOf(this.#starts, this.#text.length, line, column);
  }

  /** The innermost function that the place is in; null at the top level. */
  around(line: number, column: number): EnclosingFunction | null {
    return this.#describe(this.#innermost(this.#offset(line, column)));
  }

  /**
   * The function that starts at the place. Maps know places of tokens, and the nearest one before a function's
   * parenthesis may be its name, or the `const` before it.
   */
  startingAt(line: number, column: number): EnclosingFunction | null {
    const offset = this.#offset(line, column);
    const inner = this.#innermost(offset);
    const scopes = this.#functions();
    let named = -1;
    for (let at = this.#lastFrom(offset) + 1; at < scopes.length; at += 1) {
      const scope = scopes[at] as FunctionScope;
      // Names stand a little before their functions; what starts after the end of this one cannot be meant.
      if (scope.parent === inner && scope.head <= offset) named = at;
      if (named >= 0 || scope.start > offset + longestHead) break;
    }
    return this.#describe(named >= 0 ? named : inner);
  }

  /** The function right inside of another (-1: of none) that the place is in, at whatever depth; null for none. */
  childAround(outer: number, line: number, column: number): EnclosingFunction | null {
    const scopes = this.#functions();
    let child = this.#innermost(this.#offset(line, column));
    while (child > outer && scopes[child]?.parent !== outer) child = scopes[child]?.parent ?? -1;
    return child > outer ? this.#describe(child) : null;
  }

  /** The function whose parameters begin at the place; nearly, where the source cannot be parsed; null for none. */
  span(line: number, column: number): FunctionSpan | null {
    const offset = this.#offset(line, column);
    const index = this.#innermost(offset);
    const place = (at: number): Place => placeOf((this.#starts ??= lineStarts(this.#text)), at);
    if (this.problem !== null) {
      const before = this.#text.slice(Math.max(0, offset - longestName), offset);
      const name = /(?:\basync\s+)?(?:\bfunction\s*\*?\s*)?[\w$]*$/.exec(before)?.[0] ?? '';
      const end = Math.min(this.#text.length, offset + nearby);
      return { head: place(offset - name.length), start: place(offset), end: place(end), inner: [] };
    }
    const scopes = this.#functions();
    const scope = scopes[index];
    if (!scope) return null;
    const inner: { head: Place; end: Place }[] = [];
    for (let at = index + 1; (scopes[at]?.start ?? Infinity) < scope.end; at += 1) {
      const child = scopes[at] as FunctionScope;
      if (child.parent === index) inner.push({ head: place(child.head), end: place(child.end) });
    }
    return { head: place(scope.head), start: place(offset), end: place(scope.end), inner };
  }

  /** Where a variable is declared, as `VariablePlaces.find` has it; line and column from 0. */
  variable(name: string, at: { readonly line: number; readonly column: number; readonly own: boolean }) {
    const offset = this.#offset(at.line, at.column);
    this.#variables ??= new VariablePlaces(this.#text, this.#file);
    const found = this.#variables.find(name, offset, at.own);
    this.#starts ??= lineStarts(this.#text);
    return found === null ? null : placeOf(this.#starts, found);
  }

  /** The identifier that starts at the place; null where none does. */
  wordAt(line: number, column: number): string | null {
    const words = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
    words.lastIndex = this.#offset(line, column);
    return words.exec(this.#text)?.[0] ?? null;
  }

  /** Whether the function is another one, or stands around it. */
  contains(outer: number, inner: number): boolean {
    const scopes = this.#functions();
    let at = inner;
    while (at > outer) at = scopes[at]?.parent ?? -1;
    return at === outer;
  }

  /** Index of the last function that starts at the offset or before. */
  #lastFrom(offset: number): number {
    const scopes = this.#functions();
    let low = -1;
    let high = scopes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((scopes[middle] as FunctionScope).start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #innermost(offset: number): number {
    const scopes = this.#functions();
    let at = this.#lastFrom(offset);
    while (at >= 0 && (scopes[at] as FunctionScope).end <= offset) at = (scopes[at] as FunctionScope).parent;
    return at;
  }

  #describe(index: number): EnclosingFunction | null {
    const scope = this.#functions()[index];
    if (!scope) return null;
    this.#starts ??= lineStarts(this.#text);
    return { index, name: scope.name, ...placeOf(this.#starts, scope.head) };
  }
}

/** What is looked at around a function whose end is not known. */
const longestName = 200;
const nearby = 500;

/** `export const useCartTotals = useCallback(async (` and a comment or a type between. */
const longestHead = 2000;
