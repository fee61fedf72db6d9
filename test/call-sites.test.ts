import { expect, test } from 'vitest';
import { createResolver } from '../src/analyse/source-maps.ts';
import type { CallStack } from '../src/collect/call-sites.ts';
import { placeCallSites } from '../src/diagnose/call-sites.ts';

const page = 'http://shop.test';
const own = { function: 'wire', url: `${page}/app.js`, line: 4, column: 2 };
const helper = { function: 'on', url: 'http://cdn.test/jquery.js', line: 0, column: 900 };

function place(...stacks: Pick<CallStack, 'amount' | 'frames'>[]): unknown[] {
  const resolver = createResolver([], page);
  return placeCallSites(
    stacks.map((stack) => ({ what: 'listener', detail: 'click', ...stack })),
    resolver,
  );
}

test('the innermost place of the application, whatever library it went through', () => {
  expect(place({ amount: 2, frames: [helper, own] })).toEqual([
    { what: 'listener', detail: 'click', amount: 2, ...own },
  ]);
});

test('the innermost of all where none is of the application', () => {
  expect(place({ amount: 1, frames: [helper] })).toEqual([{ what: 'listener', detail: 'click', amount: 1, ...helper }]);
});

test('amounts of one place are added up, also where they came by different ways', () => {
  const stacks = [
    { amount: 2, frames: [own] },
    { amount: 3, frames: [helper, own] },
    { amount: 4, frames: [] },
  ];
  expect(place(...stacks)).toEqual([{ what: 'listener', detail: 'click', amount: 5, ...own }]);
});
