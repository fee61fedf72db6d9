/**
 * The network of a scenario as HTTP Archive 1.2 (w3c.github.io/web-performance/specs/HAR/Overview.html), a page a step.
 * No bodies; cookies, authorization and what looks like a token are redacted. What the standard has no place for has
 * the names under which DevTools exports and reads it (`_initiator`, `_priority`, …).
 *
 * Our own and not chrome-har, which leaves out requests that failed, knows pages only from events of navigations, looks
 * each event up in a list of all requests, and throws at events of another form.
 */
import type { Cookie, Entry, Har, Header, Initiator, Page, Request, Response, Timings } from 'har-format';
import type { StepRecording } from '../core/recording.ts';
import { cleanText, redactHeader, redactUrl } from '../core/text.ts';
import type { Waterfall } from '../core/waterfall.ts';
import { asText, type JsonObject } from './json-values.ts';
import { headerOf, type LoggedInitiator } from './network-fields.ts';
import type { LoggedRequest } from './network-log.ts';
import { readRequests, type TimedRequest } from './network-requests.ts';

export interface HarAbout {
  /** Of Pacewright. */
  readonly version: string;
  /** ms since 1970 as ISO 8601. */
  readonly instant: (ms: number) => string;
}

export interface HarStep {
  readonly recording: StepRecording;
  /** Of the same recording: has the marks of its page. */
  readonly waterfall: Waterfall | null;
}

const longestValue = 2000;
const mostHeaders = 200;
/** 8.64e15 ms are as far as dates go (ECMA-262, 21.4.1.1). */
const lastInstant = 8.64e15;

function headersOf(headers: JsonObject): Header[] {
  return Object.entries(headers)
    .slice(0, mostHeaders)
    .flatMap(([key, value]) => {
      const name = cleanText(key, 100);
      return [{ name, value: redactHeader(key, asText(value) ?? '', longestValue) }];
    });
}

/** Names are kept: which cookies there are, and how many, costs bytes. */
function cookiesOf(header: string | null, separator: RegExp): Cookie[] {
  const parts = header === null ? [] : header.split(separator).slice(0, mostHeaders);
  return parts
    .map((part) => cleanText(part.split('=', 1)[0] ?? '', 100))
    .filter((name) => name !== '')
    .map((name) => ({ name, value: 'REDACTED' }));
}

function queryOf(url: string): Header[] {
  const parameters = URL.canParse(url) ? [...new URL(url).searchParams] : [];
  return parameters.map(([name, value]) => ({ name: cleanText(name, 100), value: cleanText(value, longestValue) }));
}

function requestOf({ request }: TimedRequest, protocol: string): Request {
  const url = redactUrl(request.url, longestValue);
  const headers = request.sentHeaders ?? request.headers;
  return {
    method: cleanText(request.method, 20),
    url,
    httpVersion: protocol,
    cookies: cookiesOf(headerOf(headers, 'cookie'), /;\s*/),
    headers: headersOf(headers),
    queryString: queryOf(url),
    headersSize: -1,
    bodySize: request.bodyBytes,
  };
}

/** Under the name that DevTools gives it. */
type HarResponse = Response & { readonly _error: string | null };

function responseOf({ request, bytes }: TimedRequest, protocol: string): HarResponse {
  const { response } = request;
  const headers = request.receivedHeaders ?? response?.headers ?? {};
  // HTTP/2 and 3 compress heads, so that only of older ones it is known what of the bytes was body
  const head = response && /^http\/1/i.test(protocol) && bytes > 0 ? Math.min(response.headBytes, bytes) : -1;
  const body = head >= 0 ? bytes - head : bytes;
  const saved = request.redirected ? 0 : request.decoded - body;
  const location = headerOf(headers, 'location');
  return {
    status: request.rawStatus ?? response?.status ?? 0,
    statusText: cleanText(response?.statusText ?? '', 100),
    httpVersion: protocol,
    cookies: cookiesOf(headerOf(headers, 'set-cookie'), /\n/),
    headers: headersOf(headers),
    content: {
      size: request.redirected ? 0 : request.decoded,
      mimeType: cleanText(response?.mime ?? '', 100) || 'x-unknown',
      ...(saved > 0 && bytes > 0 ? { compression: saved } : {}),
    },
    redirectURL: location === null ? '' : redactUrl(location, longestValue),
    headersSize: head,
    bodySize: body,
    _transferSize: bytes,
    _error: request.failed === null ? null : cleanText(request.failed),
  };
}

