/**
 * What the page's main thread did in a step, as nested spans. Chrome's own events are exact where samples are not:
 * layouts and the stacks that forced them, timers, event handlers, collections. Times in ms from the start of the step.
 */
import { asArray, asNumber, asObject, asText, type JsonObject } from './json-values.ts';
import type { TraceData, TraceThread } from './trace-data.ts';

export interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly parent: Span | null;
  /** As Chrome wrote them; read from the trace when asked for. */
  readonly args: () => JsonObject;
}

/** What rules ask for; other spans (mojo messages, paint of each layer) are left in the trace, being many. */
const telling = new Set([
  'RunTask',
  'EventDispatch',
  'TimerFire',
  'FireAnimationFrame',
  'FireIdleCallback',
  'RunMicrotasks',
  'EvaluateScript',
  'v8.evaluateModule',
  'FunctionCall',
  'UpdateLayoutTree',
  'Layout',
  'PrePaint',
  'Paint',
  'Layerize',
  'Commit',
  'ParseHTML',
  'MinorGC',
  'MajorGC',
]);

/** Member of a member of …, or an object without members: traces come from outside. */
export function member(value: JsonObject, ...names: readonly string[]): JsonObject {
  return names.reduce<JsonObject>((current, name) => asObject(current[name]), value);
}

function readSpans(trace: TraceData, thread: TraceThread, start: number, end: number): Span[] {
  const { slices } = thread;
  const spans: Span[] = [];
  const open: Span[] = [];
  for (let slice = 0; slice < slices.start.length; slice += 1) {
    const from = slices.start[slice] ?? 0;
    const to = slices.end[slice] ?? from;
    if (from > end) break;
    const name = trace.names[slices.name[slice] ?? -1] ?? '';
    if (to < start || !telling.has(name)) continue;
    while (open.length > 0 && (open.at(-1)?.end ?? 0) <= (from - start) / 1000) open.pop();
    const span: Span = {
      name,
      start: (from - start) / 1000,
      end: (to - start) / 1000,
      parent: open.at(-1) ?? null,
      args: () => asObject(trace.event(thread, slice)?.args),
    };
    spans.push(span);
    open.push(span);
  }
  return spans;
}

/** Spans of the page's main threads from `start` to `end` (µs of the trace), outer before inner. */
export function mainSpans(trace: TraceData, start: number, end: number): Span[] {
  return trace.threads
    .filter(({ kind }) => kind === 'main')
    .flatMap((thread) => readSpans(trace, thread, start, end))
    .toSorted((a, b) => a.start - b.start);
}

export function duration({ start, end }: Pick<Span, 'start' | 'end'>): number {
  return end - start;
}

/** Those that a span lies in, innermost first. */
export function* above(span: Span): Generator<Span> {
  for (let current = span.parent; current; current = current.parent) yield current;
}

export interface StackFrame {
  readonly function: string;
  readonly url: string;
  /** From 0, as the protocol counts; in the arguments of events they count from 1. */
  readonly line: number;
  readonly column: number;
}

function readFrame(value: unknown): StackFrame[] {
  const frame = asObject(value);
  const line = asNumber(frame['lineNumber']);
  const url = asText(frame['url']);
  if (line === null || url === null || url === '') return [];
  return [
    {
      function: asText(frame['functionName']) ?? '',
      url,
      line: Math.max(0, line - 1),
      column: Math.max(0, (asNumber(frame['columnNumber']) ?? 1) - 1),
    },
  ];
}

/**
 * The JavaScript stack in an event's arguments, innermost first. Frames without a URL are left out: evaluated scripts,
 * those of the tool that drives the page among them.
 */
export function stackOf(args: JsonObject): StackFrame[] {
  const stack = member(args, 'beginData')['stackTrace'] ?? member(args, 'data')['stackTrace'];
  return asArray(stack).flatMap(readFrame);
}
