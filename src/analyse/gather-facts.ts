/** From what a pass recorded to the facts that all rules read. */
import type { Profile } from '../core/profile.ts';
import type { ScriptSource, StepCoverage, StepRecording } from '../core/recording.ts';
import { cleanText } from '../core/text.ts';
import { buildProfile } from './build-profile.ts';
import { functionTimes, mainThread, typicalTimes } from './function-times.ts';
import { hotLineOf, type HotPlace, hotPlaces, sampledTime } from './hot-lines.ts';
import { asNumber, asText } from './json-values.ts';
import { duration, mainSpans, member } from './main-events.ts';
import type { SourceResolver } from './source-maps.ts';
import {
  type Interaction,
  longTask,
  type LongTask,
  type StepFacts,
  type TimedWindow,
  type Window,
} from './step-facts.ts';
import type { TraceData } from './trace-data.ts';

export interface FactsInput {
  /** Merged over all passes. */
  readonly profile: Profile;
  /** Of each pass, the first one first. */
  readonly profiles: readonly Profile[];
  /** Of the first pass, as is the recording. */
  readonly trace: TraceData;
  readonly recording: StepRecording;
  readonly coverage: StepCoverage | null;
  readonly resolver: SourceResolver;
  readonly scripts: readonly ScriptSource[];
}

/** Each costs a walk through its part of the trace; what is blocked by tasks beyond these is little of a long list. */
const mostTasks = 20;
const longestName = 120;

type Times = (window: Window) => TimedWindow;

function readInteraction({
  trace,
  recording: { start, end },
}: FactsInput): (Window & Pick<Interaction, 'processingStart' | 'processingEnd'>) | null {
  const events = trace.select(['EventTiming']).flatMap(({ ph, ts, args }) => {
    const data = member(args, 'data');
    const [id, length, at] = [data['interactionId'], data['duration'], data['timeStamp']].map(asNumber);
    const [from, to] = [data['processingStart'], data['processingEnd']].map(asNumber);
    if (ph !== 'b' || ts < start || ts > end || !id || length === null || length === undefined) return [];
    if (at === null || at === undefined) return [];
    const begin = (ts - start) / 1000;
    return [{ id, start: begin, end: begin + length, from: begin + (from ?? at) - at, to: begin + (to ?? at) - at }];
  });
  const [slowest] = events.toSorted((a, b) => duration(b) - duration(a));
  if (!slowest) return null;
  // Durations are rounded to 8 ms: what one frame presented ends within that.
  const same = events.filter(({ id, end: shown }) => id === slowest.id && Math.abs(shown - slowest.end) <= 8);
  return {
    start: slowest.start,
    end: slowest.end,
    processingStart: Math.min(...same.map(({ from }) => from)),
    processingEnd: Math.max(...same.map(({ to }) => to)),
  };
}

/** When the navigation of the step began, in ms from its start; null where there was none. */
function navigationStart({ trace, recording: { start, end } }: FactsInput): number | null {
  const found = trace.select(['navigationStart']).findLast(({ ts, args }) => {
    const data = member(args, 'data');
    const main = data['isOutermostMainFrame'] === true || data['isLoadingMainFrame'] === true;
    return ts >= start && ts <= end && main && (asText(data['documentLoaderURL']) ?? '') !== '';
  });
  return found ? (found.ts - start) / 1000 : null;
}

/** Windows in which the main thread can delay the first and the largest paint. */
function paintWindows(input: FactsInput, interaction: Window | null): { lcp: Window[]; fcp: Window[] } {
  const { kind, sample } = input.recording;
  const origin =
    kind === 'navigation' ? navigationStart(input) : kind === 'soft-navigation' ? (interaction?.start ?? null) : null;
  if (origin === null) return { lcp: [], fcp: [] };
  const { lcp } = sample.attribution;
  const { FCP: fcp, TTFB: ttfb } = sample.metrics;
  const windows: Window[] = [];
  if (lcp) {
    const { ttfb: first, loadDelay, loadDuration, renderDelay } = lcp.parts;
    const loads = origin + first + loadDelay;
    windows.push({ start: origin + first, end: loads });
    windows.push({ start: loads + loadDuration, end: loads + loadDuration + renderDelay });
  }
  return {
    lcp: windows.filter((window) => duration(window) > 0),
    fcp: fcp === undefined ? [] : [{ start: origin + (ttfb ?? 0), end: origin + fcp }],
  };
}

/** Rounding of the page's clock, and the time between the task's end and that of its entry. */
const sameTask = 3;

/**
 * Blocking time of a task as the page counted it: Chrome reports no long task where no script ran, and blocking counts
 * from First Contentful Paint on in a navigation. `origin` is when the page's clock began; null where it did earlier.
 */
function blockingTime(input: FactsInput, span: Window, origin: number | null): number {
  const { kind, sample } = input.recording;
  const entry = sample.attribution.longTasks.find(
    (task) =>
      Math.abs(task.duration - duration(span)) <= sameTask &&
      (origin === null || Math.abs(task.start + origin - span.start) <= sameTask),
  );
  if (!entry) return 0;
  const from = kind === 'navigation' ? (sample.metrics['FCP'] ?? Number.POSITIVE_INFINITY) : 0;
  return Math.max(0, entry.start + entry.duration - Math.max(entry.start, from) - longTask);
}

function longTasks(input: FactsInput, spans: StepFacts['spans'], times: Times): LongTask[] {
  const origin = navigationStart(input);
  return spans
    .filter((span) => span.name === 'RunTask' && span.parent === null && duration(span) > longTask)
    .toSorted((a, b) => duration(b) - duration(a))
    .slice(0, mostTasks)
    .map((span) => ({ span, ...times(span), blocking: blockingTime(input, span, origin) }));
}

/** The facts, and where samples were at the level of lines. */
export function gatherFacts(input: FactsInput): { facts: StepFacts; places: HotPlace[] } {
  const { trace, recording, resolver, scripts } = input;
  const { start, end } = recording;
  const spans = mainSpans(trace, start, end);
  const times: Times = (window) => ({
    start: window.start,
    end: window.end,
    times: functionTimes(
      buildProfile(trace, { start: start + window.start * 1000, end: start + window.end * 1000, resolver }),
    ),
  });
  const locate: StepFacts['locate'] = ({ url, line, column, function: name }) => {
    const location = resolver.resolve(url, line, column);
    // Without a map only the engine knows the name.
    return location.mapped || location.function !== null || !name
      ? location
      : { ...location, function: cleanText(name, longestName) };
  };
  const places = hotPlaces(trace, { start, end, resolver, scripts });
  const interaction = readInteraction(input);
  const paints = paintWindows(input, interaction);
  const passes = input.profiles.map((profile) => functionTimes(profile));
  const facts: StepFacts = {
    recording,
    coverage: input.coverage,
    trace,
    spans,
    times: typicalTimes(functionTimes(input.profile), passes),
    first: passes[0] ?? functionTimes(input.profile),
    others: input.profile.threads
      .filter(({ name }) => name !== mainThread)
      .map(({ name }) => ({ name, times: functionTimes(input.profile, name) })),
    longTasks: longTasks(input, spans, times),
    interaction: interaction && { ...interaction, ...times(interaction) },
    beforeLcp: paints.lcp.map(times),
    beforeFcp: paints.fcp.map(times),
    locate,
    locateFunction: ({ url, line, column, function: name }) => resolver.resolveFunction(url, line, column, name),
    hotLine: (location) => hotLineOf(places, location),
    sampled: (location) => sampledTime(places, location),
  };
  return { facts, places };
}
