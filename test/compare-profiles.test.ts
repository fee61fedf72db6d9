/** Functions that got slower, from made-up passes of known truth. */
import { describe, expect, test } from 'vitest';
import { compareProfiles } from '../src/analyse/compare-profiles.ts';
import type { Profile, ProfileFrame } from '../src/core/profile.ts';
import { normal, seededRandom } from '../src/stats/random.ts';

/** Frames by name; a name that is not here is a function of the application. */
const known: Readonly<Record<string, Partial<ProfileFrame>>> = {
  Task: { file: null, line: null, script: null, mapped: false, category: 'other', origin: 'browser' },
  Layout: { file: null, line: null, script: null, mapped: false, category: 'layout', origin: 'browser' },
  sort: { file: null, line: null, script: null, mapped: false, category: 'native', origin: 'browser' },
};

function frame(name: string, change: Partial<ProfileFrame> = {}): ProfileFrame {
  return {
    name,
    file: `src/${name}.ts`,
    line: 10,
    column: 1,
    script: 'http://page.test/app.js',
    mapped: true,
    category: 'script',
    origin: 'application',
    calls: null,
    ...known[name],
    ...change,
  };
}

/** One pass: ms by path. */
function pass(
  paths: Readonly<Record<string, number>>,
  change: (name: string) => Partial<ProfileFrame> = () => ({}),
): Profile {
  const frames: ProfileFrame[] = [];
  const index = new Map<string, number>();
  const nodes = new Map<string, number>([['', 0]]);
  const [parents, frameOf, self] = [[-1], [-1], [0]];
  for (const [path, ms] of Object.entries(paths)) {
    const names = path.split('>');
    for (const [depth, name] of names.entries()) {
      const key = names.slice(0, depth + 1).join('>');
      if (nodes.has(key)) continue;
      if (!index.has(name)) index.set(name, frames.push(frame(name, change(name))) - 1);
      parents.push(nodes.get(names.slice(0, depth).join('>')) ?? 0);
      frameOf.push(index.get(name) ?? 0);
      self.push(0);
      nodes.set(key, self.length - 1);
    }
    self[nodes.get(path) ?? 0] = ms * 1000;
  }
  const threads = [{ name: 'Main thread', root: 0 }];
  return { frames, threads, parents, frameOf, self, passes: 1, samples: 100, interval: 200, taskTime: 0, notes: [] };
}

function passes(
  count: number,
  paths: Readonly<Record<string, number>>,
  {
    noise = 0.05,
    seed = 1,
    change,
  }: { noise?: number; seed?: number; change?: (name: string) => Partial<ProfileFrame> } = {},
): Profile[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const drift = 1 + noise * normal(random);
    const noisy = Object.entries(paths).map(([path, ms]): [string, number] => [
      path,
      Math.max(0, ms * drift + noise * 5 * normal(random)),
    ]);
    return pass(Object.fromEntries(noisy), change);
  });
}

const page = {
  'Task>click>App>renderList': 20,
  'Task>click>App>renderList>formatPrice': 10,
  'Task>click>App>renderCart': 15,
  'Task>click>App': 3,
  'Task>Layout': 8,
};

/** `renderList (src/renderList.ts:10) +38 ms, self`. */
function told(base: Profile[], head: Profile[]): string[] {
  return compareProfiles(base, head)
    .filter(({ interval }) => interval !== null && interval.low > 0)
    .map(
      ({ location, change, kind }) =>
        `${location.function ?? ''} (${location.file}:${location.line}) ${change > 0 ? '+' : ''}${change.toFixed(0)} ms, ${kind}`,
    );
}