/** -1 stands for what did not happen; `connect` holds `ssl`, and all but `ssl` sum to the time of the entry. */
function timingsOf({ times: { start, end, phases } }: TimedRequest): Timings {
  if (phases === null) {
    const all = end === null ? 0 : Math.max(0, end - start);
    return { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: all, receive: 0 };
  }
  const { queued, dns, connect, tls, send, wait, receive } = phases;
  const happened = (ms: number): number => (ms > 0 ? ms : -1);
  return {
    blocked: queued,
    dns: happened(dns),
    connect: happened(connect + tls),
    ssl: happened(tls),
    send,
    wait,
    receive,
  };
}

function initiatorOf({ type, url, line, stack }: LoggedInitiator): Initiator {
  const callFrames = stack
    .flatMap((part) => part.frames)
    .slice(0, 20)
    .map((frame) => ({
      functionName: cleanText(frame.function, 100),
      scriptId: '',
      url: redactUrl(frame.url),
      lineNumber: frame.line,
      columnNumber: frame.column,
    }));
  return {
    type: cleanText(type, 20),
    ...(url === null ? {} : { url: redactUrl(url) }),
    ...(line === null ? {} : { lineNumber: line }),
    ...(callFrames.length === 0 ? {} : { stack: { callFrames } }),
  };
}

function entryOf(timed: TimedRequest, pageref: string, startedDateTime: string): Entry {
  const { request } = timed;
  const { response, fromMemory } = request;
  const protocol = cleanText(response?.protocol ?? '', 20) || 'unknown';
  const timings = timingsOf(timed);
  const { blocked = 0, dns = 0, connect = 0, send = 0, wait, receive } = timings;
  const time = [blocked, dns, connect, send, wait, receive].reduce((sum, ms) => sum + Math.max(0, ms), 0);
  return {
    pageref,
    startedDateTime,
    time: Math.round(time * 1000) / 1000,
    request: requestOf(timed, protocol),
    response: responseOf(timed, protocol),
    cache: {},
    timings,
    ...(response?.address ? { serverIPAddress: cleanText(response.address, 60).replaceAll(/^\[|\]$/g, '') } : {}),
    ...(response?.connection ? { connection: response.connection } : {}),
    ...(fromMemory ? { _fromCache: 'memory' } : response?.cache === 'disk' ? { _fromCache: 'disk' } : {}),
    _initiator: initiatorOf(request.initiator),
    _priority: cleanText(request.priority ?? '', 20),
    _initialPriority: cleanText(request.initialPriority ?? '', 20),
    _resourceType: cleanText(request.type, 20).toLowerCase() as Entry['_resourceType'],
    ...(request.renderBlocking === null ? {} : { _renderBlocking: snakeCase(request.renderBlocking) }),
  };
}

/** `InBodyParserBlocking` as traces and the web platform write it. */
function snakeCase(word: string): string {
  return cleanText(word, 40)
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase();
}

/** ms between Chrome's monotonic clock and 1970, by a request whose time is known on both. */
function clockOffset(requests: readonly LoggedRequest[]): number {
  const known = requests.find(({ wallTime, issued }) => wallTime !== null && Number.isFinite(wallTime - issued));
  return known && known.wallTime !== null ? (known.wallTime - known.issued) * 1000 : 0;
}

/** @param steps of one pass, in their order */
export function buildHar(steps: readonly HarStep[], { version, instant }: HarAbout): Har {
  const read = steps.map((step) => ({ ...step, requests: readRequests(step.recording).timed }));
  const offset = clockOffset(read.flatMap(({ requests }) => requests.map(({ request }) => request)));
  const at = (ms: number): string => instant(Math.min(lastInstant, Math.max(0, offset + ms)));
  const pages = read.map(({ recording, waterfall }, index): Page => {
    const mark = (id: string): number => waterfall?.marks.find((each) => each.id === id)?.at ?? -1;
    return {
      startedDateTime: at(recording.start / 1000),
      id: `page_${index + 1}`,
      title: cleanText(recording.name),
      pageTimings: { onContentLoad: mark('DOMContentLoaded'), onLoad: mark('load') },
    };
  });
  const entries = read.flatMap(({ requests }, index) =>
    requests.map((timed) => ({
      start: timed.times.start,
      entry: entryOf(timed, `page_${index + 1}`, at(timed.times.start)),
    })),
  );
  return {
    log: {
      version: '1.2',
      creator: { name: 'Pacewright', version },
      pages,
      entries: entries.toSorted((a, b) => a.start - b.start).map(({ entry }) => entry),
    },
  };
}
