/** How bench/verdicts records, draws and publishes, on pools whose contents are known. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSource, startDraw } from '../bench/verdicts/draw.ts';
import {
  appendPair,
  packJournal,
  readJournal,
  startJournal,
  type JournalHead,
  type JournalPair,
} from '../bench/verdicts/journal.ts';
import { formatPool, type Pool, type PoolPair, readPool, reducePool, writePool } from '../bench/verdicts/pool.ts';
import { publishVerdicts } from '../bench/verdicts/publish.ts';
import { nameOrder } from '../bench/verdicts/record.ts';
import { readResults, writeResult } from '../bench/verdicts/results.ts';
import type { Rule } from '../bench/verdicts/rule.ts';
import { shareInterval, simulateRuns } from '../bench/verdicts/simulate.ts';
import { studyPool } from '../bench/verdicts/study.ts';
import { normal, seededRandom } from '../src/stats/random.ts';

const step = 'open the shop';
const head: JournalHead = {
  name: 'shop-idle',
  flow: 'shop',
  condition: 'idle',
  effect: null,
  chrome: '156',
  cpu: 'a processor',
  cores: 2,
  date: '2026-01-01',
  seed: 1,
  recipe: 'npm run bench:verdicts -- record',
};

/** Pair i has 2i + 1 in the load that was measured first and 2i + 2 in the other: values tell where they come from. */
function numberedPool(pairs: number, effect: Pool['about']['effect'] = null): Pool {
  return {
    about: { ...head, effect, secondsPerLoad: 1.5 },
    series: [
      { step, metric: 'cpu.main' },
      { step, metric: 'LCP' },
      { step: null, metric: 'cpu.main' },
    ],
    pairs: Array.from({ length: pairs }, (_, i): PoolPair => {
      const [one, two] = [2 * i + 1, 2 * i + 2].map((value) => [value, i % 2 === 0 ? 1 : null, 10 * value]);
      const first = i % 3 === 0 ? 'head' : 'base';
      const sides = first === 'base' ? { base: one ?? [], head: two ?? [] } : { base: two ?? [], head: one ?? [] };
      const contention = { base: [1, 0, null, 0], head: [1, 0, null, 0] };
      return { launch: Math.floor(i / 5), first, accepted: true, ...sides, contention };
    }),
  };
}

function noisyPool(pairs: number, spread: number): Pool {
  const random = seededRandom(7);
  const value = (middle: number): number => middle * Math.exp((spread / Math.SQRT2) * normal(random));
  const pool = numberedPool(pairs);
  return {
    ...pool,
    pairs: pool.pairs.map((pair) => ({
      ...pair,
      base: [value(100), value(400), value(300)],
      head: [value(100), value(400), value(300)],
    })),
  };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pacewright-pools-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the file of a pool', () => {
  test('is read as it was written, plain or compressed', () => {
    const pool = numberedPool(12);
    expect(readPool(writePool(join(folder, 'small'), pool))).toEqual(pool);
    const large = noisyPool(900, 0.1);
    const path = writePool(join(folder, 'large'), large);
    expect(path).toMatch(/large\.json\.gz$/);
    expect(readPool(path)).toEqual(large);
  });

  test('has one pair a line', () => {
    expect(
      formatPool(numberedPool(12))
        .split('\n')
        .filter((line) => line.includes('"launch"')),
    ).toHaveLength(12);
  });

  test('is refused when a pair lacks a column', () => {
    const pool = numberedPool(3);
    const [first] = pool.pairs;
    const cut = { ...pool, pairs: [{ ...first, base: [1] }] };
    writeFileSync(join(folder, 'cut.json.gz'), gzipSync(JSON.stringify(cut)));
    expect(() => readPool(join(folder, 'cut.json.gz'))).toThrow(/one value a series/);
  });

  test('is reduced to whole launches of Chrome', () => {
    expect(reducePool(numberedPool(40), 12).pairs).toHaveLength(15);
    expect(reducePool(numberedPool(9), 12).pairs).toHaveLength(9);
  });

  test('is named after flow, load and fault', () => {
    const order = { flow: 'shop', condition: 'one busy core', effect: 'work=5%', pairs: 1, seed: 1 } as const;
    expect(nameOrder(order)).toBe('shop-busy-work-5pc');
    expect(nameOrder({ ...order, condition: 'idle', effect: 'none' })).toBe('shop-idle');
  });
});

