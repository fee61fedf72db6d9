import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../src/cli.ts';
import { buildGraph, type HeapGraph, none } from '../src/heap/graph.ts';
import { readSnapshot } from '../src/heap/read-snapshot.ts';
import { summariseHeap } from '../src/heap/summary.ts';
import { seededRandom } from '../src/stats/random.ts';
import { makeSnapshot, type MadeNode } from './fixtures/heap/make.ts';

const read = (text: string, size = Infinity) => {
  const bytes = new TextEncoder().encode(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return readSnapshot(pieces, { name: 'made.heapsnapshot' });
};
const graphOf = async (nodes: readonly MadeNode[]): Promise<HeapGraph> => buildGraph(await read(makeSnapshot(nodes)));

const odd = 'ключ "q" \\ \n\u2028 🥾';
const few: readonly MadeNode[] = [
  { type: 'synthetic', name: '', size: 0, edges: [{ to: 1, type: 'shortcut', name: odd }] },
  { name: 'Window', edges: [{ to: 2 }, { to: 3, type: 'element' }] },
  { name: 'Item', edges: [{ to: 4, type: 'weak' }] },
  { type: 'string', name: odd, size: 2 ** 31 + 5 },
  { type: 'native', name: 'HTMLDivElement', detached: true },
];

describe('reading', () => {
  test.each([Infinity, 1, 2, 7, 64])('in pieces of %s bytes', async (size) => {
    const snapshot = await read(makeSnapshot(few), size);
    expect(snapshot.nodeCount).toBe(5);
    expect([...snapshot.ids]).toEqual([1, 3, 5, 7, 9]);
    expect([...snapshot.sizes]).toEqual([0, 10, 10, 2 ** 31 + 5, 10]);
    expect([...snapshot.detached]).toEqual([0, 0, 0, 0, 2]);
    expect([...snapshot.firstEdge]).toEqual([0, 1, 3, 4, 4, 4]);
    expect([...snapshot.edgeTargets]).toEqual([1, 2, 3, 4]);
    expect(snapshot.strings.get(snapshot.names[3] ?? 0)).toBe(odd);
    expect(snapshot.locations).toMatchObject({ nodes: new Uint32Array([1]), lines: new Int32Array([35]) });
  });

  const whole = makeSnapshot(few);
  test.each([
    ['nothing', '', 'it breaks off'],
    ['no JSON', 'garbage '.repeat(10), 'it breaks off'],
    ['another document', '{"traceEvents":[1]}', 'it does not begin with its layout'],
    ['half of it', whole.slice(0, whole.indexOf('"edges"') + 12), 'its edges break off'],
    ['cut in its strings', whole.slice(0, -8), 'its strings break off'],
    ['words among numbers', whole.replace('"nodes":[7', '"nodes":[x'), 'its numbers hold something that is no number'],
    [
      'too few nodes',
      whole.replace('"node_count":5', '"node_count":6'),
      'it holds fewer nodes or edges than it announces',
    ],
    ['too many nodes', whole.replace('"node_count":5', '"node_count":4'), 'it holds more nodes than it announces'],
    [
      'absurd counts',
      whole.replace('"node_count":5', '"node_count":9007199254740991'),
      'it is larger than memory allows, or damaged',
    ],
    [
      'an edge into nowhere',
      makeSnapshot([{ name: '', edges: [{ to: 9 }] }]),
      'an edge leads to a node that is not there',
    ],
    [
      'half a record',
      whole.replace('"trace_tree"', '"edges":[1,2],"trace_tree"'),
      'one of its lists ends within a record',
    ],
    ['a layout without ids', whole.replace('"id"', '"it"'), 'its layout lacks id'],
  ])('%s is SNAPSHOT_INVALID', async (_name, text, reason) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'SNAPSHOT_INVALID',
      message: `made.heapsnapshot is no complete heap snapshot: ${reason}.`,
    });
  });
});

/** What can still be reached without one node: the definition of a dominator. */
function reachable(nodes: readonly MadeNode[], without: number): Set<number> {
  const seen = new Set<number>();
  const visit = (node: number): void => {
    if (node === without || seen.has(node)) return;
    seen.add(node);
    for (const { to } of nodes[node]?.edges ?? []) visit(to);
  };
  visit(0);
  return seen;
}

test('dominators and retained sizes are those of their definition, in 200 random graphs', async () => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round += 1) {
    const count = 2 + Math.floor(random() * 14);
    const edges = Array.from({ length: count }, () =>
      Array.from({ length: Math.floor(random() * 3) }, () => ({ to: Math.floor(random() * count) })),
    );
    // Every node is reached: what nothing keeps alive has rules of its own.
    for (let node = 1; node < count; node += 1) edges[Math.floor(random() * node)]?.push({ to: node });
    const nodes: MadeNode[] = edges.map((own, at) => ({
      name: `n${at}`,
      size: 1 + Math.floor(random() * 9),
      edges: own,
    }));
    const graph = await graphOf(nodes);
    for (let node = 1; node < count; node += 1) {
      const left = reachable(nodes, node);
      const lost = nodes.reduce((sum, { size = 0 }, other) => sum + (left.has(other) ? 0 : size), 0);
      expect(graph.retained[node], `round ${round}, node ${node}`).toBe(lost);
      const dominator = graph.dominators[node] ?? none;
      expect(dominator === 0 || !reachable(nodes, dominator).has(node)).toBe(true);
    }
  }
});

