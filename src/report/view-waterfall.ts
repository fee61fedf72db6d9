/** The network of a step as a picture: filmstrip, marks, requests and long tasks on one time axis. */
import type { ScenarioDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import type { Waterfall, WaterfallRequest } from '../core/waterfall.ts';
import { niceTicks } from './chart-scale.ts';
import { diagnosisOf } from './step-findings.ts';
import { count, listed, name, quantity } from './view-format.ts';
import { besides, isFailed, type Percent, requestRow, type RowScale, type WaterfallRow } from './waterfall-rows.ts';

export interface WaterfallView {
  readonly anchor: string;
  readonly filmAnchor: string;
  readonly heading: string;
  readonly title: string;
  readonly summary: string;
  readonly notes: readonly string[];
  /** x in percent. */
  readonly ticks: ReadonlyArray<{ readonly x: string; readonly label: string }>;
  readonly marks: ReadonlyArray<{
    readonly id: string;
    readonly tone: string;
    readonly x: string;
    readonly label: string;
    readonly y: number;
    readonly side: 'start' | 'end';
    readonly dx: number;
  }>;
  /** Pixels above the first row: lanes of labels and the ticks. */
  readonly head: number;
  readonly film: {
    readonly label: string;
    readonly shots: ReadonlyArray<{
      readonly href: string;
      readonly label: string;
      /** Of the picture in the strip, and of its time on the axis. */
      readonly from: string;
      readonly to: string;
    }>;
  } | null;
  readonly tasks: {
    readonly label: string;
    readonly parts: ReadonlyArray<{ readonly x: string; readonly width: string; readonly title: string }>;
  } | null;
  /** Whether more than one protocol was used: one is told in the summary. */
  readonly protocols: boolean;
  readonly rows: readonly WaterfallRow[];
  /** What stands for further requests, by type and party. */
  readonly groups: readonly WaterfallRow[];
}

const mostRows = 100;
const mostNotes = 5;
/** ms: what claims to be later than a day is no time. */
const longestStep = 86_400_000;
const laneHeight = 15;
const filmWidth = 1.6;
/** The axis is never narrower than this, in pixels: labels are laid out for it. */
const leastWidth = 420;
const letterWidth = 6.4;

const markNames: Readonly<Record<string, { label: string; tone: string }>> = {
  FCP: { label: 'FCP', tone: 'fcp' },
  LCP: { label: 'LCP', tone: 'lcp' },
  DOMContentLoaded: { label: 'DOM ready', tone: 'dom' },
  load: { label: 'load', tone: 'load' },
  input: { label: 'input', tone: 'input' },
  INP: { label: 'INP', tone: 'inp' },
};

/** Labels in as few lanes as let none touch another. */
function placeMarks(marks: Waterfall['marks'], until: number, at: Percent): WaterfallView['marks'] {
  const lanes: number[] = [];
  return marks.slice(0, 12).map(({ id, at: ms }) => {
    const { label, tone } = markNames[id] ?? { label: name(id), tone: 'load' };
    const text = `${label} ${quantity(ms, 'ms')}`;
    const x = (Math.min(ms, until) / until) * leastWidth;
    const width = text.length * letterWidth + 8;
    const side = x + width > leastWidth ? 'end' : 'start';
    const left = side === 'end' ? x - width : x;
    const free = lanes.findIndex((end) => end <= left);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = left + width;
    return { id: name(id), tone, x: at(ms), label: text, y: 11 + lane * laneHeight, side, dx: side === 'end' ? -4 : 4 };
  });
}

const picture = /^[A-Za-z0-9+/]+={0,2}$/;

function filmOf(shots: Waterfall['shots'], at: Percent): WaterfallView['film'] {
  // anything else than base64 would not be an image, and has no business in a URL
  const shown = shots.filter(({ image }) => picture.test(image)).slice(0, 12);
  if (shown.length === 0) return null;
  // as the style lays them out: 1.6 times as wide as the axis, and ending with it
  const pitch = Math.min(100 / shown.length, 25) * filmWidth;
  return {
    label: `What the page showed: ${count(shown.length, 'picture')}, each when something had changed`,
    shots: shown.map(({ at: ms, image }, index) => ({
      href: `data:image/jpeg;base64,${image}`,
      label: quantity(ms, 'ms'),
      from: `${((index + 0.5) * pitch + 100 * (1 - filmWidth)).toFixed(2)}%`,
      to: at(ms),
    })),
  };
}

function tasksOf(tasks: Waterfall['tasks'], at: Percent): WaterfallView['tasks'] {
  if (tasks.length === 0) return null;
  const sum = tasks.reduce((all, { duration }) => all + duration, 0);
  return {
    label: `${count(tasks.length, 'long task')}, ${quantity(sum, 'ms')}`,
    parts: tasks.slice(0, 100).map(({ start, duration }) => ({
      x: at(start),
      width: at(duration),
      title: `${quantity(duration, 'ms')} at ${quantity(start, 'ms')}`,
    })),
  };
}

/** What is shown by itself when there are too many: what a finding may name, then what took longest. */
function weight(request: WaterfallRequest): number {
  const named = request.lcp || request.renderBlocking === true || request.type === 'document' || isFailed(request);
  return (named ? 1e9 : 0) + ((request.end ?? Number.MAX_SAFE_INTEGER) - request.start);
}

function groupRow(group: readonly WaterfallRequest[], { at, until }: RowScale): WaterfallRow {
  const [first] = group;
  const start = Math.min(...group.map((request) => request.start));
  const end = Math.max(...group.map((request) => request.end ?? request.start));
  const bytes = group.reduce((sum, request) => sum + request.bytes, 0);
  const type = name(first?.type ?? '');
  const third = first?.party === 'third-party';
  return {
    kind: 'more',
    name: `${group.length} more of type ${type}`,
    flags: third ? [{ icon: 'i-third', word: '3rd' }] : [],
    type,
    priority: '',
    protocol: '',
    status: '',
    size: quantity(bytes, 'bytes'),
    parts: [{ tone: 'more', x: at(start), y: 7, width: at(end - start), height: 6 }],
    time: { ...besides(start, end, until, at), text: `${quantity(start, 'ms')} to ${quantity(end, 'ms')}` },
    facts: [`${count(group.length, 'request')} between ${quantity(start, 'ms')} and ${quantity(end, 'ms')}`],
  };
}

function summaryOf({ requests }: Waterfall, protocols: readonly string[]): string {
  const sent = requests.filter(({ cache, protocol }) => cache === 'network' && protocol !== 'websocket');
  const kept = requests.filter(({ cache }) => cache !== 'network').length;
  const bytes = sent.reduce((sum, request) => sum + request.bytes, 0);
  const parts = [
    requests.length === 0
      ? 'No requests in this step'
      : `${count(sent.length, 'request')}, ${quantity(bytes, 'bytes')} over the network`,
    kept > 0 ? `${kept} from a cache` : '',
    protocols.length === 1 ? `all by ${cleanText(protocols[0] ?? '', 20)}` : '',
  ].filter((text) => text !== '');
  return `${listed(parts, 3)}. One pass after the measured samples, with a trace running: times are longer than the measured ones.`;
}

/** Where the axis ends: with the last thing that happened, not with the wait for quiet behind it. */
function axisEnd({ requests, marks, tasks, shots, length }: Waterfall): number {
  const ends = [
    ...requests.map(({ start, end }) => end ?? start),
    ...marks.map(({ at }) => at),
    ...tasks.map(({ start, duration }) => start + duration),
    ...shots.map(({ at }) => at),
  ].filter((ms) => ms < longestStep);
  const last = ends.reduce((most, ms) => Math.max(most, ms), 0);
  return Math.max(1, last > 0 ? last * 1.02 : length);
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** Null where the step has none, or nothing to show in it. */
export function waterfallView(scenario: ScenarioDocument, step: string, anchor: string): WaterfallView | null {
  const waterfall = diagnosisOf(scenario, step)?.waterfall;
  if (!waterfall || (waterfall.requests.length === 0 && waterfall.shots.length === 0)) return null;
  const { requests } = waterfall;
  const until = axisEnd(waterfall);
  const at: Percent = (ms) => `${((Math.min(until, Math.max(0, ms)) / until) * 100).toFixed(2)}%`;
  const own = requests.find(({ type, party }) => type === 'document' && party === 'first-party') ?? requests[0];
  const scale: RowScale = { at, until, origin: originOf(own?.url ?? '') };
  const important = requests.toSorted((a, b) => weight(b) - weight(a));
  const shown = new Set(important.slice(0, mostRows));
  const more = Map.groupBy(important.slice(mostRows), ({ type, party }) => `${type} ${party}`);
  const protocols = [
    ...new Set(requests.flatMap(({ protocol }) => (protocol === null || protocol === 'websocket' ? [] : protocol))),
  ];
  const marks = placeMarks(waterfall.marks, until, at);
  const lanes = marks.reduce((most, { y }) => Math.max(most, y + 4), 0);
  return {
    anchor: `${anchor}-waterfall`,
    filmAnchor: `${anchor}-filmstrip`,
    heading: requests.length === 0 ? 'Filmstrip' : 'Network waterfall',
    title: `Network of ${name(step)}`,
    summary: summaryOf(waterfall, protocols),
    notes: waterfall.notes.slice(0, mostNotes).map((note) => cleanText(note)),
    ticks: niceTicks(0, until, 6).map((ms) => ({ x: at(ms), label: quantity(ms, 'ms') })),
    marks,
    head: lanes + 18,
    film: filmOf(waterfall.shots, at),
    tasks: tasksOf(waterfall.tasks, at),
    protocols: protocols.length > 1,
    rows: requests
      .filter((request) => shown.has(request))
      .toSorted((a, b) => a.start - b.start)
      .map((request) => requestRow(request, waterfall, scale)),
    groups: [...more.values()].map((group) => groupRow(group, scale)),
  };
}
