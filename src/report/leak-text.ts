/** How leaks and growth are said in words, the same in every kind of report. Text from the page comes out cleaned. */
import { functionText } from '../analyse/finding-text.ts';
import type { ScenarioDocument } from '../core/document.ts';
import type { CounterGrowth, Leak, Memory, MemoryCounters, PathLink } from '../core/leaks.ts';
import type { Unit } from '../core/metrics.ts';
import { cleanText } from '../core/text.ts';
import type { Verdict } from '../core/verdict.ts';
import { countLeaks } from '../judge/memory.ts';
import { count, quantity, share } from './view-format.ts';

export type Counter = keyof MemoryCounters;

/** In the order of tables, as they stand within a sentence. */
export const counterNames: Readonly<Record<Counter, string>> = {
  heap: 'JavaScript heap',
  nodes: 'DOM nodes',
  detached: 'detached nodes',
  listeners: 'event listeners',
  documents: 'documents',
  frames: 'frames',
  workers: 'workers',
  state: 'history state',
  entries: 'history entries',
  sheets: 'style sheets',
  rules: 'CSS rules',
};
export const counters = Object.keys(counterNames) as Counter[];

export function counterUnit(counter: Counter): Unit {
  return counter === 'heap' || counter === 'state' ? 'bytes' : 'count';
}

/** `+24.1 kB`, `−2`, `0`. */
export function signedAmount(value: number, unit: Unit, minus = '−'): string {
  const size = quantity(Math.abs(value), unit);
  const none = quantity(0, unit);
  if (size === none) return none;
  return `${value < 0 ? minus : '+'}${size}`;
}

/** `3 objects`; a mean may have a fraction. */
export function objects(amount: number): string {
  const text = quantity(amount, 'count');
  return `${text} ${text === '1' ? 'object' : 'objects'}`;
}

/** `sure (94 %)`: what a number between 0 and 1 means to a reader. */
export function confidenceText({ confidence }: Pick<Leak, 'confidence'>): string {
  const word = confidence >= 0.85 ? 'sure' : confidence >= 0.5 ? 'likely' : 'possible';
  return `${word} (${share(confidence)})`;
}

/** `12 objects (1.82 kB) an iteration, which keep 6.91 kB alive`. */
export function amountText({ count: amount, shallow, retained }: Leak): string {
  const keeps = quantity(amount, 'count') === '1' ? 'keeps' : 'keep';
  return `${objects(amount)} (${quantity(shallow, 'bytes')}) an iteration, which ${keeps} ${quantity(retained, 'bytes')} alive`;
}

/** `listener not removed`, or that none fits. */
export function patternText({ pattern }: Pick<Leak, 'pattern'>): string {
  return pattern === 'unknown' ? 'no known pattern' : pattern;
}

export interface SortedLeaks {
  readonly counted: readonly Leak[];
  /** Findings that are not sure enough, or that a second pass did not find again. */
  readonly doubtful: readonly Leak[];
}

export function sortLeaks(memory: Pick<Memory, 'leaks'>): SortedLeaks {
  const counted = countLeaks(memory);
  return { counted, doubtful: memory.leaks.filter((leak) => !counted.includes(leak)) };
}

/** Why a finding does not count. */
export function doubtText({ confirmed }: Leak): string {
  return confirmed === false ? 'a second pass did not find it' : 'not sure enough to count';
}

/** `3 leaks`, `no leak`. */
export function leakCount(memory: Pick<Memory, 'leaks'>): string {
  const { counted } = sortLeaks(memory);
  return counted.length === 0 ? 'no leak' : count(counted.length, 'leak');
}

/** What a second pass says, as the end of a sentence; empty where there was none. */
export function confirmationText({ confirmation }: Pick<Memory, 'confirmation'>): string {
  if (!confirmation) return '';
  const { warmUps, iterations, problem } = confirmation;
  if (problem !== null) return `a second pass says nothing: ${cleanText(problem, 200)}`;
  return `looked at again in a second pass: ${count(iterations, 'iteration')} after ${count(warmUps, 'warm-up')}`;
}

