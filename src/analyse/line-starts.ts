/** Lines of a text, and offsets in it; lines and columns from 0, columns in UTF-16 units. */

/** Offset at which each line starts. */
export function lineStarts(text: string): Int32Array {
  const starts = [0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 13 && text.charCodeAt(at + 1) === 10) at += 1;
    // Line and paragraph separators end lines of JavaScript too.
    if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) starts.push(at + 1);
  }
  return Int32Array.from(starts);
}

/** The offset, within the text whatever is asked for. */
export function offsetOf(starts: Int32Array, length: number, line: number, column: number): number {
  if (line < 0) return 0;
  const start = starts[line];
  if (start === undefined) return length;
  return Math.min(start + Math.max(0, column), length);
}

export function placeOf(starts: Int32Array, offset: number): { readonly line: number; readonly column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, column: offset - (starts[low] as number) };
}
