/**
 * The one model of a CPU profile, whatever it came from: a table of frames, and a call tree as parent pointers.
 * Several passes of a step are merged into one; times are µs of wall time on the thread, summed over passes.
 */
import type { CodeOrigin } from './source.ts';

export const frameCategories = ['script', 'style', 'layout', 'paint', 'parse', 'gc', 'native', 'other'] as const;
/** What kind of work a frame is: `script` runs JavaScript, `parse` reads HTML, CSS or compiles script. */
export type FrameCategory = (typeof frameCategories)[number];

export interface ProfileFrame {
  /** Name of the function in the original source, or of the browser's task (`Layout`, `Parse HTML`). */
  readonly name: string;
  /** Original source, or URL of the script; null for tasks of the browser. */
  readonly file: string | null;
  /** Where the function starts, from 1; null where unknown. */
  readonly line: number | null;
  readonly column: number | null;
  /** URL of the script as it was delivered, redacted; null for tasks of the browser. */
  readonly script: string | null;
  readonly mapped: boolean;
  readonly category: FrameCategory;
  readonly origin: CodeOrigin;
  /** Calls a pass, where coverage counted them. */
  readonly calls: number | null;
}

export interface ProfileThread {
  /** `Main thread`, `Worker cart-worker.js`. */
  readonly name: string;
  /** The node that is the root of this thread. */
  readonly root: number;
}

export interface Profile {
  readonly frames: readonly ProfileFrame[];
  readonly threads: readonly ProfileThread[];
  /** Parent of each node, always smaller than the node itself; -1 for a thread's root. Nodes stand in order of first appearance. */
  readonly parents: readonly number[];
  /** Frame of each node; -1 for a thread's root. */
  readonly frameOf: readonly number[];
  /** Self time of each node, µs, summed over passes. */
  readonly self: readonly number[];
  /** How many passes were merged: divide by it for the time of one. */
  readonly passes: number;
  /** Samples of JavaScript stacks behind it, over all passes. */
  readonly samples: number;
  /** Mean distance of samples, µs; 0 without samples. */
  readonly interval: number;
  /** Time of main-thread tasks (`RunTask`) in the trace, µs, summed over passes: what the tree has to add up to. */
  readonly taskTime: number;
  /** What was cut, missing or could not be mapped; for the reader. */
  readonly notes: readonly string[];
}
