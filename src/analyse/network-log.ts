/**
 * The protocol's network events of a step as a list of requests, a redirect being a request of its own. Events of
 * requests that began elsewhere are passed over. Linear in the events.
 */
import type { NetworkEvent } from '../core/recording.ts';
import { asNumber, asObject, asText, type JsonObject } from './json-values.ts';
import { type LoggedInitiator, type LoggedResponse, readInitiator, readResponse } from './network-fields.ts';

/** Times in s of Chrome's monotonic clock. */
export interface LoggedRequest {
  readonly id: string;
  readonly url: string;
  method: string;
  /** `Network.ResourceType`. */
  type: string;
  frame: string | null;
  issued: number;
  /** s since 1970 at `issued`. */
  wallTime: number | null;
  headers: JsonObject;
  bodyBytes: number;
  initialPriority: string | null;
  priority: string | null;
  /** `Network.RenderBlockingBehavior`. */
  renderBlocking: string | null;
  initiator: LoggedInitiator;
  redirectedFrom: LoggedRequest | null;
  webSocket: boolean;
  /** The browser's own, for an icon: it makes it when it likes, so that no metric counts it. */
  hidden: boolean;
  response: LoggedResponse | null;
  fromMemory: boolean;
  /** Bytes of the body, decompressed, that have come. */
  decoded: number;
  /** Null while it is open. */
  ended: number | null;
  /** On the wire, head included; null where Chrome did not say. */
  encoded: number | null;
  failed: string | null;
  redirected: boolean;
  /** Headers as they were sent and came, cookies included; null where Chrome did not say. */
  sentHeaders: JsonObject | null;
  receivedHeaders: JsonObject | null;
  /** As the server sent it, where Chrome showed the page another one (304). */
  rawStatus: number | null;
}

const overNetwork = /^https?:/i;

interface Extra {
  readonly headers: JsonObject;
  readonly status: number | null;
}

class NetworkLog {
  readonly requests: LoggedRequest[] = [];
  private readonly current = new Map<string, LoggedRequest>();
  /** Every request of an id, redirects in order: what is told beside the main events comes before or after those. */
  private readonly hops = new Map<string, { request: LoggedRequest; sent: boolean; received: boolean }[]>();
  private readonly sent = new Map<string, Extra[]>();
  private readonly received = new Map<string, Extra[]>();

  add({ method, params }: NetworkEvent): void {
    const event = asObject(params);
    const id = asText(event['requestId']);
    if (id === null) return;
    if (method === 'Network.requestWillBeSent') this.begin(id, event);
    else if (method === 'Network.webSocketCreated') this.open(id, event);
    else if (method === 'Network.requestWillBeSentExtraInfo') this.extra(this.sent, id, event);
    else if (method === 'Network.responseReceivedExtraInfo') this.extra(this.received, id, event);
    else {
      const request = this.current.get(id);
      if (request) this.continue(request, method, event);
    }
  }

  private extra(list: Map<string, Extra[]>, id: string, event: JsonObject): void {
    const known = list.get(id) ?? [];
    known.push({ headers: asObject(event['headers']), status: asNumber(event['statusCode']) });
    list.set(id, known);
  }

  private begin(id: string, event: JsonObject): void {
    const request = asObject(event['request']);
    const url = asText(request['url']) ?? '';
    const issued = asNumber(event['timestamp']);
    const previous = this.current.get(id) ?? null;
    const redirect = event['redirectResponse'];
    if (issued === null || !overNetwork.test(url)) return;
    // The same request seen from two sessions.
    if (previous && redirect === undefined) return;
    if (previous) {
      const response = readResponse(redirect);
      Object.assign(previous, { response, encoded: response.headBytes, ended: issued, redirected: true });
      const hop = this.hops.get(id)?.at(-1);
      if (hop && event['redirectHasExtraInfo'] === false) Object.assign(hop, { sent: false, received: false });
    }
    const initiator = readInitiator(event['initiator']);
    const type = asText(event['type']) ?? 'Other';
    const priority = asText(request['initialPriority']);
    this.keep({
      ...blank(id, url, issued),
      method: asText(request['method']) ?? 'GET',
      type,
      frame: asText(event['frameId']),
      wallTime: asNumber(event['wallTime']),
      headers: asObject(request['headers']),
      bodyBytes: asText(request['postData'])?.length ?? 0,
      initialPriority: priority,
      priority,
      renderBlocking: asText(event['renderBlockingBehavior']),
      initiator,
      redirectedFrom: redirect === undefined ? null : previous,
      hidden: type === 'Other' && initiator.type === 'other',
    });
  }

