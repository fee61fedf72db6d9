/** Where the time of a request went, from the timing that Chrome gives with its response. */
import type { WaterfallRequest } from '../core/waterfall.ts';
import { asNumber } from './json-values.ts';
import type { LoggedRequest } from './network-log.ts';

export type Phases = NonNullable<WaterfallRequest['phases']>;

export interface RequestTimes {
  /** ms of Chrome's monotonic clock. */
  readonly start: number;
  /** Null while it is open. */
  readonly end: number | null;
  readonly phases: Phases | null;
}

/** In ms, to a thousandth: what Chrome gives has no more digits than that. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Ends of the phases after the first, in ms from `requestTime`; a phase that did not happen ends where it starts. */
function boundaries(timing: NonNullable<NonNullable<LoggedRequest['response']>['timing']>): number[] {
  // -1 stands for what did not happen: the name was known, the connection open, the line not encrypted
  const at = (name: string): number | null => {
    const value = asNumber(timing[name]);
    return value === null || value < 0 ? null : value;
  };
  const sendStart = at('sendStart') ?? 0;
  const dnsStart = at('dnsStart');
  const connectStart = at('connectStart');
  const queued = dnsStart ?? connectStart ?? sendStart;
  const dns = dnsStart === null ? queued : (connectStart ?? at('dnsEnd') ?? queued);
  const connectEnd = connectStart === null ? dns : (at('connectEnd') ?? dns);
  const connect = at('sslStart') ?? connectEnd;
  const sent = at('sendEnd') ?? sendStart;
  return [queued, dns, connect, connectEnd, sent, at('receiveHeadersEnd') ?? sent];
}

/**
 * Phases sum to end - start: each boundary is kept between the one before it and the end, since the clocks of Chrome's
 * processes differ by fractions of a millisecond. What the memory cache answers carries the timing of the first time.
 */
export function readTimes(request: LoggedRequest): RequestTimes {
  const issued = request.issued * 1000;
  const timing = request.fromMemory ? null : (request.response?.timing ?? null);
  const requestTime = timing === null ? null : asNumber(timing['requestTime']);
  const ends = timing === null || requestTime === null || requestTime <= 0 ? [] : boundaries(timing);
  const offset = (requestTime ?? 0) * 1000;
  const headersEnd = offset + (ends.at(-1) ?? 0);
  const stale = headersEnd < issued;
  const known = ends.length > 0 && !stale;
  const start = known ? Math.min(issued, offset) : issued;
  const end = request.ended === null ? null : Math.max(start, request.ended * 1000);
  if (!known || end === null) return { start: round(start), end: end === null ? null : round(end), phases: null };
  const last = round(end);
  let before = round(start);
  const lengths = [...ends.map((ms) => round(offset + ms)), last].map((boundary) => {
    const next = Math.min(last, Math.max(before, boundary));
    const length = round(next - before);
    before = next;
    return length;
  });
  const [queued = 0, dns = 0, connect = 0, tls = 0, send = 0, wait = 0, receive = 0] = lengths;
  return { start: round(start), end: last, phases: { queued, dns, connect, tls, send, wait, receive } };
}
