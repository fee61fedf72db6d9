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
import { type LoggedRequest, readNetworkLog } from './network-log.ts';
import { readTimes, type RequestTimes } from './network-phases.ts';
import { readNetworkTrace, type TraceFacts, type WaterfallTrace } from './network-trace.ts';

export interface WaterfallInput {
  readonly trace: WaterfallTrace;
  readonly resolver: PlaceResolver;
  /** Of the page under test, to tell first from third parties. */
  readonly pageUrl: string;
}

/** A page that polls for minutes has no end of them, and a document has to hold all. */
const mostRequests = 2000;

function clean(text: string | null, limit = 100): string | null {
  return text === null || text === '' ? null : cleanText(text, limit);
}

/** What the light collectors counted, by method and URL in the order of asking: the metric is made of these. */
class Counted {
  private readonly left: Map<string, RequestRecord[]>;

  constructor(records: readonly RequestRecord[]) {
    this.left = Map.groupBy(records, ({ method, url }) => `${method} ${url}`);
  }

  take(request: LoggedRequest): RequestRecord | null {
    return this.left.get(`${cleanText(request.method, 20)} ${redactUrl(request.url)}`)?.shift() ?? null;
  }

  rest(): RequestRecord[] {
    return [...this.left.values()].flat();
  }
}

/** Bytes by the rule of the metric, for what the light collectors did not count. */
function countBytes(request: LoggedRequest): number {
  if (request.webSocket || request.failed !== null) return 0;
  if (request.fromMemory || (request.response?.cache ?? 'network') !== 'network') return 0;
  return request.encoded ?? 0;
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

function describeRequest(
  request: LoggedRequest,
  times: RequestTimes,
  record: RequestRecord | null,
  context: Context,
): WaterfallRequest {
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
      callers: (place?.callers ?? []).map(describePlace),
      request: leader === null ? null : (position.get(leader) ?? null),
    },
    // what a frame waits for keeps nothing of the page itself
    renderBlocking: frame === request.frame || frame === null ? blocksRendering(request, facts) : false,
    cache: request.fromMemory ? 'memory' : (response?.cache ?? 'network'),
    start: shift(times.start),
    end: times.end === null ? null : shift(times.end),
    phases: times.phases,
    bytes: record?.bytes ?? countBytes(request),
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
  const logged = readNetworkLog(recording.network).filter(({ hidden }) => !hidden);
  const timed = logged
    .map((request) => ({ request, times: readTimes(request) }))
    .toSorted((a, b) => a.times.start - b.times.start);
  const kept = timed.slice(0, mostRequests);
  const facts = readNetworkTrace(trace, recording, kept[0] ? kept[0].times.start * 1000 : null);
  const counted = new Counted(recording.sample.requests);
  const context: Context = {
    recording,
    facts,
    pageUrl,
    places: locateRequests(
      kept.map(({ request }) => request),
      resolver,
      pageUrl,
    ),
    frame: facts.frame ?? logged.find(({ type }) => type === 'Document')?.frame ?? null,
    position: new Map(kept.map(({ request }, index) => [request, index])),
    links: linkRequests(kept.map(({ request }) => request)),
  };
  const requests = kept.map(({ request, times }) => describeRequest(request, times, counted.take(request), context));
  const unseen = kept.length < timed.length ? [] : counted.rest();
  // when they were asked for is not known; behind all others they change nobody's position
  const last = requests.at(-1)?.start ?? 0;
  requests.push(...unseen.map((record) => describeRecord(record, last)));
  markLcp(requests, recording, facts.marks);
  const notes: string[] = [];
  if (timed.length > kept.length) notes.push(`The first ${kept.length} of ${timed.length} requests are shown.`);
  if (unseen.length > 0)
    notes.push(`When ${unseen.length} of the requests were sent is not known: only Playwright saw them.`);
  if (recording.network.length === 0) notes.push('No network events were recorded in this step.');
  return {
    requests,
    marks: facts.marks,
    shots: facts.shots,
    tasks: facts.tasks,
    length: (recording.end - recording.start) / 1000,
    notes,
  };
}
