import { expect, test } from 'vitest';
import { divideCores, parseCores } from '../src/browser/cores.ts';

test.each([
  ['0-1', [0, 1]],
  ['0-2,5', [0, 1, 2, 5]],
  ['3', [3]],
])('the list %j', (list, cores) => {
  expect(parseCores(list)).toEqual(cores);
});

test('Chrome gets the last core, all else the others', () => {
  expect(divideCores('0-3')).toEqual({ chrome: '3', others: '0,1,2', all: '0,1,2,3' });
  expect(divideCores('2,7\n')).toEqual({ chrome: '7', others: '2', all: '2,7' });
});

test('a single core, or none that can be read, is not divided', () => {
  expect(divideCores('4')).toBeNull();
  expect(divideCores('')).toBeNull();
  expect(divideCores('nonsense')).toBeNull();
});
