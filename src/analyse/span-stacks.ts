/**
 * A sampled stack holds all frames of the thread, so at a span of the trace its frames have to be divided into those
 * that the span stands in and those that stand in the span. V8 tells by a sample of its own when most spans start
 * (`sampleTraceId`); else what stays on the stack from before the span into it, or until after it, stands outside.
 */
import type { BrowserTask } from './browser-tasks.ts';
import { atDepth, commonNode, findFrame, firstSampleFrom } from './stack-nodes.ts';
import type { SampledStacks, SliceDetail } from './trace-data.ts';

/** The function or script that a span runs, to find it in stacks. */
interface RunningCode {
  readonly key: string;
  /** Whether it is the function itself; else the script, whose function stands in the span. */
  readonly isFrame: boolean;
}

/** A span that others can stand in. */
export interface SpanAround {
  readonly start: number;
  readonly end: number;
  readonly runs: RunningCode | null;
  /** How many frames of a sampled stack stand outside of it. */
  readonly base: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly runs: RunningCode | null;
  readonly task: BrowserTask;
  /** Number of the sample that V8 took at its start; NaN for none. */
  readonly sample: number;
}

export function identify(name: string, detail: SliceDetail | null): RunningCode | null {
  if (detail === null || detail.line < 0) return null;
  const { scriptId, line, column, url } = detail;
  if (name === 'FunctionCall') return scriptId > 0 ? { key: `${scriptId} ${line} ${column}`, isFrame: true } : null;
  return name === 'EvaluateScript' || name === 'v8.evaluateModule'
    ? { key: `${url} ${line} ${column}`, isFrame: false }
    : null;
}

export class SpanStacks {
  readonly #stacks: SampledStacks;
  readonly #functionKeys: readonly string[];
  readonly #scriptKeys: readonly string[];

  constructor(stacks: SampledStacks) {
    this.#stacks = stacks;
    this.#functionKeys = stacks.frames.map(({ scriptId, line, column }) => `${scriptId} ${line} ${column}`);
    this.#scriptKeys = stacks.frames.map(({ url, line, column }) => `${url} ${line} ${column}`);
  }

  /** The node of the stack in which a span stands, within the span around it; 0 where no JavaScript does. */
  around({ start, end, runs, task, sample }: Span, outer: SpanAround): number {
    const stacks = this.#stacks;
    const { time, node, depth, marked } = stacks;
    const told = marked.get(sample);
    if (told !== undefined) return (depth[told] as number) > 0 ? told : 0;
    const first = firstSampleFrom(stacks, start);
    const after = firstSampleFrom(stacks, end);
    const before = first > 0 && (time[first - 1] as number) >= outer.start ? (node[first - 1] as number) : null;
    const later = after < time.length && (time[after] as number) < outer.end ? (node[after] as number) : null;
    // Samples within a collection tell nothing of who asked for it.
    if (task.category === 'gc') return before ?? 0;
    if (first === after) return before !== null && later !== null ? commonNode(stacks, before, later) : 0;
    const opening = node[first] as number;
    const closing = node[after - 1] as number;
    const found = runs === null ? 0 : this.#find(runs, opening, outer.base);
    if (found > 0) return atDepth(stacks, opening, found - 1);
    if (!task.script) return commonNode(stacks, opening, closing);
    const entered = before === null ? 0 : commonNode(stacks, before, opening);
    const left = later === null ? 0 : commonNode(stacks, closing, later);
    return (depth[entered] as number) > (depth[left] as number) ? entered : left;
  }

  /** How many frames of this stack stand outside of the span, the function that it runs included. */
  base({ base, runs }: SpanAround, node: number): number {
    if (runs === null || (this.#stacks.depth[node] as number) <= base) return base;
    const depth = this.#find(runs, node, base);
    if (depth === 0) return base;
    return runs.isFrame ? depth : depth - 1;
  }

  #find({ key, isFrame }: RunningCode, node: number, base: number): number {
    return findFrame(this.#stacks, node, { key, keys: isFrame ? this.#functionKeys : this.#scriptKeys, base });
  }
}
