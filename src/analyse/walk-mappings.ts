/** Goes through the mappings of a source map once, holding none: a map of 20 MB has two million of them. */

/** Value of each character of base64 by its code; -1 for others. */
const digits = new Int8Array(128).fill(-1);
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < alphabet.length; value += 1) digits[alphabet.charCodeAt(value)] = value;

const comma = 44;
const semicolon = 59;

/** In the place of a source: text of none. A broken map may have other negative numbers. */
export const noSource = -Infinity;

/**
 * Called for each mapping in the order of the text. Line and column are of the script, from 0, relative to the
 * section; `source` may be `noSource`.
 */
export type VisitMapping = (
  line: number,
  column: number,
  source: number,
  sourceLine: number,
  sourceColumn: number,
) => void;

/**
 * Decodes base64 VLQ (ECMA-426, 9.2). Columns within a line need not be in order.
 * @returns false where the text is not VLQ; what stood before was visited
 */
export function walkMappings(mappings: string, visit: VisitMapping): boolean {
  const fields = new Int32Array(5);
  let line = 0;
  let [column, source, sourceLine, sourceColumn] = [0, 0, 0, 0];
  let at = 0;
  while (at < mappings.length) {
    const code = mappings.charCodeAt(at);
    if (code === semicolon) {
      line += 1;
      column = 0;
      at += 1;
      continue;
    }
    if (code === comma) {
      at += 1;
      continue;
    }
    let count = 0;
    while (at < mappings.length) {
      const first = mappings.charCodeAt(at);
      if (first === comma || first === semicolon) break;
      let value = 0;
      let shift = 0;
      let digit: number;
      do {
        const next = mappings.charCodeAt(at);
        // NaN behind the end, and characters beyond ASCII
        digit = next < 128 ? (digits[next] ?? -1) : -1;
        if (digit < 0 || shift > 30 || count > 4) return false;
        value |= (digit & 31) << shift;
        shift += 5;
        at += 1;
      } while (digit & 32);
      fields[count] = value & 1 ? -(value >>> 1) : value >>> 1;
      count += 1;
    }
    if (count !== 1 && count !== 4 && count !== 5) return false;
    column += fields[0] ?? 0;
    if (count === 1) {
      visit(line, column, noSource, 0, 0);
    } else {
      source += fields[1] ?? 0;
      sourceLine += fields[2] ?? 0;
      sourceColumn += fields[3] ?? 0;
      visit(line, column, source, sourceLine, sourceColumn);
    }
  }
  return true;
}
