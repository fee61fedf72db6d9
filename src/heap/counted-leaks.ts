/** Leaks that no snapshot has: the history's state and entries, and the rules of style sheets. They are counted. */
import type { Counted, LeakSite } from '../core/counted.ts';
import type { CounterGrowth, Leak, MemoryCounters, PathLink } from '../core/leaks.ts';
import type { SourceLocation } from '../core/source.ts';
import { adviseOn } from './leak-pattern.ts';
import { countedTitle, rateConfidence } from './leak-text.ts';

export interface CountedInput extends Counted {
  readonly counters: readonly MemoryCounters[];
  /** The place to name of a stack. */
  readonly placeOf: (site: LeakSite) => SourceLocation | null;
}

const link = (edge: PathLink['edge'], name: string, what: string): PathLink => ({
  ...{ edge, name, what, grows: false, location: null },
});

type Outside = 'state' | 'sheets' | 'rules';

/** The place that most of the stacks lead to. */
function mostCalled(sites: readonly LeakSite[], placeOf: CountedInput['placeOf']): SourceLocation | null {
  const places = sites.map(placeOf).filter((place) => place !== null);
  const keyOf = ({ file, line, column }: SourceLocation): string => JSON.stringify([file, line, column]);
  const groups = [...Map.groupBy(places, keyOf).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0] ?? null;
}

/** How much each iteration added; what it took away is no birth. */
function stepsOf(counters: readonly MemoryCounters[], of: Outside): number[] {
  return counters.slice(1).map((now, at) => Math.max(0, (now[of] ?? 0) - (counters[at]?.[of] ?? 0)));
}

function leakOf(about: {
  readonly pattern: Leak['pattern'];
  readonly what: string;
  readonly title: string;
  readonly count: number;
  readonly births: readonly number[];
  /** Bytes an iteration, as far as they are known. */
  readonly bytes: number;
  readonly path: readonly PathLink[];
  readonly location: SourceLocation | null;
  readonly holder: string;
  readonly signals: readonly string[];
}): Leak {
  const { pattern, what, title, count, births, bytes, path, location, holder, signals } = about;
  const evidence = { pattern, births, undated: 0, count, retained: bytes, counters: [], before: 0, detached: false };
  return {
    ...{ title, pattern, what, count, location, folded: [], alike: 0 },
    births: [...births],
    shallow: bytes,
    retained: bytes,
    path: path.map((one, at) => (at === path.length - 1 ? { ...one, grows: true, location } : one)),
    advice: adviseOn(pattern, what, holder),
    confidence: rateConfidence({ ...evidence, isDom: false }, signals),
    signals: [...signals],
  };
}

/** Counters that grow and go on growing: what levels off has a bound. */
export function findCountedLeaks(input: CountedInput): Leak[] {
  const { growth, counters, sites, placeOf } = input;
  const growing = (of: Outside): CounterGrowth | undefined =>
    growth.find(({ counter, trend }) => counter === of && trend === 'grows');
  const signalsOf = (of: Outside, name: string, { note }: CounterGrowth): string[] => {
    const rises = stepsOf(counters, of).filter((step) => step > 0).length;
    return [`${name} went up in ${rises} of ${counters.length - 1} iterations`, note];
  };
  const leaks: Leak[] = [];
  const history = sites.filter(({ what }) => what === 'history');
  const state = growing('state');
  if (state) {
    const { grownState } = input;
    const path = [
      link('root', '', 'Window'),
      link('property', 'history', 'History'),
      link('property', 'state', 'state'),
    ];
    if (grownState !== null) path.push(link('property', grownState, 'property of the state'));
    const holder = grownState === null ? 'history.state' : `"${grownState}" of history.state`;
    const { perIteration } = state;
    leaks.push(
      leakOf({
        ...{ pattern: 'history state', what: 'state', path, holder, bytes: perIteration, count: 1 },
        title: countedTitle(`${holder} is larger with each iteration`, perIteration),
        births: stepsOf(counters, 'state').map((step) => (step > 0 ? 1 : 0)),
        location: mostCalled(history, placeOf),
        signals: signalsOf('state', 'the state of the history', state),
      }),
    );
  }
  const entries = findEntries(input, history);
  if (entries && !state) leaks.push(entries);
  const sheets = growing('sheets');
  const rules = sheets ? undefined : growing('rules');
  const found = sheets ?? rules;
  if (found) {
    const of = sheets ? 'sheets' : 'rules';
    const what = sheets ? 'style sheet' : 'CSS rule';
    const name = sheets ? 'style sheets' : 'CSS rules';
    const callers = sites.filter((site) => site.what === 'rule' || (sheets && site.what === 'sheet') || isStyle(site));
    leaks.push(
      leakOf({
        ...{ pattern: 'style sheets pile up', what, bytes: 0, count: found.perIteration, holder: 'the document' },
        title: countedTitle(`${countOf(found.perIteration, what)} more with each iteration, in the document`, null),
        path: [link('root', '', 'Window'), link('native', '', 'Document'), link('native', '', what)],
        births: stepsOf(counters, of),
        location: mostCalled(callers, placeOf),
        signals: signalsOf(of, `the number of ${name}`, found),
      }),
    );
  }
  return leaks;
}

