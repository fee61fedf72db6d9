/**
 * Borderless aligned columns for terminals and CI logs. cli-table3 draws the same, but cuts what does not fit with an
 * ellipsis; a step or a metric must not be cut, so here a line that is too long runs over the edge.
 */

import type pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

export const indent = '  ';

const gap = 2;

/** Our own signs in ASCII, for logs that know nothing else; names stay as they are. */
export function ascii(text: string): string {
  return text.replaceAll('–', '-').replaceAll('−', '-').replaceAll('…', '...').replaceAll('→', '->');
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const combining = /\p{Mn}/u;

/** Terminal columns: 2 for East Asian wide characters and emoji (Unicode TR 11), 0 for combining marks. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : combining.test(character) ? 0 : 1;
  return width;
}

export interface AlignedTable {
  readonly lines: readonly string[];
  /** Columns of the longest line. */
  readonly width: number;
}

/** Cells are plain text; `paint` colours what was measured, so that colours cannot move a column. */
export function alignColumns(
  rows: ReadonlyArray<readonly string[]>,
  columns: ReadonlyArray<'left' | 'right'>,
  paint: (cell: string, row: number, column: number) => string = (cell) => cell,
): AlignedTable {
  const sizes = columns.map((_, column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ''))));
  const lines = rows.map((row, index) =>
    columns
      .map((align, column) => {
        const text = row[column] ?? '';
        const padding = ' '.repeat((sizes[column] ?? 0) - widthOf(text));
        const painted = text === '' ? '' : paint(text, index, column);
        return align === 'right' ? padding + painted : painted + padding;
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  );
  return { lines, width: sizes.reduce((sum, size) => sum + size, 0) + gap * (columns.length - 1) };
}
