import { describe, expect, test } from 'vitest';
import { findMetric, type MetricDefinition } from '../src/core/metrics.ts';
import type { JudgeParameters, Statistic } from '../src/core/verdict.ts';
import { decide } from '../src/judge/decide.ts';
import { defaultParameters } from '../src/judge/parameters.ts';

function metricOf(id: string): MetricDefinition {
  const metric = findMetric(id);
  if (!metric) throw new Error(id);
  return metric;
}

function judge(
  id: string,
  statistic: Statistic,
  allowed: number,
  values: readonly number[],
  { final = false, ...parameters }: Partial<JudgeParameters> & { final?: boolean } = {},
) {
  return decide(
    values,
    { metric: metricOf(id), statistic, allowed },
    { ...defaultParameters, ...parameters },
    { final },
  );
}

const near = [100, 102, 98, 101, 99];

describe('exact', () => {
  test('three equal counts are compared to the unit, and the limit itself passes', () => {
    expect(judge('requests.total', 'p75', 40, [40, 40, 40])).toMatchObject({
      status: 'pass',
      rule: 'exact',
      interval: null,
    });
    expect(judge('requests.total', 'p75', 39, [40, 40, 40])).toMatchObject({
      status: 'fail',
      rule: 'exact',
      value: 40,
    });
    expect(judge('errors', 'max', 0, [0, 0, 0])).toMatchObject({ status: 'pass', rule: 'exact' });
    expect(judge('CLS', 'p50', 0, [0, 0, 0])).toMatchObject({ status: 'pass', rule: 'exact' });
  });

  test('two are not enough', () => {
    expect(judge('requests.total', 'p50', 40, [40, 40])).toMatchObject({ status: 'inconclusive', rule: 'none' });
  });

  test('a count that differs once is no longer exact', () => {
    expect(judge('bytes.script', 'p50', 100, [100, 100, 100, 100, 101]).rule).not.toBe('exact');
  });

  test('times never are, however equal', () => {
    for (const id of ['INP', 'LCP', 'TBT', 'longtasks.count', 'cpu.main']) {
      expect(judge(id, 'p50', 200, [8, 8, 8, 8, 8])).toMatchObject({ status: 'pass' });
      expect(judge(id, 'p50', 200, [8, 8, 8, 8, 8]).rule).not.toBe('exact');
      expect(judge(id, 'p50', 200, [8, 8, 8]).status).toBe('inconclusive');
    }
  });
});

describe('the schedule', () => {
  test('decides at looks only, until no more samples come', () => {
    expect(judge('LCP', 'p50', 1000, near.slice(0, 4))).toMatchObject({
      status: 'inconclusive',
      reason: 'the next look is at 5 samples',
    });
    expect(judge('LCP', 'p50', 1000, near).status).toBe('pass');
    expect(judge('LCP', 'p50', 1000, [...near, 100])).toMatchObject({
      status: 'inconclusive',
      reason: 'the next look is at 8 samples',
    });
    expect(judge('LCP', 'p50', 1000, [...near, 100], { final: true }).status).toBe('pass');
    expect(judge('LCP', 'p50', 1000, near.slice(0, 4), { final: true })).toMatchObject({
      status: 'inconclusive',
      reason: '4 samples: too few to judge, the first look is at 5',
    });
  });

  test('never judges a single value statistically, whatever the looks say', () => {
    expect(judge('LCP', 'p50', 1000, [1], { looks: [1, 5], final: true }).status).toBe('inconclusive');
  });
});

describe('log-normal bounds', () => {
  test('pass, with the bound that was judged', () => {
    expect(judge('LCP', 'p75', 120, near)).toEqual({
      status: 'pass',
      value: 101,
      rule: 'tolerance factors',
      interval: {
        low: expect.closeTo(98.7, 1),
        high: expect.closeTo(105.25, 1),
        confidence: expect.closeTo(0.985, 12),
        method: 'log-normal tolerance bounds',
      },
      reason: 'p75 is at most 105 ms with 98.75 % confidence after 5 samples',
    });
  });

  test('fail', () => {
    expect(judge('LCP', 'p75', 90, near)).toMatchObject({
      status: 'fail',
      reason: 'p75 is at least 98.7 ms with 99.75 % confidence after 5 samples',
    });
    expect(judge('LCP', 'p50', 0, near).status).toBe('fail');
  });

  test('inconclusive: the median is shown, not judged', () => {
    expect(judge('LCP', 'p75', 101, near)).toMatchObject({
      status: 'inconclusive',
      reason:
        '5 samples cannot tell: p75 lies between 98.7 ms and 105 ms; the median, 100 ms, keeps the limit of 101 ms (shown, not judged)',
    });
  });

  test('the count beyond the limit guards against a bell curve that is none', () => {
    // One outlier in five: the bound for p75 is wide, and K = 1 alone would forbid the pass.
    expect(judge('LCP', 'p75', 400, [100, 100, 100, 100, 401]).status).toBe('inconclusive');
    // 40 % off with a wide spread, but only 2 of 5 beyond a p75 limit: no fail.
    expect(judge('LCP', 'p75', 100, [99, 99, 99, 150, 150]).status).toBe('inconclusive');
  });

  test('p95 fails on a count that is significant alone, without a third of all beyond', () => {
    const values = Array.from({ length: 20 }, (_, index) => 100 * 1.03 ** (index - 13));
    expect(values.filter((value) => value > 100).length).toBe(6);
    expect(judge('duration', 'p95', 100, values, { final: true })).toMatchObject({
      status: 'fail',
      rule: 'tolerance factors',
    });
  });
});

