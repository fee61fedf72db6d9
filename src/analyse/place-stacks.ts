/**
 * Lays the time of one thread out as a tree: spans of the trace, which are exact, and between them the JavaScript
 * stacks that V8 sampled. Each µs of a task goes to one node, so the tree adds up to the time of the tasks.
 */
import { type BrowserTask, browserTask, taskName } from './browser-tasks.ts';
import type { CallTree } from './call-tree.ts';
import type { FrameTable } from './frame-table.ts';
import { identify, type SpanAround, SpanStacks } from './span-stacks.ts';
import { commonNode, firstSampleFrom } from './stack-nodes.ts';
import type { SampledStacks, SliceDetail, TraceData, TraceThread } from './trace-data.ts';

/** A span that is open at the time that is being laid out. */
interface Open extends SpanAround {
  readonly slice: number;
  readonly node: number;
  readonly task: BrowserTask;
}

export interface ThreadTime {
  /** µs of tasks within the window. */
  readonly tasks: number;
  /** Samples with a JavaScript stack. */
  readonly samples: number;
}

/** A page nests spans some dozen deep; what goes deeper counts for the span around it. */
const deepest = 400;

export class StackPlacer {
  readonly #trace: TraceData;
  readonly #thread: TraceThread;
  readonly #stacks: SampledStacks | null;
  readonly #spans: SpanStacks | null;
  readonly #tree: CallTree;
  readonly #frames: FrameTable;
  readonly #window: { readonly start: number; readonly end: number };
  readonly #root: number;
  readonly #placed = new Map<number, number>();
  /** Frame of each node of the stacks, as far as it was needed. */
  readonly #frameIndex: number[] = [];
  readonly #evaluated: number;
  readonly #open: Open[] = [];
  #now: number;
  #hasTasks = false;
  #tasks = 0;
  #samples = 0;

  constructor(input: {
    readonly trace: TraceData;
    readonly thread: TraceThread;
    readonly tree: CallTree;
    readonly frames: FrameTable;
    readonly window: { readonly start: number; readonly end: number };
    readonly root: number;
  }) {
    this.#trace = input.trace;
    this.#thread = input.thread;
    this.#stacks = input.thread.stacks;
    this.#spans = this.#stacks && new SpanStacks(this.#stacks);
    this.#tree = input.tree;
    this.#frames = input.frames;
    this.#window = input.window;
    this.#root = input.root;
    this.#now = input.window.start;
    this.#evaluated = input.frames.evaluated();
  }

