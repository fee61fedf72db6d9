/** What the flame graph in the page computes, on trees of known sums and on large ones. */
import { describe, expect, it } from 'vitest';
import type { Profile } from '../src/core/profile.ts';
import { readFlameData, sumFunctions } from '../src/report/flame-data.ts';
import { frame, largeProfile, makeProfile, pack } from './fixtures/profiles/make.ts';
import { shopProfile } from './fixtures/profiles/runs.ts';
import { flame, type Layout, type Shape, type Tree } from './support/flame.ts';

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function shapeOf(profile: Profile): Shape {
  const tree = flame.treeOf(profile);
  return flame.topDown(
    tree,
    tree.threads.map((_, index) => index),
  );
}

/** Names of a node's stack, from the root down, its thread first. */
function stack(shape: Shape, node: number): string {
  const names: string[] = [];
  let at = node;
  while ((shape.parent[at] ?? -1) >= 0) {
    names.unshift(shape.frames[shape.frame[at] ?? -1]?.name ?? '?');
    at = shape.parent[at] ?? -1;
  }
  return [shape.roots.find(({ root }) => root === at)?.name, ...names].join(' > ');
}

/** Total by stack. */
function stacks(shape: Shape): Record<string, number> {
  const own = new Set(shape.roots.map(({ root }) => root));
  const rootOf = (node: number): number => {
    let at = node;
    while ((shape.parent[at] ?? -1) >= 0) at = shape.parent[at] ?? -1;
    return at;
  };
  return Object.fromEntries(
    [...shape.total].flatMap((time, node) => (own.has(rootOf(node)) ? [[stack(shape, node), time]] : [])),
  );
}

function self(tree: Tree): number {
  return sum(tree.self);
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => frame(name, { file: `src/${name}.ts` })) as [
  ReturnType<typeof frame>,
  ReturnType<typeof frame>,
  ReturnType<typeof frame>,
];
const tag = (name: string) =>
  frame(name, { file: 'https://cdn.example/t.js', script: 'https://cdn.example/t.js', origin: 'third-party' });
const [x, y] = [tag('x'), tag('y')];
const react = (name: string) =>
  frame(name, { file: `node_modules/.pnpm/r@1/node_modules/@r/dom/i.js`, origin: 'library' });

describe('reading', () => {
  it('unpacks what is packed, and gives times of one pass', async () => {
    const profile = shopProfile();
    expect(await flame.unpackProfile(pack(profile))).toEqual(profile);
    expect(self(flame.treeOf(profile))).toBeCloseTo(150, 6);
  });
});

