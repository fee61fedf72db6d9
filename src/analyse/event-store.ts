/** Where the events of one thread of a trace go while it is read. */
import { FloatColumn, IntColumn } from './columns.ts';

const smallestBlock = 1 << 12;
const largestBlock = 1 << 20;

/** Texts in blocks of bytes: millions of strings, or slices of the buffers they were read in, would take far more. */
class TextStore {
  readonly #blocks: Buffer[] = [];
  #left = 0;
  readonly #block = new IntColumn();
  readonly #from = new IntColumn();
  readonly #to = new IntColumn();

  /** @returns the number under which the text is found */
  add(source: Buffer, from: number, to: number): number {
    const length = to - from;
    if (length > this.#left) {
      const size = Math.min(largestBlock, smallestBlock << Math.min(8, this.#blocks.length));
      this.#left = Math.max(size, length);
      this.#blocks.push(Buffer.allocUnsafeSlow(this.#left));
    }
    const block = this.#blocks.at(-1) as Buffer;
    const at = block.length - this.#left;
    source.copy(block, at, from, to);
    this.#left -= length;
    this.#block.push(this.#blocks.length - 1);
    this.#from.push(at);
    this.#to.push(at + length);
    return this.#block.length - 1;
  }

  get(index: number): string {
    const block = this.#blocks[this.#block.at(index)];
    return block === undefined ? '' : block.toString('utf8', this.#from.at(index), this.#to.at(index));
  }
}

/** Phase of a span: complete, its beginning, its end. */
export const complete = 0;
export const begin = 1;
export const finish = 2;

/** Time spans in the order of the file. */
export class SpanColumns {
  readonly phase = new IntColumn();
  readonly start = new FloatColumn();
  /** 0 for beginnings and ends. */
  readonly duration = new FloatColumn();
  readonly name = new IntColumn();
  readonly detail = new IntColumn();
  readonly sample = new FloatColumn();
  readonly text = new IntColumn();
}

export class ThreadStore {
  readonly pid: number;
  readonly tid: number;
  readonly texts = new TextStore();
  readonly spans = new SpanColumns();
  /** Everything else than spans: name, time, number of the text. */
  readonly pointName = new IntColumn();
  readonly pointTime = new FloatColumn();
  readonly pointText = new IntColumn();

  constructor(pid: number, tid: number) {
    this.pid = pid;
    this.tid = tid;
  }
}