describe('zeros, modes and coarse values', () => {
  test('zeros: the e-process; a median passes after 5, a p75 after 12', () => {
    const zeros = (n: number) => Array.from({ length: n }, () => 0);
    expect(judge('TBT', 'p50', 200, zeros(5))).toMatchObject({
      status: 'pass',
      rule: 'e-process',
      reason: '0 of 5 samples beyond the limit (values with zeros): evidence 21, 20 needed',
    });
    expect(judge('TBT', 'p75', 200, zeros(8)).status).toBe('inconclusive');
    expect(judge('TBT', 'p75', 200, zeros(12)).status).toBe('pass');
    expect(judge('TBT', 'p50', 200, [0, 300, 300, 300, 300, 300, 300, 300]).status).toBe('inconclusive');
    expect(judge('TBT', 'p75', 200, [0, 300, 300, 300, 300, 300, 300, 300]).status).toBe('fail');
  });

  test('a p95 that cannot pass within the schedule says so', () => {
    const decision = judge(
      'TBT',
      'p95',
      200,
      Array.from({ length: 20 }, () => 0),
      { final: true },
    );
    expect(decision.status).toBe('inconclusive');
    expect(decision.reason).toContain('p95 of such values cannot pass within the schedule');
  });

  test('two groups of values', () => {
    const values = [300, 305, 310, 302, 900, 910, 905, 903];
    expect(judge('LCP', 'p75', 1000, values)).toMatchObject({ rule: 'e-process', status: 'inconclusive' });
    expect(judge('LCP', 'p50', 1000, values)).toMatchObject({ rule: 'e-process', status: 'pass' });
  });

  test('steps of 8 ms: far from the limit after 5; on it after as many as the e-process needs', () => {
    expect(judge('INP', 'p75', 200, [8, 8, 16, 8, 8])).toMatchObject({ status: 'pass', rule: 'tolerance factors' });
    const same = (n: number) => Array.from({ length: n }, () => 200);
    expect(judge('INP', 'p75', 200, same(8)).status).toBe('inconclusive');
    expect(judge('INP', 'p75', 200, same(12))).toMatchObject({ status: 'pass', rule: 'e-process' });
  });

  test('one long task each time keeps a limit of one', () => {
    expect(judge('longtasks.count', 'p50', 1, [1, 1, 1, 1, 1])).toMatchObject({ status: 'pass', rule: 'e-process' });
  });
});

describe('max', () => {
  test('fails with the first value beyond', () => {
    expect(judge('LCP', 'max', 101, near)).toMatchObject({
      status: 'fail',
      value: 102,
      reason: '1 of 5 samples beyond the limit',
    });
  });

  test('passes early only far from the limit, else at the end of the schedule', () => {
    expect(judge('LCP', 'max', 1000, near).status).toBe('pass');
    expect(judge('LCP', 'max', 103, near).status).toBe('inconclusive');
    expect(judge('LCP', 'max', 103, near, { final: true }).status).toBe('inconclusive');
    const twenty = Array.from({ length: 20 }, (_, index) => near[index % 5] ?? 0);
    expect(judge('LCP', 'max', 102, twenty, { final: true })).toMatchObject({
      status: 'pass',
      rule: 'plain statistic',
    });
  });
});

describe('a fixed number of samples', () => {
  test('is the plain statistic, with an interval beside it', () => {
    expect(judge('LCP', 'p50', 100, near, { fixed: true })).toEqual({
      status: 'pass',
      value: 100,
      rule: 'plain statistic',
      interval: { low: 98, high: 102, confidence: 0.9375, method: 'order statistics' },
      reason: 'p50 of 5 samples, as asked for; the interval beside it was not judged',
    });
    expect(judge('LCP', 'p50', 99.9, near, { fixed: true }).status).toBe('fail');
    expect(judge('LCP', 'p75', 100, [100], { fixed: true })).toMatchObject({ status: 'pass', interval: null });
  });
});

test('where more is better, everything is mirrored', () => {
  const metric: MetricDefinition = { ...metricOf('duration'), direction: 'higher' };
  const ask = (allowed: number, statistic: Statistic = 'p75') =>
    decide(near, { metric, statistic, allowed }, defaultParameters, { final: false });
  expect(ask(80)).toMatchObject({
    status: 'pass',
    value: 99,
    reason: 'p75 is at least 95 ms with 98.75 % confidence after 5 samples',
  });
  expect(ask(110)).toMatchObject({
    status: 'fail',
    reason: 'p75 is at most 101 ms with 99.75 % confidence after 5 samples',
  });
  expect(ask(99).status).toBe('inconclusive');
  expect(ask(98.5, 'max')).toMatchObject({ status: 'fail', value: 98 });
});