describe('the journal of a recording', () => {
  const pair: JournalPair = {
    launch: 0,
    first: 'base',
    accepted: true,
    base: [
      [{ step: null, metric: 'cpu.main' }, 30],
      [{ step, metric: 'cpu.main' }, 10],
    ],
    head: [
      [{ step: null, metric: 'cpu.main' }, 31],
      [{ step, metric: 'LCP' }, 200],
      [{ step, metric: 'cpu.main' }, 11],
    ],
    contention: { base: [1, 2, 0, 0.5], head: [1, 2, null, 0.5] },
    walls: [1000, 1400],
  };

  test('goes on after a line that was cut off', () => {
    const path = join(folder, 'a.jsonl');
    expect(readJournal(path)).toBeNull();
    startJournal(path, head);
    appendPair(path, pair);
    appendPair(path, pair);
    appendFileSync(path, '{"launch":0,"fir');
    expect(readJournal(path)).toEqual({ head, pairs: [pair, pair] });
  });

  test('becomes a pool with a column a metric, the whole flow last', () => {
    const pool = packJournal({ head, pairs: [pair] });
    expect(pool.series).toEqual([
      { step, metric: 'LCP' },
      { step, metric: 'cpu.main' },
      { step: null, metric: 'cpu.main' },
    ]);
    expect(pool.pairs[0]?.base).toEqual([null, 10, 30]);
    expect(pool.pairs[0]?.head).toEqual([200, 11, 31]);
    expect(pool.about.secondsPerLoad).toBe(1.2);
  });
});

describe('drawing', () => {
  const source = readSource(numberedPool(40));
  const draw = (options: Partial<Parameters<typeof startDraw>[2]> = {}) =>
    startDraw(source, seededRandom(3), { labels: 'recorded', block: 5, ...options });

  test('leaves out a metric that some sample lacks', () => {
    expect(source.dropped).toEqual([{ step, metric: 'LCP' }]);
    expect(source.series).toHaveLength(2);
  });

  test('takes blocks of five successive pairs', () => {
    const run = draw({ labels: 'base first' });
    const bases = Array.from({ length: 10 }, () => run.nextPair().base[0] ?? 0);
    const steps = bases.slice(1).map((value, at) => value - (bases[at] ?? 0));
    expect(steps.filter((_, at) => at !== 4)).toEqual(Array(8).fill(2));
    expect(steps[4]).not.toBe(2);
  });

  test('labels as recorded, with base first, or by a coin', () => {
    const heads = (labels: 'recorded' | 'base first' | 'coin'): number => {
      const run = draw({ labels });
      const rows = Array.from({ length: 400 }, () => run.nextPair());
      // Even numbers were measured second.
      return rows.filter((row) => (row.head[0] ?? 0) % 2 === 0).length / 400;
    };
    expect(heads('recorded')).toBeCloseTo(2 / 3, 1);
    expect(heads('base first')).toBe(1);
    expect(heads('coin')).toBeCloseTo(1 / 2, 1);
  });

  test('takes loads one right after the other for rules that measure base and then head', () => {
    const { base, head: other } = draw().blocks(6);
    const all = [...(base[0] ?? []), ...(other[0] ?? [])];
    expect(all).toEqual(all.map((_, at) => (all[0] ?? 0) + at));
    expect(() => draw().blocks(41)).toThrow(/too few/);
  });

  test('takes sides from their own loads where head has a fault', () => {
    const effect = { fault: 'work', size: 5, aim: null, step: null };
    const faulty = readSource(numberedPool(40, effect));
    const { base, head: other } = startDraw(faulty, seededRandom(3), { labels: 'coin', block: 5 }).blocks(4);
    const sides = faulty.rows.map((row) => row.base[0] ?? 0);
    expect(sides).toEqual(expect.arrayContaining([...(base[0] ?? [])]));
    expect(sides).not.toEqual(expect.arrayContaining([...(other[0] ?? [])]));
  });

  test('makes head worse in its step and, by the same amount, in the flow', () => {
    const plain = draw().nextPair();
    const worse = draw({ worsening: { share: 0.1, target: { step, metric: 'cpu.main' } } }).nextPair();
    const [value = 0, flow = 0] = plain.head;
    expect(worse.base).toEqual(plain.base);
    expect(worse.head[0]).toBeCloseTo(1.1 * value, 10);
    expect(worse.head[1]).toBeCloseTo(flow + 0.1 * value, 10);
  });
});

