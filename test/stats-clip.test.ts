import { expect, test } from 'vitest';
import { clipAboutZero } from '../src/stats/clip.ts';

test('what lies beyond 2.5 deviations is pulled to there', () => {
  // Median size 2, so that a deviation is 2.9652.
  const clipped = clipAboutZero([-1, 1, 2, -2, 3, 100]);
  expect([...clipped.slice(0, 5)]).toEqual([-1, 1, 2, -2, 3]);
  expect(clipped[5]).toBeCloseTo(2.5 * 1.4826 * 2, 10);
});

test('flipping signs first or last is the same, which keeps sign-flip tests exact', () => {
  const values = [0.02, -0.11, 0.4, 0.03, -0.05, 0.01, -2];
  const signs = [1, -1, -1, 1, -1, 1, -1];
  const flip = (list: ArrayLike<number>): number[] => Array.from(list, (value, i) => value * (signs[i] ?? 1));
  expect([...clipAboutZero(flip(values))]).toEqual(flip(clipAboutZero(values)));
});

test('values that mostly agree are left as they are', () => {
  expect([...clipAboutZero([0, 0, 0, 8])]).toEqual([0, 0, 0, 8]);
  expect([...clipAboutZero([])]).toEqual([]);
});

test('a group of values is no outlier', () => {
  const groups = [1, 1.1, 0.9, 1, 1.2, 0.8, 20, 21];
  expect([...clipAboutZero(groups)]).toEqual(groups);
});
