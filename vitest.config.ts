import { defineConfig } from 'vitest/config';
import CountReporter from './scripts/count-reporter.ts';

/** Tests that look at a report in Chrome: nothing is measured, so they may run beside others. */
const looking = ['test/report*.e2e.test.ts'];
/** Tests that start Chrome and measure: they must have the machine for themselves. */
const endToEnd = ['test/**/*.e2e.test.ts', 'test/shop*.test.ts'];
/**
 * Of these, the ones that run a command or Lighthouse dozens of times: 20 minutes on 2 slow cores, more than a check of
 * every change may take. `npm run test:all` has them.
 */
const long = [
  'compare-command',
  'compare-faults',
  'compare-ref',
  'compare-truth',
  'diagnosis',
  'findings',
  'leak-collection',
  'leaks-command',
  'lighthouse',
  'lighthouse-budgets',
  'lighthouse-flow',
  'pack',
].map((name) => `test/${name}.e2e.test.ts`);

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    reporters: ['default', new CountReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: endToEnd,
          hookTimeout: 60_000,
          // A bound for what hangs, not an assertion: a machine that does other work takes several times as long.
          testTimeout: 60_000,
          // Not 0, the default: on two cores that group would come last.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'report',
          include: looking,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: endToEnd,
          exclude: [...looking, ...long],
          fileParallelism: false,
          // A bound for what hangs, not an assertion: a scenario of a dozen samples takes a minute on a busy machine.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // After the unit tests, not beside them: groups run one after the other.
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: long,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
