/** From the chunks in which V8's CPU profiler writes to a trace to the stacks of a thread. */
import { asArray, asNumber, asObject, asText, type JsonObject } from './json-values.ts';
import type { CallFrame, SampledStacks } from './trace-data.ts';

interface Chunk {
  readonly time: number;
  readonly samples: Int32Array;
  readonly deltas: Float64Array;
  readonly lines: Int32Array;
  readonly columns: Int32Array;
}

interface RawNode {
  readonly id: number;
  readonly parent: number;
  readonly frame: number;
}

/** V8 records 255 frames at most; what nests deeper was made up. */
const deepest = 1000;

function numbers(value: unknown): Int32Array {
  return Int32Array.from(asArray(value), (one) => asNumber(one) ?? 0);
}

/** One profile of one thread, while its chunks come in, in whatever order. */
export class StackCollector {
  readonly pid: number;
  /** Thread that was sampled, which only the event at the beginning tells; -1 before. */
  tid = -1;
  /** `Internal` where tracing asked for the profile, `Inspector` where the page did (`console.profile`). */
  source = '';
  startTime = Number.NaN;
  readonly #chunks: Chunk[] = [];
  readonly #nodes = new Map<number, RawNode>();
  readonly #frames: CallFrame[] = [];
  readonly #frameIndex = new Map<string, number>();
  readonly #marked = new Map<number, number>();
  samples = 0;

  constructor(pid: number) {
    this.pid = pid;
  }

  begin(tid: number, time: number, args: JsonObject): void {
    this.tid = tid;
    this.startTime = time;
    this.source = asText(asObject(args['data'])['source']) ?? '';
  }

  add(time: number, args: JsonObject): void {
    const data = asObject(args['data']);
    const profile = asObject(data['cpuProfile']);
    for (const node of asArray(profile['nodes'])) this.#addNode(asObject(node));
    const samples = numbers(profile['samples']);
    if (samples.length > 0) {
      const deltas = Float64Array.from(
        asArray(data['timeDeltas'] ?? profile['timeDeltas']),
        (one) => asNumber(one) ?? 0,
      );
      this.#chunks.push({
        time,
        samples,
        deltas,
        lines: numbers(data['lines'] ?? profile['lines']),
        columns: numbers(data['columns'] ?? profile['columns']),
      });
      this.samples += samples.length;
    }
    for (const [mark, node] of Object.entries(asObject(profile['trace_ids']))) {
      const id = asNumber(node);
      if (id !== null) this.#marked.set(Number(mark), id);
    }
  }

  #addNode(node: JsonObject): void {
    const id = asNumber(node['id']);
    if (id === null || this.#nodes.has(id)) return;
    this.#nodes.set(id, {
      id,
      parent: asNumber(node['parent']) ?? -1,
      frame: this.#addFrame(asObject(node['callFrame'])),
    });
    // The format of .cpuprofile files, which names children instead.
    for (const child of asArray(node['children'])) {
      const known = this.#nodes.get(asNumber(child) ?? -1);
      if (known) this.#nodes.set(known.id, { ...known, parent: id });
    }
  }

  #addFrame(frame: JsonObject): number {
    const line = asNumber(frame['lineNumber']);
    const added: CallFrame = {
      functionName: asText(frame['functionName']) ?? '',
      url: asText(frame['url']) ?? '',
      scriptId: asNumber(frame['scriptId']) ?? 0,
      line: Math.max(0, line ?? 0),
      column: Math.max(0, asNumber(frame['columnNumber']) ?? 0),
      located: line !== null && line >= 0,
    };
    const key = `${added.scriptId} ${added.line} ${added.column} ${added.functionName} ${added.url}`;
    const known = this.#frameIndex.get(key);
    if (known !== undefined) return known;
    this.#frameIndex.set(key, this.#frames.length);
    this.#frames.push(added);
    return this.#frames.length - 1;
  }

  /** Null without a thread or without samples. */
  finish(): SampledStacks | null {
    if (this.tid < 0 || this.samples === 0) return null;
    // V8 numbers a node after its parent; a parent with a higher number would be a circle, and made up.
    const nodes = [...this.#nodes.values()].sort((a, b) => a.id - b.id);
    const index = new Map<number, number>();
    const frame = new Int32Array(nodes.length + 1).fill(-1);
    const parent = new Int32Array(nodes.length + 1).fill(-1);
    const depth = new Int32Array(nodes.length + 1);
    const states = { program: -1, idle: -1, collector: -1 };
    let count = 1;
    for (const node of nodes) {
      const { functionName, url } = this.#frames[node.frame] as CallFrame;
      if (functionName === '(root)' && url === '') {
        index.set(node.id, 0);
        continue;
      }
      let above = index.get(node.parent) ?? 0;
      if ((depth[above] as number) >= deepest) above = parent[above] as number;
      const state = stateOf(functionName, url);
      index.set(node.id, count);
      frame[count] = node.frame;
      parent[count] = above;
      depth[count] = state === null ? (depth[above] as number) + 1 : 0;
      if (state !== null) states[state] = count;
      count += 1;
    }
    return {
      frames: this.#frames,
      frame: frame.subarray(0, count),
      parent: parent.subarray(0, count),
      depth: depth.subarray(0, count),
      ...states,
      ...this.#sortSamples(index),
      marked: new Map([...this.#marked].map(([mark, id]) => [mark, index.get(id) ?? 0])),
    };
  }

  #sortSamples(index: ReadonlyMap<number, number>): Pick<SampledStacks, 'time' | 'node' | 'line' | 'column'> {
    this.#chunks.sort((a, b) => a.time - b.time);
    const time = new Float64Array(this.samples);
    const node = new Int32Array(this.samples);
    const line = new Int32Array(this.samples);
    const column = new Int32Array(this.samples);
    let at = 0;
    let now = Number.isNaN(this.startTime) ? (this.#chunks[0]?.time ?? 0) : this.startTime;
    for (const chunk of this.#chunks) {
      for (const [place, sample] of chunk.samples.entries()) {
        const next = now + (chunk.deltas[place] ?? 0);
        if (next >= 0 && next <= Number.MAX_SAFE_INTEGER) now = next;
        time[at] = now;
        node[at] = index.get(sample) ?? 0;
        line[at] = chunk.lines[place] ?? 0;
        column[at] = chunk.columns[place] ?? 0;
        at += 1;
      }
    }
    // V8 writes samples of several sources, whose times may cross by some µs.
    if (time.every((value, place) => place === 0 || value >= (time[place - 1] as number))) {
      return { time, node, line, column };
    }
    const order = new Uint32Array(time.length).map((_, place) => place);
    order.sort((a, b) => (time[a] as number) - (time[b] as number) || a - b);
    return {
      time: Float64Array.from(order, (place) => time[place] as number),
      node: Int32Array.from(order, (place) => node[place] as number),
      line: Int32Array.from(order, (place) => line[place] as number),
      column: Int32Array.from(order, (place) => column[place] as number),
    };
  }
}

function stateOf(functionName: string, url: string): 'program' | 'idle' | 'collector' | null {
  if (url !== '') return null;
  if (functionName === '(program)') return 'program';
  if (functionName === '(idle)') return 'idle';
  return functionName === '(garbage collector)' ? 'collector' : null;
}
