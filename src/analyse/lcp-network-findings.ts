/** What the network does to the largest and the first paint. */
import type { Finding } from '../core/finding.ts';
import type { WaterfallRequest } from '../core/waterfall.ts';
import { bytes, ms, percent, times } from './finding-text.ts';
import { explain, follows, lengthOf, type NetworkFacts, pathTo, shortUrl, slowAnswer } from './network-facts.ts';

/** Less than this is noise of one pass. */
const leastMs = 20;
const leastShare = 0.05;

function isWorth(delay: number, metric: number | null): boolean {
  return delay >= leastMs && delay >= leastShare * (metric ?? 0);
}

interface LcpResource {
  readonly index: number;
  readonly request: WaterfallRequest;
  readonly name: string;
  readonly end: number;
  /** When the page's document had come: from then on it could have been asked for. */
  readonly known: number;
}

function lcpResource(facts: NetworkFacts): LcpResource | null {
  const { requests, document, origin } = facts;
  const index = requests.findIndex(({ lcp }) => lcp);
  const request = requests[index];
  if (!request || request.end === null || document === null) return null;
  const known = requests[document]?.end ?? 0;
  return { index, request, name: shortUrl(request.url, origin), end: request.end, known };
}

/** `/app.js → /api/user → /api/orders`: what led to a request, without the document itself. */
function pathText(facts: NetworkFacts, index: number): string {
  return pathTo(facts, index)
    .slice(1)
    .filter((at) => facts.requests[at]?.type !== 'document')
    .toReversed()
    .flatMap((at) => (facts.requests[at] ? [shortUrl(facts.requests[at].url, facts.origin, 50)] : []))
    .join(' → ');
}

/** Chrome names nobody for an image that a script asks for in a task of its own: the answer that came just before. */
function likelyLeader(facts: NetworkFacts, index: number): number | null {
  const { requests } = facts;
  const asked = requests[index]?.start ?? 0;
  let latest: number | null = null;
  for (const [at, { end, type, initiator }] of requests.entries()) {
    const before = type === 'fetch' && initiator.kind === 'script' && end !== null && end <= asked;
    if (before && (latest === null || end > (requests[latest]?.end ?? 0))) latest = at;
  }
  return latest !== null && follows(facts, asked, requests[latest]?.end ?? 0) ? latest : null;
}

/** The largest image is asked for long after the document, that could have named it, had come. */
export function findLateLcp(facts: NetworkFacts): Finding[] {
  const resource = lcpResource(facts);
  if (!resource || resource.index === facts.document) return [];
  const { request, index, name, end, known } = resource;
  const delay = request.start - known;
  const path = pathText(facts, index);
  const leader = path === '' ? likelyLeader(facts, index) : null;
  // what servers took long to answer on the way is told by a rule of its own
  const waited = pathTo(facts, leader ?? index)
    .slice(leader === null ? 1 : 0)
    .map((at) => (at === facts.document ? 0 : (facts.excess[at] ?? 0)))
    .reduce((sum, excess) => sum + (excess >= slowAnswer ? excess : 0), 0);
  // asked for at once it would still have taken its time, and nothing is painted before the first paint
  const saved = Math.min(delay, end - Math.max(facts.fcp ?? 0, known + end - request.start)) - waited;
  if (!isWorth(saved, facts.lcp)) return [];
  const before = leader === null ? undefined : facts.requests[leader];
  const { location, callers } = request.initiator;
  const details = [`Asked for at ${ms(request.start)}; the document had come at ${ms(known)}.`];
  if (path !== '') details.push(`Led to by ${path}.`);
  if (waited > 0) details.push(`Beside ${ms(waited)} in which servers were long in answering.`);
  if (callers.length > 0) details.push(`Called by ${callers.join(', ')}.`);
  if (before && leader !== null) {
    const gap = ms(request.start - (before.end ?? 0));
    const way = [pathText(facts, leader), shortUrl(before.url, facts.origin)].filter((part) => part !== '').join(' → ');
    details.push(
      `Chrome does not say what asked for it; ${gap} before, the last of ${way} had come: most likely its code.`,
    );
  }
  return [
    {
      rule: 'late-lcp-image',
      title: `${name}, the largest paint, is asked for ${ms(delay)} after the document has come`,
      cost: { value: saved, unit: 'ms' },
      explains: explain(facts, { LCP: saved }),
      location: before?.initiator.location ?? location,
      details,
      advice:
        'Name it in the HTML: an <img> with fetchpriority="high" and without loading="lazy", or <link rel="preload" as="image">, so that Chrome finds it before any script has run.',
      evidence: 'waterfall',
      source: 'network',
    },
  ];
}

