/** Variables by the function that reads them: where they are declared, and what the original source calls them. */
import { expect, test } from 'vitest';
import { createResolver } from '../src/analyse/source-maps.ts';
import { VariablePlaces } from '../src/analyse/variable-places.ts';

const source = `const cache = new Map();
import { rows, sum as total } from './rows.js';
function open({ id, size: [width] = [] }, ...rest) {
  const cache = [], list = [id];
  { let inner = width; list.push(inner); }
  return function close(event) { const cache = 0; return [cache, list, rest, total, rows, event]; };
}
`;
const places = new VariablePlaces(source, 'panel.js');
const after = (text: string): number => source.indexOf(text) + text.length;
const found = (name: string, offset: number, own = false): string | null => {
  const at = places.find(name, offset, own);
  return at === null ? null : source.slice(Math.max(0, at - 5), at + name.length);
};

test('a variable belongs to a function around the one that reads it', () => {
  const close = after('function close(');
  expect(places.find('cache', close, false)).toBe(source.indexOf('cache = []'));
  expect(places.find('cache', close, true)).toBe(source.indexOf('cache = 0'));
  expect(places.find('cache', after('function open('), false)).toBe(source.indexOf('cache = new'));
  expect(places.find('cache', 0, false)).toBe(source.indexOf('cache = new'));
});

test('patterns, blocks, imports and parameters declare, uses do not', () => {
  const close = after('function close(');
  expect(found('width', close)).toBe('ze: [width');
  expect(found('rest', close)).toBe(', ...rest');
  expect(found('inner', close)).toBe(' let inner');
  expect(found('total', close)).toBe('m as total');
  // A key is no name; what a nested function declares is not seen from around it.
  expect(found('size', close)).toBeNull();
  expect(found('event', after('function open('), true)).toBeNull();
});

test('source that is no JavaScript has no variables', () => {
  expect(new VariablePlaces('const = {', 'broken.js').find('a', 0, true)).toBeNull();
});

test('without a map the name stays and the place is the one in the delivered script, inline ones included', () => {
  const script = { url: 'https://shop.example/', startLine: 10, startColumn: 8, source, map: null, mapProblem: null };
  const resolver = createResolver([script], 'https://shop.example/');
  const at = { line: 12, column: 15, own: false };
  expect(resolver.resolveVariable('https://shop.example/', at, 'cache')).toMatchObject({
    name: 'cache',
    location: { line: 11, column: 15, mapped: false },
  });
  expect(resolver.resolveVariable('https://shop.example/', at, 'nothing')).toBeNull();
});