/** A verdict's reason; that of leaks is all their titles, which stand by themselves wherever this is shown. */
export function reasonText({ memory }: Pick<ScenarioDocument, 'memory'>, verdict: Verdict): string {
  if (!memory || verdict.metric !== 'leaks' || verdict.status !== 'fail') return cleanText(verdict.reason);
  const again = memory.confirmation?.problem === null ? ', and again in a second pass' : '';
  return `found after ${count(memory.iterations, 'iteration')}${again}`;
}

/** How the object before refers to this one: `variable rows`, `.items`, `[…]`, `listener "resize"`; empty for a root. */
export function edgeText({ edge, name }: Pick<PathLink, 'edge' | 'name'>): string {
  const known = cleanText(name, 60);
  switch (edge) {
    case 'root':
      return '';
    case 'variable':
      return `variable ${known || '(no name)'}`;
    case 'property':
      return `.${known || '(no name)'}`;
    case 'element':
      return '[…]';
    case 'internal':
      return known ? `(${known})` : '(internal)';
    case 'listener':
      return known ? `listener "${known}"` : 'listener';
    case 'timer':
      return known || 'timer';
    case 'native':
      return known ? `browser ${known}` : 'browser';
    default:
      return edge satisfies never;
  }
}

function linkText(link: PathLink): string {
  const edge = edgeText(link);
  const what = cleanText(link.what, 60) || '(no name)';
  return edge === '' ? what : `${edge}: ${what}`;
}

const arrow = ' → ';

/**
 * A retainer path in one line of about `room` characters: where it is longer, links in its middle are left out, since
 * its start says where to look and its end what is kept. The first link that grows is marked.
 */
export function pathText(path: readonly PathLink[], room: number): string {
  const grows = path.findIndex((link) => link.grows);
  const texts = path.map((link, place) => linkText(link) + (place === grows ? ' (grows)' : ''));
  const whole = texts.join(arrow);
  if (whole.length <= room || texts.length <= 3) return whole;
  const [head, tail]: [string[], string[]] = [[], []];
  let [from, to, used] = [0, texts.length - 1, 0];
  // The end first: it is what the leak is about.
  for (let turn = 0; from <= to; turn += 1) {
    const next = texts[turn % 2 === 0 ? to : from] ?? '';
    if (turn > 1 && used + next.length > room - 16) break;
    used += next.length + arrow.length;
    if (turn % 2 === 0) tail.unshift(texts[to--] ?? '');
    else head.push(texts[from++] ?? '');
  }
  const left = to - from + 1;
  return [...head, ...(left > 0 ? [`… ${left} more …`] : []), ...tail].join(arrow);
}

/** Where to mend: `onResize (src/cart.ts:8)`; empty where that is not known. */
export function mendText({ location }: Pick<Leak, 'location'>): string {
  return location ? functionText(location) : '';
}

/** `7 iterations after 2 warm-ups`, and how they ended where that was not as planned. */
export function iterationsText({
  iterations,
  warmUps,
  ended,
}: Pick<Memory, 'iterations' | 'warmUps' | 'ended'>): string {
  const ran = `${count(iterations, 'iteration')}${warmUps > 0 ? ` after ${count(warmUps, 'warm-up')}` : ''}`;
  if (ended === 'complete') return ran;
  return ended === 'failed' ? `${ran}, not finished` : `${ran}, stopped early`;
}

/** In a list, where a word is enough for most. */
function shortName(counter: Counter): string {
  return ['state', 'entries', 'sheets', 'rules'].includes(counter) ? counterNames[counter] : counter;
}

/** The counters as one sentence: `heap +24.1 kB (grows), nodes +12 (grows); frames and workers flat`. */
export function growthText(growth: readonly CounterGrowth[]): string {
  const moving = growth.filter(({ trend }) => trend !== 'flat');
  const flat = growth.filter(({ trend }) => trend === 'flat').map(({ counter }) => shortName(counter));
  const parts = moving.map(
    ({ counter, perIteration, trend }) =>
      `${shortName(counter)} ${signedAmount(perIteration, counterUnit(counter))} (${trend})`,
  );
  const still = flat.length > 0 ? `${flat.join(', ')} flat` : '';
  if (parts.length === 0) return flat.length > 0 ? `nothing grows: ${still}` : '';
  return `${parts.join(', ')} an iteration${still ? `; ${still}` : ''}`;
}
