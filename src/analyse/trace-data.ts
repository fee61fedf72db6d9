/**
 * A trace in compact form: the threads of the page under test as columns of nested slices and sampled stacks, and the
 * text of each event that says more than its name, read again when asked for. Times are µs of the trace's clock.
 */
import type { JsonObject } from './json-values.ts';

/** An event as Chrome wrote it; has all of its members, also those not named here. */
export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  /** Phase, one letter: `X` complete, `I` instant, `b` and `e` the ends of an asynchronous one. */
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: string;
  readonly args: JsonObject;
}

/** Time spans of a thread, by start; of two that start at once the longer one first. */
export interface Slices {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Index in `TraceData.names`. */
  readonly name: Int32Array;
  /** Index in `TraceData.details`; -1 where it has none. */
  readonly detail: Int32Array;
  /** Number under which V8 took a sample when it started; NaN where it took none. */
  readonly sample: Float64Array;
  /** For `TraceData.event`; -1 where the event has no arguments. */
  readonly text: Int32Array;
}

/** What a slice runs. */
export interface SliceDetail {
  /** Type of a dispatched event (`click`). */
  readonly type: string | null;
  readonly url: string;
  readonly functionName: string;
  readonly scriptId: number;
  /** From 0; -1 where unknown. */
  readonly line: number;
  readonly column: number;
}

/** Where a function of a sampled stack starts, as V8 says it: line and column from 0, of the opening parenthesis. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly scriptId: number;
  readonly line: number;
  readonly column: number;
  /** Whether V8 gave a line, which it does not for its own and the browser's functions. */
  readonly located: boolean;
}

/** JavaScript stacks of a thread. Node 0 is the root; a parent stands before its children. */
export interface SampledStacks {
  readonly frames: readonly CallFrame[];
  /** Frame of each node. */
  readonly frame: Int32Array;
  readonly parent: Int32Array;
  /** Frames between the root and the node, itself included; 0 for the root and V8's own states. */
  readonly depth: Int32Array;
  /** What V8 did when it ran no JavaScript; a node each, -1 where it never was. */
  readonly program: number;
  readonly idle: number;
  readonly collector: number;
  /** Of each sample, in ascending order of time. */
  readonly time: Float64Array;
  readonly node: Int32Array;
  /** Place that was running, from 1; 0 where unknown. */
  readonly line: Int32Array;
  readonly column: Int32Array;
  /** Node of the samples that V8 took when a slice started, by the number in `Slices.sample`. */
  readonly marked: ReadonlyMap<number, number>;
}

export interface TraceThread {
  readonly pid: number;
  readonly tid: number;
  /** `main`: of the page under test, one for each process that showed it; `frame`: main thread of another document. */
  readonly kind: 'main' | 'frame' | 'worker';
  /** URL of the document or of the worker's script; empty where unknown. */
  readonly url: string;
  readonly slices: Slices;
  readonly stacks: SampledStacks | null;
}

export interface TraceData {
  /** First and last time of any event of the page's threads. */
  readonly start: number;
  readonly end: number;
  /** Main threads first. */
  readonly threads: readonly TraceThread[];
  readonly names: readonly string[];
  readonly details: readonly SliceDetail[];
  /** The event that a slice was made of. */
  readonly event: (thread: TraceThread, slice: number) => TraceEvent | null;
  /**
   * Events of these names in order of time, read from their text: of the page's threads all that have arguments, of
   * others (browser, compositor, network) all but time spans.
   */
  readonly select: (names: readonly string[]) => TraceEvent[];
  /** Bytes read, and events found in them. */
  readonly bytes: number;
  readonly events: number;
  /** What was cut, missing or unreadable; for the reader. */
  readonly notes: readonly string[];
}
