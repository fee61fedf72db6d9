/** What is wrong with answers: not compressed, not kept, failed, large, of others. */
import { gzipSync } from 'node:zlib';
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import type { WaterfallRequest } from '../core/waterfall.ts';
import { bytes, percent, times } from './finding-text.ts';
import { byMetric, explain, isSent, type NetworkFacts, shortUrl } from './network-facts.ts';

/** Text of delivered scripts and style sheets, by URL as the waterfall has it. */
export type Texts = ReadonlyMap<string, string>;

const mostListed = 8;
/** One packet of the network; less is not worth compressing. */
const leastText = 1400;
/** What remains of text after gzip where its text is not known; script and markup of real sites are at 0.2 to 0.35. */
const gzipRatio = 0.35;
/** Compressed for real up to here; beyond, a part stands for the whole. */
const mostCompressed = 2_000_000;
const week = 604_800;

const textual = /^(text\/|image\/svg|application\/([\w.+-]*(json|xml|javascript|ecmascript)|wasm|manifest))/i;

function isFirst({ party }: WaterfallRequest): boolean {
  return party === 'first-party';
}

/** The place of the largest, if a place of the application asked for it. */
function placeOf(requests: readonly WaterfallRequest[]): SourceLocation | null {
  const [largest] = requests.toSorted((a, b) => b.bytes - a.bytes);
  return largest?.initiator.location ?? null;
}

function list(requests: readonly WaterfallRequest[], describe: (request: WaterfallRequest) => string): string[] {
  const lines = requests.slice(0, mostListed).map(describe);
  return requests.length > mostListed ? [...lines, `… and ${requests.length - mostListed} more.`] : lines;
}

/** Bytes that gzip would save; `exact` where the text is known. */
function savedByGzip(request: WaterfallRequest, texts: Texts): { saved: number; exact: boolean } {
  const size = request.decoded ?? 0;
  // the scripts within a document go by its URL
  const text = ['script', 'stylesheet'].includes(request.type) ? texts.get(request.url) : undefined;
  if (text === undefined || text === '') return { saved: Math.round(size * (1 - gzipRatio)), exact: false };
  const part = Buffer.from(text.slice(0, mostCompressed));
  const ratio = gzipSync(part).length / part.length;
  return { saved: Math.max(0, Math.round(size * (1 - ratio))), exact: text.length <= mostCompressed };
}

/** Text that came as it is. */
export function findUncompressed(facts: NetworkFacts, texts: Texts): Finding[] {
  const plain = facts.requests.filter(
    (request) =>
      isSent(request) &&
      request.status === 200 &&
      request.encoding === null &&
      (request.decoded ?? 0) > leastText &&
      textual.test(request.mime ?? ''),
  );
  return [plain.filter(isFirst), plain.filter((request) => !isFirst(request))].flatMap((group): Finding[] => {
    const savings = new Map(group.map((request) => [request, savedByGzip(request, texts)]));
    const savedOf = (request: WaterfallRequest): number => savings.get(request)?.saved ?? 0;
    const worth = group.filter((request) => savedOf(request) >= 500).toSorted((a, b) => savedOf(b) - savedOf(a));
    const [first] = worth;
    if (!first) return [];
    const saved = worth.reduce((sum, request) => sum + savedOf(request), 0);
    const whole = worth.reduce((sum, request) => sum + request.bytes, 0);
    const guessed = worth.filter((request) => savings.get(request)?.exact === false).length;
    const name = shortUrl(first.url, facts.origin);
    return [
      {
        rule: 'uncompressed',
        title:
          worth.length === 1
            ? `${name} is sent uncompressed: gzip would save ${bytes(saved)}`
            : `${times(worth.length, 'text response')} are sent uncompressed: gzip would save ${bytes(saved)} of ${bytes(whole)}`,
        cost: { value: saved, unit: 'bytes' },
        explains: explain(facts, byMetric('bytes', worth, savedOf)),
        location: placeOf(worth),
        details: [
          ...list(worth, (request) => {
            const share = percent(savedOf(request) / Math.max(1, request.decoded ?? 1));
            return `${shortUrl(request.url, facts.origin)}: ${bytes(request.bytes)}, of its body ${share} less with gzip.`;
          }),
          ...(guessed > 0
            ? [`For ${guessed} of them the text is not known; 65 % is what gzip usually saves of text.`]
            : []),
        ],
        advice: isFirst(first)
          ? 'Switch on gzip or Brotli for text on the server or the CDN, or compress when building.'
          : 'Ask who serves it to compress it, or serve it from your own host.',
        evidence: 'waterfall',
        source: 'network',
      },
    ];
  });
}

/** s for which a browser keeps an answer without asking; null where the server does not say. */
function lifetime(cacheControl: string | null): number | null {
  if (cacheControl === null) return null;
  const rules = cacheControl.toLowerCase();
  if (/no-store|no-cache/.test(rules)) return 0;
  const age = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,12})/.exec(rules);
  return age ? Number(age[1]) : null;
}

const kept = new Set(['script', 'stylesheet', 'image', 'font', 'media']);

