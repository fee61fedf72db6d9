/**
 * Requests and bytes of a page. The page's DevTools session counts bytes as they came over the wire; what it does not
 * see (cross-process frames, workers) is added from Playwright's own events, so that nothing is left out silently.
 */
import type { BrowserContext, CDPSession, Request } from '@playwright/test';
import { resourceTypes } from '../core/metrics.ts';
import { matchesName } from '../core/precedence.ts';
import { resourceType } from '../core/resource-type.ts';
import type { RequestRecord } from '../core/sample.ts';
import { sameSite } from '../core/site.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { overNetwork, type SeenRequest, watchSession } from './session-requests.ts';

// Connections that stay open by design say nothing about whether a page is done.
const endless = new Set(['eventsource', 'websocket', 'ping', 'cspviolationreport', 'manifest']);

/** Requests that began in one stretch of time; what they cost is known when they have ended. */
export interface RequestBatch {
  readonly seen: readonly SeenRequest[];
  readonly byPlaywright: readonly Request[];
  /** Requests of the browser itself, for icons: it makes them when it likes, so they are left out always. */
  readonly hidden: ReadonlySet<string>;
}

export interface NetworkCollector {
  /** Requests under way, as `GET https://…` with secrets redacted. */
  openRequests(): string[];
  /** ms since a request last started or ended; Infinity if none did. */
  sinceNetwork(): number;
  /** `performance.now()` of that moment; 0 if there was none. */
  lastActivity(): number;
  networkChange(ms: number): Promise<void>;
  /** Requests that began since the last call; some may still be open. */
  take(): RequestBatch;
  dispose(): void;
}

/**
 * Watches a page from before its first navigation; nothing on disk or in the page is touched.
 * @param ignore globs of URLs that count as open requests never; their bytes are counted all the same
 */
export async function watchNetwork(
  context: BrowserContext,
  session: CDPSession,
  ignore: readonly string[] = [],
): Promise<NetworkCollector> {
  let seen: SeenRequest[] = [];
  let byPlaywright: Request[] = [];
  let lastActivity = 0;
  const open = new Map<Request, string>();
  const waiting = new Set<() => void>();
  const changed = (): void => {
    lastActivity = performance.now();
    for (const wake of [...waiting]) wake();
  };
  const onRequest = (request: Request): void => {
    if (!overNetwork(request.url())) return;
    byPlaywright.push(request);
    if (endless.has(request.resourceType()) || ignore.some((glob) => matchesName(glob, request.url()))) return;
    open.set(request, `${request.method()} ${redactUrl(request.url(), 120)}`);
    changed();
  };
  const onEnd = (request: Request): void => {
    if (open.delete(request)) changed();
  };
  context.on('request', onRequest);
  context.on('requestfinished', onEnd);
  context.on('requestfailed', onEnd);
  const hidden = new Set<string>();
  const unwatch = watchSession(
    session,
    (request) => seen.push(request),
    (key) => hidden.add(key),
  );
  // Bodies are not ours to keep: without buffers Chrome does not hold on to them for our session.
  await session.send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0 });

  return {
    openRequests: () => [...open.values()],
    sinceNetwork: () => (lastActivity === 0 ? Number.POSITIVE_INFINITY : performance.now() - lastActivity),
    lastActivity: () => lastActivity,
    networkChange: (ms) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.max(0, ms));
        waiting.add(wake);
      }),
    take: () => {
      const batch: RequestBatch = { seen, byPlaywright, hidden };
      seen = [];
      byPlaywright = [];
      return batch;
    },
    dispose: () => {
      unwatch();
      context.off('request', onRequest);
      context.off('requestfinished', onEnd);
      context.off('requestfailed', onEnd);
      for (const wake of [...waiting]) wake();
    },
  };
}

/**
 * The requests of a batch as they stand now, at best at the end of the flow. The page's session sees the start of
 * worker scripts and of documents of cross-process frames, but not their end, and nothing of what those load: both are
 * completed from Playwright's events.
 * @param page URL of the page, to tell first from third party
 */
export async function readBatch(batch: RequestBatch, page: string): Promise<RequestRecord[]> {
  const partners = Map.groupBy(batch.byPlaywright, (request) => `${request.method()} ${request.url()}`);
  const seen = batch.seen.map(async (request) => {
    const partner = partners.get(`${request.method} ${request.url}`)?.shift();
    return request.done || !partner ? request : { ...(await readUnseen(partner)), type: request.type };
  });
  const known = await Promise.all(seen);
  const unseen = [...partners].filter(([key]) => !batch.hidden.has(key)).flatMap(([, requests]) => requests);
  const all = [...known, ...(await Promise.all(unseen.map(readUnseen)))];
  return all.map((request) => toRecord(request, page));
}

async function readUnseen(request: Request): Promise<SeenRequest> {
  // A request still open has neither response nor sizes, and asking would wait for it.
  const ended = request.timing().responseEnd >= 0;
  const response = ended ? await request.response().catch(() => null) : null;
  const whole = request.method() === 'GET' && response?.status() === 200;
  const announced = whole ? Number(response.headers()['content-length'] ?? 0) || 0 : 0;
  const failure = request.failure()?.errorText ?? null;
  const sizes = response ? await request.sizes().catch(() => null) : null;
  return {
    url: request.url(),
    method: request.method(),
    type: resourceType(request.resourceType()),
    status: response?.status() ?? null,
    // Of worker scripts Chrome tells nobody how long the body was: what the server announced is all there is.
    bytes: sizes ? sizes.responseHeadersSize + (sizes.responseBodySize || announced) : 0,
    fromCache: response?.fromServiceWorker() ?? false,
    // A page that aborts its own request has not failed.
    failed: failure === 'net::ERR_ABORTED' ? null : failure,
    done: ended,
  };
}

function toRecord(request: SeenRequest, page: string): RequestRecord {
  return {
    url: redactUrl(request.url),
    method: cleanText(request.method, 20),
    type: request.type,
    party: sameSite(request.url, page) ? 'first-party' : 'third-party',
    status: request.status,
    bytes: request.bytes,
    fromCache: request.fromCache,
    failed: request.failed === null ? null : cleanText(request.failed),
  };
}

/** `bytes.*`, `requests.*` and `requests.failed` of a step's requests; what the cache answered counts as nothing. */
export function networkMetrics(requests: readonly RequestRecord[]): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const type of resourceTypes) {
    const matching = requests.filter(
      (request) => !request.fromCache && (type === 'total' || request.type === type || request.party === type),
    );
    metrics[`bytes.${type}`] = matching.reduce((sum, request) => sum + request.bytes, 0);
    metrics[`requests.${type}`] = matching.length;
  }
  metrics['requests.failed'] = requests.filter(
    (request) => request.failed !== null || (request.status ?? 0) >= 400,
  ).length;
  return metrics;
}
