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

/** @param harness groups that the test's own handles hold; they are not the page's, and no leak of its */
export function collectOutside(growth: Growth, { sizes }: HeapSnapshot, harness: ReadonlySet<Group>): OutsideGrowth[] {
  const rows = new Map<string, OutsideGrowth>();
  const leaks = new Set(growth.groups.filter((group) => !harness.has(group)));
  // Groups stand behind the one that holds them.
  const inside = new Set<Group>();
  for (const group of growth.all) {
    if (leaks.has(group) || (group.parent && inside.has(group.parent))) {
      inside.add(group);
      continue;
    }
    if (!group.steady || (group.growsBelow && !harness.has(group))) continue;
    const holder = isHarness(group, harness) ? 'harness' : 'browser';
    const what = nameOf(group);
    const row = rows.get(`${holder} ${what}`) ?? { holder, what, count: 0, bytes: 0 };
    row.count += group.members.length / growth.iterations;
    row.bytes += group.members.reduce((sum, node) => sum + (sizes[node] as number), 0) / growth.iterations;
    rows.set(`${holder} ${what}`, row);
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes).slice(0, mostRows);
}

function isHarness(group: Group, harness: ReadonlySet<Group>): boolean {
  for (let above: Group | null = group; above; above = above.parent) if (harness.has(above)) return true;
  return false;
}
