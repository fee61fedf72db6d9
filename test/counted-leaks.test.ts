/** Leaks outside of the JavaScript heap: counted, and told with who made them. */
import { expect, test } from 'vitest';
import { sizeParts } from '../src/collect/outside-heap.ts';
import type { LeakSite } from '../src/core/counted.ts';
import type { Leak, MemoryCounters } from '../src/core/leaks.ts';
import type { SourceLocation } from '../src/core/source.ts';
import { type CountedInput, findCountedLeaks, locateLeak } from '../src/heap/counted-leaks.ts';
import { countLeaks } from '../src/judge/memory.ts';
import { describeGrowth } from '../src/judge/memory-growth.ts';

const still: MemoryCounters = {
  ...{ heap: 1e6, nodes: 50, detached: 0, listeners: 4, documents: 1, frames: 1, workers: 0 },
  ...{ state: 20, entries: 2, sheets: 3, rules: 40 },
};

const placeOf = ({ frames }: LeakSite): SourceLocation | null => {
  const [frame] = frames;
  if (!frame) return null;
  const { url, line, column } = frame;
  return {
    ...{ function: frame.function, file: url, line: line + 1, column: column + 1, mapped: true },
    ...{ script: url, origin: 'application' },
  };
};

const site = (what: LeakSite['what'], detail: string, line: number): LeakSite => ({
  ...{ what, detail, frames: [{ function: 'show', url: 'src/panel.ts', line, column: 2 }] },
});

/** What is found where one counter has these values. */
function found(values: Partial<Record<keyof MemoryCounters, readonly number[]>>, more: Partial<CountedInput> = {}) {
  const length = Math.max(0, ...Object.values(values).map((each) => each.length)) || 6;
  const counters = Array.from({ length }, (_, at) => ({
    ...still,
    ...Object.fromEntries(Object.entries(values).map(([name, each]) => [name, each[at]])),
  }));
  const growth = describeGrowth(counters);
  return findCountedLeaks({ growth, counters, grownState: null, entries: [], sites: [], placeOf, ...more });
}

const rising = [20, 540, 1060, 1580, 2100, 2620];

test('a state that is larger with each iteration, by the property that grew and who wrote it', () => {
  const sites = [site('history', 'replaceState', 8), site('history', 'replaceState', 8), site('rule', 'insertRule', 3)];
  const [leak, ...others] = found({ state: rising }, { grownState: 'visited', sites });
  expect(others).toEqual([]);
  expect(leak).toMatchObject({
    title: '"visited" of history.state is larger with each iteration: 520 B each time',
    pattern: 'history state',
    retained: 520,
    location: { file: 'src/panel.ts', line: 9 },
  });
  expect(leak?.path.map(({ name, what }) => name || what)).toEqual(['Window', 'history', 'state', 'visited']);
  expect(countLeaks({ leaks: leak ? [leak] : [] })).toHaveLength(1);
});

test('a state with a bound, and one that alternates, are none', () => {
  expect(found({ state: [20, 540, 1060, 1580, 1580, 1580, 1580, 1580] })).toEqual([]);
  expect(found({ state: [20, 540, 20, 540, 20, 540] })).toEqual([]);
});

test('rules that pile up, and sheets before the rules in them', () => {
  const sites = [site('rule', 'insertRule', 3), site('element', 'style', 5), site('element', 'p', 6)];
  const [rules] = found({ rules: [40, 52, 64, 76, 88] }, { sites: sites.slice(0, 1) });
  expect(rules).toMatchObject({
    title: '12 CSS rules more with each iteration, in the document',
    births: [12, 12, 12, 12],
    location: { line: 4 },
  });
  const both = found({ sheets: [3, 4, 5, 6, 7], rules: [40, 52, 64, 76, 88] }, { sites: sites.slice(1) });
  expect(both.map(({ title, location }) => [title, location?.line])).toEqual([
    ['1 style sheet more with each iteration, in the document', 6],
  ]);
});

test('entries of the history for the same address, if a script pushed them', () => {
  const entries = [2, 2, 2, 2, 2];
  const sites = [site('history', 'pushState', 8)];
  const [leak] = found({}, { entries, sites });
  expect(leak).toMatchObject({ pattern: 'history state', count: 2, births: entries, location: { line: 9 } });
  // A frame that is led somewhere adds entries as well, without a script that pushed them.
  expect(found({}, { entries, sites: [site('history', 'replaceState', 8)] })).toEqual([]);
  // Some are left by chance.
  expect(found({}, { entries: [2, 0, 0, 2, 0], sites })).toEqual([]);
});

test('what only Chrome holds gets the place of who made it; what a script holds keeps its own', () => {
  const sites = [site('element', 'iframe', 6), site('element', 'output', 7), site('console', '', 11)];
  const [first] = found({ state: rising });
  const leak = { ...(first as Leak), location: null };
  const line = (more: Partial<Leak>): number | undefined =>
    locateLeak({ ...leak, ...more }, { sites, placeOf }).location?.line;
  expect(line({ pattern: 'frame not removed', what: '<iframe hidden="">' })).toBe(7);
  expect(line({ pattern: 'DOM that piles up in the page', what: '<output class="toast">' })).toBe(8);
  expect(line({ pattern: 'DOM that piles up in the page', what: '<p>' })).toBeUndefined();
  expect(line({ pattern: 'held by the console', what: 'Answer' })).toBe(12);
  const location = placeOf(site('element', 'iframe', 90));
  expect(line({ pattern: 'frame not removed', what: '<iframe>', location })).toBe(91);
  // Where a class stands is not where it was logged.
  expect(line({ pattern: 'held by the console', what: 'Answer', location })).toBe(12);
});

test('the size of a state, by property, whatever its names are', () => {
  const text = (length: number) => ({ type: 'string', value: 'x'.repeat(length) });
  const sizes = sizeParts({
    type: 'object',
    value: [
      ['visited', { type: 'array', value: [text(500), { type: 'map', value: [['a', text(100)]] }] }],
      ['__proto__', text(50)],
      ['cycle', { type: 'object', weakLocalObjectReference: 1 }],
      ['buffer', { type: 'arraybuffer' }],
      ['big', { type: 'bigint', value: '12345678901234567890' }],
      ['no', { type: 'number', value: 'NaN' }],
    ],
  });
  expect(sizes['visited']).toBeGreaterThan(600);
  expect(sizes['visited']).toBeLessThan(640);
  expect(Object.keys(sizes)).toContain('__proto__');
  expect(sizeParts({ type: 'undefined' })).toEqual({});
  expect(sizeParts({ type: 'null' })).toEqual({});
  expect(Object.values(sizeParts(text(300)))[0]).toBeGreaterThan(300);
});
