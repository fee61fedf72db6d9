/** Sorts the events of a trace, as they are read, into threads, stacks and what tells of the page. */
import { begin, complete, finish, ThreadStore } from './event-store.ts';
import { asNumber, asObject, asText, type JsonObject } from './json-values.ts';
import { PageThreads } from './page-threads.ts';
import { StackCollector } from './sampled-stacks.ts';
import type { FoundEvents } from './scan-events.ts';
import type { SliceDetail } from './trace-data.ts';

/** Chrome has some 200 threads in a browser of many tabs; some 2,000 names of events. */
const mostThreads = 4096;
const mostNames = 100_000;
const mostProfiles = 4096;

/** Flows join events that are kept anyway; nobody asks for them, and they are up to a third of all events. */
const flowPhases = new Set(['s', 't', 'f']);
const spanPhases: ReadonlyMap<string, number> = new Map([
  ['X', complete],
  ['B', begin],
  ['E', finish],
]);

/** Spans that say which script or function they run, or what they dispatch. */
const detailed = new Set([
  'FunctionCall',
  'EvaluateScript',
  'v8.evaluateModule',
  'v8.compile',
  'v8.compileModule',
  'EventDispatch',
]);

export class TraceCollector {
  readonly names: string[] = [];
  readonly details: SliceDetail[] = [];
  readonly profiles = new Map<string, StackCollector>();
  readonly page = new PageThreads();
  readonly #nameIndex = new Map<string, number>();
  readonly #detailIndex = new Map<string, number>();
  readonly #threads = new Map<number, Map<number, ThreadStore>>();
  #threadCount = 0;
  #lastThread: ThreadStore | null = null;
  readonly #mostEvents: number;
  events = 0;
  unreadable = 0;
  /** Events of more threads, names or profiles than any browser has. */
  leftOut = 0;

  constructor(mostEvents: number) {
    this.#mostEvents = mostEvents;
  }

  get full(): boolean {
    return this.events >= this.#mostEvents;
  }

  threads(): ThreadStore[] {
    return [...this.#threads.values()].flatMap((threads) => [...threads.values()]);
  }

  add({ bytes, bounds }: FoundEvents): void {
    // All at once is quicker by far than one by one, which then tells the broken one.
    const all = parseAll(bytes, bounds);
    for (let at = 0; at * 2 < bounds.length && !this.full; at += 1) {
      const from = bounds[at * 2] as number;
      const to = bounds[at * 2 + 1] as number;
      const raw = asObject(all === null ? parseText(bytes.toString('utf8', from, to)) : all[at]);
      if (this.#addEvent(raw, bytes, from, to)) this.events += 1;
      else this.unreadable += 1;
    }
  }

  #addEvent(raw: JsonObject, bytes: Buffer, from: number, to: number): boolean {
    const phase = asText(raw['ph']);
    const pid = asNumber(raw['pid']);
    const tid = asNumber(raw['tid']);
    if (phase === null || pid === null || tid === null) return false;
    if (flowPhases.has(phase)) return true;
    const name = asText(raw['name']);
    const time = asNumber(raw['ts']) ?? (phase === 'M' ? 0 : null);
    // The end of a span needs no name. Integers beyond 2^53 µs, 285 years, are not exact, and not times.
    if ((name === null && phase !== 'E') || time === null || !(time >= 0 && time <= Number.MAX_SAFE_INTEGER))
      return false;
    const args = asObject(raw['args']);
    if (name === 'Profile' || name === 'ProfileChunk') {
      this.#addProfile({ raw, pid, tid, time, args, starts: name === 'Profile' });
      return true;
    }
    if (name !== null) this.page.add({ name, pid, tid, args });
    if (phase === 'M') return true;
    const thread = this.#thread(pid, tid);
    const index = name === null ? -1 : this.#nameOf(name);
    if (thread === null || index === null) {
      this.leftOut += 1;
      return true;
    }
    const span = spanPhases.get(phase);
    if (span === undefined) {
      thread.pointName.push(index);
      thread.pointTime.push(time);
      thread.pointText.push(thread.texts.add(bytes, from, to));
      return true;
    }
    const duration = span === complete ? (asNumber(raw['dur']) ?? 0) : 0;
    const { spans } = thread;
    spans.phase.push(span);
    spans.start.push(time);
    spans.duration.push(Math.min(Math.max(0, duration), Number.MAX_SAFE_INTEGER - time));
    spans.name.push(index);
    spans.detail.push(name !== null && detailed.has(name) ? this.#detailOf(args) : -1);
    spans.sample.push(sampleOf(args));
    spans.text.push(hasMembers(args) ? thread.texts.add(bytes, from, to) : -1);
    return true;
  }

  #addProfile(event: {
    readonly raw: JsonObject;
    readonly pid: number;
    readonly tid: number;
    readonly time: number;
    readonly args: JsonObject;
    readonly starts: boolean;
  }): void {
    const { raw, pid, tid, time, args } = event;
    const id = asText(raw['id']) ?? asText(asObject(raw['id2'])['local']) ?? '';
    const key = `${pid} ${id}`;
    let profile = this.profiles.get(key);
    if (!profile) {
      if (this.profiles.size >= mostProfiles) {
        this.leftOut += 1;
        return;
      }
      profile = new StackCollector(pid);
      this.profiles.set(key, profile);
    }
    if (event.starts) profile.begin(tid, time, args);
    else profile.add(time, args);
  }

