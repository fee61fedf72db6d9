/**
 * Whether base and head painted the same thing last: the time of a headline says nothing about that of an image.
 * Names that a build makes up are left out, or every build would have another element.
 */
import type { StepSample } from '../core/sample.ts';

/** Ids that a framework numbers (`:r1:`, `_r_1_`), and those with a run of digits or a hash. */
const generatedId = /#[^\s>.#]*(?::|_r_|\d{2,}|[\da-f]{8,})[^\s>.#]*/g;
const className = /\.(?:\\.|[^\s>.#:])+/g;
/** What bundlers put before the extension: eight letters and digits (Rollup), or six or more hexadecimal digits. */
const contentHash = /[-._](?:[\da-f]{6,}|(?=[\w-]*[A-Z\d])[\w-]{8})(?=\.\w+$)/;

/** Element and file of the largest paint, the same for two builds of the same page; empty where it is unknown. */
export function identifyLcp(step: StepSample | undefined): string {
  const lcp = step?.attribution.lcp;
  if (!lcp) return '';
  const element = lcp.element.replace(generatedId, '').replace(className, '');
  return lcp.url === null || lcp.url === '' ? element : `${element} (${nameOfFile(lcp.url)})`;
}

function nameOfFile(url: string): string {
  if (/^\s*data:/i.test(url)) return url;
  return url
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/, '')
    .replace(contentHash, '');
}

/** At least this share of a side's samples shows its own element, and as much of the other side's does not. */
const mostly = 0.8;

/** The usual identity of each side where they differ for good; null where both sides measured the same. */
export function findDifference(
  base: readonly string[],
  head: readonly string[],
): { readonly base: string; readonly head: string } | null {
  const usual = { base: mostCommon(base), head: mostCommon(head) };
  if (usual.base === usual.head) return null;
  const apart =
    share(base, usual.base) >= mostly &&
    share(head, usual.head) >= mostly &&
    share(head, usual.base) <= 1 - mostly + rounding &&
    share(base, usual.head) <= 1 - mostly + rounding;
  return apart ? usual : null;
}

const rounding = 1e-9;

function mostCommon(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

function share(values: readonly string[], wanted: string): number {
  return values.filter((value) => value === wanted).length / Math.max(1, values.length);
}
