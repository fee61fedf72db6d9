import type { Unit } from './metrics.ts';

/** Multipliers to the base unit (ms, bytes, 1). `kB` is 1000 bytes and `KiB` 1024, as the standards have it. */
const suffixes: Record<Unit, Record<string, number>> = {
  ms: { ms: 1, s: 1000, min: 60_000 },
  bytes: { B: 1, kB: 1000, KB: 1000, MB: 1_000_000, GB: 1_000_000_000, KiB: 1024, MiB: 1_048_576 },
  count: {},
  score: {},
};

/** The suffixes a unit accepts, for error messages and the JSON Schema. */
export function unitSuffixes(unit: Unit): readonly string[] {
  return Object.keys(suffixes[unit]);
}

/**
 * A quantity as people write it, in the base unit: `"2.5 s"` to 2500, `"170 kB"` to 170000, 0.1 to 0.1.
 * A bare number is already in the base unit. Undefined when it is not a quantity of this unit.
 */
export function parseQuantity(text: string | number, unit: Unit): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? text : undefined;
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]*)\s*$/.exec(text);
  if (!match) return undefined;
  const [, digits = '', suffix = ''] = match;
  const known = suffixes[unit];
  if (suffix !== '' && !Object.hasOwn(known, suffix)) return undefined;
  // 15 digits are what a double keeps: 2.01 kB must be 2010 bytes, not 2009.9999999999998, where counts are exact.
  const value = Number((Number(digits) * (known[suffix] ?? 1)).toPrecision(15));
  return Number.isFinite(value) ? value : undefined;
}

/** `"10 %"` to 0.1; undefined when it is not a percentage. */
export function parsePercent(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*%\s*$/.exec(text);
  return match ? Number(match[1]) / 100 : undefined;
}

/** Kept by number of digits: making a formatter costs 50 times as much as using it. */
const formatters = new Map<number, Intl.NumberFormat>();

function round(value: number, digits: number): string {
  let formatter = formatters.get(digits);
  if (!formatter) {
    formatter = new Intl.NumberFormat('en-US', {
      maximumFractionDigits: digits,
      useGrouping: false,
      signDisplay: 'negative', // no sign on what rounds to zero
    });
    formatters.set(digits, formatter);
  }
  return formatter.format(value);
}

/** A value with its unit, three significant figures or so: 1234.5 ms to `1.23 s`, 170400 bytes to `170.4 kB`. */
export function formatQuantity(value: number, unit: Unit): string {
  const size = Math.abs(value);
  switch (unit) {
    case 'ms':
      if (size >= 10_000) return `${round(value / 1000, 1)} s`;
      if (size >= 1000) return `${round(value / 1000, 2)} s`;
      return `${round(value, size >= 100 ? 0 : 1)} ms`;
    case 'bytes':
      if (size >= 1_000_000) return `${round(value / 1_000_000, 2)} MB`;
      if (size >= 1000) return `${round(value / 1000, size >= 1_000_00 ? 1 : 2)} kB`;
      return `${round(value, 0)} B`;
    case 'count':
      return round(value, 1);
    case 'score':
      return round(value, size >= 1 ? 2 : 4);
    default:
      return unit satisfies never;
  }
}

/** A limit as a reader takes it: `170 kB`, and `>= 0.9` where more is better. */
export function formatLimit(
  limit: number,
  metric: { readonly unit: Unit; readonly direction: 'lower' | 'higher' },
): string {
  return `${metric.direction === 'higher' ? '>= ' : ''}${formatQuantity(limit, metric.unit)}`;
}

/** A ratio as a signed percentage: 0.034 to `+3.4 %`. */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  const text = round(percent, Math.abs(percent) >= 10 ? 0 : 1);
  return `${percent > 0 && text !== '0' ? '+' : ''}${text} %`;
}