/** Static files that the next visit has to ask for again. */
export function findNotCached(facts: NetworkFacts): Finding[] {
  const short = facts.requests.filter((request) => {
    const file = isSent(request) && request.method === 'GET' && request.status === 200 && kept.has(request.type);
    return file && (lifetime(request.cacheControl) ?? 0) < week;
  });
  return [short.filter(isFirst), short.filter((request) => !isFirst(request))].flatMap((group): Finding[] => {
    const [first] = group;
    const size = group.reduce((sum, request) => sum + request.bytes, 0);
    if (!first || size < leastText) return [];
    const sorted = group.toSorted((a, b) => b.bytes - a.bytes);
    return [
      {
        rule: 'not-cached',
        title: `${times(group.length, 'static file')} of ${bytes(size)} ${group.length === 1 ? 'is' : 'are'} kept by browsers for less than a week`,
        cost: { value: size, unit: 'bytes' },
        // a fresh context has nothing in its cache: this pass would have been the same
        explains: {},
        location: placeOf(sorted),
        details: list(sorted, (request) => {
          const rule = request.cacheControl === null ? 'no Cache-Control' : `Cache-Control: ${request.cacheControl}`;
          return `${shortUrl(request.url, facts.origin)}: ${bytes(request.bytes)}, ${rule}.`;
        }),
        advice: isFirst(first)
          ? 'Put a hash of the content into the file names and send Cache-Control: public, max-age=31536000, immutable.'
          : 'Only who serves them can let browsers keep them; files served from your own host can be kept for a year.',
        evidence: 'waterfall',
        source: 'network',
      },
    ];
  });
}

/** Requests without an answer, or with one that says no. */
export function findFailed(facts: NetworkFacts): Finding[] {
  const failed = facts.requests.filter(({ failed: reason, status }) => reason !== null || (status ?? 0) >= 400);
  const groups = Map.groupBy(failed, ({ method, url, status, failed: reason }) =>
    [method, status, reason, url].join(' '),
  );
  return [...groups.values()].slice(0, 5).flatMap((group): Finding[] => {
    const [first] = group;
    if (!first) return [];
    const { status, failed: reason, method, url, initiator } = first;
    const what = reason === null ? `is answered with ${status}` : `fails: ${reason}`;
    const again = group.length > 1 ? `, ${group.length} times` : '';
    return [
      {
        rule: 'failed-request',
        title: `${method} ${shortUrl(url, facts.origin)} ${what}${again}`,
        cost: { value: group.length, unit: 'count' },
        explains: explain(facts, { 'requests.failed': group.length }),
        location: initiator.location,
        details: initiator.callers.length > 0 ? [`Called by ${initiator.callers.join(', ')}.`] : [],
        advice:
          reason !== null
            ? 'See whether the host can be reached from this machine, and what it logs for this request.'
            : (status ?? 0) >= 500
              ? 'See what the server logs for this request.'
              : 'Correct the address, or what the request lacks (a session, a permission); leave out what is not there.',
        evidence: 'waterfall',
        source: 'network',
      },
    ];
  });
}

/** Bytes from which on a response of a type is large: a budget of a second on a slow phone is some 200 kB in all. */
const large: Readonly<Record<string, number>> = {
  document: 100_000,
  stylesheet: 75_000,
  image: 200_000,
  font: 100_000,
  fetch: 100_000,
  media: 1_000_000,
};

/** Responses that are large by themselves; scripts are told by their modules. */
export function findLarge(facts: NetworkFacts): Finding[] {
  return facts.requests
    .filter((request) => isSent(request) && request.bytes >= (large[request.type] ?? Number.POSITIVE_INFINITY))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 5)
    .map((request): Finding => ({
      rule: 'large-response',
      title: `${shortUrl(request.url, facts.origin)} is ${bytes(request.bytes)}`,
      cost: { value: request.bytes, unit: 'bytes' },
      explains: explain(
        facts,
        byMetric('bytes', [request], ({ bytes: size }) => size),
      ),
      location: request.initiator.location,
      details: [
        `${request.mime ?? 'unknown type'}${request.encoding === null ? '' : `, ${request.encoding}, ${bytes(request.decoded ?? 0)} unpacked`}.`,
      ],
      advice:
        request.type === 'image'
          ? 'Send the size that is shown (srcset), in AVIF or WebP.'
          : request.type === 'font'
            ? 'Send WOFF2 with the characters that are used (unicode-range, a subset).'
            : request.type === 'fetch'
              ? 'Ask for the part that is shown: pages of a list, the fields that are read.'
              : 'Send the part that is needed first, and the rest later.',
      evidence: 'waterfall',
      source: 'network',
    }));
}

/** What other sites' servers cost, by host. */
export function findThirdPartyBytes(facts: NetworkFacts): Finding[] {
  const others = facts.requests.filter((request) => isSent(request) && !isFirst(request) && URL.canParse(request.url));
  return [...Map.groupBy(others, ({ url }) => new URL(url).host)]
    .map(([host, group]) => ({ host, group, size: group.reduce((sum, request) => sum + request.bytes, 0) }))
    .toSorted((a, b) => b.size - a.size)
    .slice(0, 5)
    .map(({ host, group, size }): Finding => {
      const blocking = group.filter(({ renderBlocking }) => renderBlocking === true).length;
      const sorted = group.toSorted((a, b) => b.bytes - a.bytes);
      return {
        rule: 'third-party',
        title: `${host} costs ${times(group.length, 'request')} and ${bytes(size)}`,
        cost: { value: size, unit: 'bytes' },
        explains: explain(facts, {
          ...byMetric('bytes', group, (request) => request.bytes),
          ...byMetric('requests', group, () => 1),
        }),
        location: placeOf(sorted),
        details: [
          ...list(sorted.slice(0, 4), (request) => `${shortUrl(request.url, facts.origin)}: ${bytes(request.bytes)}.`),
          ...(blocking > 0
            ? [`The page does not paint before ${times(blocking, 'of them has', 'of them have')} come.`]
            : []),
        ],
        advice: 'Load it when it is needed, or not at all; what has to come early can be served from your own host.',
        evidence: 'waterfall',
        source: 'network',
      };
    });
}