describe('what is blamed', () => {
  test('a function whose own code got slower, and nobody who calls it', () => {
    const head = { ...page, 'Task>click>App>renderList': 58 };
    expect(told(passes(5, page), passes(5, head, { seed: 2 }))[0]).toMatch(
      /^renderList \(src\/renderList\.ts:10\) \+3\d ms, self$/,
    );
    expect(told(passes(5, page, { noise: 0.01 }), passes(5, head, { noise: 0.01, seed: 2 }))).toHaveLength(1);
  });

  test('a leaf rather than the functions above it', () => {
    const head = { ...page, 'Task>click>App>renderList>formatPrice': 30 };
    expect(told(passes(4, page, { noise: 0.01 }), passes(4, head, { noise: 0.01, seed: 3 }))).toEqual([
      'formatPrice (src/formatPrice.ts:10) +20 ms, self',
    ]);
  });

  test('who forced a layout, or sorted, with all that it called', () => {
    const head = { ...page, 'Task>click>App>renderCart>Layout': 24, 'Task>click>App>renderCart>sort': 6 };
    expect(told(passes(5, page, { noise: 0.01 }), passes(5, head, { noise: 0.01, seed: 4 }))).toEqual([
      'renderCart (src/renderCart.ts:10) +30 ms, total',
    ]);
  });

  test('who called many that each took a little more', () => {
    const head: Record<string, number> = { ...page };
    for (let i = 0; i < 8; i += 1) head[`Task>click>App>renderCart>part${i}`] = 5;
    const lines = told(passes(5, page, { noise: 0.01 }), passes(5, head, { noise: 0.01, seed: 5 }));
    expect(lines[0]).toMatch(/^renderCart \(.*\) \+40 ms, total$/);
    expect(lines).toHaveLength(9);
    expect(lines.join()).not.toContain('App ');
  });

  test('a function that calls itself counts once', () => {
    const walk = { 'Task>walk': 2, 'Task>walk>walk': 4, 'Task>walk>walk>walk': 8 };
    const head = { ...walk, 'Task>walk>walk>walk': 28 };
    const [change] = compareProfiles(passes(5, walk, { noise: 0 }), passes(5, head, { noise: 0 }));
    expect(change).toMatchObject({ kind: 'self', base: 14, head: 34, change: 20 });
  });

  test('new functions have no base; those that are gone no head, and stand last', () => {
    const { 'Task>click>App>renderCart': _gone, ...rest } = page;
    const head = { ...rest, 'Task>click>App>renderBanner': 12 };
    const changes = compareProfiles(passes(5, page, { noise: 0.01 }), passes(5, head, { noise: 0.01, seed: 6 }));
    expect(changes[0]).toMatchObject({ base: null, location: { function: 'renderBanner' } });
    expect(changes.at(-1)).toMatchObject({ head: null, location: { function: 'renderCart' } });
    expect(changes.at(-1)?.change).toBeLessThan(-10);
  });

  test('code that a bundler put into its caller is not slower', () => {
    const head = { ...page, 'Task>click>App>renderList>formatPrice': 0, 'Task>click>App>renderList': 30 };
    expect(told(passes(5, page, { noise: 0.01 }), passes(5, head, { noise: 0.01, seed: 7 }))).toEqual([]);
  });
});

describe('what is the same function', () => {
  const slower = { ...page, 'Task>click>App>renderList': 58 };

  test('by file and name, wherever its line moved, in a chunk of another name', () => {
    const moved = (): Partial<ProfileFrame> => ({ line: 42, script: 'http://page.test/other.js' });
    const browser = (name: string): Partial<ProfileFrame> => (name in known ? {} : moved());
    const [change] = compareProfiles(passes(5, page), passes(5, slower, { seed: 2, change: browser }));
    expect(change).toMatchObject({ location: { function: 'renderList', line: 42 }, kind: 'self' });
    expect(change?.base).not.toBeNull();
  });

  test('without a map by script, whatever is hashed into its name and wherever it is served', () => {
    const script =
      (url: string) =>
      (name: string): Partial<ProfileFrame> =>
        name in known ? {} : { file: url, script: url, mapped: false };
    const base = passes(5, page, { change: script('http://127.0.0.1:4100/assets/app-BXk2c9aQ.js') });
    const head = passes(5, slower, { seed: 2, change: script('http://127.0.0.1:4200/assets/app-D8eKq1_x.js') });
    const [change] = compareProfiles(base, head);
    expect(change?.base).toBeGreaterThan(15);
    expect(change?.location).toMatchObject({
      function: 'renderList',
      mapped: false,
      file: 'http://127.0.0.1:4200/assets/app-D8eKq1_x.js',
    });
  });
});