  run(): ThreadTime {
    const { start, end, name, detail } = this.#thread.slices;
    const shown = this.#trace.names.map(browserTask);
    const taskIndex = this.#trace.names.indexOf(taskName);
    this.#hasTasks = name.includes(taskIndex);
    for (let slice = 0; slice < start.length; slice += 1) {
      const from = start[slice] as number;
      const to = end[slice] as number;
      if (from >= this.#window.end) break;
      const task = shown[name[slice] as number];
      if (!task || to <= this.#window.start || this.#open.length >= deepest) continue;
      this.#closeUntil(from);
      // One task within another is a nested loop of the browser's; garbage collection has phases.
      const around = this.#open.at(-1)?.task.category;
      if (around === 'gc' || (name[slice] === taskIndex && this.#open.length > 0)) continue;
      this.#openSlice(slice, task, this.#trace.details[detail[slice] as number] ?? null);
    }
    this.#closeUntil(Number.POSITIVE_INFINITY);
    return { tasks: this.#tasks, samples: this.#samples };
  }

  #closeUntil(time: number): void {
    for (let top = this.#open.at(-1); top && top.end <= time; top = this.#open.at(-1)) {
      this.#advance(top.end);
      this.#open.pop();
    }
    this.#advance(time);
  }

  #openSlice(slice: number, task: BrowserTask, detail: SliceDetail | null): void {
    const { slices } = this.#thread;
    const around = this.#open.at(-1);
    const start = slices.start[slice] as number;
    const end = Math.min(slices.end[slice] as number, around?.end ?? Number.POSITIVE_INFINITY);
    const name = this.#trace.names[slices.name[slice] as number] ?? '';
    const runs = identify(name, detail);
    const outer =
      this.#spans && around?.task.script
        ? this.#spans.around({ start, end, runs, task, sample: slices.sample[slice] ?? Number.NaN }, around)
        : 0;
    const parent = around ? this.#place(around.node, outer, this.#baseOf(around, outer)) : this.#root;
    const base = this.#stacks?.depth[outer] ?? 0;
    // A call is shown as the function that it calls.
    const node = this.#tree.child(parent, this.#frameOfSpan(name, task, { detail, base }));
    this.#open.push({ slice, start, end, node, task, base, runs });
  }

  /** How many frames of this stack have been laid out already, at and above the open span. */
  #baseOf(open: Open, node: number): number {
    return this.#spans ? this.#spans.base(open, node) : open.base;
  }

  #frameOfSpan(
    name: string,
    task: BrowserTask,
    { detail, base }: { readonly detail: SliceDetail | null; readonly base: number },
  ): number {
    if (detail === null) return this.#frames.task(task, null);
    const runs = identify(name, detail);
    if (runs !== null && detail.url === '' && base === 0) return this.#evaluated;
    // A call is shown as the function that it calls.
    if (runs?.isFrame === true) return this.#frames.function(detail, true);
    return this.#frames.task(task, name === 'FunctionCall' ? null : detail);
  }

  /** The node of the tree for the frames of a stack beyond the first `base`. */
  #place(from: number, node: number, base: number): number {
    const stacks = this.#stacks;
    if (!stacks || (stacks.depth[node] as number) <= base) return from;
    // Bases stay under 1,024 by the depth to which stacks are kept.
    const key = (from * stacks.parent.length + node) * 1024 + base;
    let to = this.#placed.get(key);
    if (to !== undefined) return to;
    const path: number[] = [];
    for (let at = node; (stacks.depth[at] as number) > base; at = stacks.parent[at] as number) path.push(at);
    to = from;
    for (const at of path.reverse()) {
      const frame = this.#frameFor(stacks, at);
      if (frame !== this.#evaluated || this.#tree.frameOf[to] !== frame) to = this.#tree.child(to, frame);
    }
    this.#placed.set(key, to);
    return to;
  }

  /** The frame of a node. Code that a test evaluates, and what it calls but the page's scripts, is one frame. */
  #frameFor(stacks: SampledStacks, node: number): number {
    const known = this.#frameIndex[node];
    if (known !== undefined) return known;
    const place = stacks.frames[stacks.frame[node] as number];
    if (!place) return this.#evaluated;
    const { url, located } = place;
    const outermost = stacks.depth[node] === 1;
    const evaluated =
      url === '' && (outermost ? located : this.#frameFor(stacks, stacks.parent[node] as number) === this.#evaluated);
    const index = evaluated ? this.#evaluated : this.#frames.function(place, located);
    this.#frameIndex[node] = index;
    return index;
  }

  /** Gives the time since the last call, up to `time`, to what is open. */
  #advance(time: number): void {
    const from = Math.max(this.#now, this.#window.start);
    const to = Math.min(time, this.#window.end);
    this.#now = Math.max(this.#now, time);
    if (to <= from) return;
    const top = this.#open.at(-1);
    if (top) {
      this.#tasks += to - from;
      this.#share(top, from, to);
      return;
    }
    // Outside of all spans only where the trace has no tasks: stacks are all there is then.
    if (!this.#hasTasks && this.#stacks) {
      const idle = { slice: -1, start: from, end: to, node: this.#root, task: noTask, base: 0, runs: null };
      this.#share(idle, from, to);
    }
  }

  /** Each sample stands for the time around it, up to half way to the next; without one the span itself was running. */
  #share(top: Open, from: number, to: number): void {
    const stacks = this.#stacks;
    if (!stacks || !top.task.script) {
      this.#tree.addSelf(top.node, to - from);
      return;
    }
    const first = firstSampleFrom(stacks, from);
    const { time } = stacks;
    if (!(first < time.length && (time[first] as number) < to)) {
      this.#give(top, this.#between(stacks, top, first), to - from);
      return;
    }
    let at = from;
    for (let sample = first; sample < time.length && (time[sample] as number) < to; sample += 1) {
      const next = sample + 1 < time.length ? (time[sample + 1] as number) : to;
      const until = next < to ? Math.floor(((time[sample] as number) + next) / 2) : to;
      this.#give(top, this.#leaf(stacks, top, sample), Math.max(0, until - at));
      at = Math.max(at, until);
    }
  }

  #give(top: Open, node: number | null, time: number): void {
    if (node !== null) this.#tree.addSelf(node, time);
    else if (top.slice >= 0) this.#tree.addSelf(top.node, time);
    if (top.slice < 0 && node !== null) this.#tasks += time;
  }

  /** What both neighbours of a stretch without samples had in common. */
  #between(stacks: SampledStacks, top: Open, next: number): number | null {
    const { time, node } = stacks;
    if (next === 0 || next >= time.length) return null;
    if ((time[next - 1] as number) < top.start || (time[next] as number) >= top.end) return null;
    const common = commonNode(stacks, node[next - 1] as number, node[next] as number);
    return this.#place(top.node, common, this.#baseOf(top, common));
  }

  #leaf(stacks: SampledStacks, top: Open, sample: number): number | null {
    const { node, time, depth, frame } = stacks;
    let stack = node[sample] as number;
    const collects = stack === stacks.collector;
    if (collects) {
      // V8 does not walk the stack while it collects; the one before is the one that allocated.
      let before = sample - 1;
      while (before >= 0 && node[before] === stacks.collector) before -= 1;
      stack = before >= 0 && (time[before] as number) >= top.start ? (node[before] as number) : 0;
    }
    if ((depth[stack] as number) === 0) return collects ? this.#tree.child(top.node, this.#frames.collector()) : null;
    this.#samples += 1;
    const base = this.#baseOf(top, stack);
    const placed = this.#place(top.node, stack, base);
    if (collects) return this.#tree.child(placed, this.#frames.collector());
    const place = stacks.frames[frame[stack] as number];
    if (!place || (depth[stack] as number) < base) return placed;
    const running = this.#frames.running(place, stacks.line[sample] as number, stacks.column[sample] as number);
    return running < 0 ? placed : this.#tree.child(placed, running);
  }
}

const noTask: BrowserTask = { label: '', category: 'other', script: true };
