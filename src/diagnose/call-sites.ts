import type { SourceResolver } from '../analyse/source-maps.ts';
import type { CallStack } from '../collect/call-sites.ts';
import type { CallSite } from '../core/recording.ts';

/**
 * The place to name for each stack: the innermost in the application's own code, since a library adds listeners on
 * behalf of others; the innermost of all where there is none. Amounts of one place are added up.
 */
export function placeCallSites(stacks: readonly CallStack[], resolver: SourceResolver): CallSite[] {
  const sites = new Map<string, CallSite>();
  for (const { what, detail, amount, frames } of stacks) {
    const own = frames.find(({ url, line, column }) => resolver.resolve(url, line, column).origin === 'application');
    const place = own ?? frames[0];
    if (!place) continue;
    const key = JSON.stringify([what, detail, place.url, place.line, place.column]);
    sites.set(key, { what, detail, ...place, amount: amount + (sites.get(key)?.amount ?? 0) });
  }
  return [...sites.values()];
}
