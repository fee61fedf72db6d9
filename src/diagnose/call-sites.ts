import type { SourceResolver } from '../analyse/source-maps.ts';
import type { CallStack } from '../collect/call-sites.ts';
import type { CallFrame } from '../core/counted.ts';
import type { CallSite } from '../core/recording.ts';
import type { SourceLocation } from '../core/source.ts';

/**
 * The place to name for each stack: the innermost in the application's own code, since a library adds listeners on
 * behalf of others; the innermost of all where there is none. Amounts of one place are added up.
 */
export function placeCallSites(stacks: readonly CallStack[], resolver: SourceResolver): CallSite[] {
  const sites = new Map<string, CallSite>();
  for (const { what, detail, amount, frames } of stacks) {
    const place = ownFrame(frames, resolver) ?? frames[0];
    if (!place) continue;
    const key = JSON.stringify([what, detail, place.url, place.line, place.column]);
    sites.set(key, { what, detail, ...place, amount: amount + (sites.get(key)?.amount ?? 0) });
  }
  return [...sites.values()];
}

function ownFrame(frames: readonly CallFrame[], resolver: SourceResolver): CallFrame | undefined {
  return frames.find(({ url, line, column }) => resolver.resolve(url, line, column).origin === 'application');
}

/** The place to name for one stack; null where no script of the page's is on it. */
export function placeOfStack(frames: readonly CallFrame[], resolver: SourceResolver): SourceLocation | null {
  const ofScripts = frames.filter(({ url }) => url !== '');
  const place = ownFrame(ofScripts, resolver) ?? ofScripts[0];
  return place ? resolver.resolve(place.url, place.line, place.column) : null;
}
