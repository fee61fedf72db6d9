/** Requests that wait for one another, that come from one place in numbers, and answers that are long in coming. */
import type { Finding } from '../core/finding.ts';
import { functionText, ms, placeText, some, times } from './finding-text.ts';
import {
  byMetric,
  explain,
  isSent,
  lengthOf,
  type NetworkFacts,
  pathTo,
  savedDuration,
  savedLcp,
  shortUrl,
  slowAnswer,
} from './network-facts.ts';

/** Files wait that long for a busy disk or machine, and nothing waits for most of them. */
const slowFile = 250;
const mostAnswers = 5;
/** Requests of one place from which on they are a loop, or could be one request. */
const manyRequests = 5;
const manyImages = 30;
const mostPlaces = 3;
/** ms that requests one after the other cost more than at once, to be worth a word. */
const leastChain = 50;

/** Answers that the server took long to begin. */
export function findSlowResponses(facts: NetworkFacts): Finding[] {
  const { requests, document, origin } = facts;
  const slow = requests.flatMap((request, index) => {
    const excess = facts.excess[index] ?? 0;
    // the largest paint and what blocks the first one are told by rules of their own
    const told = request.lcp || request.renderBlocking === true;
    const least = ['document', 'fetch'].includes(request.type) ? slowAnswer : slowFile;
    return isSent(request) && excess >= least && !told
      ? [{ request, index, excess, wait: request.phases?.wait ?? excess }]
      : [];
  });
  return slow
    .toSorted((a, b) => b.excess - a.excess)
    .slice(0, mostAnswers)
    .map(({ request, index, wait, excess }): Finding => {
      const page = index === document;
      const { location, callers } = request.initiator;
      const paint = page ? { TTFB: excess, FCP: excess } : {};
      return {
        rule: 'slow-response',
        title: `${request.method} ${shortUrl(request.url, origin)} is answered after ${ms(wait)}`,
        cost: { value: excess, unit: 'ms' },
        explains: explain(facts, {
          ...paint,
          LCP: page ? excess : savedLcp(facts, index, excess),
          duration: savedDuration(facts, index, excess),
        }),
        location,
        details: [
          excess < wait ? `Other answers of that host come after ${ms(wait - excess)} at best.` : '',
          callers.length > 0 ? `Called by ${callers.join(', ')}.` : '',
        ].filter((line) => line !== ''),
        advice: page
          ? 'Find out what the server does before it sends the first byte; send the head of the page early, cache what is the same for all.'
          : 'Find out what the server does in that time; ask earlier (preload, or in the HTML), cache the answer, or show the rest meanwhile.',
        evidence: 'waterfall',
        source: 'network',
      };
    });
}

interface Chain {
  /** From the first to the last. */
  readonly links: readonly number[];
  /** ms that they take one after the other, beyond what the longest of them takes; work between them is not counted. */
  readonly cost: number;
}

/** The part of a path that comes after the document and what the document names: one round trip is as it must be. */
function chainTo(facts: NetworkFacts, leaf: number): Chain | null {
  const { requests, document } = facts;
  const links = pathTo(facts, leaf)
    .toReversed()
    .filter(
      (at) => at !== document && requests[at]?.initiator.kind !== 'redirect' && requests[at]?.type !== 'document',
    );
  const [first, ...rest] = links.flatMap((at) => requests[at] ?? []);
  const last = rest.at(-1);
  if (!first || !last || last.end === null) return null;
  const fetches = [first, ...rest].filter(({ type }) => type === 'fetch').length;
  if (links.length < 3 && fetches < 2) return null;
  const lengths = [first, ...rest].map(lengthOf);
  return { links, cost: lengths.reduce((sum, length) => sum + length, 0) - Math.max(...lengths) };
}

/** Chains of requests that each begin only when the one before has come; the costliest, and others that share little. */
export function findChains(facts: NetworkFacts): Finding[] {
  const { requests, children, origin } = facts;
  const chains = requests
    .flatMap((_request, index) => ((children[index] ?? []).length > 0 ? [] : [chainTo(facts, index)]))
    .flatMap((chain) => (chain && chain.cost >= leastChain ? [chain] : []))
    .toSorted((a, b) => b.cost - a.cost);
  const told: Chain[] = [];
  for (const chain of chains) {
    const shared = told.some(({ links }) => links.filter((at) => chain.links.includes(at)).length > 1);
    if (!shared && told.length < 2) told.push(chain);
  }
  return told.flatMap(({ links, cost }): Finding[] => {
    const [first = 0] = links;
    const leaf = requests[links.at(-1) ?? 0];
    if (!leaf) return [];
    // where the second of two answers is asked for stands the wait for the first
    const all = links.flatMap((at) => requests[at] ?? []);
    const blamed = all.find((request, at) => request.type === 'fetch' && all[at - 1]?.type === 'fetch') ?? leaf;
    return [
      {
        rule: 'request-chain',
        title: `${times(links.length, 'request')} in a row before ${shortUrl(leaf.url, origin)} has come: ${ms(cost)} more than the longest takes`,
        cost: { value: cost, unit: 'ms' },
        explains: explain(facts, {
          LCP: leaf.lcp ? savedLcp(facts, first, cost) : 0,
          duration: savedDuration(facts, first, cost),
        }),
        location: blamed.initiator.location,
        details: all.map(({ url, start, end, initiator: { location } }) => {
          const place = location?.function === null ? placeText(location) : location && functionText(location);
          const by = place === null ? '' : `, asked for by ${place}`;
          return `${shortUrl(url, origin)}: ${ms(start)} to ${ms(end ?? start)}${by}.`;
        }),
        advice:
          'Ask at once for what does not need the answer before it (Promise.all, preload, modulepreload); let one answer hold what the next would ask for.',
        evidence: 'waterfall',
        source: 'network',
      },
    ];
  });
}

/** One place that asks for much: a loop, a list whose every row asks for its own. */
export function findManyRequests(facts: NetworkFacts): Finding[] {
  const { requests, origin } = facts;
  const placed = requests.filter(
    (request) => isSent(request) && request.initiator.kind === 'script' && request.initiator.location,
  );
  const groups = Map.groupBy(placed, ({ type, initiator: { location, callers } }) =>
    JSON.stringify([location?.file, location?.line, location?.column, callers[0], type === 'image']),
  );
  return [...groups.values()]
    .filter((group) => group.length >= (group[0]?.type === 'image' ? manyImages : manyRequests))
    .toSorted((a, b) => b.length - a.length)
    .slice(0, mostPlaces)
    .flatMap((group): Finding[] => {
      const [first] = group;
      const location = first?.initiator.location;
      if (!first || !location) return [];
      const { callers } = first.initiator;
      const start = Math.min(...group.map((request) => request.start));
      const end = Math.max(...group.map((request) => request.end ?? request.start));
      const image = first.type === 'image';
      return [
        {
          rule: 'many-requests',
          title: `${functionText(location)} sends ${times(group.length, 'request')}`,
          cost: { value: group.length, unit: 'count' },
          explains: explain(
            facts,
            byMetric('requests', group.slice(1), () => 1),
          ),
          location,
          details: [
            `From ${ms(start)} to ${ms(end)}: ${some(
              group.map(({ url }) => shortUrl(url, origin, 50)),
              4,
            )}.`,
            callers.length > 0 ? `Called by ${callers.join(', ')}.` : '',
          ].filter((line) => line !== ''),
          advice: image
            ? 'Load what is out of sight later (loading="lazy").'
            : 'Ask once for all of them, keep answers that were given already, or ask for the rest when it is needed.',
          evidence: 'waterfall',
          source: 'network',
        },
      ];
    });
}
