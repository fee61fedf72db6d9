/** Leaks as the report shows them: what grows, what holds it, where to mend it, and how sure that is. */
import type { Leak, OutsideGrowth, PathLink } from '../core/leaks.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText } from '../core/text.ts';
import { countLeaks } from '../judge/memory.ts';
import { confidenceText, doubtText, edgeText, mendText, objects, patternText } from './leak-text.ts';
import { count, name, placeText, quantity } from './view-format.ts';

/** Beyond these a list says how many more there are. */
const mostLinks = 40;
const mostSignals = 10;
const mostFolded = 20;

export interface LinkView {
  /** How the one above refers to this one; empty for a root. */
  readonly edge: string;
  readonly what: string;
  readonly place: string;
  readonly grows: boolean;
  /** Stands for links left out. */
  readonly gap: boolean;
}

export interface LeakView {
  readonly rank: number;
  readonly title: string;
  readonly pattern: string;
  /** Why it does not count; empty where it does. */
  readonly doubt: string;
  /** `onResize (src/cart.ts:8)`; empty where that is not known. */
  readonly place: string;
  /** The delivered script, where the place is one in it. */
  readonly script: string;
  readonly advice: string;
  readonly facts: ReadonlyArray<{ readonly term: string; readonly text: string }>;
  readonly births: {
    readonly description: string;
    readonly width: number;
    readonly bars: ReadonlyArray<{ readonly x: number; readonly y: number; readonly height: number }>;
  } | null;
  readonly confidence: { readonly text: string; readonly width: number };
  readonly signals: readonly string[];
  readonly path: readonly LinkView[];
  readonly folded: { readonly summary: string; readonly rows: readonly string[] } | null;
}

function placeOf(location: SourceLocation | null): string {
  if (!location) return '';
  const within = location.function === null ? '' : ` in ${name(location.function)}`;
  return `${placeText(location)}${within}`;
}

function linkView(link: PathLink): LinkView {
  return {
    edge: edgeText(link),
    what: name(link.what),
    place: placeOf(link.location),
    grows: link.grows,
    gap: false,
  };
}

/** The start says where to look, the end what is kept: of a very long path the middle is left out. */
function pathView(path: readonly PathLink[]): LinkView[] {
  if (path.length <= mostLinks) return path.map(linkView);
  const half = mostLinks / 2;
  const gap = { edge: '', what: `… ${path.length - mostLinks} more …`, place: '', grows: false, gap: true };
  return [...path.slice(0, half).map(linkView), gap, ...path.slice(-half).map(linkView)];
}

const [barPitch, barHeight] = [9, 18];

function birthsView(births: readonly number[]): LeakView['births'] {
  if (births.length === 0) return null;
  const most = Math.max(1, ...births);
  return {
    description: `Alive at the end, by the iteration in which they were made: ${births.slice(0, 50).join(', ')}`,
    width: births.length * barPitch,
    bars: births.map((amount, place) => {
      // nobody born is a line at the foot, not a gap
      const height = Math.max(1, Math.round((Math.max(0, amount) / most) * barHeight));
      return { x: place * barPitch, y: barHeight - height, height };
    }),
  };
}

function foldedView({ folded, alike }: Leak): LeakView['folded'] {
  if (folded.length + alike === 0) return null;
  const rows = folded
    .slice(0, mostFolded)
    .map(
      ({ what, count: amount, bytes }) => `${name(what)}: ${objects(amount)}, ${quantity(bytes, 'bytes')} an iteration`,
    );
  const parts = [
    folded.length > 0 ? `holds ${count(folded.length, 'more kind')} of objects` : '',
    alike > 0 ? `${count(alike, 'more group')} with the same cause` : '',
  ].filter((part) => part !== '');
  const more = folded.length > mostFolded ? [`… and ${folded.length - mostFolded} more`] : [];
  return { summary: `What goes with it: ${parts.join('; ')}`, rows: [...rows, ...more] };
}

function isCounted(leak: Leak): boolean {
  return countLeaks({ leaks: [leak] }).length > 0;
}

export function leakView(leak: Leak, position: number): LeakView {
  const { location } = leak;
  return {
    rank: position + 1,
    title: cleanText(leak.title),
    pattern: patternText(leak),
    doubt: isCounted(leak) ? '' : doubtText(leak),
    place: mendText(leak),
    script: location && !location.mapped ? 'in the delivered script, without a source map' : '',
    advice: cleanText(leak.advice, 600),
    facts: [
      { term: 'What', text: name(leak.what) },
      { term: 'An iteration', text: objects(leak.count) },
      { term: 'Their own size', text: quantity(leak.shallow, 'bytes') },
      { term: 'Keeps alive', text: quantity(leak.retained, 'bytes') },
    ],
    births: birthsView(leak.births),
    confidence: {
      text: confidenceText(leak),
      width: Math.round(100 * Math.min(1, Math.max(0, leak.confidence))),
    },
    signals: [
      ...leak.signals.slice(0, mostSignals).map((signal) => cleanText(signal)),
      ...(leak.confirmed ? ['a second pass, in a fresh Chrome, found it again'] : []),
    ],
    path: pathView(leak.path),
    folded: foldedView(leak),
  };
}

export interface OutsideView {
  readonly summary: string;
  readonly rows: ReadonlyArray<{
    readonly holder: string;
    readonly what: string;
    readonly count: string;
    readonly bytes: string;
  }>;
}

const holders: Record<OutsideGrowth['holder'], string> = { harness: 'the test itself', browser: 'the browser' };
const mostOutside = 30;

export function outsideView(outside: readonly OutsideGrowth[]): OutsideView | null {
  if (outside.length === 0) return null;
  const bytes = outside.reduce((sum, one) => sum + one.bytes, 0);
  return {
    summary: `Growth that is not the page’s: ${quantity(bytes, 'bytes')} an iteration, held by the test or the browser`,
    rows: outside.slice(0, mostOutside).map((one) => ({
      holder: holders[one.holder],
      what: name(one.what),
      count: quantity(one.count, 'count'),
      bytes: quantity(one.bytes, 'bytes'),
    })),
  };
}
