/** The strings of a heap snapshot as the bytes they came in: most are never looked at, so they are decoded on demand. */

const quote = 0x22;
const backslash = 0x5c;
const closing = 0x5d;

export class StringTable {
  private readonly bytes: Uint8Array;
  /** Start of each string's text; one more at the end, so that the text of i ends before the start of i + 1. */
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;
  private readonly decoder = new TextDecoder();

  private constructor(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array) {
    this.bytes = bytes;
    this.starts = starts;
    this.ends = ends;
  }

  get length(): number {
    return this.starts.length;
  }

  /**
   * Finds the strings in the text of a JSON array of strings, from behind its opening bracket on. Bytes behind its end
   * are not looked at.
   * @throws SyntaxError where the array does not end, or holds anything but strings
   */
  static index(bytes: Uint8Array): StringTable {
    let starts = new Uint32Array(1024);
    let ends = new Uint32Array(1024);
    let count = 0;
    let at = 0;
    for (;;) {
      // Between strings stand a comma and a line feed; what is more than that is no snapshot's.
      while (at < bytes.length && isSpace(bytes[at] ?? 0)) at += 1;
      if (at >= bytes.length) throw new SyntaxError('its strings break off');
      if (bytes[at] === closing) break;
      if (bytes[at] !== quote) throw new SyntaxError('its strings hold something that is no string');
      const end = endOfString(bytes, at + 1);
      if (count === starts.length) {
        starts = grown(starts);
        ends = grown(ends);
      }
      starts[count] = at + 1;
      ends[count] = end;
      count += 1;
      at = end + 1;
    }
    return new StringTable(bytes, starts.slice(0, count), ends.slice(0, count));
  }

  /** The text of a string; empty where there is none of that number. */
  get(index: number): string {
    const start = this.starts[index];
    const end = this.ends[index];
    if (start === undefined || end === undefined) return '';
    const text = this.decoder.decode(this.bytes.subarray(start, end));
    if (!text.includes('\\')) return text;
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch {
      // An escape that JSON does not know: the text as it stands tells more than none.
      return text;
    }
  }

  /** Bytes of a string as they stand in the file, for finding equal ones without decoding. */
  raw(index: number): Uint8Array {
    return this.bytes.subarray(this.starts[index] ?? 0, this.ends[index] ?? 0);
  }
}

/** White space, or the comma between two. */
function isSpace(byte: number): boolean {
  return byte === 0x2c || byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09;
}

/** Position of the quote that ends the string whose text starts at `from`. */
function endOfString(bytes: Uint8Array, from: number): number {
  let end = bytes.indexOf(quote, from);
  for (;;) {
    if (end < 0) throw new SyntaxError('its strings break off');
    let escapes = 0;
    while (end - 1 - escapes >= from && bytes[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
    end = bytes.indexOf(quote, end + 1);
  }
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
