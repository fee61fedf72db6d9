/** What the rules about the network read: requests by what led to them, and what of a metric a delay accounts for. */
import type { Finding } from '../core/finding.ts';
import type { StepSample } from '../core/sample.ts';
import type { Waterfall, WaterfallRequest } from '../core/waterfall.ts';

export interface NetworkFacts {
  readonly waterfall: Waterfall;
  readonly sample: StepSample;
  readonly requests: readonly WaterfallRequest[];
  /** Requests that each led to, by position. */
  readonly children: readonly (readonly number[])[];
  /** ms that the server took for each beyond the fastest answer of that host, which is the way there and back. */
  readonly excess: readonly number[];
  /** Position of the page's own document, behind its redirects; null in a step without a navigation. */
  readonly document: number | null;
  /** Host of the page. */
  readonly origin: string;
  /** ms from the start of the step. */
  readonly fcp: number | null;
  readonly lcp: number | null;
}

const longestName = 70;

/** A server that takes longer than this does something; what is nearer than a tenth of a second no user sees. */
export const slowAnswer = 100;

/** `/api/products?q=1` within the page's own origin, `cdn.test/a.js` elsewhere; of a long one the beginning and the end. */
export function shortUrl(url: string, origin: string, limit = longestName): string {
  const own = origin !== '' && url.startsWith(`${origin}/`);
  const name = own ? url.slice(origin.length) : url.replace(/^[a-z]+:\/\//i, '');
  if (name.length <= limit) return name;
  const head = Math.floor(limit / 3);
  return `${name.slice(0, head)}…${name.slice(head + 1 - limit)}`.toWellFormed();
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** The first document, and what redirected to what; frames' documents are named by the markup of another. */
function findDocument(requests: readonly WaterfallRequest[]): number | null {
  let found = requests.findIndex(({ type, initiator }) => type === 'document' && initiator.kind !== 'parser');
  if (found < 0) return null;
  for (let hop = 0; hop < requests.length; hop += 1) {
    const from = found;
    const next = requests.findIndex(
      ({ initiator }, index) => index > from && initiator.kind === 'redirect' && initiator.request === from,
    );
    if (next < 0) break;
    found = next;
  }
  return found;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

/** Of a host that answered once nothing is known but that answer. */
function findExcess(requests: readonly WaterfallRequest[]): number[] {
  const waits = Map.groupBy(
    requests.filter(({ phases, cache }) => phases !== null && cache === 'network'),
    ({ url }) => hostOf(url),
  );
  const least = new Map(
    [...waits].map(([host, group]) => [host, Math.min(...group.map(({ phases }) => phases?.wait ?? 0))]),
  );
  return requests.map(({ url, phases, cache }) => {
    if (phases === null || cache !== 'network') return 0;
    const host = hostOf(url);
    return phases.wait - ((waits.get(host)?.length ?? 0) > 1 ? (least.get(host) ?? 0) : 0);
  });
}

export function readFacts(waterfall: Waterfall, sample: StepSample): NetworkFacts {
  const { requests, marks } = waterfall;
  const children = requests.map((): number[] => []);
  for (const [index, { initiator }] of requests.entries()) {
    if (initiator.request !== null && initiator.request !== index) children[initiator.request]?.push(index);
  }
  const document = sample.kind === 'navigation' ? findDocument(requests) : null;
  const mark = (id: string): number | null => marks.find((each) => each.id === id)?.at ?? null;
  return {
    waterfall,
    sample,
    requests,
    children,
    excess: findExcess(requests),
    document,
    origin: originOf((document === null ? null : requests[document]?.url) ?? sample.url),
    fcp: mark('FCP'),
    lcp: mark('LCP'),
  };
}

/** Positions from the request itself back to what led to it first. */
export function pathTo(facts: NetworkFacts, index: number): number[] {
  const path: number[] = [];
  const seen = new Set<number>();
  for (
    let at: number | null = index;
    at !== null && !seen.has(at);
    at = facts.requests[at]?.initiator.request ?? null
  ) {
    seen.add(at);
    path.push(at);
  }
  return path;
}

/** ms after the end of a request in which others are taken to wait for it, where nothing says what they wait for. */
const patience = 100;

/** Whether it was asked for right behind that end; while long tasks run, the main thread cannot ask. */
export function follows({ waterfall: { tasks } }: NetworkFacts, start: number, end: number): boolean {
  if (start < end) return false;
  const busy = tasks.reduce((sum, task) => {
    return sum + Math.max(0, Math.min(start, task.start + task.duration) - Math.max(end, task.start));
  }, 0);
  return start - end - busy <= patience;
}

/**
 * Whether what led to a request is also what it waited for: the script that holds the place has come long before, when
 * rendering or a timer asks for something, and the document long before a script inserts an image into it.
 */
function isExplained({ requests }: NetworkFacts, { start, initiator }: WaterfallRequest): boolean {
  const end = initiator.request === null ? null : (requests[initiator.request]?.end ?? null);
  return end !== null && start - end <= 2 * patience;
}

/** Positions of all that waited for a request, as far as is known or likely, itself included. */
function waitingFor(facts: NetworkFacts, index: number): Set<number> {
  const waiting = new Set([index]);
  const ends = [facts.requests[index]?.end ?? Number.NaN];
  for (const [at, request] of facts.requests.entries()) {
    const { start, end, initiator } = request;
    if (waiting.has(at)) continue;
    const led = initiator.request !== null && waiting.has(initiator.request);
    const before = ends.reduce((latest, each) => (each <= start ? Math.max(latest, each) : latest), -Infinity);
    if (!led && (isExplained(facts, request) || !follows(facts, start, before))) continue;
    waiting.add(at);
    if (end !== null) ends.push(end);
  }
  return waiting;
}

/**
 * How much earlier the step's last request had ended, had this one ended `delay` ms earlier: not at all where something
 * that did not wait for it ended later still.
 */
export function savedDuration(facts: NetworkFacts, index: number, delay: number): number {
  const waiting = waitingFor(facts, index);
  let last = 0;
  let others = 0;
  for (const [at, { end, protocol }] of facts.requests.entries()) {
    if (protocol === 'websocket') continue;
    if (waiting.has(at)) last = Math.max(last, end ?? 0);
    else others = Math.max(others, end ?? 0);
  }
  return Math.max(0, Math.min(delay, last - others));
}

/** How much earlier the largest paint would have been, had a request that it waited for ended `delay` ms earlier. */
export function savedLcp(facts: NetworkFacts, index: number, delay: number): number {
  const { requests, lcp, fcp } = facts;
  const resource = requests.findIndex((request) => request.lcp);
  const end = requests[index]?.end ?? null;
  if (lcp === null || end === null || end > lcp + 10) return 0;
  if (resource >= 0) {
    // it would not be painted before anything is
    const most = (requests[resource]?.end ?? 0) - (fcp ?? 0);
    return waitingFor(facts, index).has(resource) ? Math.max(0, Math.min(delay, most)) : 0;
  }
  // Text that comes after the first paint, right behind an answer, most likely shows what was answered.
  const { type } = requests[index] ?? {};
  const after = requests.some((other) => other.type === 'fetch' && (other.end ?? 0) > end && (other.end ?? 0) <= lcp);
  const late = fcp !== null && lcp > fcp + 20 && lcp - end <= 1.5 * patience;
  return type === 'fetch' && late && !after ? Math.min(delay, lcp - (fcp ?? 0)) : 0;
}

/** Amounts without those that are nothing, and none larger than the metric was in this pass. */
export function explain(facts: NetworkFacts, amounts: Readonly<Record<string, number>>): Finding['explains'] {
  const { metrics } = facts.sample;
  const kept: Record<string, number> = {};
  for (const [id, amount] of Object.entries(amounts)) {
    const value = metrics[id];
    const capped = value === undefined ? 0 : Math.min(amount, value);
    if (capped > 0) kept[id] = capped;
  }
  return kept;
}

/** Bytes or requests by all metrics that count them: the total, the type, the party. */
export function byMetric(
  family: 'bytes' | 'requests',
  requests: readonly WaterfallRequest[],
  amount: (request: WaterfallRequest) => number,
): Record<string, number> {
  const amounts: Record<string, number> = {};
  for (const request of requests) {
    for (const part of ['total', request.type, request.party]) {
      const id = `${family}.${part}`;
      amounts[id] = (amounts[id] ?? 0) + amount(request);
    }
  }
  return amounts;
}

/** ms from asking to the end; 0 while it is open. */
export function lengthOf({ start, end }: WaterfallRequest): number {
  return (end ?? start) - start;
}

/** Whether it came over the network, as `bytes.*` and `requests.*` count. */
export function isSent({ cache, protocol }: WaterfallRequest): boolean {
  return cache === 'network' && protocol !== 'websocket';
}
