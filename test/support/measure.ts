/** Measures flows in real Chrome, without Playwright's runner: for tests of what a sample says. */
import { type BrowserContextOptions, chromium } from '@playwright/test';
import { defaultOptions, readOptions, type PacewrightOptions } from '../../src/config/options.ts';
import type { HeavyCollector } from '../../src/collect/heavy.ts';
import type { ComparisonSides, RegressionLine } from '../../src/core/comparison.ts';
import type { ScenarioDocument } from '../../src/core/document.ts';
import type { Sample, StepSample } from '../../src/core/sample.ts';
import type { BudgetLine } from '../../src/core/verdict.ts';
import { judgeDocument } from '../../src/judge/document.ts';
import { defaultParameters } from '../../src/judge/parameters.ts';
import { ChromePool } from '../../src/scenario/chrome-pool.ts';
import { ComparisonSchedule } from '../../src/scenario/comparison-schedule.ts';
import { type Flow, runSample, type SampleResult } from '../../src/scenario/sample.ts';
import { Schedule } from '../../src/scenario/schedule.ts';

export function createPool(): ChromePool {
  return new ChromePool(chromium, { headless: true, extraFlags: [] });
}

// What these tests check is true on a busy machine too, so nothing is rejected.
const quietOptions: Partial<PacewrightOptions> = { noiseGate: 'off', settle: { timeout: 5000 } };

/** One sample of a flow. */
export async function measureOnce(
  pool: ChromePool,
  flow: Flow,
  options: Partial<PacewrightOptions> & {
    role?: Sample['role'];
    warmUrls?: string[];
    heavy?: HeavyCollector;
    context?: BrowserContextOptions;
  } = {},
): Promise<SampleResult> {
  const { role = 'measured', warmUrls = [], heavy = null, context = {}, ...rest } = options;
  return runSample(pool, {
    index: 0,
    role,
    flow,
    context,
    options: readOptions({ ...defaultOptions, ...quietOptions, ...rest }),
    keepRequests: true,
    warmUrls,
    heavy,
    present: (_name, actions) => actions(),
    onPopup: () => {},
  });
}

/** The step of that name; a test without it has failed. */
export function stepOf(sample: Sample, name: string): StepSample {
  const step = sample.steps.find((each) => each.name === name);
  if (!step) throw new Error(`no step "${name}" among ${sample.steps.map((each) => each.name).join(', ')}`);
  return step;
}

export function emptyDocument(options: Partial<PacewrightOptions> = {}): ScenarioDocument {
  const measure = readOptions({ ...defaultOptions, ...quietOptions, ...options });
  return {
    id: '0123456789ab',
    title: 'test',
    titlePath: ['test'],
    tags: [],
    file: 'test.perf.ts',
    line: 1,
    project: '',
    device: { viewport: 'unknown', scale: 1, mobile: false, userAgent: 'unknown' },
    options: measure,
    parameters: { ...defaultParameters, fixed: measure.samples !== null },
    seed: 1,
    status: 'interrupted',
    failure: null,
    samples: [],
    chrome: { version: 'unknown', path: 'unknown', flags: [] },
    budgets: [],
    verdicts: [],
    comparison: null,
    diagnosis: null,
    memory: null,
    warnings: [],
    startedAt: '2026-01-01T00:00:00.000Z',
    wall: 0,
  };
}

/** Runs the schedule of one scenario in real Chrome. Resolves with its document and what it threw. */
export async function runSchedule(
  pool: ChromePool,
  flow: Flow,
  options: Partial<PacewrightOptions> & { lines?: BudgetLine[] } = {},
): Promise<{ document: ScenarioDocument; thrown: unknown }> {
  const { lines = [], ...rest } = options;
  const document = emptyDocument(rest);
  const schedule = new Schedule(document, {
    runSample: (request) =>
      runSample(pool, {
        ...request,
        flow,
        options: document.options,
        present: (_name, actions) => actions(),
        onPopup: () => {},
      }),
    readLines: () => lines,
    onHead: () => {},
    onSample: () => {},
  });
  const thrown = await schedule.run().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { document, thrown };
}

/** Compares two servers in real Chrome. Resolves with the document and what was thrown. */
export async function runComparison(
  pool: ChromePool,
  flow: Flow,
  about: {
    base: string;
    head: string;
    options?: Partial<PacewrightOptions>;
    sides?: Partial<ComparisonSides>;
    lines?: BudgetLine[];
    regressions?: RegressionLine[];
    seed?: number;
  },
): Promise<{ document: ScenarioDocument; thrown: unknown }> {
  const document = { ...emptyDocument(about.options), seed: about.seed ?? 1 };
  const side = (label: string, url: string): ComparisonSides['base'] => ({ label, url, commit: null, dirty: false });
  const sides: ComparisonSides = {
    how: 'urls',
    base: side('base', about.base),
    head: side('head', about.head),
    budgets: false,
    identical: 'skip',
    pairs: null,
    ...about.sides,
  };
  let startsWorkers = false;
  const schedule = new ComparisonSchedule(document, {
    runSample: ({ title: _title, throttled, stepTimeout, ...order }) =>
      runSample(pool, {
        ...order,
        context: { baseURL: sides[order.variant].url },
        samplesPerLaunch: Infinity,
        flow: (given) => {
          given.page.on('worker', () => (startsWorkers = true));
          return flow(given);
        },
        options: {
          ...document.options,
          ...(throttled ? {} : { cpuThrottling: 1 }),
          stepTimeout: Math.min(stepTimeout ?? Infinity, document.options.stepTimeout),
        },
        actionTimeout: stepTimeout ?? undefined,
        present: (_name, actions) => actions(),
        onPopup: () => {},
      }),
    readLines: () => about.lines ?? [],
    readRegressions: () => about.regressions ?? [],
    onHead: () => {},
    onSample: () => {},
    sides,
    restartChrome: () => pool.close(),
    startsWorkers: () => startsWorkers,
    scenarios: 1,
    inconclusive: 'warn',
  });
  const thrown = await schedule.run().then(
    () => undefined,
    (error: unknown) => error,
  );
  Object.assign(document, judgeDocument(document));
  return { document, thrown };
}
