/** One request of a waterfall as a row: its bar by phases, what marks it, and all that is known of it. */
import { shortUrl } from '../analyse/network-facts.ts';
import { cleanText } from '../core/text.ts';
import type { Waterfall, WaterfallRequest } from '../core/waterfall.ts';
import { name, nothing, quantity } from './view-format.ts';

/** A rectangle of a bar: x and width in percent of the time axis, y and height in pixels of the row. */
export interface BarPart {
  readonly tone: string;
  readonly x: string;
  readonly y: number;
  readonly width: string;
  readonly height: number;
}

export interface WaterfallRow {
  readonly kind: string;
  readonly name: string;
  readonly flags: ReadonlyArray<{ readonly icon: string; readonly word: string }>;
  readonly type: string;
  readonly priority: string;
  readonly protocol: string;
  readonly status: string;
  readonly size: string;
  readonly parts: readonly BarPart[];
  /** How long it took, behind the bar or before it. */
  readonly time: { readonly x: string; readonly side: 'start' | 'end'; readonly dx: number; readonly text: string };
  readonly facts: readonly string[];
}

/** A time in ms as percent of the axis. */
export type Percent = (ms: number) => string;

/** As DevTools names them. */
const priorities: Readonly<Record<string, string>> = {
  VeryHigh: 'Highest',
  High: 'High',
  Medium: 'Medium',
  Low: 'Low',
  VeryLow: 'Lowest',
};

function priorityText(priority: string | null): string {
  return priority === null ? '' : (priorities[priority] ?? name(priority));
}

const cacheWords: Record<WaterfallRequest['cache'], string> = {
  network: '',
  memory: 'memory',
  disk: 'disk',
  'service worker': 'worker',
  prefetch: 'prefetch',
};

export function isFailed({ failed, status }: WaterfallRequest): boolean {
  return failed !== null || (status ?? 0) >= 400;
}

function statusText(request: WaterfallRequest): string {
  if (request.failed !== null) return 'failed';
  const { cache, status } = request;
  return cacheWords[cache] || (status === null ? nothing : String(status));
}

function flagsOf(request: WaterfallRequest): WaterfallRow['flags'] {
  const flags: Array<{ icon: string; word: string }> = [];
  if (request.lcp) flags.push({ icon: 'i-lcp', word: 'LCP' });
  if (request.renderBlocking === true) flags.push({ icon: 'i-blocks', word: 'blocks' });
  if (request.party === 'third-party') flags.push({ icon: 'i-third', word: '3rd' });
  if (isFailed(request)) flags.push({ icon: 'i-fail', word: request.failed === null ? 'error' : 'failed' });
  return flags;
}

interface Phase {
  readonly tone: string;
  readonly label: string;
  readonly length: number;
}

/** In order; sending is part of waiting, since it takes no time worth a colour. */
function phasesOf({ phases }: WaterfallRequest): Phase[] {
  if (!phases) return [];
  return [
    { tone: 'queued', label: 'queued', length: phases.queued },
    { tone: 'dns', label: 'DNS', length: phases.dns },
    { tone: 'connect', label: 'connecting', length: phases.connect },
    { tone: 'tls', label: 'TLS', length: phases.tls },
    { tone: 'wait', label: 'waiting', length: phases.send + phases.wait },
    { tone: 'receive', label: 'receiving', length: phases.receive },
  ];
}

/** Phases differ by height as well as by colour. */
const shapes: Readonly<Record<string, readonly [y: number, height: number]>> = {
  queued: [9, 2],
  dns: [6, 8],
  connect: [6, 8],
  tls: [6, 8],
  wait: [5, 10],
  receive: [3, 14],
  whole: [5, 10],
  cached: [6.5, 7],
  open: [5, 10],
};

function part(tone: string, from: number, to: number, at: Percent): BarPart {
  const [y, height] = shapes[tone] ?? [5, 10];
  return { tone, x: at(from), y, width: at(to - from), height };
}

