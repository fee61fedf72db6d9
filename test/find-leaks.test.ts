/** Dates of survivors in snapshots of a few nodes: what has births in every iteration leaks, and nothing else does. */
import { describe, expect, test } from 'vitest';
import { findLeaks, type FoundLeaks } from '../src/heap/find-leaks.ts';
import { readSnapshot } from '../src/heap/read-snapshot.ts';
import { makeSnapshot, type MadeNode } from './fixtures/heap/make.ts';

const read = (nodes: readonly MadeNode[]) =>
  readSnapshot([new TextEncoder().encode(makeSnapshot(nodes))], { name: 'made' });

const iterations = 5;
/** Objects of iteration i have ids from 1000 i on; what was there before has lower ones. */
const borders = Array.from({ length: iterations + 1 }, (_, at) => 1000 * (at + 1) - 1);
const counters = borders.map(() => ({
  heap: 1e6,
  nodes: 10,
  detached: null,
  listeners: 0,
  documents: 1,
  frames: 1,
  workers: 0,
}));

/** A window with an array of items. @param items iteration of birth of each, 0 for before; negative for native ones */
function pageOf(items: readonly number[], native?: string): MadeNode[] {
  const born = items.map((iteration, at) => iteration * 1000 + 101 + 2 * at);
  return [
    { type: 'synthetic', name: '', size: 0, edges: [{ to: 1, type: 'shortcut', name: 'window' }] },
    { name: 'Window [JSGlobalObject] / http://shop', edges: [{ to: 2, name: 'cart' }] },
    { name: 'Array', id: 51, edges: items.map((_, at) => ({ to: 3 + at, type: 'element' })) },
    ...born.map((id): MadeNode => (native ? { type: 'native', name: native, id: id + 1 } : { name: 'CartItem', id })),
  ];
}

async function find(before: readonly number[], after: readonly number[], native?: string): Promise<FoundLeaks> {
  const [first, last] = [await read(pageOf(before, native)), await read(pageOf(after, native))];
  return findLeaks({ first, last, borders, counters, place: () => null });
}

