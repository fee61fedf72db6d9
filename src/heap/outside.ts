/** Growth that is not the page's: named with its bytes, so that nothing is left out in silence. */
import type { OutsideGrowth } from '../core/leaks.ts';
import type { Group, Growth } from './growth.ts';
import type { HeapSnapshot } from './snapshot.ts';

const kinds: Readonly<Record<string, string>> = {
  code: 'compiled code and feedback of V8',
  'object shape': 'object shapes of V8',
  array: 'tables of V8',
  hidden: 'objects of V8 itself',
  number: 'numbers of V8',
  synthetic: 'roots of V8',
};
const mostRows = 20;

function nameOf({ nodeType, className }: Group): string {
  const kind = kinds[nodeType];
  if (kind !== undefined) return kind;
  if (className.startsWith('system / ')) return 'scopes and contexts';
  return className.slice(0, 80);
}

/** @param others groups that grow, and are the browser's or the test's own */
export function collectOutside(
  growth: Growth,
  { sizes }: HeapSnapshot,
  others: ReadonlyMap<Group, OutsideGrowth['holder'] | 'page'>,
): OutsideGrowth[] {
  const rows = new Map<string, OutsideGrowth>();
  const leaks = new Set(growth.groups.filter((group) => !others.has(group)));
  const owners = new Map<Group, OutsideGrowth['holder']>();
  // Groups stand behind the one that holds them.
  for (const group of growth.all) {
    if (leaks.has(group) || (group.parent && leaks.has(group.parent))) {
      leaks.add(group);
      continue;
    }
    const own = others.get(group) ?? (group.parent && owners.get(group.parent)) ?? 'browser';
    const holder = own === 'harness' ? own : 'browser';
    owners.set(group, holder);
    if (!group.steady || (group.growsBelow && !others.has(group))) continue;
    const what = nameOf(group);
    const row = rows.get(`${holder} ${what}`) ?? { holder, what, count: 0, bytes: 0 };
    row.count += group.members.length / growth.iterations;
    row.bytes += group.members.reduce((sum, node) => sum + (sizes[node] as number), 0) / growth.iterations;
    rows.set(`${holder} ${what}`, row);
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes).slice(0, mostRows);
}
