/**
 * The proof in small: runs drawn from parts of real recordings (test/fixtures/pools, made by
 * `npm run bench:verdicts -- reduce`). The figures of the whole are in docs/verdicts.md.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readSource, type Row, type Source } from '../bench/verdicts/draw.ts';
import { conditions, readPool } from '../bench/verdicts/pool.ts';
import type { Rule } from '../bench/verdicts/rule.ts';
import { brokenRules, pacewrightRule } from '../bench/verdicts/rule-pacewright.ts';
import { simulateRuns } from '../bench/verdicts/simulate.ts';

// A bound for what hangs: all of it takes some seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = join(import.meta.dirname, 'fixtures/pools');
const sources = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => /\.json(\.gz)?$/.test(name))
  .map((name) => readSource(readPool(join(folder, name))));
const equal = sources.filter((source) => source.equal);
const faults = sources.filter((source) => !source.equal);

/** Share of unchanged builds that may fail. */
const limit = 0.01;
/** Fewer resamplings than in a run, for speed: the smallest p is 0.3 %, a third of the smallest alpha. */
const quick = { flips: 299, exhaustivePairs: 10, bootstraps: 199 };
const honest = pacewrightRule({ parameters: quick });

/** A pool on a more restless machine: differences as many times as large, and the second load of a pair slower. */
function disturb(source: Source, { spread, carryOver }: { spread: number; carryOver: number }): Source {
  const times = source.series.map(({ metric }) => metric === 'LCP' || metric === 'cpu.main');
  const shake = (row: Row): Row => {
    const move = (own: readonly number[], other: readonly number[], late: boolean): number[] =>
      own.map((value, at) => {
        if (!times[at]) return value;
        return value * (value / (other[at] ?? value)) ** ((spread - 1) / 2) * (late ? 1 + carryOver : 1);
      });
    const { base, head, first } = row;
    return { ...row, base: move(base, head, first === 'head'), head: move(head, base, first === 'base') };
  };
  return { ...source, rows: source.rows.map(shake) };
}

/** @param total runs, shared out over the pools */
function falseAlarms(rule: Rule, pools: readonly Source[], total: number): number {
  const runs = Math.ceil(total / pools.length);
  const failed = pools.map((source, at) => simulateRuns({ source, rule, runs, seed: 1000 * at + 1 }).failed);
  return failed.reduce((sum, count) => sum + count, 0) / (runs * pools.length);
}

test('where figures are published, a part of each condition is here', () => {
  const published = existsSync(join(import.meta.dirname, '../docs/verdicts.md'));
  const seen = new Set(equal.map((source) => source.pool.about.condition));
  expect([...seen].toSorted()).toEqual(published ? [...conditions].toSorted() : [...seen].toSorted());
  expect(faults.length > 0 || !published).toBe(true);
});

// Where nothing is recorded yet, there is nothing to replay: `each` of nothing.
describe.each(equal.length > 0 ? [equal] : [])('equal builds', () => {
  test('at most 1 run in 100 raises a false alarm', () => {
    expect(falseAlarms(honest, equal, 300)).toBeLessThanOrEqual(limit);
  });

  const restless = equal.map((source) => disturb(source, { spread: 3, carryOver: 0.1 }));

  test('nor where the machine is restless and the second load of each pair slower', () => {
    expect(falseAlarms(honest, restless, 200)).toBeLessThanOrEqual(limit);
  });

  // Each part of the rule is needed; a simulation that does not see it missing would prove nothing.
  test.each(brokenRules(quick).map((rule) => [rule.label, rule] as const))('%s: more than that', (_label, rule) => {
    // A confirmation that confirms itself still needs an alarm first, and those are rare: 1 to 4 in 100 runs.
    const runs = rule.id === 'broken-confirmation' ? 450 : 100;
    expect(falseAlarms(rule, restless, runs)).toBeGreaterThan(limit);
  });
});

describe.each(faults)('a fault of known size: $pool.about.name', (source) => {
  test('is found', () => {
    const runs = 60;
    const { failed } = simulateRuns({ source, rule: honest, runs, seed: 1 });
    // Bytes and requests do not vary, so nothing may be missed.
    const exact = ['script', 'requests'].includes(source.pool.about.effect?.fault ?? '');
    expect(failed / runs).toBeGreaterThanOrEqual(exact ? 1 : 0.9);
  });
});
