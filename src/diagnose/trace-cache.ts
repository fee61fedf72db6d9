/** Traces that were read: one file holds all steps of a pass, and each step asks for it. */
import { readTrace } from '../analyse/read-trace.ts';
import type { TraceData } from '../analyse/trace-data.ts';
import { readTraceFile } from './trace-file.ts';

/** Bytes of JSON text behind what is kept: passes of an ordinary flow, and of a long one not even one. */
const mostKept = 100_000_000;

export class TraceCache {
  private readonly kept = new Map<string, TraceData>();

  /** @throws what reading throws */
  async read(file: string): Promise<TraceData> {
    const known = this.kept.get(file);
    if (known) return known;
    const trace = await readTrace(readTraceFile(file));
    this.kept.set(file, trace);
    let bytes = [...this.kept.values()].reduce((sum, each) => sum + each.bytes, 0);
    for (const [oldest, { bytes: size }] of this.kept) {
      if (bytes <= mostKept) break;
      this.kept.delete(oldest);
      bytes -= size;
    }
    return trace;
  }
}
