/**
 * The whole sequential rule on data of known truth, seeded. The bounds are the promises of the README; the numbers
 * behind them move only when the rule does.
 */
import { describe, expect, test } from 'vitest';
import { findMetric } from '../src/core/metrics.ts';
import type { Statistic } from '../src/core/verdict.ts';
import { decide } from '../src/judge/decide.ts';
import { defaultParameters } from '../src/judge/parameters.ts';
import { normal, type Random, seededRandom } from '../src/stats/random.ts';

const limit = 1000;
/** Standard normal quantiles. */
const z = { p50: 0, p75: 0.67449, p95: 1.644854 };
type Quantile = keyof typeof z;

/** Runs the schedule on what `draw` gives, many times; shares of each ending, and the mean number of samples. */
function simulate(
  { metricId = 'duration', statistic, runs = 1500 }: { metricId?: string; statistic: Statistic; runs?: number },
  draw: (random: Random) => number,
) {
  const metric = findMetric(metricId);
  if (!metric) throw new Error(metricId);
  const random = seededRandom(20_261_122);
  const count = { pass: 0, fail: 0, inconclusive: 0 };
  let taken = 0;
  for (let run = 0; run < runs; run += 1) {
    const values: number[] = [];
    for (const look of defaultParameters.looks) {
      while (values.length < look) values.push(draw(random));
      const final = look === defaultParameters.looks.at(-1);
      const { status } = decide(values, { metric, statistic, allowed: limit }, defaultParameters, { final });
      if (status === 'inconclusive' && !final) continue;
      count[status] += 1;
      break;
    }
    taken += values.length;
  }
  return { pass: count.pass / runs, fail: count.fail / runs, samples: taken / runs };
}

/** Log-normal samples whose quantile is `ratio` times the limit. */
function logNormal(statistic: Quantile, cv: number, ratio: number): (random: Random) => number {
  const sd = Math.sqrt(Math.log(1 + cv ** 2));
  return (random) => limit * ratio * Math.exp(sd * (normal(random) - z[statistic]));
}

const quantiles: readonly Quantile[] = ['p50', 'p75', 'p95'];

describe('at the limit, where every answer is wrong', () => {
  // The spread cancels out of the rule, so one is enough.
  test.each(quantiles)('%s: at most 5 % false passes and 1 % false fails over all looks', (statistic) => {
    const { pass, fail } = simulate({ statistic, runs: 3000 }, logNormal(statistic, 0.13, 1));
    expect(pass).toBeLessThanOrEqual(0.05);
    expect(fail).toBeLessThanOrEqual(0.01);
    // A rule that never answers would keep both promises.
    expect(pass).toBeGreaterThan(0.01);
  });

  test('with the spending of alpha dropped, the promise is broken', () => {
    const metric = findMetric('duration');
    if (!metric) throw new Error('duration');
    const careless = { ...defaultParameters, passAlpha: 0.05 };
    const random = seededRandom(5);
    const draw = logNormal('p50', 0.13, 1);
    let passed = 0;
    for (let run = 0; run < 1500; run += 1) {
      const values: number[] = [];
      for (const look of careless.looks) {
        while (values.length < look) values.push(draw(random));
        if (decide(values, { metric, statistic: 'p50', allowed: limit }, careless, { final: true }).status === 'pass') {
          passed += 1;
          break;
        }
      }
    }
    expect(passed / 1500).toBeGreaterThan(0.05);
  });

  test('long tasks in every other sample: the median is at the edge', () => {
    const { pass, fail } = simulate({ metricId: 'TBT', statistic: 'p50' }, (random) =>
      random() < 0.5 ? 0 : 1500 * Math.exp(0.1 * normal(random)),
    );
    expect(pass).toBeLessThanOrEqual(0.05);
    expect(fail).toBeLessThanOrEqual(0.01);
  });

  test('values in steps of 8 ms', () => {
    const draw = logNormal('p50', 0.1, 1);
    const { pass, fail } = simulate(
      { metricId: 'INP', statistic: 'p50' },
      (random) => 8 * Math.round(draw(random) / 8),
    );
    expect(pass).toBeLessThanOrEqual(0.05);
    expect(fail).toBeLessThanOrEqual(0.01);
  });
});

describe('20 % off the limit', () => {
  test.each(quantiles)(
    '%s, coefficient of variation 0.05: always the right answer, after 5 to 8 samples',
    (statistic) => {
      const under = simulate({ statistic, runs: 500 }, logNormal(statistic, 0.05, 1 / 1.2));
      const over = simulate({ statistic, runs: 500 }, logNormal(statistic, 0.05, 1.2));
      expect(under.pass).toBe(1);
      expect(over.fail).toBe(1);
      expect(Math.max(under.samples, over.samples)).toBeLessThan(8);
    },
  );

  test.each(['p50', 'p75'] as const)(
    '%s, coefficient of variation 0.13: right in 98 of 100, after 12 samples at most on average',
    (statistic) => {
      const under = simulate({ statistic, runs: 500 }, logNormal(statistic, 0.13, 1 / 1.2));
      const over = simulate({ statistic, runs: 500 }, logNormal(statistic, 0.13, 1.2));
      expect(Math.min(under.pass, over.fail)).toBeGreaterThan(0.98);
      expect(under.fail + over.pass).toBe(0);
      expect(Math.max(under.samples, over.samples)).toBeLessThan(12);
    },
  );

  test('coefficient of variation 0.3: mostly no answer rather than a wrong one', () => {
    const over = simulate({ statistic: 'p75', runs: 500 }, logNormal('p75', 0.3, 1.2));
    expect(over.fail).toBeGreaterThan(0.3);
    expect(over.pass).toBeLessThan(0.01);
  });
});

test('a limit of what the rule can do: a slow group that did not show in the first 5 samples', () => {
  // 30 % of the samples are slow, so the p75 is; 0.7⁵ = 17 % of runs see none of them at the first look.
  const { pass, fail } = simulate(
    { statistic: 'p75' },
    (random) => (random() < 0.3 ? 1500 : 300) * Math.exp(0.05 * normal(random)),
  );
  expect(pass).toBeGreaterThan(0.05);
  expect(pass).toBeLessThan(0.22);
  expect(fail).toBeLessThan(0.05);
});