/** `1 style sheet`, `2.5 style sheets`. */
function countOf(value: number, one: string, many = `${one}s`): string {
  const shown = String(Math.round(value * 10) / 10);
  return `${shown} ${shown === '1' ? one : many}`;
}

const isStyle = ({ what, detail }: LeakSite): boolean => what === 'element' && /^(style|link)$/.test(detail);

/**
 * New entries for the address that is shown already, made by a script: one who goes back sees nothing happen. To go on
 * to other addresses is what an action may do; Chrome keeps 50 entries either way.
 */
function findEntries({ entries, counters, placeOf }: CountedInput, history: readonly LeakSite[]): Leak | null {
  const location = mostCalled(
    history.filter(({ detail }) => detail === 'pushState'),
    placeOf,
  );
  const born = entries.filter((count) => count > 0).length;
  if (location === null || entries.length === 0 || born < entries.length - 1) return null;
  const count = entries.reduce((sum, each) => sum + each, 0) / entries.length;
  const bytes = count * (counters.at(-1)?.state ?? 0);
  const path = [
    link('root', '', 'Window'),
    link('property', 'history', 'History'),
    link('element', '', 'history entry'),
  ];
  return leakOf({
    ...{ pattern: 'history state', what: 'history entry', count, births: entries, bytes, path, location },
    holder: 'history',
    title: countedTitle(
      `${countOf(count, 'history entry', 'history entries')} for the same address more with each iteration`,
      bytes,
    ),
    signals: [
      `${born} of ${entries.length} iterations left some behind (${entries.join(', ')})`,
      'pushState was called for them; Chrome keeps the last 50',
    ],
  });
}

/** Patterns of what Chrome or the document holds: what the snapshot has of them names no place in a script. */
const withoutScript: Readonly<Partial<Record<Leak['pattern'], readonly LeakSite['what'][]>>> = {
  'style sheets pile up': ['sheet', 'element'],
  'frame not removed': ['element'],
  'DOM that piles up in the page': ['element'],
  'held by the console': ['console'],
};

/** The leak with the place where it is made, if its repetition showed it. */
export function locateLeak(leak: Leak, { sites, placeOf }: Pick<CountedInput, 'sites' | 'placeOf'>): Leak {
  const kinds = withoutScript[leak.pattern] ?? [];
  // Something in the page's own hands is named by what has it in hand.
  const isHeld = leak.pattern !== 'held by the console' && leak.location !== null;
  if (kinds.length === 0 || isHeld) return leak;
  const tag = /^<([\w-]+)/.exec(leak.what)?.[1] ?? (leak.pattern === 'frame not removed' ? 'iframe' : 'style');
  const fitting = sites.filter(({ what, detail }) => kinds.includes(what) && (what !== 'element' || detail === tag));
  const location = mostCalled(fitting, placeOf);
  return location ? { ...leak, location } : leak;
}