  /** A WebSocket is created without a time; the handshake has one. */
  private open(id: string, event: JsonObject): void {
    const url = asText(event['url']);
    if (url === null || this.current.has(id)) return;
    const initiator = readInitiator(event['initiator']);
    this.keep({ ...blank(id, url, Number.NaN), type: 'WebSocket', initiator, webSocket: true });
  }

  private keep(request: LoggedRequest): void {
    this.requests.push(request);
    this.current.set(request.id, request);
    const hops = this.hops.get(request.id) ?? [];
    hops.push({ request, sent: true, received: true });
    this.hops.set(request.id, hops);
  }

  private continue(request: LoggedRequest, method: string, event: JsonObject): void {
    const at = asNumber(event['timestamp']);
    switch (method) {
      case 'Network.requestServedFromCache':
        request.fromMemory = true;
        break;
      case 'Network.resourceChangedPriority':
        request.priority = asText(event['newPriority']) ?? request.priority;
        break;
      case 'Network.responseReceived':
        request.response = readResponse(event['response']);
        request.type = asText(event['type']) ?? request.type;
        if (event['hasExtraInfo'] === false) this.withoutExtra(request);
        break;
      case 'Network.dataReceived':
        request.decoded += Math.max(0, asNumber(event['dataLength']) ?? 0);
        break;
      case 'Network.loadingFinished':
        Object.assign(request, { ended: at, encoded: asNumber(event['encodedDataLength']) });
        break;
      case 'Network.loadingFailed': {
        // A page that aborts its own request has not failed.
        const text = event['canceled'] === true ? null : (asText(event['errorText']) ?? 'failed');
        Object.assign(request, { ended: at, failed: text });
        break;
      }
      case 'Network.webSocketWillSendHandshakeRequest': {
        const { headers } = asObject(event['request']);
        const wallTime = asNumber(event['wallTime']);
        Object.assign(request, { issued: at ?? Number.NaN, wallTime, headers: asObject(headers) });
        break;
      }
      case 'Network.webSocketHandshakeResponseReceived':
        request.response = { ...readResponse(event['response']), protocol: 'websocket' };
        break;
      case 'Network.webSocketClosed':
        request.ended = at;
        break;
      default:
    }
  }

  private withoutExtra(request: LoggedRequest): void {
    const hop = this.hops.get(request.id)?.at(-1);
    if (hop) Object.assign(hop, { sent: false, received: false });
  }

  finish(): LoggedRequest[] {
    for (const [id, hops] of this.hops) {
      const sent = this.sent.get(id) ?? [];
      const received = this.received.get(id) ?? [];
      for (const [index, { request }] of hops.filter((hop) => hop.sent).entries())
        request.sentHeaders = sent[index]?.headers ?? null;
      for (const [index, { request }] of hops.filter((hop) => hop.received).entries()) {
        request.receivedHeaders = received[index]?.headers ?? null;
        request.rawStatus = received[index]?.status ?? null;
      }
    }
    return this.requests.filter(({ issued }) => Number.isFinite(issued));
  }
}

function blank(id: string, url: string, issued: number): LoggedRequest {
  return {
    id,
    url,
    method: 'GET',
    type: 'Other',
    frame: null,
    issued,
    wallTime: null,
    headers: {},
    bodyBytes: 0,
    initialPriority: null,
    priority: null,
    renderBlocking: null,
    initiator: readInitiator(undefined),
    redirectedFrom: null,
    webSocket: false,
    hidden: false,
    response: null,
    fromMemory: false,
    decoded: 0,
    ended: null,
    encoded: null,
    failed: null,
    redirected: false,
    sentHeaders: null,
    receivedHeaders: null,
    rawStatus: null,
  };
}

/** In the order in which they were asked for. */
export function readNetworkLog(events: readonly NetworkEvent[]): LoggedRequest[] {
  const log = new NetworkLog();
  for (const event of events) log.add(event);
  return log.finish().toSorted((a, b) => a.issued - b.issued);
}
