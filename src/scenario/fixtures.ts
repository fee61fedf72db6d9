/** Playwright's own `test` with `measure`: everything else of Playwright keeps working. */
import { test as base, type TestInfo } from '@playwright/test';
import { findChrome } from '../browser/find.ts';
import { readEnvironment } from '../browser/machine.ts';
import { defaultOptions, type PacewrightOptions } from '../config/options.ts';
import { type Environment, type Problem, problemMediaType } from '../core/document.ts';
import { PacewrightError, toProblem } from '../core/errors.ts';
import { ChromePool } from './chrome-pool.ts';
import { Measurement } from './measurement.ts';
import type { MeasureResult } from './result.ts';
import type { Flow } from './sample.ts';

/** Repeats a flow and measures it; what stands around it in the test's body runs once. */
export type Measure = (flow: Flow, options?: Partial<PacewrightOptions>) => Promise<MeasureResult>;

interface WorkerFixtures {
  _chromePool: ChromePool;
  _environment: Environment;
}

function option<Key extends keyof PacewrightOptions>(key: Key): [PacewrightOptions[Key], { option: true }] {
  return [defaultOptions[key], { option: true }];
}

/** A problem that the reporter found before the first test: no test may start to measure. */
function refuseKnownProblem(): void {
  const text = process.env['PACEWRIGHT_PROBLEM'];
  if (!text) return;
  const problem = JSON.parse(text) as Problem;
  throw Object.assign(new Error(`${problem.code}: ${problem.message}\n  Next: ${problem.next}`), { stack: '' });
}

/** What in Playwright's own settings would spoil the numbers; undefined where nothing does. */
function findSpoiler(testInfo: TestInfo): PacewrightError | undefined {
  const { trace, video, screenshot } = testInfo.project.use;
  const recorders = Object.entries({ trace, video, screenshot }).filter(
    ([, value]) => value !== undefined && value !== 'off',
  );
  const refuse = (message: string): PacewrightError =>
    new PacewrightError('CONFIG_INVALID', message, {
      next: 'use `defineConfig` from pacewright: it sets one worker, no retries, and turns trace, video and screenshots off',
    });
  if (recorders.length > 0) {
    return refuse(`Playwright's ${recorders.map(([name]) => name).join(', ')} would be part of every measured number.`);
  }
  if (testInfo.config.workers > 1)
    return refuse('Several workers would measure at once, and each would measure the others.');
  if (testInfo.project.retries > 0 || testInfo.retry > 0)
    return refuse('With retries a scenario is measured until it passes, which is no verdict.');
  return undefined;
}

export const test = base.extend<PacewrightOptions & { measure: Measure }, WorkerFixtures>({
  samples: option('samples'),
  budgets: option('budgets'),
  cache: option('cache'),
  cpuThrottling: option('cpuThrottling'),
  network: option('network'),
  heap: option('heap'),
  stepTimeout: option('stepTimeout'),
  settle: option('settle'),
  noiseGate: option('noiseGate'),
  inconclusive: option('inconclusive'),
  diagnose: option('diagnose'),
  lighthouse: option('lighthouse'),

  // Pages outside of `measure` run in the same Chrome as measured ones, unless the config names another.
  launchOptions: [
    async ({ launchOptions }, use) => {
      // No Chrome is a problem of `measure`, which tells it with its code; here it would be a mere fixture error.
      const found = launchOptions.executablePath ?? (await findChrome().catch(() => undefined))?.path;
      await use(found === undefined ? launchOptions : { ...launchOptions, executablePath: found });
    },
    { scope: 'worker' },
  ],

  _chromePool: [
    async ({ playwright, headless, launchOptions }, use) => {
      const pool = new ChromePool(playwright.chromium, {
        executablePath: launchOptions.executablePath,
        headless: headless !== false,
        extraFlags: launchOptions.args ?? [],
      });
      await use(pool);
      await pool.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  _environment: [
    async ({}, use) => {
      await use(readEnvironment());
    },
    { scope: 'worker' },
  ],

  measure: async (
    {
      _chromePool,
      _environment,
      samples,
      budgets,
      cache,
      cpuThrottling,
      network,
      heap,
      stepTimeout,
      settle,
      noiseGate,
      inconclusive,
      diagnose,
      lighthouse,
      isMobile,
      actionTimeout,
      baseURL,
      storageState,
    },
    use,
    testInfo,
  ) => {
    refuseKnownProblem();
    const refused = findSpoiler(testInfo);
    if (refused) {
      await testInfo.attach('pacewright-problem', {
        contentType: problemMediaType,
        body: JSON.stringify(toProblem(refused)),
      });
      throw refused;
    }
    const measurement = new Measurement({
      testInfo,
      pool: _chromePool,
      environment: _environment,
      actionTimeout,
      configured: { baseURL, storageState },
      isMobile,
      options: {
        samples,
        budgets,
        cache,
        cpuThrottling,
        network,
        heap,
        stepTimeout,
        settle,
        noiseGate,
        inconclusive,
        diagnose,
        lighthouse,
      },
    });
    await use((flow, options) => measurement.measure(flow, options));
    await measurement.finish();
  },
});