describe('merging', () => {
  it('adds up the steps of a flow, each path once', () => {
    const one = makeProfile({ main: [[a, 1, [[b, 2]]]] }, { passes: 2 });
    const two = makeProfile(
      {
        main: [
          [c, 4],
          [a, 3, [[b, 1]]],
        ],
        worker: [[a, 5]],
      },
      { passes: 7 },
    );
    const merged = flame.mergeTrees([one, two].map((profile) => ({ tree: flame.treeOf(profile), base: false })));
    expect(merged.base).toBe(null);
    expect(stacks(flame.topDown(merged, [0, 1]))).toEqual({
      main: 11,
      'main > a': 7,
      'main > a > b': 3,
      'main > c': 4,
      worker: 5,
      'worker > a': 5,
    });
  });

  it('finds functions of another build: lines moved, hashes in names of files changed', () => {
    const url = 'http://127.0.0.1:1/assets/index-';
    const moved = { ...a, line: 400, column: 9 };
    const [before, after] = ['B2c9Q81f.js', '9f3ac21d.js'].map((file) =>
      frame('t', { file: url + file, mapped: false }),
    );
    if (!before || !after) throw new Error('unreachable');
    const base = makeProfile({
      main: [
        [a, 2],
        [before, 1],
      ],
    });
    const head = makeProfile({
      main: [
        [moved, 5],
        [{ ...after, file: after.file?.replace(':1/', ':2/') ?? '' }, 1],
      ],
    });
    const merged = flame.mergeTrees([
      { tree: flame.treeOf(head), base: false },
      { tree: flame.treeOf(base), base: true },
    ]);
    const rows = flame.sumFunctions(flame.topDown(merged, [0]));
    expect(rows.map(({ frame: { name, line }, self: own, baseSelf }) => ({ name, line, own, baseSelf }))).toEqual([
      { name: 'a', line: 400, own: 5, baseSelf: 2 },
      { name: 't', line: 4, own: 1, baseSelf: 1 },
    ]);
  });

  it('gives no place to what has several', () => {
    const twins = [
      { ...a, line: 1 },
      { ...a, line: 9 },
    ] as const;
    const head = makeProfile({
      main: [
        [twins[0], 1],
        [twins[1], 2],
      ],
    });
    const tree = flame.treeOf(head);
    const merged = flame.mergeTrees([
      { tree, base: true },
      { tree, base: false },
    ]);
    expect(merged.frames).toMatchObject([{ name: 'a', line: null, column: null }]);
    expect(flame.mergeTrees([{ tree, base: false }]).frames).toMatchObject([{ line: 1 }, { line: 9 }]);
  });

  it('keeps what only one side has', () => {
    const [head, base] = [makeProfile({ main: [[a, 5]] }), makeProfile({ main: [[b, 3]] })];
    const merged = flame.mergeTrees([
      { tree: flame.treeOf(head), base: false },
      { tree: flame.treeOf(base), base: true },
    ]);
    const shape = flame.topDown(merged, [0]);
    expect([...shape.total]).toEqual([5, 5, 0]);
    expect([...(shape.base?.total ?? [])]).toEqual([3, 0, 3]);
    // what head does not have has no place in its graph
    expect(flame.layOut(shape, { heaviestFirst: false }).rows.map((nodes) => [...nodes])).toEqual([[0], [1]]);
  });
});

describe('folding', () => {
  const profile = makeProfile({
    main: [
      [
        x,
        1,
        [
          [
            y,
            2,
            [
              [a, 4, [[x, 8]]],
              [x, 16],
            ],
          ],
        ],
      ],
      [y, 32],
      [react('r'), 64, [[react('q'), 128]]],
    ],
  });

  it('makes one block of a host, and leaves what it calls of others', () => {
    const folded = flame.foldTree(flame.treeOf(profile), { thirdParties: true, libraries: false });
    expect(stacks(flame.topDown(folded, [0]))).toEqual({
      main: 255,
      'main > cdn.example': 63,
      'main > cdn.example > a': 12,
      'main > cdn.example > a > cdn.example': 8,
      'main > r': 192,
      'main > r > q': 128,
    });
    expect(folded.frames.find(({ name }) => name === 'cdn.example')?.folded).toBe(2);
  });

  it('makes one block of a package', () => {
    const folded = flame.foldTree(flame.treeOf(profile), { thirdParties: false, libraries: true });
    expect(stacks(flame.topDown(folded, [0]))['main > @r/dom']).toBe(192);
  });

  it('loses no time', () => {
    const tree = flame.treeOf(largeProfile(4000, 3));
    for (const thirdParties of [true, false]) {
      for (const libraries of [true, false]) {
        expect(self(flame.foldTree(tree, { thirdParties, libraries }))).toBeCloseTo(self(tree), 6);
      }
    }
  });
});

