/** What a step's trace says beside its requests: which of them block rendering, when things showed, long tasks. */
import type { StepRecording } from '../core/recording.ts';
import type { Waterfall } from '../core/waterfall.ts';
import { asNumber, asObject, asText } from './json-values.ts';
import type { TraceData, TraceEvent } from './trace-data.ts';

export type WaterfallTrace = Pick<TraceData, 'names' | 'select' | 'threads'>;

export interface TraceFacts {
  /** Id of the page's own frame; null where the step has no navigation. */
  readonly frame: string | null;
  /** By request id, as the trace names it: `blocking`, `non_blocking`, `in_body_parser_blocking`, … */
  readonly blocking: ReadonlyMap<string, string>;
  readonly marks: Waterfall['marks'];
  readonly shots: Waterfall['shots'];
  readonly tasks: Waterfall['tasks'];
}

/** A task is long from here on (Long Tasks API). */
const longTask = 50;
const mostTasks = 200;
const mostShots = 10;
/** Of all pictures of a step, as base64; a report of ten steps is to stay small. */
const mostShotBytes = 64_000;
const picture = /^\/9j\/[A-Za-z0-9+/]*={0,2}$/;

interface Navigation {
  readonly frame: string;
  readonly at: number;
}

function data(event: TraceEvent): ReturnType<typeof asObject> {
  return asObject(event.args['data']);
}

/** The last navigation of the page itself within the step. */
function findNavigation(events: readonly TraceEvent[], { start, end }: StepRecording): Navigation | null {
  const last = events.findLast((event) => {
    const { isOutermostMainFrame, documentLoaderURL } = data(event);
    const within = event.ts >= start - 1000 && event.ts <= end;
    return event.name === 'navigationStart' && within && isOutermostMainFrame === true && documentLoaderURL !== '';
  });
  const frame = asText(last?.args['frame']);
  return last && frame !== null ? { frame, at: last.ts } : null;
}

/** The slowest interaction: when it began, and when the frame that showed it was painted. */
function findInteraction(
  events: readonly TraceEvent[],
  { start, end }: StepRecording,
): { at: number; painted: number } | null {
  let slowest: { at: number; painted: number } | null = null;
  for (const event of events) {
    const { interactionId, duration } = data(event);
    const length = asNumber(duration);
    const first = event.name === 'EventTiming' && event.ph === 'b' && event.ts >= start && event.ts <= end;
    if (!first || length === null || (asNumber(interactionId) ?? 0) === 0) continue;
    const painted = event.ts + length * 1000;
    if (!slowest || painted - event.ts > slowest.painted - slowest.at) slowest = { at: event.ts, painted };
  }
  return slowest;
}

interface Moments {
  readonly navigation: Navigation | null;
  readonly interaction: { readonly at: number; readonly painted: number } | null;
  /** µs of the first request, for a step without a trace. */
  readonly firstRequest: number | null;
}

/** Vitals where the page's own observers put them, what only the trace knows from there. */
function findMarks(events: readonly TraceEvent[], recording: StepRecording, moments: Moments): Waterfall['marks'] {
  const { start, kind, sample } = recording;
  const { navigation, interaction, firstRequest } = moments;
  const zero =
    kind === 'navigation' ? (navigation?.at ?? firstRequest) : kind === 'soft-navigation' ? interaction?.at : null;
  const marks: Waterfall['marks'] = [];
  const add = (id: string, at: number | null | undefined): void => {
    if (typeof at === 'number' && Number.isFinite(at)) marks.push({ id, at: Math.max(0, (at - start) / 1000) });
  };
  if (typeof zero === 'number') {
    for (const id of ['FCP', 'LCP']) {
      const value = sample.metrics[id];
      if (value !== undefined) add(id, zero + value * 1000);
    }
  }
  const ofDocument = (name: string): number | undefined =>
    events.find(
      (event) =>
        event.name === name &&
        navigation !== null &&
        data(event)['frame'] === navigation.frame &&
        event.ts >= navigation.at,
    )?.ts;
  add('DOMContentLoaded', ofDocument('MarkDOMContent'));
  add('load', ofDocument('MarkLoad'));
  if (interaction && sample.metrics['INP'] !== undefined) {
    add('input', interaction.at);
    add('INP', interaction.painted);
  }
  return marks.toSorted((a, b) => a.at - b.at);
}

