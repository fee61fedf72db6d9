/**
 * Reads a heap snapshot as a stream: V8's strings end at 512 MB, so the file is never one of them. The order of its
 * parts is V8's (HeapSnapshotJSONSerializer): `snapshot` with the layout first, then lists of numbers, strings last.
 */
import { PacewrightError } from '../core/errors.ts';
import { NumberScanner, pieceSize } from './number-scanner.ts';
import { type Columns, readLayout, SnapshotColumns } from './snapshot-columns.ts';
import type { HeapSnapshot } from './snapshot.ts';
import { StringTable } from './strings.ts';

/** Largest `snapshot` part that is believed: V8's takes 2 kB. */
const mostHead = 1 << 20;

type Part =
  | { readonly kind: 'between' }
  | { readonly kind: 'head' }
  | { readonly kind: 'numbers'; readonly name: string; readonly columns: Columns }
  | { readonly kind: 'strings' };

class Reader {
  private readonly scanner = new NumberScanner();
  private readonly decoder = new TextDecoder();
  private part: Part = { kind: 'between' };
  /** Text that is not read yet: a key cut short, or the head. */
  private text = '';
  private columns: SnapshotColumns | undefined;
  private strings = new Uint8Array(1 << 16);
  private stringBytes = 0;

  read(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.readSome(rest);
  }

  private readSome(chunk: Uint8Array): Uint8Array {
    const { part } = this;
    switch (part.kind) {
      case 'strings':
        this.keepStrings(chunk);
        return chunk.subarray(chunk.length);
      case 'numbers': {
        const piece = chunk.subarray(0, pieceSize);
        const { numbers, read, closed } = this.scanner.scan(piece, part.columns.fields);
        part.columns.take(numbers);
        if (closed) this.part = { kind: 'between' };
        return chunk.subarray(read);
      }
      case 'between':
      case 'head':
        return this.readText(chunk);
      default:
        return part satisfies never;
    }
  }

  /** Keys are short and the head is: byte by byte up to the bracket or brace that says what comes. */
  private readText(chunk: Uint8Array): Uint8Array {
    const stop = this.part.kind === 'head' ? 0x7d : 0x5b;
    const brace = this.part.kind === 'between' ? chunk.indexOf(0x7b) : -1;
    const end = chunk.indexOf(stop);
    // The file itself begins with a brace; the second one opens the head.
    const at = this.part.kind === 'between' && brace >= 0 && (end < 0 || brace < end) ? brace : end;
    const taken = at < 0 ? chunk.length : at + 1;
    this.text += this.decoder.decode(chunk.subarray(0, taken), { stream: true });
    if (this.text.length > mostHead) throw new SyntaxError('its beginning is not that of a heap snapshot');
    if (at >= 0) this.advance();
    return chunk.subarray(taken);
  }

  private advance(): void {
    const { part, text } = this;
    if (part.kind === 'head') {
      const head = completeObject(text);
      if (head === undefined) return;
      this.columns = new SnapshotColumns(readLayout(head));
      this.part = { kind: 'between' };
      this.text = '';
      return;
    }
    const key = /"(\w+)"\s*:\s*[[{]$/.exec(text)?.[1];
    if (key === undefined) {
      if (/^\s*\{$/.test(text)) return;
      throw new SyntaxError('it does not have the parts of a heap snapshot');
    }
    if (key === 'snapshot') {
      this.text = '{';
      this.part = { kind: 'head' };
      return;
    }
    this.text = '';
    if (!this.columns) throw new SyntaxError('it does not begin with its layout');
    this.part =
      key === 'strings' ? { kind: 'strings' } : { kind: 'numbers', name: key, columns: this.columns.columnsOf(key) };
  }

  private keepStrings(chunk: Uint8Array): void {
    const needed = this.stringBytes + chunk.length;
    if (needed > this.strings.length) {
      const larger = new Uint8Array(Math.max(needed, Math.ceil(this.strings.length * 1.5)));
      larger.set(this.strings.subarray(0, this.stringBytes));
      this.strings = larger;
    }
    this.strings.set(chunk, this.stringBytes);
    this.stringBytes = needed;
  }

  finish(): HeapSnapshot {
    if (this.part.kind === 'numbers') throw new SyntaxError(`its ${this.part.name} break off`);
    if (this.part.kind !== 'strings' || !this.columns) throw new SyntaxError('it breaks off');
    return this.columns.finish(StringTable.index(this.strings.subarray(0, this.stringBytes)));
  }
}

/** The object at the start of the text, once its last brace is there. */
function completeObject(text: string): unknown {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{') depth += 1;
    else if (char === '}' && --depth === 0) return JSON.parse(text.slice(0, at + 1));
  }
  return undefined;
}

/** Null for what is no fault of the file. */
function whyUnreadable(error: Error & { readonly code?: string }): string | null {
  if (error instanceof SyntaxError) return error.message;
  if (error instanceof RangeError) return 'it is larger than memory allows, or damaged';
  // Of node:zlib: cut short, or no such archive.
  return /^(Z_|ZSTD_)/.test(error.code ?? '') ? `it cannot be unpacked (${error.message})` : null;
}

/**
 * Reads a heap snapshot of V8 (Chrome, Node, memlab) from pieces of its text.
 * @param about.name what the messages call it
 * @param about.onProgress told the bytes read so far, after each piece
 * @throws PacewrightError SNAPSHOT_INVALID for what is cut short, damaged or something else
 */
export async function readSnapshot(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  about: { readonly name: string; readonly onProgress?: (bytes: number) => void },
): Promise<HeapSnapshot> {
  const reader = new Reader();
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      reader.read(chunk);
      bytes += chunk.length;
      about.onProgress?.(bytes);
    }
    return reader.finish();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = whyUnreadable(error);
    if (reason === null) throw error;
    throw new PacewrightError('SNAPSHOT_INVALID', `${about.name} is no complete heap snapshot: ${reason}.`, {
      next: 'take it again; DevTools, Node (v8.writeHeapSnapshot) and Pacewright write such files, gzip or not',
      place: { file: about.name },
      cause: error,
    });
  }
}
