/** Playwright's own `test` with `measure` and `detectLeaks`: everything else of Playwright keeps working. */
import { test as base, type TestInfo } from '@playwright/test';
import { findChrome } from '../browser/find.ts';
import { readEnvironment } from '../browser/machine.ts';
import { defaultOptions, type PacewrightOptions } from '../config/options.ts';
import { type Environment, type Problem, problemMediaType } from '../core/document.ts';
import { PacewrightError, toProblem } from '../core/errors.ts';
import type { Memory } from '../core/leaks.ts';
import { ChromePool } from './chrome-pool.ts';
import { LeakMeasurement } from './leak-measurement.ts';
import type { LeakScenario } from './leak-plan.ts';
import { Measurement } from './measurement.ts';
import type { MeasureResult } from './result.ts';
import type { Flow } from './sample.ts';
import type { ScenarioWorld } from './scenario-keeper.ts';

/** Repeats a flow and measures it; what stands around it in the test's body runs once. */
export type Measure = (flow: Flow, options?: Partial<PacewrightOptions>) => Promise<MeasureResult>;

/** Repeats an action that ends where it began, and looks for what it leaves behind in memory. */
export type DetectLeaks = (scenario: LeakScenario, options?: Partial<PacewrightOptions>) => Promise<Memory>;

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

/** @throws the error, which the run's result names as well */
async function refuse(testInfo: TestInfo, error: PacewrightError): Promise<never> {
  const body = JSON.stringify(toProblem(error));
  await testInfo.attach('pacewright-problem', { contentType: problemMediaType, body });
  throw error;
}

/** A memory scenario has no samples, and a measured one no iterations: one document cannot be both. */
async function refuseBoth(testInfo: TestInfo, asked: ReadonlySet<string>): Promise<void> {
  if (asked.size < 2) return;
  await refuse(
    testInfo,
    new PacewrightError('SCENARIO_INVALID', `"${testInfo.title}" calls both measure() and detectLeaks().`, {
      next: 'one scenario is one test: split it in two',
    }),
  );
}

interface Fixtures {
  readonly measure: Measure;
  readonly detectLeaks: DetectLeaks;
  readonly _scenario: ScenarioWorld;
  /** Which of the two were called in this test. */
  readonly _asked: Set<string>;
}

export const test = base.extend<PacewrightOptions & Fixtures, WorkerFixtures>({
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

  _scenario: async (
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
    if (refused) await refuse(testInfo, refused);
    await use({
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
  },

  _asked: async ({}, use) => {
    await use(new Set());
  },

  measure: async ({ _scenario, _asked }, use) => {
    const measurement = new Measurement(_scenario);
    await use(async (flow, options) => {
      _asked.add('measure');
      await refuseBoth(_scenario.testInfo, _asked);
      return measurement.measure(flow, options);
    });
    await measurement.finish();
  },

  detectLeaks: async ({ _scenario, _asked }, use) => {
    const measurement = new LeakMeasurement(_scenario);
    await use(async (scenario, options) => {
      _asked.add('detectLeaks');
      await refuseBoth(_scenario.testInfo, _asked);
      return measurement.detect(scenario, options);
    });
    await measurement.finish();
  },
});
