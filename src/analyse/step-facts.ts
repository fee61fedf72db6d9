/**
 * What all rules read: the spans of the step, time by function, and the windows that make up its metrics, so that a
 * rule can say how much of LCP, INP or TBT something accounts for. Times in ms, from the start of the step.
 */
import type { StepCoverage, StepRecording } from '../core/recording.ts';
import type { SourceLocation } from '../core/source.ts';
import type { FunctionTimes, ThreadTimes } from './function-times.ts';
import type { HotLine } from './hot-lines.ts';
import { duration, type Span, type StackFrame } from './main-events.ts';
import type { TraceData } from './trace-data.ts';

export interface Window {
  readonly start: number;
  readonly end: number;
}

export interface TimedWindow extends Window {
  readonly times: ThreadTimes;
}

export interface LongTask extends TimedWindow {
  readonly span: Span;
  /** What of it counts as blocking. */
  readonly blocking: number;
}

/** The slowest interaction, from input to paint. */
export interface Interaction extends TimedWindow {
  readonly processingStart: number;
  readonly processingEnd: number;
}

export interface StepFacts {
  readonly recording: StepRecording;
  readonly coverage: StepCoverage | null;
  readonly trace: TraceData;
  readonly spans: readonly Span[];
  /** The middle of all passes. */
  readonly times: ThreadTimes;
  /** Of the first pass, from which all windows are. */
  readonly first: ThreadTimes;
  /** Of each worker, and of frames with a thread of their own; means of all passes. */
  readonly others: readonly { readonly name: string; readonly times: ThreadTimes }[];
  readonly longTasks: readonly LongTask[];
  readonly interaction: Interaction | null;
  /** When the main thread can delay the largest paint: before its resource is asked for, and after it has come. */
  readonly beforeLcp: readonly TimedWindow[];
  readonly beforeFcp: readonly TimedWindow[];
  /** A place in a delivered script, with the name that the engine gave the function there. */
  readonly locate: (frame: Omit<StackFrame, 'function'> & { readonly function?: string }) => SourceLocation;
  /** A function by where it starts, as heap profiles say it. */
  readonly locateFunction: (frame: StackFrame) => SourceLocation;
  /** The line of a function that takes most of its time; null where samples do not say. */
  readonly hotLine: (location: SourceLocation) => HotLine | null;
  /** Own time of a function by its samples in the first pass: without time in which the thread waited for a core. */
  readonly sampled: (location: SourceLocation) => number;
}

/** A task is long from here on (Long Tasks API). */
export const longTask = 50;

/**
 * Below either, a cost is noise: 4 ms are some twenty samples of the profiler, and a quarter of a frame; a step that
 * takes seconds has other worries than that.
 */
const leastCost = 4;
const leastShare = 0.01;

/** The least time that is worth a finding. */
export function leastTime({ times }: Pick<StepFacts, 'times'>): number {
  return Math.max(leastCost, leastShare * times.total);
}

type TimeOf = (times: ThreadTimes) => number;

function sumOf(windows: readonly TimedWindow[], time: TimeOf): number {
  return windows.reduce((sum, window) => sum + time(window.times), 0);
}

/** Amounts without those that are nothing, and none larger than the metric was in this pass. */
export function capAmounts(
  amounts: Readonly<Record<string, number>>,
  metrics: Readonly<Record<string, number>>,
): Record<string, number> {
  const kept: Record<string, number> = {};
  for (const [metric, amount] of Object.entries(amounts)) {
    const value = Object.hasOwn(metrics, metric) ? (metrics[metric] ?? amount) : amount;
    const capped = Math.min(amount, value);
    if (capped > 0) kept[metric] = capped;
  }
  return kept;
}

/**
 * Of which metrics time on the main thread is a part, and how much: `time` gives the amount within a window. The
 * blocking part of a long task is shared out as its time is. Windows are those of the first pass: where that one was
 * slower than the others, their amounts are cut down to what is usual.
 */
export function explainTime(
  facts: StepFacts,
  time: TimeOf,
  more: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const { longTasks, interaction, beforeLcp, beforeFcp } = facts;
  const all = time(facts.times);
  const usual = all / Math.max(all, time(facts.first), 1e-9);
  const [longest] = longTasks.toSorted((a, b) => duration(b) - duration(a));
  const blocked = longTasks.map((task) => (task.blocking * time(task.times)) / Math.max(duration(task), 1));
  return capAmounts(
    {
      'cpu.main': all,
      duration: all,
      TBT: usual * blocked.reduce((sum, amount) => sum + amount, 0),
      'longtasks.longest': longest ? usual * time(longest.times) : 0,
      INP: interaction ? usual * time(interaction.times) : 0,
      LCP: usual * sumOf(beforeLcp, time),
      FCP: usual * sumOf(beforeFcp, time),
      ...more,
    },
    facts.recording.sample.metrics,
  );
}

/** Own time of one function. */
export function ownTime(key: string): TimeOf {
  return ({ functions }) => functions.get(key)?.own ?? 0;
}

/** Time of one function with all it calls. */
export function totalTime(key: string): TimeOf {
  return ({ functions }) => functions.get(key)?.total ?? 0;
}

/** The function with the most own time, and the one of the application with the most time in all. */
export function leaders({ functions }: ThreadTimes): { hottest: FunctionTimes | null; widest: FunctionTimes | null } {
  let hottest: FunctionTimes | null = null;
  let widest: FunctionTimes | null = null;
  for (const one of functions.values()) {
    if (!hottest || one.own > hottest.own) hottest = one;
    if (one.frame.origin === 'application' && (!widest || one.total > widest.total)) widest = one;
  }
  return { hottest, widest };
}
