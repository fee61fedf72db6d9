import { expect, test } from 'vitest';
import { nearestName, suggest } from '../src/core/nearest.ts';

const metrics = ['LCP', 'FCP', 'bytes.script', 'bytes.total', 'requests.total'];

test.each([
  ['bytes.scripts', 'bytes.script'],
  ['byte.total', 'bytes.total'],
  ['lcp', 'LCP'],
  ['LPC', 'LCP'],
])('%s is meant to be %s', (name, nearest) => {
  expect(nearestName(name, metrics)).toBe(nearest);
});

test('what is like nothing gets no suggestion', () => {
  expect(nearestName('speed-index', metrics)).toBeUndefined();
  expect(nearestName('LCP', [])).toBeUndefined();
});

test('of equally near names the first is suggested', () => {
  expect(nearestName('XCP', metrics)).toBe('LCP');
});

test('suggest lists what is allowed, forty names at most', () => {
  expect(suggest('seach', ['open', 'search'])).toBe('Did you mean "search"? Allowed: open, search.');
  expect(suggest('quite different', ['open'])).toBe('Allowed: open.');
  expect(suggest('x', [])).toBe('Allowed: none.');
  const many = Array.from({ length: 42 }, (_, index) => `a step with number ${index}`);
  expect(suggest('?', many)).toMatch(/^Allowed: a step with number 0, .*, a step with number 39, and 2 more\.$/);
});
