/** Columns of numbers that grow: millions of events as objects would not fit. */

abstract class Column<View extends Float64Array | Int32Array> {
  #values: View;
  length = 0;

  constructor(values: View) {
    this.#values = values;
  }

  protected abstract larger(values: View): View;

  push(value: number): void {
    if (this.length === this.#values.length) this.#values = this.larger(this.#values);
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** NaN beyond the end. */
  at(index: number): number {
    return index < this.length ? (this.#values[index] ?? Number.NaN) : Number.NaN;
  }

  /** The numbers so far; what is pushed later may not show in it. */
  view(): View {
    return this.#values.subarray(0, this.length) as View;
  }
}

// Small at first: a hostile trace may name as many threads as it has events.
const firstLength = 16;

export class FloatColumn extends Column<Float64Array> {
  constructor() {
    super(new Float64Array(firstLength));
  }

  protected larger(values: Float64Array): Float64Array {
    const larger = new Float64Array(values.length * 2);
    larger.set(values);
    return larger;
  }
}

export class IntColumn extends Column<Int32Array> {
  constructor() {
    super(new Int32Array(firstLength));
  }

  protected larger(values: Int32Array): Int32Array {
    const larger = new Int32Array(values.length * 2);
    larger.set(values);
    return larger;
  }
}
