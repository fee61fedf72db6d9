/** From what the page recorded during a step to its vitals, their parts and its kind. Pure. */
import type { StepKind } from '../core/metrics.ts';
import type { Attribution } from '../core/sample.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import type { EventRecord, PageRecords, VitalRecord } from './recorder.ts';

export interface VitalsInput {
  readonly records: readonly PageRecords[];
  /** `timeOrigin` and URL of the document at the start of the step; null before the first navigation. */
  readonly before: { readonly timeOrigin: number; readonly url: string } | null;
}

export interface VitalsOutput {
  readonly kind: StepKind;
  readonly url: string;
  readonly metrics: Record<string, number>;
  readonly attribution: Attribution;
}

// Session windows of CLS: shifts less than 1 s apart, 5 s in all (web.dev/articles/evolving-cls).
const windowGap = 1000;
const windowLength = 5000;
// Interactions faster than the 16 ms threshold leave no entry; web-vitals counts them as 8 ms, the finest step.
const fastestInteraction = 8;
const longTask = 50;
const mostListed = 20;

type Shift = PageRecords['shifts'][number];

/** The shifts of the session window with the highest sum. */
export function worstWindow(shifts: readonly Shift[]): Shift[] {
  let worst: Shift[] = [];
  let current: Shift[] = [];
  const sum = (list: readonly Shift[]): number => list.reduce((total, shift) => total + shift.value, 0);
  for (const shift of shifts.toSorted((a, b) => a.start - b.start)) {
    const first = current[0];
    const last = current.at(-1);
    const joins = first && last && shift.start - last.start < windowGap && shift.start - first.start < windowLength;
    current = joins ? [...current, shift] : [shift];
    if (sum(current) > sum(worst)) worst = current;
  }
  return worst;
}

/**
 * The slowest interaction: entries of one interactionId, the longest of them, its parts from all entries that the same
 * frame presented (as web-vitals' attribution does). Parts sum to the duration.
 */
export function slowestInteraction(
  events: readonly EventRecord[],
): { duration: number; attribution: Attribution['inp'] } | undefined {
  const longest = events.reduce<EventRecord | undefined>(
    (worst, event) => (!worst || event.duration > worst.duration ? event : worst),
    undefined,
  );
  if (!longest) return undefined;
  const presented = longest.start + longest.duration;
  // Durations are rounded to 8 ms, so that one frame's entries end within 8 ms of each other.
  const sameFrame = events.filter(
    (event) => event.id === longest.id && Math.abs(event.start + event.duration - presented) <= 8,
  );
  const start = Math.min(...sameFrame.map((event) => event.processingStart));
  const end = Math.max(...sameFrame.map((event) => event.processingEnd));
  const inputDelay = Math.min(Math.max(0, start - longest.start), longest.duration);
  const processing = Math.min(Math.max(0, end - Math.max(start, longest.start)), longest.duration - inputDelay);
  return {
    duration: longest.duration,
    attribution: {
      target: cleanText(longest.target),
      type: cleanText(namedType(sameFrame) ?? longest.type, 40),
      parts: { inputDelay, processing, presentation: longest.duration - inputDelay - processing },
    },
  };
}

/** The event that people name an interaction by: pointerdown and pointerup of a click are parts of the click. */
function namedType(events: readonly EventRecord[]): string | undefined {
  const types = events.map((event) => event.type);
  return ['click', 'keydown', 'keypress', 'keyup'].find((type) => types.includes(type));
}

/** Blocking time of one document's long tasks; what lies before `from` (First Contentful Paint) does not count. */
function blockingTime(tasks: PageRecords['tasks'], from: number): number {
  return tasks.reduce((sum, task) => {
    const visible = task.start + task.duration - Math.max(task.start, from);
    return sum + Math.max(0, visible - longTask);
  }, 0);
}

/** A URL without its fragment, unless a hash router wrote that: `#/cart` and `#!cart` are routes, `#prices` is a place. */
function routeOf(url: string): string {
  const [path, fragment] = url.split('#', 2);
  return fragment && /^[/!]/.test(fragment) ? url : (path ?? url);
}

