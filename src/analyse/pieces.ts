/** A text cut into pieces that follow each other without gaps, each with a whole number: an owner, a step. */
export interface Pieces {
  /** Where each piece ends, in UTF-16 units, ascending; the first begins at 0. */
  readonly ends: number[];
  readonly values: number[];
}

/** Adds the text up to `end`, if there is any before it; neighbours of the same value become one piece. */
export function addPiece({ ends, values }: Pieces, end: number, value: number): void {
  const last = ends.length - 1;
  if (end <= (ends[last] ?? 0)) return;
  if (values[last] === value) ends[last] = end;
  else {
    ends.push(end);
    values.push(value);
  }
}

/** Goes through the pieces of two cuts of one text at once: in each part both values are constant. */
export function visitBoth(
  a: Pieces,
  b: Pieces,
  visit: (start: number, end: number, a: number, b: number) => void,
): void {
  let [start, i, j] = [0, 0, 0];
  while (i < a.ends.length && j < b.ends.length) {
    const [endA = 0, endB = 0] = [a.ends[i], b.ends[j]];
    const end = Math.min(endA, endB);
    visit(start, end, a.values[i] ?? 0, b.values[j] ?? 0);
    start = end;
    if (endA === end) i += 1;
    if (endB === end) j += 1;
  }
}

/**
 * Bytes of a part of a text in UTF-8. Parts of a text that are counted one by one sum to the whole, also where one
 * ends within a surrogate pair; a lone surrogate counts as the character that replaces it.
 */
export function utf8Bytes(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3;
    else if (unit < 0xdc00) bytes += (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? 4 : 3;
    // the second half of a pair was counted with the first
    else bytes += at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? 0 : 3;
  }
  return bytes;
}

const beyondAscii = /[^\0-\x7f]/;

/** Counts bytes of parts of one text; at no cost where each character is one. */
export function byteCounter(text: string): (start: number, end: number) => number {
  return beyondAscii.test(text) ? (start, end) => utf8Bytes(text, start, end) : (start, end) => end - start;
}
