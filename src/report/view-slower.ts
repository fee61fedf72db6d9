/** Functions that got slower between base and head, with the intervals of repeated profiles. */
import type { FunctionChange } from '../core/diagnosis.ts';
import { cleanText } from '../core/text.ts';
import { forestMark } from './chart-pairs.ts';
import { count, name, nothing, placeText, quantity, share, shortMargin } from './view-format.ts';

export interface SlowerView {
  /** The worst one in a sentence. */
  readonly headline: string;
  readonly caption: string;
  readonly rows: ReadonlyArray<{
    readonly name: string;
    readonly place: string;
    readonly kind: string;
    readonly base: string;
    readonly head: string;
    readonly change: string;
    readonly interval: string;
    /** Class of the picture: surely slower, surely faster, or neither. */
    readonly tone: 'fail' | 'better' | 'unsure';
    readonly line: string;
    readonly dot: string;
  }>;
  readonly more: string;
}

const mostRows = 12;
/** How many units of the picture there are right of its 0: see `forestMark`. */
const unitsRight = 3.4;

function toneOf({ interval }: FunctionChange): 'fail' | 'better' | 'unsure' {
  if (!interval) return 'unsure';
  return interval.low > 0 ? 'fail' : interval.high < 0 ? 'better' : 'unsure';
}

function intervalText({ interval }: FunctionChange): string {
  if (!interval) return nothing;
  const [low, high] = [shortMargin(interval.low, 'ms'), shortMargin(interval.high, 'ms')];
  const [, suffix = ''] = /( \S+)$/.exec(high) ?? [];
  return `${suffix !== '' && low.endsWith(suffix) ? low.slice(0, -suffix.length) : low} to ${high}`;
}

function functionName({ location }: FunctionChange): string {
  return location.function === null ? '(anonymous)' : name(location.function);
}

function headline(slower: readonly FunctionChange[]): string {
  const [worst] = slower;
  if (!worst) return 'No function got surely slower than in base.';
  const rest = slower.length > 1 ? ` ${count(slower.length, 'function')} got surely slower in all.` : '';
  const { file, line } = worst.location;
  const place = file === '' ? '' : ` (${cleanText(file, 120)}:${line})`;
  return `${functionName(worst)}${place} ${shortMargin(worst.change, 'ms')} a pass, from ${quantity(worst.base, 'ms')} to ${quantity(worst.head, 'ms')}.${rest}`;
}

/** `changes` as the diagnosis ranks them, slowest first. */
export function slowerView(changes: readonly FunctionChange[]): SlowerView {
  // what is sure comes first, then what may be; each in the order of the diagnosis
  const order = ['fail', 'unsure', 'better'] as const;
  const ranked = changes.toSorted((a, b) => order.indexOf(toneOf(a)) - order.indexOf(toneOf(b)));
  const shown = ranked.slice(0, mostRows);
  const largest = Math.max(0, ...shown.map(({ change, interval }) => Math.max(change, interval?.high ?? change)));
  const unit = largest > 0 ? largest / unitsRight : 1;
  const [first] = shown;
  const confidence = shown.flatMap(({ interval }) => interval?.confidence ?? [])[0];
  return {
    headline: headline(changes.filter((change) => toneOf(change) === 'fail')),
    caption: `Functions that changed, those that got surely slower first. Times of one pass${first ? `, medians of ${count(first.passes, 'pass', 'passes')} of each side` : ''}${confidence === undefined ? '' : `; intervals with ${share(confidence)} confidence`}.`,
    rows: shown.map((change) => ({
      name: functionName(change),
      place: change.location.file === '' ? '' : placeText(change.location),
      kind: change.kind,
      base: quantity(change.base, 'ms'),
      head: quantity(change.head, 'ms'),
      change: shortMargin(change.change, 'ms'),
      interval: intervalText(change),
      tone: toneOf(change),
      ...(forestMark(change.change, change.interval, unit) ?? { line: '', dot: '' }),
    })),
    more: ranked.length > mostRows ? `${ranked.length - mostRows} more functions changed less.` : '',
  };
}
