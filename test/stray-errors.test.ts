import { afterEach, expect, test } from 'vitest';
import { takeStrayErrors } from '../src/collect/stray-errors.ts';

const before = process.listeners('unhandledRejection');
afterEach(() => {
  process.removeAllListeners('unhandledRejection');
  for (const listener of before) process.on('unhandledRejection', listener);
});

/** As Node tells it: the rejection itself would be one of the test runner's. */
const reject = (error: Error): boolean => process.emit('unhandledRejection', error, Promise.resolve());

test('rejections of puppeteer are taken, all others go on to who listened before, and afterwards all do', () => {
  const outside: string[] = [];
  const taken: string[] = [];
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => outside.push((reason as Error).message));
  const stop = takeStrayErrors((error) => taken.push((error as Error).message));
  reject(Object.assign(new Error('target closed'), { name: 'TargetCloseError' }));
  reject(
    Object.assign(new Error('protocol'), { stack: 'at x (/a/node_modules/puppeteer-core/lib/cdp/Connection.js:1:1)' }),
  );
  reject(Object.assign(new Error('of the flow'), { stack: 'at x (/a/scenarios/shop.perf.ts:1:1)' }));
  expect(taken).toEqual(['target closed', 'protocol']);
  expect(outside).toEqual(['of the flow']);
  stop();
  reject(Object.assign(new Error('late'), { name: 'TargetCloseError' }));
  expect(outside).toEqual(['of the flow', 'late']);
});
