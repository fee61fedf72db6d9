/**
 * Borderless aligned columns for terminals and CI logs. cli-table3 draws the same, but cuts what does not fit with an
 * ellipsis, and a step's name must not be cut: here one column may be broken between words, the others run over.
 */

export interface Column {
  readonly align: 'left' | 'right';
  /** May be broken into lines between words when the table is wider than the terminal; one column at most. */
  readonly wraps?: boolean;
}

const gap = 2;
/** Below this a broken column is harder to read than a line that runs over the edge. */
const narrowest = 12;

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const combining = /\p{Mn}/u;

/** Terminal columns: 2 for East Asian wide characters and emoji (Unicode TR 11), 0 for combining marks. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : combining.test(character) ? 0 : 1;
  return width;
}

function breakWords(text: string, width: number): string[] {
  const out: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      out.push(line);
      line = word;
    } else line = longer;
  }
  return [...out, line];
}

/**
 * The lines of each row. Cells are plain text; `paint` colours what was laid out, so that colours cannot move a column.
 */
export function alignColumns(
  rows: ReadonlyArray<readonly string[]>,
  columns: readonly Column[],
  width: number,
  paint: (cell: string, row: number, column: number) => string = (cell) => cell,
): string[][] {
  const natural = columns.map((_, column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ''))));
  const excess = natural.reduce((sum, size) => sum + size, 0) + gap * (columns.length - 1) - width;
  const sizes = columns.map((column, index) => {
    const size = natural[index] ?? 0;
    return column.wraps && excess > 0 ? Math.max(Math.min(narrowest, size), size - excess) : size;
  });
  return rows.map((row, rowIndex) => {
    const cells = columns.map((column, index) => {
      const text = row[index] ?? '';
      return column.wraps ? breakWords(text, sizes[index] ?? 0) : [text];
    });
    const height = Math.max(1, ...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      columns
        .map((column, index) => {
          const text = cells[index]?.[line] ?? '';
          const padding = ' '.repeat(Math.max(0, (sizes[index] ?? 0) - widthOf(text)));
          const painted = text === '' ? '' : paint(text, rowIndex, index);
          return column.align === 'right' ? padding + painted : painted + padding;
        })
        .join(' '.repeat(gap))
        .trimEnd(),
    );
  });
}
