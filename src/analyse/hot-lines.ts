/**
 * Time at the level of lines: each sample of V8 says where in the delivered script it was taken. Weights are µs of the
 * pass that the trace was recorded in.
 */
import type { ScriptSource } from '../core/recording.ts';
import type { SourceLocation } from '../core/source.ts';
import type { SourceResolver } from './source-maps.ts';
import type { CallFrame, TraceData } from './trace-data.ts';

export interface HotLine {
  /** Line in the original source, from 1. */
  readonly line: number;
  /** Of the hottest place in it, from 1. */
  readonly column: number;
  /** Of the function's own time, 0 to 1. */
  readonly share: number;
  /** What stands at its hottest place in the delivered script; empty where that is not known. */
  readonly text: string;
}

export interface HotPlace {
  /** Own time, µs. */
  readonly time: number;
  /** Where it was running, with the name of the function. */
  readonly location: SourceLocation;
  /** Where the function starts, as in profiles. */
  readonly owner: SourceLocation;
  /** What stands at that place in the delivered script, a few characters; empty where the script is not known. */
  readonly text: string;
  /** What stands before it. */
  readonly before: string;
  /** Whether V8 said where in the function; it does not for what runs in a regular expression. */
  readonly known: boolean;
}

/** What is quoted of a script around a place. */
const quoted = 24;
/** A longer pause between two samples was time in which nothing ran, µs. */
const longestSample = 2000;

interface Spot {
  readonly frame: CallFrame;
  /** From 0. */
  readonly line: number;
  readonly column: number;
  /** Whether V8 said so; else it is where the function starts. */
  readonly known: boolean;
  time: number;
}

function gatherSpots(trace: TraceData, start: number, end: number): Spot[] {
  const spots = new Map<string, Spot>();
  for (const { kind, stacks } of trace.threads) {
    if (kind !== 'main' || !stacks) continue;
    const { time, node, line, column, frame, frames, parent } = stacks;
    for (let sample = 0; sample < time.length; sample += 1) {
      const at = time[sample] ?? 0;
      if (at < start) continue;
      if (at > end) break;
      // A function of the browser has no place: the sample's is that of the script that called it.
      let leaf = node[sample] ?? 0;
      while (leaf > 0 && !frames[frame[leaf] ?? -1]?.located) leaf = parent[leaf] ?? 0;
      const called = frames[frame[leaf] ?? -1];
      const row = line[sample] ?? 0;
      if (!called || called.url === '') continue;
      const key = `${frame[leaf] ?? -1}:${row}:${column[sample] ?? 0}`;
      const weight = Math.min(longestSample, (time[sample + 1] ?? at) - at);
      const spot = spots.get(key);
      if (spot) spot.time += weight;
      else {
        const place = { line: row - 1, column: Math.max(0, (column[sample] ?? 1) - 1), known: true };
        // Code that V8 makes of a regular expression has no lines: the time is its caller's all the same.
        const unknown = { line: called.line, column: called.column, known: false };
        spots.set(key, { frame: called, ...(row === 0 ? unknown : place), time: weight });
      }
    }
  }
  return [...spots.values()];
}

/** The function that was running, as profiles name it: one whose body a bundler put into another is itself. */
function ownerOf({ frame, line, column, known }: Spot, resolver: SourceResolver): SourceLocation {
  const { url, functionName } = frame;
  const whole = functionName === '' && resolver.startsScript(url, frame.line, frame.column);
  const start = whole ? null : { line: frame.line, column: frame.column };
  const running = known ? resolver.resolveRunning(url, start, { line, column }) : null;
  if (running) return running;
  return whole ? resolver.resolveScript(url) : resolver.resolveFunction(url, frame.line, frame.column, functionName);
}

function quoteScript(scripts: readonly ScriptSource[]): (spot: Spot) => { text: string; before: string } {
  const lines = new Map<string, readonly string[]>();
  return ({ frame: { url }, line, column, known }) => {
    if (!known) return { text: '', before: '' };
    const script = scripts.find(
      (one) => one.url === url && (one.startLine === 0 || line >= one.startLine) && one.source !== '',
    );
    if (!script) return { text: '', before: '' };
    const key = `${url}:${script.startLine}`;
    const found = lines.get(key) ?? script.source.split('\n');
    lines.set(key, found);
    const row = line - script.startLine;
    const shift = row === 0 ? script.startColumn : 0;
    const text = found[row] ?? '';
    const at = column - shift;
    return { text: text.slice(at, at + quoted), before: text.slice(Math.max(0, at - quoted), at) };
  };
}

/** Where the main thread's samples were, most time first; `start` and `end` in µs of the trace. */
export function hotPlaces(
  trace: TraceData,
  {
    start,
    end,
    resolver,
    scripts,
  }: {
    readonly start: number;
    readonly end: number;
    readonly resolver: SourceResolver;
    readonly scripts: readonly ScriptSource[];
  },
): HotPlace[] {
  const quote = quoteScript(scripts);
  return gatherSpots(trace, start, end)
    .map((spot): HotPlace => {
      const owner = ownerOf(spot, resolver);
      const at = resolver.resolve(spot.frame.url, spot.line, spot.column);
      const location = { ...at, function: owner.function };
      return { time: spot.time, location, owner, known: spot.known, ...quote(spot) };
    })
    .toSorted((a, b) => b.time - a.time);
}

function isOf({ owner }: HotPlace, location: SourceLocation): boolean {
  return owner.file === location.file && owner.line === location.line && owner.column === location.column;
}

/** Own time of a function by its samples, ms. */
export function sampledTime(places: readonly HotPlace[], location: SourceLocation): number {
  return places.reduce((sum, place) => (isOf(place, location) ? sum + place.time / 1000 : sum), 0);
}

/** The line with the most of a function's own time; null where no sample was in it. */
export function hotLineOf(places: readonly HotPlace[], location: SourceLocation): HotLine | null {
  const lines = new Map<number, { time: number; column: number; text: string }>();
  let all = 0;
  // The places come by time: the first of a line is its hottest.
  for (const place of places) {
    if (!isOf(place, location)) continue;
    all += place.time;
    if (!place.known) continue;
    const known = lines.get(place.location.line);
    if (known) known.time += place.time;
    else lines.set(place.location.line, { time: place.time, column: place.location.column, text: place.text });
  }
  const [hottest] = [...lines].toSorted((a, b) => b[1].time - a[1].time);
  if (!hottest || all <= 0) return null;
  const [line, { time, column, text }] = hottest;
  return { line, column, share: time / all, text };
}
