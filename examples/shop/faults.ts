/**
 * Faults of a known size that the shop can be asked to have, all off by default. They are given in the query of a
 * page's URL (`/?work=50&leak=listener:10`) or to the server; the URL wins. The server reads them and hands them to
 * the page, so both sides agree.
 */

export const leakKinds = ['listener', 'detached', 'cache', 'closure'] as const;
export type LeakKind = (typeof leakKinds)[number];
export type LeakCounts = Readonly<Partial<Record<LeakKind, number>>>;

interface FaultDefinition {
  /** How the value is written. */
  readonly value: string;
  readonly max: number;
  readonly wholeNumber: boolean;
  readonly description: string;
}

/** Sizes: `KB` is 1000 bytes, `MS` milliseconds. */
export const faultTable = {
  work: {
    value: 'MS',
    max: 60_000,
    wholeNumber: false,
    description: 'One main-thread task of MS ms after the first paint, in rankProducts (src/rank.ts).',
  },
  compute: {
    value: 'N',
    max: 10_000,
    wholeNumber: false,
    description:
      'N million steps of arithmetic in a task after the first paint, in rankAll (src/rank.ts): CPU time, not wall time.',
  },
  script: {
    value: 'KB',
    max: 20_000,
    wholeNumber: true,
    description: 'One more script at load: a body of exactly KB × 1000 bytes, incompressible, sent uncompressed.',
  },
  hero: {
    value: 'MS',
    max: 60_000,
    wholeNumber: false,
    description: 'The response with the hero image, the LCP element of the home page, starts MS ms later.',
  },
  shift: {
    value: 'SCORE',
    max: 0.4,
    wholeNumber: false,
    description:
      'One unexpected layout shift of SCORE, by a notice fetched late and inserted above the page (src/notice.ts).',
  },
  handler: {
    value: 'MS',
    max: 60_000,
    wholeNumber: false,
    description: 'The click handler of "Add to cart" works MS ms in recalculatePrices (src/prices.ts).',
  },
  leak: {
    value: 'KIND:N',
    max: 100_000,
    wholeNumber: true,
    description:
      'Each opening of the cart leaks N objects of KIND: listener, detached, cache or closure (src/leak-KIND.ts); several with commas.',
  },
  reflow: {
    value: 'N',
    max: 100_000,
    wholeNumber: true,
    description:
      'Each change of the search text writes a style and reads a height N times, in equaliseCards (src/equalise.ts).',
  },
  api: {
    value: 'MS',
    max: 60_000,
    wholeNumber: false,
    description: 'Every answer of the API starts MS ms later.',
  },
  requests: {
    value: 'N',
    max: 1000,
    wholeNumber: true,
    description: 'N more requests at load (src/extra.ts).',
  },
  error: {
    value: 'N',
    max: 100,
    wholeNumber: true,
    description: 'N unhandled page errors at load (src/extra.ts).',
  },
} as const satisfies Record<string, FaultDefinition>;

export type FaultName = keyof typeof faultTable;
export type NumberFault = Exclude<FaultName, 'leak'>;
export type Faults = Readonly<Partial<Record<NumberFault, number>>> & { readonly leak?: LeakCounts };

/** True for the name of a fault. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultTable, name);
}

function checkSize(name: FaultName, text: string): number {
  const { max, wholeNumber, value } = faultTable[name];
  const size = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(size <= max) || (wholeNumber && !Number.isInteger(size))) {
    const kind = wholeNumber ? 'a whole number' : 'a number';
    throw new RangeError(`fault ${name}=${value}: ${JSON.stringify(text)} is not ${kind} from 0 to ${max}`);
  }
  return size;
}

function isLeakKind(kind: string): kind is LeakKind {
  return leakKinds.some((known) => known === kind);
}

function parseLeak(text: string): LeakCounts {
  const counts: Partial<Record<LeakKind, number>> = {};
  for (const part of text.split(',')) {
    const [kind = '', count = '', ...rest] = part.split(':');
    if (!isLeakKind(kind) || rest.length > 0) {
      throw new RangeError(`fault leak=KIND:N: ${JSON.stringify(part)} does not name one of ${leakKinds.join(', ')}`);
    }
    counts[kind] = checkSize('leak', count);
  }
  return counts;
}

/**
 * The faults among name and value pairs, as of a query; other names are passed over. Throws a RangeError that
 * names the fault when a value is not of its form.
 */
export function parseFaults(pairs: Iterable<readonly [string, string]>): Faults {
  const numbers: Partial<Record<NumberFault, number>> = {};
  let leak: LeakCounts | undefined;
  for (const [name, text] of pairs) {
    if (!isFaultName(name)) continue;
    if (name === 'leak') leak = { ...leak, ...parseLeak(text) };
    else numbers[name] = checkSize(name, text);
  }
  return leak === undefined ? numbers : { ...numbers, leak };
}