test('weak references, shortcuts and what holds a page from outside keep nothing alive; a WeakMap goes by its key', async () => {
  const pair = (table: number): string =>
    `3 / part of key (Key @13) -> value (Value @15) pair in WeakMap (table @${table})`;
  const graph = await graphOf([
    {
      type: 'synthetic',
      name: '',
      edges: [
        { to: 1, type: 'shortcut' },
        { to: 2, type: 'element' },
      ],
    },
    { name: 'Window', edges: [{ to: 3 }, { to: 4 }, { to: 5, type: 'weak' }, { to: 6 }] },
    {
      type: 'synthetic',
      name: '(GC roots)',
      edges: [
        { to: 3, type: 'element' },
        { to: 5, type: 'element' },
      ],
    },
    { name: 'Held', edges: [{ to: 4, type: 'shortcut' }] },
    { type: 'array', name: 'table', id: 21, edges: [{ to: 7, type: 'internal', name: pair(21) }] },
    { name: 'Cached' },
    { name: 'Key', id: 13, edges: [{ to: 7, type: 'internal', name: pair(21) }] },
    { name: 'Value', id: 15, size: 100 },
  ]);
  expect([...graph.dominators.slice(1)]).toEqual([0, 0, 1, 1, 2, 1, 6]);
  expect(graph.retained[6]).toBe(110);
});

test('a class keeps alive what its outermost objects keep, once', async () => {
  const graph = await graphOf([
    { type: 'synthetic', name: '', size: 0, edges: [{ to: 1 }] },
    { name: 'Tree', size: 1, edges: [{ to: 2 }, { to: 3 }] },
    { name: 'Tree', size: 2, edges: [{ to: 4 }] },
    { name: 'Leaf', size: 4 },
    { type: 'native', name: 'Detached <p>', size: 8, detached: true },
  ]);
  const { classes, detached, total } = summariseHeap(graph, 10);
  expect(total).toBe(15);
  expect(classes.find(({ name }) => name === 'Tree')).toEqual({ name: 'Tree', count: 2, shallow: 3, retained: 15 });
  expect(detached).toEqual([{ name: 'Detached <p>', count: 1, shallow: 8, retained: 8 }]);
});

describe('pacewright heap', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'pw-heap-'));
    const before = makeSnapshot(few);
    const grown: readonly MadeNode[] = [
      ...few.slice(0, 1),
      { name: 'Window', edges: [{ to: 2 }, { to: 3, type: 'element' }, { to: 5 }, { to: 6 }] },
      ...few.slice(2),
      { name: 'CartItem', id: 101, size: 40 },
      { name: 'CartItem', id: 103, size: 40 },
    ];
    writeFileSync(path.join(folder, 'a.heapsnapshot'), before);
    writeFileSync(path.join(folder, 'b.heapsnapshot.gz'), gzipSync(makeSnapshot(grown)));
    writeFileSync(
      path.join(folder, 'c.zst'),
      zstdCompressSync(makeSnapshot(grown.slice(0, 6).with(1, { name: 'Window', edges: [{ to: 2 }, { to: 5 }] }))),
    );
    writeFileSync(path.join(folder, 'd.gz'), gzipSync(before).subarray(0, 100));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (...words: string[]) => {
    let output = '';
    const say = (text: string): void => void (output += `${text}\n`);
    const code = await main(['heap', ...words], {
      out: say,
      err: say,
      env: {},
      cwd: folder,
      color: false,
      columns: 100,
    });
    return { code, output };
  };

  test('two snapshots: what is new', async () => {
    expect(await run('a.heapsnapshot', 'b.heapsnapshot.gz')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "output": "a.heapsnapshot -> b.heapsnapshot.gz: 2147.48 MB to 2147.48 MB, +80 B

      New objects, by what they keep alive
        retained  new  gone   size  class
            80 B   +2    -0  +80 B  CartItem

      Next: a third snapshot, taken after the same action once more, leaves out what lives for a moment.
      ",
      }
    `);
  });
  test('three snapshots: what lives on', async () => {
    const { output } = await run('a.heapsnapshot', 'b.heapsnapshot.gz', 'c.zst');
    expect(output).toMatch(/40 B {3}\+1 {4}-0 {2}\+40 B {2}CartItem/);
  });
  test('one: what it holds, a hostile name cleaned', async () => {
    expect(await run('a.heapsnapshot', '--rows', '3')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "output": "a.heapsnapshot: 2147.48 MB in 5 objects with 4 references

      Classes, by what they keep alive
          retained     shallow  count  class
        2147.48 MB         0 B      1  (no name)
        2147.48 MB        10 B      1  Window
        2147.48 MB  2147.48 MB      1  (string)

      Detached DOM nodes
        retained  shallow  count  class
            10 B     10 B      1  Detached HTMLDivElement

      Largest holders
          retained     shallow  id  object
        2147.48 MB        10 B  @3  Window
        2147.48 MB  2147.48 MB  @7  ключ "q" \\   🥾
              10 B        10 B  @5  Item

      Next: open the file in the Memory panel of DevTools and look for the retainers of a detached node.
      ",
      }
    `);
  });
  test.each([
    [['gone.heapsnapshot'], 'SNAPSHOT_NOT_FOUND'],
    [['d.gz'], 'SNAPSHOT_INVALID'],
    [['a.heapsnapshot', 'a.heapsnapshot', 'a.heapsnapshot', 'a.heapsnapshot'], 'ARGUMENT_INVALID'],
  ])('%s ends with %s and code 2', async (words, code) => {
    const result = await run(...words);
    expect(result).toMatchObject({ code: 2, output: expect.stringContaining(code) });
  });
});