interface Part {
  readonly length: number;
  readonly text: string;
  readonly advice: string;
}

function slowestPart(request: WaterfallRequest): Part | null {
  const { phases } = request;
  if (!phases) return null;
  const low = request.initialPriority !== 'High' && request.initialPriority !== 'VeryHigh';
  const raise = low ? `Raise its priority, which was ${request.initialPriority ?? 'low'}, by fetchpriority="high"` : '';
  const parts: Part[] = [
    {
      length: phases.wait,
      text: `the server answers after ${ms(phases.wait)}`,
      advice: 'Find out what the server does in that time; serve images as static files, from a cache near the user.',
    },
    {
      length: phases.receive,
      text: `${bytes(request.bytes)} take ${ms(phases.receive)} to come`,
      advice: 'Make it smaller: the size that is shown (srcset), a modern format (AVIF, WebP), stronger compression.',
    },
    {
      length: phases.queued,
      text: `it waits ${ms(phases.queued)} until Chrome sends it`,
      advice: `${raise === '' ? 'Ask for less before it' : raise}; HTTP/2 sends more than six requests to a host at once.`,
    },
    {
      length: phases.dns + phases.connect + phases.tls,
      text: `connecting takes ${ms(phases.dns + phases.connect + phases.tls)}`,
      advice: 'Serve it from the host of the page, or open the connection early by <link rel="preconnect">.',
    },
  ];
  return parts.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** The largest image takes long once it is asked for. */
export function findSlowLcp(facts: NetworkFacts): Finding[] {
  const resource = lcpResource(facts);
  if (!resource || resource.request.cache !== 'network' || resource.index === facts.document) return [];
  const { request, name, end } = resource;
  const part = slowestPart(request);
  // loaded in no time it would still not be painted before the first paint
  const saved = end - Math.max(request.start, facts.fcp ?? 0);
  if (!part || !isWorth(saved, facts.lcp)) return [];
  const { phases, priority, initialPriority, protocol } = request;
  const all = phases
    ? `Waits ${ms(phases.queued)} to be sent, connects ${ms(phases.dns + phases.connect + phases.tls)}, waits ${ms(phases.wait)} for the server, receives ${ms(phases.receive)}.`
    : '';
  return [
    {
      rule: 'slow-lcp-resource',
      title: `${name}, the largest paint, takes ${ms(end - request.start)} to load: ${part.text}`,
      cost: { value: saved, unit: 'ms' },
      explains: explain(facts, { LCP: saved }),
      location: request.initiator.location,
      details: [
        all,
        `${bytes(request.bytes)}, ${protocol ?? 'unknown protocol'}, priority ${priority ?? 'unknown'}${initialPriority === priority ? '' : `, at first ${initialPriority ?? 'unknown'}`}.`,
      ].filter((line) => line !== ''),
      advice: part.advice,
      evidence: 'waterfall',
      source: 'network',
    },
  ];
}

function describeBlocker(facts: NetworkFacts, request: WaterfallRequest): string {
  const { start, end, bytes: size, phases, initiator } = request;
  const holder = initiator.request === null ? undefined : facts.requests[initiator.request];
  const imported = holder?.type === 'stylesheet' ? `, imported by ${shortUrl(holder.url, facts.origin, 50)}` : '';
  const wait = phases && phases.wait >= leastMs ? `, ${ms(phases.wait)} of it waiting for the server` : '';
  return `${shortUrl(request.url, facts.origin)}: ${ms(start)} to ${ms(end ?? start)}, ${bytes(size)}${wait}${imported}.`;
}

/** ms: what takes less came from a cache, or nearly so. */
const leastLength = 10;
/** ms after which a paint did not wait for style sheets alone: scripts that made the page ran in between. */
const soon = 50;

/**
 * When the scripts of the markup had come: where they make the page, it is not painted before. Not those that block, of
 * which it is asked what would be without them, nor those of others, which seldom make a page.
 */
function scriptsReady({ requests, origin }: NetworkFacts, until: number): number {
  const scripts = requests.filter(
    ({ type, initiator, renderBlocking, url }) =>
      type === 'script' && initiator.kind === 'parser' && renderBlocking !== true && url.startsWith(`${origin}/`),
  );
  return Math.max(0, ...scripts.map(({ end }) => (end !== null && end <= until ? end : 0)));
}

/** Style sheets and scripts that Chrome waits for before it paints anything, longer than for the document. */
export function findRenderBlocking(facts: NetworkFacts): Finding[] {
  const { requests, document, fcp, lcp, origin } = facts;
  if (document === null || fcp === null) return [];
  const arrived = requests[document]?.end ?? 0;
  const blocking = requests
    .flatMap((request, index) => (request.renderBlocking === true ? [{ request, index, end: request.end ?? 0 }] : []))
    .filter(({ end, request }) => end > arrived && end <= fcp + 10 && lengthOf(request) >= leastLength)
    .toSorted((a, b) => b.end - a.end);
  const [last] = blocking;
  if (!last) return [];
  const until = Math.min(fcp, last.end);
  const ready = Math.max(arrived, fcp - until > soon ? scriptsReady(facts, fcp) : 0);
  const delay = until - ready;
  if (!isWorth(delay, fcp)) return [];
  // an image that comes later than they do is not painted any earlier without them
  const resource = requests.find((request) => request.lcp);
  const lcpDelay = lcp === null ? 0 : until - Math.max(ready, resource?.end ?? 0);
  // of the last one and those that led to it, the one that took longest
  const path = pathTo(facts, last.index);
  const main = blocking
    .filter(({ index }) => path.includes(index))
    .reduce((longest, one) => (lengthOf(one.request) > lengthOf(longest.request) ? one : longest), last);
  const without = blocking.filter(({ index }) => !pathTo(facts, index).includes(main.index)).map(({ end }) => end);
  const alone = until - Math.max(ready, ...without);
  const types = new Set(blocking.map(({ request }) => request.type));
  const others = blocking.length - 1;
  const name = shortUrl(main.request.url, origin);
  const who = others === 0 ? `${name} keeps` : `${name} and ${times(others, 'other request')} keep`;
  return [
    {
      rule: 'render-blocking',
      title: `${who} the page from painting for ${ms(delay)}`,
      cost: { value: delay, unit: 'ms' },
      explains: explain(facts, { FCP: delay, LCP: lcpDelay }),
      location: main.request.initiator.location,
      details: [
        `The document had come at ${ms(arrived)}, the first paint was at ${ms(fcp)}.`,
        ...blocking.slice(0, 6).map(({ request }) => describeBlocker(facts, request)),
        ...(others > 0 ? [`Without ${name} and what it leads to: ${ms(Math.max(0, alone))} earlier.`] : []),
      ],
      advice: [
        types.has('stylesheet')
          ? 'Put the styles of what is seen first into the HTML and load the rest later; name style sheets in <link>, not in @import.'
          : '',
        types.has('script')
          ? 'Give scripts defer, async or type="module", unless they must run before the page is parsed.'
          : '',
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
      evidence: 'waterfall',
      source: 'network',
    },
  ];
}

/** Redirects before the page's document. */
export function findRedirects(facts: NetworkFacts): Finding[] {
  const { requests, document, origin } = facts;
  if (document === null) return [];
  const hops = pathTo(facts, document).slice(1).toReversed();
  const [first] = hops;
  const start = first === undefined ? undefined : requests[first]?.start;
  const arrived = requests[document]?.start ?? 0;
  if (start === undefined || !isWorth(arrived - start, facts.sample.metrics['TTFB'] ?? null)) return [];
  const cost = arrived - start;
  return [
    {
      rule: 'request-chain',
      title: `${times(hops.length, 'redirect')} before the page cost${hops.length === 1 ? 's' : ''} ${ms(cost)}`,
      cost: { value: cost, unit: 'ms' },
      explains: explain(facts, { TTFB: cost, FCP: cost, LCP: cost, duration: cost }),
      location: null,
      details: [
        [...hops, document].flatMap((at) => (requests[at] ? [shortUrl(requests[at].url, origin)] : [])).join(' → '),
        `${percent(cost / Math.max(cost, facts.sample.metrics['TTFB'] ?? cost))} of the time to the first byte.`,
      ],
      advice:
        'Link to the last address at once; where users type the first one, answer it without a second round trip.',
      evidence: 'waterfall',
      source: 'network',
    },
  ];
}
