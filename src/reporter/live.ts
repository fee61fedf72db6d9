/** The line that shows what is being measured: rewritten in place on a terminal, a line now and then elsewhere. */

export interface LiveOutput {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  readonly columns: number;
  readonly now: () => number;
}

// Often enough that a reader of a CI log sees life, seldom enough that it stays readable.
const plainInterval = 5000;
// Repainting costs CPU on the machine that measures.
const paintInterval = 100;

export class LiveLine {
  private readonly output: LiveOutput;
  private shown = false;
  private last = Number.NEGATIVE_INFINITY;

  constructor(output: LiveOutput) {
    this.output = output;
  }

  /** Shows progress; `force` prints in any case. */
  show(text: string, force = false): void {
    const now = this.output.now();
    if (!force && now - this.last < (this.output.isTTY ? paintInterval : plainInterval)) return;
    this.last = now;
    if (!this.output.isTTY) {
      this.output.write(`${text}\n`);
      return;
    }
    const width = Math.max(20, this.output.columns - 1);
    const line = text.length > width ? `${text.slice(0, width - 1).toWellFormed()}…` : text;
    this.output.write(`\r\u001b[2K${line}`);
    this.shown = true;
  }

  /** Takes the line away, before anything else is printed. */
  clear(): void {
    if (this.shown) this.output.write('\r\u001b[2K');
    this.shown = false;
  }
}