describe('bottom up', () => {
  it('puts callers below each function', () => {
    const profile = makeProfile({
      main: [
        [
          a,
          1,
          [
            [b, 2],
            [c, 4, [[b, 8]]],
          ],
        ],
        [b, 16],
      ],
    });
    const tree = flame.treeOf(profile);
    expect(stacks(flame.bottomUp(tree, [0]))).toEqual({
      main: 31,
      'main > a': 1,
      'main > b': 26,
      'main > b > a': 2,
      'main > b > c': 8,
      'main > b > c > a': 8,
      'main > c': 4,
      'main > c > a': 4,
    });
  });

  it('gives each function the self time it has from the top down, in a large profile', () => {
    const tree = flame.treeOf(largeProfile(5000, 4));
    const inverted = flame.bottomUp(tree, [0, 1]);
    const first = new Map<number, number>();
    inverted.frame.forEach((index, node) => {
      if (inverted.roots.some(({ root }) => root === inverted.parent[node])) {
        first.set(index, (first.get(index) ?? 0) + (inverted.total[node] ?? 0));
      }
    });
    for (const row of flame.sumFunctions(flame.topDown(tree, [0, 1]))) {
      expect(first.get(row.index) ?? 0).toBeCloseTo(row.self, 6);
    }
    expect(sum(inverted.self)).toBeCloseTo(self(tree), 6);
  });

  it('carries both sides of a comparison', () => {
    const profile = makeProfile({ main: [[a, 1, [[b, 2]]]] });
    const slower = makeProfile({
      main: [
        [a, 1, [[b, 7]]],
        [c, 3],
      ],
    });
    const merged = flame.mergeTrees([
      { tree: flame.treeOf(slower), base: false },
      { tree: flame.treeOf(profile), base: true },
    ]);
    const shape = flame.bottomUp(merged, [0]);
    const change = Object.fromEntries(
      [...shape.total].map((time, node) => [stack(shape, node), time - (shape.base?.total[node] ?? 0)]),
    );
    expect(change).toMatchObject({ main: 8, 'main > b': 5, 'main > b > a': 5, 'main > c': 3, 'main > a': 0 });
  });
});

describe('the layout', () => {
  /** Boxes that overlap their left neighbour or reach out of their parent. */
  function misplaced(layout: Layout): number[] {
    const endOf = (node: number): number => (layout.start[node] ?? 0) + (layout.width[node] ?? 0);
    return layout.rows.flatMap((nodes) =>
      [...nodes].filter((node, place) => {
        const start = layout.start[node] ?? 0;
        const parent = layout.parent[node] ?? -1;
        const overlaps = place > 0 && start < endOf(nodes[place - 1] ?? 0) - 1e-6;
        return (
          overlaps ||
          (parent >= 0 && (start < (layout.start[parent] ?? 0) - 1e-6 || endOf(node) > endOf(parent) + 1e-6))
        );
      }),
    );
  }

  it.each([false, true])('places children side by side within their parent; heaviest first: %s', (heaviestFirst) => {
    expect(misplaced(flame.layOut(shapeOf(largeProfile(3000, 5)), { heaviestFirst }))).toEqual([]);
    const tree = flame.treeOf(largeProfile(2000, 6));
    expect(misplaced(flame.layOut(flame.bottomUp(tree, [0, 1]), { heaviestFirst }))).toEqual([]);
  });

  it('stands threads below each other on one scale', () => {
    const layout = flame.layOut(shapeOf(makeProfile({ main: [[a, 1, [[b, 9]]]], worker: [[c, 20]] })), {
      heaviestFirst: false,
    });
    expect(layout.rows.map((nodes) => [...nodes])).toEqual([[0], [1], [2], [], [3], [4]]);
    expect(layout.span).toBe(20);
  });

  it('keeps the order of appearance, or puts the heaviest first', () => {
    const shape = shapeOf(
      makeProfile({
        main: [
          [a, 1],
          [b, 3],
          [c, 2],
        ],
      }),
    );
    const order = (heaviestFirst: boolean): number[] => [...(flame.layOut(shape, { heaviestFirst }).rows[1] ?? [])];
    expect(order(false)).toEqual([1, 2, 3]);
    expect(order(true)).toEqual([2, 3, 1]);
  });

  it('finds the box at a place', () => {
    const layout = flame.layOut(
      shapeOf(
        makeProfile({
          main: [
            [a, 2, [[b, 3]]],
            [c, 5],
          ],
        }),
      ),
      { heaviestFirst: false },
    );
    expect([flame.nodeAt(layout, 0, 0), flame.nodeAt(layout, 1, 4.9), flame.nodeAt(layout, 1, 5)]).toEqual([0, 1, 3]);
    // the own time of a caller is empty space below it, at its end
    expect([flame.nodeAt(layout, 2, 2.9), flame.nodeAt(layout, 2, 3.1), flame.nodeAt(layout, 9, 1)]).toEqual([
      2, -1, -1,
    ]);
  });
});

