/** The sign-flip test: against its definition written out, and P(p ≤ u) ≤ u by seeded simulation. */
import { describe, expect, test } from 'vitest';
import { normal, type Random, seededRandom } from '../src/stats/random.ts';
import { testSignFlips } from '../src/stats/sign-flip.ts';

const all = { exhaustivePairs: 13, flips: 999, seed: 1 };

/** The definition, slowly: every flip, every subset of columns that a step compares with. */
function byDefinition(columns: readonly (readonly number[])[]) {
  const n = columns[0]?.length ?? 0;
  const statistic = (column: readonly number[], flip: number) => {
    const squares = column.reduce((sum, d) => sum + d * d, 0);
    const sum = column.reduce((total, d, i) => total + ((flip >> i) & 1 ? -d : d), 0);
    return squares === 0 ? 0 : sum / Math.sqrt(squares);
  };
  const observed = columns.map((column) => statistic(column, 0));
  const order = columns.map((_, j) => j).sort((a, b) => (observed[b] ?? 0) - (observed[a] ?? 0));
  const share = (set: readonly number[], least: number) => {
    let count = 0;
    for (let flip = 0; flip < 2 ** n; flip += 1) {
      if (Math.max(...set.map((j) => statistic(columns[j] ?? [], flip))) >= least - 1e-9) count += 1;
    }
    return count / 2 ** n;
  };
  const adjusted: number[] = columns.map(() => 1);
  let largest = 0;
  for (const [k, j] of order.entries()) {
    largest = Math.max(largest, share(order.slice(k), observed[j] ?? 0));
    adjusted[j] = largest;
  }
  return { raw: columns.map((_, j) => share([j], observed[j] ?? 0)), adjusted };
}

function draw(random: Random, n: number, m: number, one: (random: Random, shared: number) => number) {
  const shared = Array.from({ length: n }, () => normal(random));
  return Array.from({ length: m }, () => shared.map((value) => one(random, value)));
}

describe('all flips', () => {
  test('agree with the definition, ties and zeros included', () => {
    const random = seededRandom(4);
    for (let trial = 0; trial < 20; trial += 1) {
      const columns = [
        ...draw(random, 7, 2, (r, shared) => shared + normal(r) + 0.5),
        ...draw(random, 7, 2, (r) => Math.round(2 * normal(r)) / 10),
        [0, 0, 0, 0, 0, 0, 0],
      ];
      const { raw, adjusted } = testSignFlips(columns, all);
      const truth = byDefinition(columns);
      expect([...raw]).toEqual(truth.raw);
      expect([...adjusted]).toEqual(truth.adjusted);
    }
  });

  test('the data as they are count: the smallest p of n pairs is 2⁻ⁿ', () => {
    // 0.1 + 0.2 + … in another order differs in its last digit, and must still count.
    const column = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
    expect(testSignFlips([column], all).raw[0]).toBe(2 ** -7);
    expect(testSignFlips([column.map((d) => -d)], all).raw[0]).toBe(1);
    expect(testSignFlips([[0, 0, 0]], all).adjusted[0]).toBe(1);
  });

  test('a change in one metric is found beside metrics that did not change', () => {
    const random = seededRandom(8);
    const columns = draw(random, 12, 10, (r) => normal(r));
    columns[3] = columns[3]?.map((d) => d + 3) ?? [];
    const { adjusted } = testSignFlips(columns, all);
    expect(adjusted[3]).toBeLessThan(0.005);
    expect(Math.min(...adjusted.filter((_, j) => j !== 3))).toBeGreaterThan(0.05);
  });

  test('of no column, and of no pair', () => {
    expect(testSignFlips([], all).adjusted).toHaveLength(0);
    expect([...testSignFlips([[], []], all).adjusted]).toEqual([1, 1]);
    expect(() => testSignFlips([[1], [1, 2]], all)).toThrow(RangeError);
  });
});

describe('random flips', () => {
  test('come near all flips, and are the same for the same seed', () => {
    const columns = draw(seededRandom(5), 12, 5, (r, shared) => shared + normal(r) + 0.6);
    const exact = testSignFlips(columns, all);
    const some = { exhaustivePairs: 0, flips: 9999, seed: 2 };
    const random = testSignFlips(columns, some);
    for (const [j, p] of exact.adjusted.entries()) expect(random.adjusted[j]).toBeCloseTo(p, 1.5);
    expect(testSignFlips(columns, some)).toEqual(random);
    expect(testSignFlips(columns, { ...some, seed: 3 })).not.toEqual(random);
  });

  test('never say 0, also for more than 32 pairs', () => {
    const columns = [Array.from({ length: 70 }, (_, i) => 1 + i / 100)];
    expect(testSignFlips(columns, { exhaustivePairs: 13, flips: 99, seed: 1 }).raw[0]).toBe(0.01);
  });
});

describe('p is at most u with chance u at most, where nothing changed', () => {
  const kinds: Record<string, (random: Random, shared: number) => number> = {
    independent: (random) => normal(random),
    correlated: (random, shared) => Math.SQRT1_2 * (shared + normal(random)),
    'heavy-tailed': (random) => Math.tan(Math.PI * (random() - 0.5)),
    discrete: (random) => 8 * Math.round(normal(random)),
  };
  test.each(Object.keys(kinds))('%s differences', (kind) => {
    const one = kinds[kind];
    if (!one) throw new Error(kind);
    const random = seededRandom(31);
    const trials = 2000;
    const smallest = Array.from({ length: trials }, (_, trial) => {
      const columns = draw(random, 10, 4, one);
      // Both ways of flipping.
      const { raw, adjusted } = testSignFlips(columns, {
        exhaustivePairs: trial % 2 === 0 ? 13 : 0,
        flips: 199,
        seed: trial,
      });
      for (const [j, p] of raw.entries()) expect(adjusted[j]).toBeGreaterThanOrEqual(p);
      return Math.min(...adjusted);
    });
    for (const u of [0.01, 0.05, 0.1, 0.5]) {
      const share = smallest.filter((p) => p <= u).length / trials;
      // Three standard errors of the simulation.
      expect(share, `u = ${u}`).toBeLessThan(u + 3 * Math.sqrt((u * (1 - u)) / trials));
    }
    // A test that never rejects would be no test.
    expect(smallest.filter((p) => p <= 0.1).length / trials).toBeGreaterThan(0.04);
  });
});
