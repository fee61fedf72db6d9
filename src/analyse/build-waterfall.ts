/** The network of a step in its first diagnosis pass. Pure, and linear in the number of requests. */
import type { RequestRecord } from '../core/sample.ts';
import { resourceType } from '../core/resource-type.ts';
import type { StepRecording } from '../core/recording.ts';
import { sameSite } from '../core/site.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import type { Waterfall, WaterfallRequest } from '../core/waterfall.ts';
import { headerOf } from './network-fields.ts';
import { type InitiatorPlace, linkRequests, locateRequests, type PlaceResolver } from './network-initiators.ts';
import type { LoggedRequest } from './network-log.ts';
import { readRequests, type TimedRequest } from './network-requests.ts';
import { readNetworkTrace, type TraceFacts, type WaterfallTrace } from './network-trace.ts';

export interface WaterfallInput {
  readonly trace: WaterfallTrace;
  readonly resolver: PlaceResolver;
  /** Of the page under test, to tell first from third parties. */
  readonly pageUrl: string;
}

function clean(text: string | null, limit = 100): string | null {
  return text === null || text === '' ? null : cleanText(text, limit);
}

/**
 * Whether rendering waited for it. A script in the body stops the parser alone; as in DevTools it counts where it is
 * so early that Chrome gave it a high priority.
 */
function blocksRendering(request: LoggedRequest, facts: TraceFacts): boolean | null {
  const told = facts.blocking.get(request.id) ?? request.renderBlocking;
  const word = told?.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (word === 'blocking') return true;
  if (word === 'inbodyparserblocking') {
    return request.priority === 'VeryHigh' || (request.type === 'Script' && request.priority === 'High');
  }
  if (word !== undefined) return false;
  return ['Stylesheet', 'Script'].includes(request.type) ? null : false;
}

/** `pingAll (src/app.js:16)`. */
function describePlace(place: SourceLocation): string {
  const file = `${cleanText(place.file, 120)}:${place.line}`;
  return place.function === null ? file : `${cleanText(place.function, 60)} (${file})`;
}

interface Context {
  readonly recording: StepRecording;
  readonly facts: TraceFacts;
  readonly pageUrl: string;
  readonly places: ReadonlyMap<LoggedRequest, InitiatorPlace>;
  /** The page's own frame. */
  readonly frame: string | null;
  /** Position of each request, after sorting. */
  readonly position: ReadonlyMap<LoggedRequest, number>;
  readonly links: ReadonlyMap<LoggedRequest, LoggedRequest | null>;
}

function describeRequest({ request, times, record, bytes }: TimedRequest, context: Context): WaterfallRequest {
  const { recording, facts, pageUrl, position, links, frame } = context;
  const { response, initiator } = request;
  const zero = recording.start / 1000;
  const shift = (ms: number): number => Math.round((ms - zero) * 1000) / 1000;
  const place = context.places.get(request);
  const leader = links.get(request) ?? null;
  const headers = request.receivedHeaders ?? response?.headers ?? {};
  return {
    url: redactUrl(request.url),
    method: cleanText(request.method, 20),
    type: record?.type ?? resourceType(request.type),
    party: record?.party ?? (sameSite(request.url, pageUrl) ? 'first-party' : 'third-party'),
    status: request.rawStatus ?? response?.status ?? record?.status ?? null,
    failed: request.failed === null ? (record?.failed ?? null) : cleanText(request.failed),
    protocol: clean(response?.protocol ?? null, 20),
    mime: clean(response?.mime ?? null),
    priority: clean(request.priority, 20),
    initialPriority: clean(request.initialPriority, 20),
    initiator: {
      kind: request.redirectedFrom ? 'redirect' : cleanText(initiator.type, 20),
      url: initiator.url === null ? null : redactUrl(initiator.url),
      location: place?.location ?? null,
      callers: [...new Set((place?.callers ?? []).map(describePlace))],
      request: leader === null ? null : (position.get(leader) ?? null),
    },
    // what a frame waits for keeps nothing of the page itself
    renderBlocking: frame === request.frame || frame === null ? blocksRendering(request, facts) : false,
    cache: request.fromMemory ? 'memory' : (response?.cache ?? 'network'),
    start: shift(times.start),
    end: times.end === null ? null : shift(times.end),
    phases: times.phases,
    bytes,
    decoded: response === null || request.redirected ? null : request.decoded,
    encoding: clean(headerOf(headers, 'content-encoding'), 40),
    cacheControl: clean(headerOf(headers, 'cache-control'), 200),
    lcp: false,
  };
}

/** What the light collectors counted and no event told of: Playwright saw it, in a frame or worker of its own. */
function describeRecord(record: RequestRecord, start: number): WaterfallRequest {
  return {
    url: record.url,
    method: record.method,
    type: record.type,
    party: record.party,
    status: record.status,
    failed: record.failed,
    protocol: null,
    mime: null,
    priority: null,
    initialPriority: null,
    initiator: { kind: 'other', url: null, location: null, callers: [], request: null },
    renderBlocking: null,
    cache: record.fromCache ? 'memory' : 'network',
    start,
    end: null,
    phases: null,
    bytes: record.bytes,
    decoded: null,
    encoding: null,
    cacheControl: null,
    lcp: false,
  };
}

/** The request that brought the largest paint: the last one for its URL that had ended by then. */
function markLcp(requests: WaterfallRequest[], recording: StepRecording, marks: Waterfall['marks']): void {
  const url = recording.sample.attribution.lcp?.url;
  const painted = marks.find(({ id }) => id === 'LCP')?.at ?? Number.POSITIVE_INFINITY;
  if (!url) return;
  const matching = requests.filter((request) => request.url === url && request.initiator.kind !== 'redirect');
  // 10 ms: Chrome rounds the time of a paint to 4 ms, and the clocks of its processes differ by less than that
  const found = matching.findLast(({ end }) => end !== null && end <= painted + 10) ?? matching[0];
  if (found) requests[requests.indexOf(found)] = { ...found, lcp: true };
}

/** Never throws for what the events hold: what is not of the expected form is left out. */
export function buildWaterfall(recording: StepRecording, { trace, resolver, pageUrl }: WaterfallInput): Waterfall {
  const { timed, unseen, left } = readRequests(recording);
  const logged = timed.map(({ request }) => request);
  const facts = readNetworkTrace(trace, recording, timed[0] ? timed[0].times.start * 1000 : null);
  const context: Context = {
    recording,
    facts,
    pageUrl,
    places: locateRequests(logged, resolver, pageUrl),
    frame: facts.frame ?? logged.find(({ type }) => type === 'Document')?.frame ?? null,
    position: new Map(logged.map((request, index) => [request, index])),
    links: linkRequests(logged),
  };
  const requests = timed.map((one) => describeRequest(one, context));
  // when they were asked for is not known; behind all others they change nobody's position
  const last = requests.at(-1)?.start ?? 0;
  requests.push(...unseen.map((record) => describeRecord(record, last)));
  markLcp(requests, recording, facts.marks);
  const notes: string[] = [];
  if (left > 0) notes.push(`The first ${timed.length} of ${timed.length + left} requests are shown.`);
  if (unseen.length > 0)
    notes.push(`When ${unseen.length} of the requests were sent is not known: only Playwright saw them.`);
  if (recording.network.length === 0 && unseen.length > 0) notes.push('No network events were recorded in this step.');
  return {
    requests,
    marks: facts.marks,
    shots: facts.shots,
    tasks: facts.tasks,
    length: (recording.end - recording.start) / 1000,
    notes,
  };
}