describe('functions that call each other', () => {
  test('are explained by the one that got slower', () => {
    const tree = { 'Task>visit': 2, 'Task>visit>node': 3, 'Task>visit>node>visit': 2, 'Task>visit>node>visit>node': 3 };
    const head = { ...tree, 'Task>visit>node>visit>node': 23 };
    expect(told(passes(5, tree, { noise: 0 }), passes(5, head, { noise: 0 }))).toEqual([
      'node (src/node.ts:10) +20 ms, self',
    ]);
  });

  test('do not explain each other by all that they call', () => {
    const tree = { 'Task>visit': 2, 'Task>visit>node': 3, 'Task>visit>node>visit': 2 };
    const head: Record<string, number> = { ...tree };
    for (let i = 0; i < 8; i += 1) head[`Task>visit>node>part${i}`] = 5;
    expect(told(passes(5, tree, { noise: 0 }), passes(5, head, { noise: 0 }))).toContain(
      'node (src/node.ts:10) +40 ms, total',
    );
  });

  test('without names they are told apart by who called them', () => {
    const script = 'http://page.test/app.js';
    const minified = (name: string): Partial<ProfileFrame> => {
      if (name in known) return {};
      const column = Number(name.slice(1)) || 1;
      return { name: name.startsWith('f') ? '(anonymous)' : name, file: script, script, column, mapped: false };
    };
    const tree = { 'Task>Enter>f11': 100, 'Task>Other>f22': 5 };
    const head = { ...tree, 'Task>Other>f22': 45 };
    const [change, next] = compareProfiles(
      passes(5, tree, { noise: 0, change: minified }),
      passes(5, head, { noise: 0, change: minified }),
    );
    expect(change).toMatchObject({ kind: 'self', change: 40, location: { function: '(anonymous)', column: 22 } });
    expect(next).toBeUndefined();
  });
});

describe('how sure it is', () => {
  test('intervals say what the passes can give', () => {
    const slower = { ...page, 'Task>click>App>renderList': 58 };
    const [three] = compareProfiles(passes(3, page), passes(3, slower, { seed: 2 }));
    expect(three?.interval?.confidence).toBeCloseTo(0.9, 10);
    expect(three?.passes).toBe(3);
    const [five] = compareProfiles(passes(5, page), passes(5, slower, { seed: 2 }));
    expect(five?.interval?.confidence).toBeGreaterThan(0.95);
    const [one] = compareProfiles(passes(1, page), passes(1, slower, { seed: 2 }));
    expect(one).toMatchObject({ interval: null, passes: 1, location: { function: 'renderList' } });
    expect(compareProfiles([], passes(3, page))).toEqual([]);
  });

  test('10 ms in one of 60 functions stand first in at least 9 of 10; without a change nothing large is certain', () => {
    const many: Record<string, number> = {};
    for (let i = 0; i < 60; i += 1) many[`Task>click>App>part${i % 6}>f${i}`] = 1 + ((i * 37) % 23);
    let right = 0;
    let largest = 0;
    const rounds = 50;
    for (let round = 0; round < rounds; round += 1) {
      const base = passes(5, many, { seed: round * 2 + 1, noise: 0.08 });
      const slow = (round * 17) % 60;
      const path = `Task>click>App>part${slow % 6}>f${slow}`;
      const head = passes(5, { ...many, [path]: (many[path] ?? 0) + 10 }, { seed: round * 2 + 2, noise: 0.08 });
      if (compareProfiles(base, head)[0]?.location.function === `f${slow}`) right += 1;
      const same = compareProfiles(base, passes(5, many, { seed: round * 2 + 1001, noise: 0.08 }));
      largest = Math.max(largest, ...same.map(({ interval }) => interval?.low ?? 0));
    }
    expect(right).toBeGreaterThanOrEqual(45);
    // The whole page drifts by 8 % a pass, which the sums of all functions see.
    expect(largest).toBeLessThan(30);
  });
});