  #thread(pid: number, tid: number): ThreadStore | null {
    if (this.#lastThread?.pid === pid && this.#lastThread.tid === tid) return this.#lastThread;
    let threads = this.#threads.get(pid);
    let thread = threads?.get(tid);
    if (!thread) {
      if (this.#threadCount >= mostThreads) return null;
      thread = new ThreadStore(pid, tid);
      if (!threads) this.#threads.set(pid, (threads = new Map()));
      threads.set(tid, thread);
      this.#threadCount += 1;
    }
    this.#lastThread = thread;
    return thread;
  }

  #nameOf(name: string): number | null {
    const known = this.#nameIndex.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= mostNames) return null;
    this.#nameIndex.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  #detailOf(args: JsonObject): number {
    const data = asObject(args['data']);
    // The trace counts lines and columns from 1 here, and from 0 in sampled stacks.
    const detail: SliceDetail = {
      type: asText(data['type']),
      url: asText(data['url']) ?? asText(args['fileName']) ?? '',
      functionName: asText(data['functionName']) ?? '',
      scriptId: asNumber(data['scriptId']) ?? 0,
      line: (asNumber(data['lineNumber']) ?? 0) - 1,
      column: (asNumber(data['columnNumber']) ?? 0) - 1,
    };
    const key = JSON.stringify(Object.values(detail));
    let index = this.#detailIndex.get(key);
    if (index === undefined) {
      index = this.details.push(detail) - 1;
      this.#detailIndex.set(key, index);
    }
    return index;
  }
}

/** The number of the sample that V8 took for this event; most have theirs in `data`, some in `beginData`. */
function sampleOf(args: JsonObject): number {
  return (
    asNumber(asObject(args['data'])['sampleTraceId']) ??
    asNumber(asObject(args['beginData'])['sampleTraceId']) ??
    Number.NaN
  );
}

function hasMembers(args: JsonObject): boolean {
  for (const _ in args) return true;
  return false;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Null where the text from the first to the last event is no list, for a broken one or another separator. */
function parseAll(bytes: Buffer, bounds: readonly number[]): readonly unknown[] | null {
  const all = parseText(`[${bytes.toString('utf8', bounds[0], bounds.at(-1))}]`);
  return Array.isArray(all) && all.length * 2 === bounds.length ? (all as unknown[]) : null;
}