type Shot = Waterfall['shots'][number];

/** Drops the one that is followed soonest by another, until few enough are left; the first and the last stay. */
function thin(shots: readonly Shot[]): Shot[] {
  const kept = [...shots];
  const size = (): number => kept.reduce((sum, { image }) => sum + image.length, 0);
  while (kept.length > 2 && (kept.length > mostShots || size() > mostShotBytes)) {
    let drop = 1;
    for (let index = 2; index < kept.length - 1; index += 1) {
      const gap = (at: number): number => (kept[at + 1]?.at ?? 0) - (kept[at]?.at ?? 0);
      if (gap(index) < gap(drop)) drop = index;
    }
    kept.splice(drop, 1);
  }
  return size() > mostShotBytes ? kept.slice(-1).filter(({ image }) => image.length <= mostShotBytes) : kept;
}

/** Pictures that differ from the one before. */
function findShots(events: readonly TraceEvent[], { start, end }: StepRecording): Shot[] {
  const shots: Shot[] = [];
  for (const event of events) {
    const image = event.name === 'Screenshot' ? asText(event.args['snapshot']) : null;
    if (image === null || event.ts > end || !picture.test(image)) continue;
    const at = Math.max(0, (event.ts - start) / 1000);
    const last = shots.at(-1);
    if (last?.image === image) continue;
    // what the page showed when the step began, whenever that was painted
    if (last && at === 0) shots.pop();
    shots.push({ at, image });
  }
  // thinning looks at all of them each time: what comes at 60 Hz for minutes is first taken evenly
  const step = Math.ceil(shots.length / 200);
  return thin(shots.filter((_shot, index) => index % step === 0 || index === shots.length - 1));
}

/** Long tasks of the page's main thread. */
function findTasks({ names, threads }: WaterfallTrace, { start, end }: StepRecording): Waterfall['tasks'] {
  const task = names.indexOf('RunTask');
  const tasks: Waterfall['tasks'] = [];
  for (const { kind, slices } of threads) {
    if (kind !== 'main' || task < 0) continue;
    for (const [index, name] of slices.name.entries()) {
      const from = slices.start[index] ?? 0;
      const duration = ((slices.end[index] ?? 0) - from) / 1000;
      if (name === task && duration >= longTask && from >= start && from <= end)
        tasks.push({ start: (from - start) / 1000, duration });
    }
  }
  return tasks.toSorted((a, b) => a.start - b.start).slice(0, mostTasks);
}

/** The last word on each request: what the preload scanner found is known to block only when the parser comes to it. */
function findBlocking(events: readonly TraceEvent[]): Map<string, string> {
  const blocking = new Map<string, string>();
  for (const event of events) {
    if (event.name !== 'ResourceSendRequest' && event.name !== 'PreloadRenderBlockingStatusChange') continue;
    const { requestId, renderBlocking } = data(event);
    const id = asText(requestId);
    const word = asText(renderBlocking);
    if (id !== null && word !== null) blocking.set(id, word);
  }
  return blocking;
}

const wanted = [
  'EventTiming',
  'MarkDOMContent',
  'MarkLoad',
  'PreloadRenderBlockingStatusChange',
  'ResourceSendRequest',
  'Screenshot',
  'navigationStart',
];

/** @param firstRequest µs of the step's first request, from which times are counted where the trace has no navigation */
export function readNetworkTrace(
  trace: WaterfallTrace,
  recording: StepRecording,
  firstRequest: number | null,
): TraceFacts {
  const events = trace.select(wanted);
  const navigation = findNavigation(events, recording);
  const interaction = findInteraction(events, recording);
  return {
    frame: navigation?.frame ?? null,
    blocking: findBlocking(events),
    marks: findMarks(events, recording, { navigation, interaction, firstRequest }),
    shots: findShots(events, recording),
    tasks: findTasks(trace, recording),
  };
}