function decideKind(input: VitalsInput, last: PageRecords | undefined, interactions: number): StepKind {
  if (last && last.timeOrigin !== input.before?.timeOrigin) return 'navigation';
  if (last && input.before && routeOf(last.url) !== routeOf(input.before.url)) return 'soft-navigation';
  if (last?.vitals.some((vital) => vital.soft)) return 'soft-navigation';
  return interactions > 0 ? 'interaction' : 'script';
}

function timings(records: readonly PageRecords[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const kind of ['measure', 'mark'] as const) {
    for (const timing of records.flatMap((each) => each.timings)) {
      const name = cleanText(timing.name, 100);
      const id = `timing.${name}`;
      if (name !== '' && timing.kind === kind && !(id in values))
        values[id] = kind === 'measure' ? timing.duration : timing.start;
    }
  }
  return values;
}

function lcpAttribution(lcp: VitalRecord | undefined): Attribution['lcp'] {
  if (!lcp?.parts) return null;
  const [ttfb, loadDelay, loadDuration, renderDelay] = lcp.parts;
  return {
    element: cleanText(lcp.target),
    url: lcp.url === null ? null : redactUrl(lcp.url),
    parts: { ttfb, loadDelay, loadDuration, renderDelay },
  };
}

/** Vitals of one step. A metric without a value is left out; the caller says why. */
export function readVitals(input: VitalsInput): VitalsOutput {
  const { records } = input;
  const last = records.at(-1);
  const interactions = records.reduce((sum, each) => sum + each.interactions, 0);
  const kind = decideKind(input, last, interactions);
  const metrics: Record<string, number> = {};

  const vital = (name: VitalRecord['name']): VitalRecord | undefined =>
    last?.vitals.findLast((each) => each.name === name && each.soft === (kind === 'soft-navigation'));
  const paints = kind === 'navigation' || kind === 'soft-navigation';
  const lcp = paints ? vital('LCP') : undefined;
  if (lcp) metrics['LCP'] = lcp.value;
  const fcp = paints ? vital('FCP') : undefined;
  if (fcp) metrics['FCP'] = fcp.value;
  const ttfb = kind === 'navigation' ? vital('TTFB') : undefined;
  if (ttfb) metrics['TTFB'] = ttfb.value;

  const windows = records.map((each) => worstWindow(each.shifts));
  const score = (list: readonly Shift[]): number => list.reduce((sum, shift) => sum + shift.value, 0);
  const worst = windows.reduce((a, b) => (score(b) > score(a) ? b : a), [] as Shift[]);
  const interaction = slowestInteraction(records.flatMap((each) => each.events));
  if (interaction || interactions > 0) metrics['INP'] = interaction?.duration ?? fastestInteraction;

  const tasks = records.flatMap((each) => each.tasks);
  if (last) {
    metrics['CLS'] = score(worst);
    metrics['TBT'] = records.reduce((sum, each) => {
      const fresh = each.timeOrigin !== input.before?.timeOrigin;
      return sum + blockingTime(each.tasks, fresh ? (each.firstPaint ?? Number.POSITIVE_INFINITY) : 0);
    }, 0);
    metrics['longtasks.count'] = tasks.length;
    metrics['longtasks.longest'] = tasks.reduce((most, task) => Math.max(most, task.duration), 0);
  }
  Object.assign(metrics, timings(records));
  return {
    kind,
    url: redactUrl(last?.url ?? input.before?.url ?? ''),
    metrics,
    attribution: {
      lcp: lcpAttribution(lcp),
      inp: interaction?.attribution ?? null,
      shifts: worst
        .toSorted((a, b) => b.value - a.value)
        .slice(0, 5)
        .map((shift) => ({ score: shift.value, at: shift.start, nodes: shift.nodes.map((node) => cleanText(node)) })),
      longTasks: tasks
        .toSorted((a, b) => b.duration - a.duration)
        .slice(0, mostListed)
        .map((task) => ({ start: task.start, duration: task.duration })),
    },
  };
}