describe('survivors by the iteration of their birth', () => {
  test.each([
    ['one of each', [0, 1, 2, 3, 4, 5], [1, 1, 1, 1, 1]],
    ['several of each', [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [2, 2, 2, 2, 2]],
    ['all but the last, which is in use', [0, 1, 2, 3, 4], [1, 1, 1, 1, 0]],
    ['all but one', [0, 1, 2, 4, 5], [1, 1, 0, 1, 1]],
    ['all but the first, and older ones are there', [0, 0, 2, 3, 4, 5], [0, 1, 1, 1, 1]],
  ])('leak: %s', async (_name, after, births) => {
    const { leaks } = await find(
      after.filter((born) => born === 0),
      after,
    );
    expect(leaks.map(({ what }) => what)).toEqual(['CartItem']);
    expect(leaks[0]).toMatchObject({ births, count: births.reduce((sum, count) => sum + count, 0) / iterations });
    expect(leaks[0]?.path.map(({ edge, name, what }) => [edge, name, what])).toEqual([
      ['root', '', 'Window'],
      ['property', 'cart', 'Array'],
      ['element', '', 'CartItem'],
    ]);
  });

  test.each([
    ['the first only: a lazy start', [0, 1, 1, 1]],
    ['the last only: the current state', [5, 5, 5]],
    ['the last few only: a cache with a bound', [3, 4, 5]],
    ['all but the first, and none is older: a cache whose bound was reached', [2, 3, 4, 5]],
    ['none', [0, 0, 0]],
  ])('no leak: %s', async (_name, after) => {
    expect(
      (
        await find(
          after.filter((born) => born === 0),
          after,
        )
      ).leaks,
    ).toEqual([]);
  });
});

describe('as many gone as have come', () => {
  const gone = (count: number): number[] => Array.from({ length: count }, () => 0);

  test.each([
    ['a cache that was full before the first iteration', gone(6), [0, 1, 2, 3, 4, 5]],
    ['a cache that was full after half of them', gone(4), [0, 0, 1, 2, 3, 4, 5].slice(1)],
    ['a list of the last items, several a time', gone(15), [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]],
    ['nothing of what was there is left', gone(5), [1, 2, 3, 4, 5]],
  ])('no leak: %s', async (_name, before, after) => {
    expect((await find(before, after)).leaks).toEqual([]);
  });

  test('no leak: elements of pages that are kept, and what is below them', async () => {
    // A page's rows are reached in another way from one snapshot to the next: what went with their page went with it.
    const page = (born: readonly number[], edge: string): MadeNode[] => [
      { type: 'synthetic', name: '', size: 0, edges: [{ to: 1, type: 'shortcut', name: 'window' }] },
      { name: 'Window [JSGlobalObject] / http://shop', edges: [{ to: 2, name: 'kept' }] },
      { name: 'Array', id: 51, edges: born.map((_, at) => ({ to: 3 + 2 * at, type: 'element' })) },
      ...born.flatMap((iteration, at): MadeNode[] => [
        { name: 'Page', id: iteration * 1000 + 101 + 4 * at, edges: [{ to: 4 + 2 * at, name: edge }] },
        { name: 'Row', id: iteration * 1000 + 103 + 4 * at },
      ]),
    ];
    const [first, last] = [await read(page([0, 0, 0, 0, 0], 'first')), await read(page([1, 2, 3, 4, 5], 'row'))];
    expect(findLeaks({ first, last, borders, counters, place: () => null }).leaks).toEqual([]);
  });

  test.each([
    ['an old one went, five came', gone(2), [0, 1, 2, 3, 4, 5]],
    ['many were replaced, and there is one more each time', gone(20), [...gone(0), ...gone(20), 1, 2, 3, 4, 5]],
  ])('leak: %s', async (_name, before, after) => {
    expect((await find(before, after)).leaks).toHaveLength(1);
  });
});

/** Each iteration adds one to a list that a property of the window refers to. @param below nodes that each one brings */
async function findListed(
  list: string,
  entry: (iteration: number, at: number) => readonly MadeNode[],
): Promise<FoundLeaks> {
  const page = (count: number): MadeNode[] => {
    const nodes: MadeNode[] = [
      { type: 'synthetic', name: '', size: 0, edges: [{ to: 1, type: 'shortcut', name: 'window' }] },
      { name: 'Window [JSGlobalObject] / http://shop', edges: [{ to: 2, name: list }] },
    ];
    const entries: { to: number; type: string }[] = [];
    const added: MadeNode[] = [];
    for (let iteration = 1; iteration <= count; iteration += 1) {
      entries.push({ to: 3 + added.length, type: 'element' });
      added.push(...entry(iteration, 3 + added.length));
    }
    return [...nodes, { name: 'Array', id: 51, edges: entries }, ...added];
  };
  const [first, last] = [await read(page(0)), await read(page(iterations))];
  return findLeaks({ first, last, borders, counters, place: () => null });
}

describe('what is said of what leaks', () => {
  const born = (iteration: number, at = 0): number => iteration * 1000 + 101 + 2 * at;

  test('objects of another shape within an entry are no further entries', async () => {
    const { leaks } = await findListed('steps', (iteration, at) => [
      { name: 'Object', id: born(iteration), edges: [{ to: at + 1, name: 'rows' }] },
      {
        name: 'Array',
        id: born(iteration, 1),
        edges: [2, 3, 4].map((row) => ({ to: at + row, type: 'element' })),
      },
      ...[2, 3, 4].map((row): MadeNode => ({
        name: 'Object',
        id: born(iteration, row),
        edges: [{ to: 1, name: 'id' }],
      })),
    ]);
    expect(leaks.map(({ what, count }) => [what, count])).toEqual([['{rows}', 1]]);
  });

  test('a bound function has the name of the one that was bound, however often', async () => {
    const { leaks } = await findListed('pages', (iteration, at) => [
      bound(born(iteration), at + 1),
      bound(born(iteration, 1), at + 2),
      { type: 'closure', name: 'layout', id: born(iteration, 2) },
    ]);
    expect(leaks.map(({ what }) => what)).toEqual(['function layout']);
    function bound(id: number, to: number): MadeNode {
      return { type: 'closure', name: 'native_bind', id, edges: [{ to, type: 'internal', name: 'bound_function' }] };
    }
  });

  test.each([
    ['subscribers', 'listener not removed', 'Take function update out of Array "subscribers"'],
    ['undoSteps', 'collection that only grows', 'Remove function update from Array "undoSteps"'],
  ])('functions in a list "%s": %s', async (list, pattern, advice) => {
    const { leaks } = await findListed(list, (iteration) => [{ type: 'closure', name: 'update', id: born(iteration) }]);
    expect(leaks.map((leak) => leak.pattern)).toEqual([pattern]);
    expect(leaks[0]?.advice).toContain(advice);
  });

  test('an element in a list is no listener that was not removed, though it has one', async () => {
    const { leaks } = await findListed('rows', (iteration, at) => [
      { name: 'Row', id: born(iteration), edges: [{ to: at + 1, name: 'node' }] },
      {
        type: 'native',
        name: '<input>',
        id: born(iteration, 1),
        detached: true,
        edges: [{ to: at + 2, type: 'element' }],
      },
      { type: 'native', name: 'V8EventListener', id: born(iteration, 2), edges: [{ to: at + 3, type: 'element' }] },
      { type: 'closure', name: 'onInput', id: born(iteration, 3) },
    ]);
    expect(leaks.map(({ pattern }) => pattern)).toEqual(['detached DOM held by JavaScript']);
  });

  test('what a module exports has the name by which it does', async () => {
    const entries = (count: number): MadeNode[] =>
      Array.from({ length: count }, (_, at) => ({ name: 'CartItem', id: born(at + 1) }));
    const page = (count: number): MadeNode[] => [
      { type: 'synthetic', name: '', size: 0, edges: [{ to: 1, type: 'shortcut', name: 'window' }] },
      { name: 'Window [JSGlobalObject] / http://shop', edges: [{ to: 2, type: 'element' }] },
      {
        type: 'array',
        name: '',
        edges: [3, 4].map((to) => ({ to, type: 'internal', name: String(to + 2) })),
      },
      { type: 'string', name: 'fields' },
      { type: 'native', name: 'system / Cell', edges: [{ to: 5, type: 'internal', name: 'value' }] },
      { name: 'Array', id: 51, edges: entries(count).map((_, at) => ({ to: 6 + at, type: 'element' })) },
      ...entries(count),
    ];
    const { leaks } = findLeaks({
      ...{ first: await read(page(0)), last: await read(page(iterations)) },
      ...{ borders, counters, place: () => null },
    });
    expect(leaks[0]?.title).toContain('held by Array "fields"');
  });
});

describe("Chrome's own objects, whose ids are new in every snapshot", () => {
  test('as many as before are the same ones', async () => {
    // All have new ids in the second snapshot.
    const { leaks } = await find([0, 0, 0, 0, 0, 0], [5, 5, 5, 5, 5, 5], 'CSSStyleSheet');
    expect(leaks).toEqual([]);
  });

  test('what is more than before is new, and not dated', async () => {
    const { leaks } = await find([0, 0], [5, 5, 5, 5, 5, 5, 5], 'CSSStyleSheet');
    expect(leaks).toHaveLength(1);
    expect(leaks[0]).toMatchObject({ pattern: 'style sheets pile up', count: 1, births: [0, 0, 0, 0, 0] });
    expect(leaks[0]?.signals[0]).toContain('5 more than before');
  });

  test("what no page can have made is the browser's, with its bytes", async () => {
    const { leaks, outside } = await find([0], [5, 5, 5, 5, 5, 5], 'blink::AXObject');
    expect(leaks).toEqual([]);
    expect(outside).toEqual([{ holder: 'browser', what: 'blink::AXObject', count: 1, bytes: 10 }]);
  });
});
