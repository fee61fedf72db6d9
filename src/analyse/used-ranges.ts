/** Which text of a script or style sheet was used in which step first, from coverage. Pure. */
import type { ScriptCoverage, StyleCoverage } from '../core/recording.ts';
import { addPiece, type Pieces, visitBoth } from './pieces.ts';

/** Value of a piece that no step used. */
export const never = -1;

/**
 * What ran of one script in one step: 0, what did not: `never`. The innermost range that holds a place tells; V8 gives
 * a function's own range first, then blocks within that ran another number of times.
 */
function ranPieces(functions: ScriptCoverage['functions'], length: number): Pieces {
  const ranges = functions.flatMap((one) => one.ranges);
  const ordered = ranges
    .filter(({ start, end }) => start >= 0 && start < end && end <= length)
    .toSorted((a, b) => a.start - b.start || b.end - a.end);
  const pieces: Pieces = { ends: [], values: [] };
  const open: { end: number; value: number }[] = [{ end: length, value: never }];
  const closeBefore = (start: number): void => {
    for (let top = open.at(-1); top && top.end <= start && open.length > 1; top = open.at(-1)) {
      addPiece(pieces, top.end, top.value);
      open.pop();
    }
  };
  for (const { start, end, count } of ordered) {
    closeBefore(start);
    const top = open.at(-1);
    if (top) addPiece(pieces, start, top.value);
    // ranges of V8 nest; one that does not is cut
    open.push({ end: Math.min(end, top?.end ?? end), value: count > 0 ? 0 : never });
  }
  closeBefore(length);
  addPiece(pieces, length, never);
  return pieces;
}

/** The earlier use of each place: what `first` has, else `step` where the later pieces say it was used. */
function addUses(first: Pieces, used: Pieces, step: number): Pieces {
  const pieces: Pieces = { ends: [], values: [] };
  visitBoth(first, used, (_start, end, before, now) =>
    addPiece(pieces, end, before !== never ? before : now === never ? never : step),
  );
  return pieces;
}

function unused(length: number): Pieces {
  return { ends: length > 0 ? [length] : [], values: length > 0 ? [never] : [] };
}

/**
 * Whether coverage is of a text of this length. V8 gives the whole script as the range of a function without a name,
 * in the step that loaded it; in later ones only functions that ran, and those within them.
 */
function isOf({ functions }: ScriptCoverage, length: number): boolean {
  return functions.every(
    ({ name, ranges }) =>
      ranges.every(({ end }) => end <= length) && (name !== '' || ranges[0]?.start !== 0 || ranges[0].end === length),
  );
}

/**
 * The step that used each place of a script first, or `never`; null where no coverage is of this text.
 * @param steps coverage of this script step by step, several where it was loaded several times
 */
export function firstUseOfScript(steps: readonly (readonly ScriptCoverage[])[], length: number): Pieces | null {
  const fitting = steps.map((step) => step.filter((coverage) => isOf(coverage, length)));
  if (fitting.every((step) => step.length === 0)) return null;
  let first = unused(length);
  for (const [step, loads] of fitting.entries())
    for (const { functions } of loads) first = addUses(first, ranPieces(functions, length), step);
  return first;
}

/** The step that used each place of a style sheet first, or `never`. */
export function firstUseOfStyle(steps: readonly (readonly StyleCoverage['used'][])[], length: number): Pieces {
  let first = unused(length);
  for (const [step, loads] of steps.entries()) {
    for (const used of loads) {
      const ranges = used.map((range) => ({ ...range, count: 1 }));
      first = addUses(first, ranPieces([{ name: '', isBlockCoverage: true, ranges }], length), step);
    }
  }
  return first;
}