describe('sums', () => {
  it('count a function once where it calls itself', () => {
    const shape = shapeOf(
      makeProfile({
        main: [
          [a, 1, [[b, 2, [[a, 4]]]]],
          [a, 8],
        ],
      }),
    );
    expect(flame.sumFunctions(shape).map(({ frame: { name }, self: own, total }) => [name, own, total])).toEqual([
      ['a', 13, 15],
      ['b', 2, 6],
    ]);
  });

  it('are those of the table without script', () => {
    const data = readFlameData(pack(largeProfile(3000, 8)));
    if (!data) throw new Error('unreachable');
    const own = sumFunctions(data.profile);
    const theirs = new Map(flame.sumFunctions(shapeOf(data.profile)).map((row) => [row.index, row]));
    expect(own.length).toBe(theirs.size);
    for (const row of own) {
      const other = theirs.get(data.profile.frames.indexOf(row.frame));
      expect(other?.self).toBeCloseTo(row.self, 6);
      expect(other?.total).toBeCloseTo(row.total, 6);
    }
  });

  it('of matches count nested ones once', () => {
    const shape = shapeOf(
      makeProfile({
        main: [
          [a, 1, [[b, 2, [[a, 4]]]]],
          [c, 8],
        ],
      }),
    );
    expect(flame.findMatches(shape, 'SRC/A.TS')).toMatchObject({ functions: 1, time: 7 });
    expect(flame.findMatches(shape, 'src/')).toMatchObject({ functions: 3, time: 15 });
    expect(flame.findMatches(shape, 'nowhere')).toMatchObject({ functions: 0, time: 0 });
  });
});

describe('exports', () => {
  const profile = makeProfile({ main: [[{ ...a, name: 'a;b' }, 1, [[b, 2]]]], worker: [[c, 0.5]] }, { passes: 3 });

  it('as speedscope: a sampled profile a thread, whose stacks are those of the tree', () => {
    const file = JSON.parse(flame.toSpeedscope(flame.treeOf(profile), 'open')) as {
      shared: { frames: Array<{ name: string; file?: string; line?: number; col?: number }> };
      profiles: Array<{ type: string; name: string; endValue: number; samples: number[][]; weights: number[] }>;
    };
    expect(file.profiles.map(({ name, type, endValue }) => ({ name, type, endValue }))).toEqual([
      { name: 'main', type: 'sampled', endValue: 3000 },
      { name: 'worker', type: 'sampled', endValue: 500 },
    ]);
    const named = file.profiles[0]?.samples.map((sample) => sample.map((index) => file.shared.frames[index]?.name));
    expect(named).toEqual([['a;b'], ['a;b', 'b']]);
    expect(file.profiles[0]?.weights).toEqual([1000, 2000]);
    expect(file.shared.frames[1]).toEqual({ name: 'b', file: 'src/b.ts', line: 4, col: 17 });
  });

  it('as folded stacks, a semicolon in a name replaced', () => {
    expect(flame.toFolded(flame.treeOf(profile))).toBe(
      'main;a,b (src/a.ts:4:17) 1000\nmain;a,b (src/a.ts:4:17);b (src/b.ts:4:17) 2000\nworker;c (src/c.ts:4:17) 500\n',
    );
  });
});

describe('words', () => {
  it('have three figures or so, and a sign where something changed', () => {
    expect([0, 0.04, 0.25, 12.34, 123.4, 1234.5, 12_345].map((ms) => flame.timeText(ms))).toEqual([
      '0 ms',
      '0.04 ms',
      '0.25 ms',
      '12.3 ms',
      '123 ms',
      '1.23 s',
      '12.3 s',
    ]);
    expect([38, -3.25, 0.001].map((ms) => flame.changeText(ms))).toEqual(['+38 ms', '−3.3 ms', '0 ms']);
    expect([flame.shareText(1, 3), flame.shareText(1, 30), flame.shareText(1, 30_000), flame.shareText(0, 5)]).toEqual([
      '33 %',
      '3.3 %',
      '<0.1 %',
      '0 %',
    ]);
  });
});
