/**
 * Finds the events in the bytes of a trace without reading it as a whole: `{"traceEvents":[…],…}`, a bare array, or
 * one object after another, however it is laid out and wherever it is cut into pieces. It only follows brackets and
 * strings; JSON.parse reads each event, later. Works on bytes, so that a character may be cut in two.
 */

export interface FoundEvents {
  readonly bytes: Buffer;
  /** Start and end of each event in `bytes`, in turn. Both are valid only during the call. */
  readonly bounds: readonly number[];
}

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const listKey = 'traceEvents';
/** How a line begins that holds an event of Chrome's, whose writer gives each event a line. */
const lineStarts = ['{"args":', '{"cat":', '{"name":', '{"ph":', '{"pid":', '{"tid":', '{"ts":'];
const longestLineStart = 8;

const sliceBytes = 1 << 18;

export class EventScanner {
  readonly #onEvents: (events: FoundEvents) => void;
  readonly #longestEvent: number;
  #buffer = Buffer.allocUnsafe(sliceBytes * 4);
  #filled = 0;
  #at = 0;
  #depth = 0;
  /** Depth right inside of the list of events; -1 outside of it, where an object at depth 0 may be an event. */
  #listDepth = -1;
  #listSeen = false;
  #eventStart = -1;
  /** Whether the open event began its line, as Chrome's do: then another beginning means that this one was cut. */
  #startedLine = false;
  #inString = false;
  #stringStart = -1;
  /** Whether the last string right inside of the outermost object was the key of the list. */
  #announced = false;
  #bounds: number[] = [];
  #tooLongAtTop = false;
  /** Events given up because another began inside of them. */
  cut = 0;
  /** Events given up for their length. */
  tooLong = 0;

  constructor(onEvents: (events: FoundEvents) => void, longestEvent: number) {
    this.#onEvents = onEvents;
    this.#longestEvent = longestEvent;
  }

  push(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length; from += sliceBytes) {
      this.#append(chunk.subarray(from, from + sliceBytes));
      this.#scan(false);
      this.#release();
    }
  }

  /** @returns whether the input ended where it may: outside of all brackets and strings */
  end(): boolean {
    this.#scan(true);
    this.#release();
    return this.#depth === 0 && !this.#inString;
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#filled + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#filled);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#filled);
    this.#filled = needed;
  }

  /** Hands the events over and forgets all before the one that is still open. */
  #release(): void {
    if (this.#bounds.length > 0) {
      this.#onEvents({ bytes: this.#buffer, bounds: this.#bounds });
      this.#bounds = [];
    }
    if (this.#eventStart >= 0 && this.#at - this.#eventStart > this.#longestEvent) {
      // At the top it may be the object around the list, with much before the list.
      if (this.#listDepth < 0) this.#tooLongAtTop = true;
      else this.tooLong += 1;
      this.#eventStart = -1;
    }
    if (this.#inString && this.#at - this.#stringStart > listKey.length + 2) this.#stringStart = -1;
    let from = this.#at;
    if (this.#eventStart >= 0) from = this.#eventStart;
    else if (this.#inString && this.#stringStart >= 0) from = this.#stringStart;
    if (from === 0) return;
    this.#buffer.copyWithin(0, from, this.#filled);
    this.#filled -= from;
    this.#at -= from;
    if (this.#eventStart >= 0) this.#eventStart -= from;
    if (this.#stringStart >= 0) this.#stringStart -= from;
  }

  #scan(final: boolean): void {
    const buffer = this.#buffer;
    const end = this.#filled;
    let at = this.#at;
    let inString = this.#inString;
    while (at < end) {
      const byte = buffer[at] as number;
      if (byte === newline) {
        // What follows tells whether an event was cut; wait for it.
        if (!final && end - at <= longestLineStart) break;
        at += 1;
        if (this.#recover(at, inString)) inString = false;
      } else if (inString) {
        if (byte === backslash) {
          if (at + 1 >= end && !final) break;
          // What stands after it is part of the string, but a line's end is never.
          at += buffer[at + 1] === newline ? 1 : 2;
        } else {
          at += 1;
          if (byte === quote) {
            inString = false;
            if (this.#depth === 1 && this.#listDepth < 0) this.#announced = this.#isListKey(at);
          }
        }
      } else {
        if (byte === quote) {
          inString = true;
          this.#stringStart = at;
        } else if (byte === openBrace || byte === openBracket) this.#open(byte, at);
        else if (byte === closeBrace || byte === closeBracket) this.#close(at);
        at += 1;
      }
    }
    this.#at = Math.min(at, end);
    this.#inString = inString;
  }

  #isListKey(end: number): boolean {
    return (
      this.#stringStart >= 0 &&
      end - this.#stringStart === listKey.length + 2 &&
      this.#buffer.toString('latin1', this.#stringStart + 1, end - 1) === listKey
    );
  }

  #open(byte: number, at: number): void {
    if (byte === openBracket && this.#listDepth < 0 && (this.#depth === 0 || (this.#depth === 1 && this.#announced))) {
      this.#listDepth = this.#depth + 1;
      this.#listSeen = true;
      this.#eventStart = -1;
      this.#tooLongAtTop = false;
    } else if (byte === openBrace && this.#depth === Math.max(0, this.#listDepth)) {
      this.#eventStart = at;
      this.#startedLine = at === 0 || this.#buffer[at - 1] === newline;
    }
    this.#depth += 1;
  }

  #close(at: number): void {
    if (this.#depth === 0) return;
    this.#depth -= 1;
    if (this.#depth === this.#listDepth - 1) this.#listDepth = -1;
    else if (this.#depth === Math.max(0, this.#listDepth)) {
      if (this.#eventStart >= 0) this.#bounds.push(this.#eventStart, at + 1);
      else if (this.#tooLongAtTop) this.tooLong += 1;
      this.#tooLongAtTop = false;
      this.#eventStart = -1;
    }
  }

  /** After a line's end: whether an event begins here that should not, so that the one before must have been cut. */
  #recover(at: number, inString: boolean): boolean {
    if (this.#buffer[at] !== openBrace) return false;
    const inside = this.#depth - Math.max(0, this.#listDepth);
    const open = inString || inside > 0;
    if (!open && !(this.#listSeen && this.#listDepth < 0)) return false;
    if (this.#eventStart >= 0 && !this.#startedLine) return false;
    // After the list other members may hold lists of their own.
    if (!inString && this.#listDepth < 0 && this.#listSeen && this.#depth > 1) return false;
    const line = this.#buffer.toString('latin1', at, Math.min(at + longestLineStart, this.#filled));
    if (!lineStarts.some((start) => line.startsWith(start))) return false;
    if (open) this.cut += 1;
    if (this.#listSeen && this.#listDepth < 0) this.#listDepth = 1;
    this.#depth = Math.max(0, this.#listDepth);
    this.#eventStart = -1;
    return true;
  }
}
