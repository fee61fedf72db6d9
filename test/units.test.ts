import { describe, expect, test } from 'vitest';
import { exitCodeFor } from '../src/core/errors.ts';
import { findMetric, metricOrder, metricTable } from '../src/core/metrics.ts';
import { formatPercent, formatQuantity, parsePercent, parseQuantity } from '../src/core/units.ts';

describe('parseQuantity', () => {
  test.each([
    ['2.5 s', 'ms', 2500],
    ['200ms', 'ms', 200],
    ['.5 min', 'ms', 30_000],
    ['170 kB', 'bytes', 170_000],
    ['170 KiB', 'bytes', 174_080],
    [' 40 ', 'count', 40],
    [0.1, 'score', 0.1],
    // In binary 2.01 × 1000 is 2009.9999999999998, and 2010 bytes would break that limit.
    ['2.01 kB', 'bytes', 2010],
    ['1.1 s', 'ms', 1100],
  ] as const)('%s is %s %d', (text, unit, value) => {
    expect(parseQuantity(text, unit)).toBe(value);
  });

  test.each([
    ['2.5 sec', 'ms'],
    ['170 kB', 'ms'],
    ['4 pieces', 'count'],
    ['-1 s', 'ms'],
    [-1, 'ms'],
    ['1e3', 'ms'],
    ['', 'ms'],
    ['s', 'ms'],
    [Number.NaN, 'ms'],
    [Number.POSITIVE_INFINITY, 'ms'],
    ['9'.repeat(400), 'ms'],
    // Names that every object has.
    ['5 constructor', 'ms'],
    ['5 toString', 'count'],
  ] as const)('%s is no quantity in %s', (text, unit) => {
    expect(parseQuantity(text, unit)).toBeUndefined();
  });
});

test('parsePercent', () => {
  expect(parsePercent('10 %')).toBe(0.1);
  expect(parsePercent('.5%')).toBe(0.005);
  expect(parsePercent('10')).toBeUndefined();
  expect(parsePercent('-10 %')).toBeUndefined();
});

describe('formatQuantity', () => {
  test.each([
    [0, 'ms', '0 ms'],
    [12.34, 'ms', '12.3 ms'],
    [123.4, 'ms', '123 ms'],
    [1234.5, 'ms', '1.23 s'],
    [12_345, 'ms', '12.3 s'],
    [-562.4, 'ms', '-562 ms'],
    [-0.01, 'ms', '0 ms'],
    [999, 'bytes', '999 B'],
    [1840, 'bytes', '1.84 kB'],
    [170_400, 'bytes', '170.4 kB'],
    [1_234_567, 'bytes', '1.23 MB'],
    [12.5, 'count', '12.5'],
    [0.12346, 'score', '0.1235'],
  ] as const)('%d %s', (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
  });
});

test.each([
  [0.034, '+3.4 %'],
  [-0.034, '-3.4 %'],
  [0.256, '+26 %'],
  [0, '0 %'],
  [0.0001, '0 %'],
  [-0.0001, '0 %'],
])('formatPercent %d', (ratio, text) => {
  expect(formatPercent(ratio)).toBe(text);
});

describe('findMetric', () => {
  test('every row has a name of its own and finds itself', () => {
    const single = metricTable.filter((metric) => !metric.id.endsWith('.*'));
    expect(new Set(metricTable.map((metric) => metric.id)).size).toBe(metricTable.length);
    for (const metric of single) expect(findMetric(metric.id)).toBe(metric);
  });

  test('a member of a family has the unit of the family and its own name', () => {
    expect(findMetric('timing.hero-ready')).toMatchObject({ id: 'timing.hero-ready', label: 'hero-ready', unit: 'ms' });
    expect(metricOrder('timing.hero-ready')).toBe(metricOrder('timing.*'));
    expect(metricOrder('from the future')).toBe(metricTable.length);
  });

  test.each(['timing.', 'timing', 'lcp', 'constructor', ''])('there is no metric "%s"', (id) => {
    expect(findMetric(id)).toBeUndefined();
  });
});

test('an error code of a document says its exit code, and one that is not known that of a failed flow', () => {
  expect(exitCodeFor('SCENARIO_INVALID')).toBe(2);
  expect(exitCodeFor('PAGE_UNREACHABLE')).toBe(3);
  expect(exitCodeFor('FLOW_FAILED')).toBe(1);
  expect(exitCodeFor('FROM_THE_FUTURE')).toBe(1);
  expect(exitCodeFor('constructor')).toBe(1);
});
