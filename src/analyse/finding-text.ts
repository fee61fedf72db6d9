/** How findings say places and amounts, so that each rule says them alike. */
import type { SourceLocation } from '../core/source.ts';
import { cleanText } from '../core/text.ts';
import { formatQuantity } from '../core/units.ts';

const longestName = 60;
const longestFile = 100;

/** What profiles call code outside of all functions, and a function without a name. */
const topLevel = '(top level)';
const anonymous = '(anonymous)';

/** `12.3 ms`. */
export function ms(value: number): string {
  return formatQuantity(value, 'ms');
}

/** `12 kB`. */
export function bytes(value: number): string {
  return formatQuantity(value, 'bytes');
}

/** `1 call`, `1,200 calls`. */
export function times(amount: number, noun: string, plural = `${noun}s`): string {
  const digits = Math.round(amount).toString();
  return `${digits.replace(/\B(?=(\d{3})+$)/g, ',')} ${digits === '1' ? noun : plural}`;
}

/** A share of 0 to 1: `12 %`. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/**
 * `src/prices.ts:4`; the end of a long path says more than its beginning. Without a source map the column too, since all
 * of a minified script is one line.
 */
export function placeText({ file, line, column, mapped }: SourceLocation): string {
  const clean = cleanText(file, 1000);
  const short = clean.length > longestFile ? `…${clean.slice(1 - longestFile)}` : clean;
  return mapped ? `${short}:${line}` : `${short}:${line}:${column}`;
}

/** `recalculatePrices (src/prices.ts:4)`; a function without a name is told by its place. */
export function functionText(location: SourceLocation): string {
  const name = location.function === null ? '' : cleanText(location.function, longestName);
  if (name === topLevel) return `the top level of ${placeText(location)}`;
  return name === '' || name === anonymous
    ? `a function at ${placeText(location)}`
    : `${name} (${placeText(location)})`;
}

/** `a, b and 3 more`. */
export function some(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