describe('simulating', () => {
  test('counts runs that failed, those that found the target, and their loads', () => {
    let turn = 0;
    const rule: Rule = {
      id: 'by turns',
      label: 'by turns',
      labels: 'coin',
      judge: () => {
        turn += 1;
        return { worse: turn % 2 === 0 ? [turn % 4 === 0 ? 0 : 1] : [], loads: 2 * turn, inconclusive: turn > 8 };
      },
    };
    const pool = noisyPool(20, 0.1);
    const target = { step, metric: 'LCP' };
    const tally = simulateRuns({ source: readSource(pool), rule, runs: 10, seed: 1, target });
    expect(tally).toEqual({
      runs: 10,
      failed: 5,
      found: 3,
      inconclusive: 2,
      tooNoisy: 0,
      loads: { median: 11, p90: 18.2 },
      pairs: null,
      visible: null,
    });
  });

  test('a change of the whole flow counts as found', () => {
    const flowAlone: Rule = {
      id: 'flow',
      label: 'flow',
      labels: 'coin',
      judge: () => ({ worse: [2], loads: 2, inconclusive: false }),
    };
    const about = { source: readSource(noisyPool(20, 0.1)), rule: flowAlone, runs: 3, seed: 1 };
    expect(simulateRuns({ ...about, target: { step, metric: 'cpu.main' } }).found).toBe(3);
    expect(simulateRuns({ ...about, target: { step, metric: 'LCP' } }).found).toBe(0);
  });

  test('gives the interval of Clopper and Pearson', () => {
    // R: binom.test(3, 100)$conf.int, binom.test(0, 100)$conf.int
    expect(shareInterval(3, 100).low).toBeCloseTo(0.006229972, 6);
    expect(shareInterval(3, 100).high).toBeCloseTo(0.08517605, 6);
    expect(shareInterval(0, 100)).toEqual({ low: 0, high: expect.closeTo(0.03621669, 6) });
  });
});

test('results become tables and a chart, with nothing missing', () => {
  const path = join(folder, 'results.json');
  const runs = { equal: 4, power: 2, flips: 99, seed: 1 };
  writeResult(
    path,
    runs.flips,
    studyPool(noisyPool(60, 0.05), runs, () => {}),
  );
  const effect = { fault: 'work', size: 5, aim: 0.05, step };
  const fault = noisyPool(60, 0.05);
  writeResult(
    path,
    runs.flips,
    studyPool({ ...fault, about: { ...fault.about, name: 'b', effect } }, runs, () => {}),
  );
  const { markdown, chart } = publishVerdicts(readResults(path));
  expect(markdown).toContain('| Pacewright |');
  expect(markdown).toContain('| work=5 | shop, idle | cpu.main ');
  expect(markdown).not.toMatch(/NaN|undefined|null|Infinity/);
  expect(chart).not.toMatch(/NaN|undefined|null|Infinity/);
  expect(chart.match(/<circle/g)).toHaveLength(9); // eight rules and the legend
});
