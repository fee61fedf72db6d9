/** How findings about bundles say amounts and places. */
import type { SourceLocation } from '../core/source.ts';
import { formatQuantity } from '../core/units.ts';

export function bytes(value: number): string {
  return formatQuantity(Math.round(value), 'bytes');
}

/** Of a share from 0 to 1. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function placeText({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`;
}

const mostNamed = 4;

/** `a, b, c, d and 3 more`. */
export function listed(items: readonly string[]): string {
  const more = items.length - mostNamed;
  return items.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
