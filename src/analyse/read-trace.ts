/** Reads a trace as Chrome writes it, as a stream: never as one string, and into no more than is needed. */
import { formatQuantity } from '../core/units.ts';
import type { ThreadStore } from './event-store.ts';
import { asObject } from './json-values.ts';
import { nestSlices } from './nest-slices.ts';
import type { ThreadRole } from './page-threads.ts';
import type { StackCollector } from './sampled-stacks.ts';
import { EventScanner } from './scan-events.ts';
import { TraceCollector } from './trace-collector.ts';
import type { TraceData, TraceEvent, TraceThread } from './trace-data.ts';

export interface TraceLimits {
  /** How much is read, inflated; what follows is left. */
  readonly bytes: number;
  readonly events: number;
  /** Of one event; the largest that Chrome writes are screenshots, with some 100 kB. */
  readonly eventBytes: number;
}

const traceLimits: TraceLimits = { bytes: 512e6, events: 5_000_000, eventBytes: 32e6 };

/**
 * Never throws for what the trace holds: what can be read is used, and notes say what could not.
 * @param chunks the JSON text, cut anywhere
 */
export async function readTrace(
  chunks: AsyncIterable<Uint8Array>,
  limits: TraceLimits = traceLimits,
): Promise<TraceData> {
  const collector = new TraceCollector(limits.events);
  const scanner = new EventScanner((events) => collector.add(events), limits.eventBytes);
  let bytes = 0;
  let limit: string | null = null;
  let problem: string | null = null;
  try {
    for await (const chunk of chunks) {
      const rest = limits.bytes - bytes;
      scanner.push(chunk.length > rest ? chunk.subarray(0, rest) : chunk);
      bytes += Math.min(chunk.length, rest);
      if (chunk.length > rest) limit = formatQuantity(limits.bytes, 'bytes');
      else if (collector.full) limit = `${limits.events} events`;
      if (limit !== null) break;
    }
  } catch (error) {
    // The stream itself: a file that ends within its compression, say.
    problem = error instanceof Error ? error.message : String(error);
  }
  const complete = scanner.end();
  const notes = describe({ collector, scanner, bytes, limit, problem, complete });
  return assemble(collector, bytes, notes);
}

interface Reading {
  readonly collector: TraceCollector;
  readonly scanner: EventScanner;
  readonly bytes: number;
  readonly limit: string | null;
  readonly problem: string | null;
  readonly complete: boolean;
}

function describe({ collector, scanner, bytes, limit, problem, complete }: Reading): string[] {
  const notes: string[] = [];
  const say = (count: number, what: string): void => {
    if (count > 0)
      notes.push(`${count} ${count === 1 ? 'event of the trace was' : 'events of the trace were'} ${what}.`);
  };
  if (bytes === 0) return ['The trace is empty: nothing can be said from it.'];
  if (limit !== null) notes.push(`The trace is larger than ${limit}; only that much of it was read.`);
  if (problem !== null) notes.push(`The trace could be read in part only: ${problem}.`);
  else if (!complete && limit === null) notes.push('The trace ends in the middle; what stands before was used.');
  if (collector.events === 0) notes.push('The trace holds no events: it may be no trace of Chrome.');
  say(scanner.cut, 'cut in two and left out');
  say(scanner.tooLong, 'too long and left out');
  say(collector.unreadable, 'unreadable and left out');
  say(collector.leftOut, 'left out: they belong to more threads or kinds than a browser has');
  return notes;
}

function assemble(collector: TraceCollector, bytes: number, notes: string[]): TraceData {
  const { names, details } = collector;
  const taskNames = new Set([names.indexOf('RunTask')]);
  const stores = collector.threads();
  const roles = collector.page.assign(
    stores.map((store) => ({ pid: store.pid, tid: store.tid, taskTime: taskTime(store, taskNames) })),
  );
  const storeOf = new Map(stores.map((store) => [`${store.pid} ${store.tid}`, store]));
  const pageStores = roles.flatMap((role) => storeOf.get(`${role.pid} ${role.tid}`) ?? []);
  const [start, end] = bounds(pageStores);
  const threads = roles.flatMap((role): TraceThread[] => {
    const store = storeOf.get(`${role.pid} ${role.tid}`);
    return store ? [{ ...role, slices: nestSlices(store.spans, end), stacks: stacksOf(collector, role) }] : [];
  });
  if (collector.events > 0 && !threads.some(({ kind }) => kind === 'main')) {
    notes.push('The trace shows no main thread of a page.');
  } else if (collector.events > 0 && !threads.some(({ kind, stacks }) => kind === 'main' && stacks !== null)) {
    notes.push('The trace holds no samples of JavaScript on the main thread: time can be told by task only.');
  }
  const read = (store: ThreadStore | undefined, text: number): TraceEvent | null => {
    if (!store || text < 0) return null;
    const raw = JSON.parse(store.texts.get(text)) as TraceEvent;
    return { ...raw, cat: typeof raw.cat === 'string' ? raw.cat : '', args: asObject(raw.args) };
  };
  return {
    start,
    end,
    threads,
    names,
    details,
    bytes,
    events: collector.events,
    notes,
    event: (thread, slice) => read(storeOf.get(`${thread.pid} ${thread.tid}`), thread.slices.text[slice] ?? -1),
    select: (wanted) => {
      const indices = new Set(wanted.map((name) => names.indexOf(name)).filter((index) => index >= 0));
      return stores
        .flatMap((store) => textsOf(store, indices, pageStores.includes(store)).map((text) => read(store, text)))
        .filter((event) => event !== null)
        .sort((a, b) => a.ts - b.ts);
    },
  };
}

function taskTime({ spans }: ThreadStore, tasks: ReadonlySet<number>): number {
  const duration = spans.duration.view();
  return spans.name.view().reduce((sum, name, at) => sum + (tasks.has(name) ? (duration[at] as number) : 0), 0);
}

function bounds(stores: readonly ThreadStore[]): [number, number] {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const { spans } of stores) {
    const duration = spans.duration.view();
    for (const [at, time] of spans.start.view().entries()) {
      start = Math.min(start, time);
      end = Math.max(end, time + (duration[at] as number));
    }
  }
  return start <= end ? [start, end] : [0, 0];
}

/** As the DevTools panel chooses: what tracing asked for before what the page did, then the one with most samples. */
function stacksOf({ profiles }: TraceCollector, { pid, tid }: ThreadRole): TraceThread['stacks'] {
  const rank = (profile: StackCollector): number => ['Internal', 'Inspector'].indexOf(profile.source) >>> 0;
  const [best] = [...profiles.values()]
    .filter((profile) => profile.pid === pid && profile.tid === tid)
    .sort((a, b) => rank(a) - rank(b) || b.samples - a.samples);
  return best?.finish() ?? null;
}

function textsOf(store: ThreadStore, names: ReadonlySet<number>, withSpans: boolean): number[] {
  const texts: number[] = [];
  const pointText = store.pointText.view();
  for (const [at, name] of store.pointName.view().entries()) if (names.has(name)) texts.push(pointText[at] as number);
  if (!withSpans) return texts;
  const spanText = store.spans.text.view();
  for (const [at, name] of store.spans.name.view().entries()) {
    if (names.has(name) && (spanText[at] as number) >= 0) texts.push(spanText[at] as number);
  }
  return texts;
}
