/** What a step leaves behind, by the place in the source that did: event listeners and memory. */
import type { Finding } from '../core/finding.ts';
import type { CallSite } from '../core/recording.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText } from '../core/text.ts';
import { bytes, functionText, some, times as timesText } from './finding-text.ts';
import { capAmounts, type StepFacts } from './step-facts.ts';

const mostSites = 4;
/** A component adds a handful of listeners; ten of one place are a loop, or one for each row. */
const manyListeners = 10;
/**
 * A framework that draws again replaces what it drew: 33 to 116 kB of one place were alive after a click that left
 * nothing behind (Vue 3, 200 rows).
 */
const muchMemory = 131_072;
/** Frameworks keep the last elements they removed for a while; so many of one place are a collection. */
const manyElements = 20;
/** A page that loads adds what it needs once; what a later step adds and keeps may come again and again. */
const whatLoads = ['navigation'];

interface Site {
  readonly location: SourceLocation;
  readonly amount: number;
  readonly details: readonly string[];
}

function sitesOf({ coverage, locate, locateFunction }: StepFacts, what: CallSite['what']): Site[] {
  // V8 says of allocations in which function they were, and of calls where.
  const place = what === 'allocation' ? locateFunction : locate;
  const located = (coverage?.sites ?? [])
    .filter((site) => site.what === what && site.amount > 0 && site.url !== '')
    .map((site) => ({ site, location: place(site) }));
  return [...Map.groupBy(located, ({ location: { file, line, column } }) => `${file}:${line}:${column}`).values()]
    .flatMap((group): Site[] => {
      const [first] = group;
      if (!first) return [];
      return [
        {
          location: first.location,
          amount: group.reduce((sum, { site }) => sum + site.amount, 0),
          details: [...new Set(group.map(({ site }) => cleanText(site.detail, 40)))].filter((detail) => detail !== ''),
        },
      ];
    })
    .toSorted((a, b) => b.amount - a.amount);
}

/** Places that added many listeners and did not remove them. */
export function findListeners(facts: StepFacts): Finding[] {
  const { kind, sample } = facts.recording;
  return sitesOf(facts, 'listener')
    .filter(({ amount, location }) => amount >= manyListeners && location.origin !== 'browser')
    .slice(0, mostSites)
    .map(({ location, amount, details }): Finding => ({
      rule: 'listeners',
      title: `${functionText(location)} adds ${timesText(amount, 'event listener')} that stay`,
      cost: { value: amount, unit: 'count' },
      explains: capAmounts({ listeners: amount }, sample.metrics),
      location,
      details: details.length > 0 ? [`Of type ${some(details, 6)}.`] : [],
      advice: whatLoads.includes(kind)
        ? 'Listen once on a common ancestor and look at the target of the event.'
        : 'Remove them when what they serve goes away (removeEventListener, or an AbortController for all), or listen once on a common ancestor.',
      evidence: 'metrics',
      source: 'page',
    }));
}

/** Places whose objects are still alive after the step. */
export function findKeptMemory(facts: StepFacts): Finding[] {
  const { kind, sample } = facts.recording;
  if (whatLoads.includes(kind)) return [];
  return sitesOf(facts, 'allocation')
    .filter(({ amount, location }) => amount >= muchMemory && location.origin !== 'browser')
    .slice(0, mostSites)
    .map(({ location, amount, details }): Finding => ({
      rule: 'memory-kept',
      title: `${bytes(amount)} allocated in ${functionText(location)} are still alive after the step`,
      cost: { value: amount, unit: 'bytes' },
      explains: capAmounts({ heap: amount }, sample.metrics),
      location,
      details: details.length > 0 ? [`Types: ${some(details, 4)}.`] : [],
      advice:
        'Let go of it when it is no longer shown: bound the cache, empty the list, clear the timer or listener that holds it.',
      evidence: 'metrics',
      source: 'profile',
    }));
}

/** Places that made elements which are held though they are not in the document (any more). */
export function findKeptElements(facts: StepFacts): Finding[] {
  const { kind, sample } = facts.recording;
  if (whatLoads.includes(kind)) return [];
  return sitesOf(facts, 'element')
    .filter(({ amount, location }) => amount >= manyElements && location.origin !== 'browser')
    .slice(0, mostSites)
    .map(({ location, amount, details }): Finding => ({
      rule: 'memory-kept',
      title: `${functionText(location)} made ${timesText(amount, 'element')} that are kept outside of the document`,
      cost: { value: amount, unit: 'count' },
      explains: capAmounts({ nodes: amount }, sample.metrics),
      location,
      details: details.length > 0 ? [`Elements: ${some(details, 4)}.`] : [],
      advice: 'Let go of elements that were removed: empty the list or variable that holds them, or reuse them.',
      evidence: 'metrics',
      source: 'page',
    }));
}