function barOf(request: WaterfallRequest, until: number, at: Percent): BarPart[] {
  const { start, end, cache } = request;
  if (end === null) return [part('open', start, Math.max(start, until), at)];
  if (cache !== 'network') return [part('cached', start, end, at)];
  const phases = phasesOf(request);
  if (phases.length === 0) return [part('whole', start, end, at)];
  let from = start;
  return phases.flatMap(({ tone, length }) => {
    const begin = from;
    from += length;
    return length > 0 ? [part(tone, begin, from, at)] : [];
  });
}

/** Behind the bar, or before it where the axis ends. */
export function besides(start: number, end: number, until: number, at: Percent): Omit<WaterfallRow['time'], 'text'> {
  return end < 0.82 * until || start < 0.18 * until
    ? { x: at(Math.min(end, 0.9 * until)), side: 'start', dx: 5 }
    : { x: at(start), side: 'end', dx: -5 };
}

function factsOf(request: WaterfallRequest, origin: string, { requests }: Waterfall): string[] {
  const { initiator, start, end, bytes, decoded, encoding, cacheControl, cache, priority, initialPriority } = request;
  const { location, callers } = initiator;
  const place = location && cleanText(`${location.file}:${location.line}`, 160);
  const who = location?.function ? `${name(location.function)} (${place})` : place;
  const leader = initiator.request === null ? undefined : requests[initiator.request];
  const phases = phasesOf(request)
    .filter(({ length }) => length >= 0.05)
    .map(({ label, length }) => `${label} ${quantity(length, 'ms')}`);
  const risen = initialPriority === priority ? '' : `, at first ${priorityText(initialPriority).toLowerCase()}`;
  const head = [request.method, request.mime ?? request.type, request.protocol ?? ''].filter((text) => text !== '');
  return [
    cleanText(request.url),
    `${head.map((text) => cleanText(text, 60)).join(', ')}${priority === null ? '' : `, priority ${priorityText(priority).toLowerCase()}${risen}`}`,
    `Asked for at ${quantity(start, 'ms')}${who === null ? (initiator.kind === 'other' ? ', Chrome does not say by what' : ` (${cleanText(initiator.kind, 20)})`) : ` by ${who}`}${callers.length > 0 ? `, called by ${cleanText(callers.join(', '), 200)}` : ''}${leader ? `; led to by ${cleanText(shortUrl(leader.url, origin), 80)}` : ''}`,
    end === null
      ? 'Had not ended with the step'
      : `Took ${quantity(end - start, 'ms')}${phases.length > 0 ? `: ${phases.join(', ')}` : ''}`,
    [
      cache === 'network'
        ? `${quantity(bytes, 'bytes')} over the network`
        : `from the ${cache === 'prefetch' ? 'prefetch cache' : cache === 'service worker' ? cache : `${cache} cache`}`,
      decoded === null ? '' : `${quantity(decoded, 'bytes')} unpacked`,
      encoding === null ? '' : cleanText(encoding, 40),
      cacheControl === null ? 'no Cache-Control' : `Cache-Control: ${cleanText(cacheControl, 100)}`,
    ]
      .filter((text) => text !== '')
      .join(', '),
    ...(request.failed === null ? [] : [cleanText(request.failed)]),
  ];
}

export interface RowScale {
  readonly at: Percent;
  /** ms at the right end of the axis. */
  readonly until: number;
  readonly origin: string;
}

export function requestRow(
  request: WaterfallRequest,
  waterfall: Waterfall,
  { at, until, origin }: RowScale,
): WaterfallRow {
  const { start, end, cache } = request;
  const method = request.method === 'GET' ? '' : `${cleanText(request.method, 10)} `;
  return {
    kind: isFailed(request) ? 'bad' : cache === 'network' ? '' : 'kept',
    name: method + cleanText(shortUrl(request.url, origin), 80),
    flags: flagsOf(request),
    type: name(request.type),
    priority: priorityText(request.priority),
    protocol: request.protocol === null ? '' : cleanText(request.protocol, 12),
    status: statusText(request),
    size: cache === 'network' ? quantity(request.bytes, 'bytes') : nothing,
    parts: barOf(request, until, at),
    time: {
      ...besides(start, end ?? until, until, at),
      text: end === null ? 'open' : quantity(end - start, 'ms'),
    },
    facts: factsOf(request, origin, waterfall),
  };
}
