/** One sample: the whole flow, once, in a fresh context and renderer. */
import type { BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { applyThrottling } from '../browser/throttle.ts';
import { watchContention } from '../collect/contention.ts';
import type { HeavyCollector } from '../collect/heavy.ts';
import { watchServed } from '../collect/served.ts';
import type { Variant } from '../core/comparison.ts';
import type { MeasureOptions } from '../core/document.ts';
import { isPacewrightError, PacewrightError } from '../core/errors.ts';
import type { Contention, Sample, StepSample } from '../core/sample.ts';
import type { ChromePool, ConnectedChrome } from './chrome-pool.ts';
import { type FlowRecorder, type FlowResult, recordFlow, type StepFunction } from './flow.ts';
import { within } from '../browser/limit.ts';
import { checkSlowdown, type PageFacts, readFacts, warmCache } from './prepare-sample.ts';
import { SampleFailure, takeScreenshot, watchDeath } from './sample-failure.ts';

export interface FlowArguments {
  /** A fresh page in a fresh context, with all that `use` sets on contexts. */
  readonly page: Page;
  readonly context: BrowserContext;
  readonly step: StepFunction;
  /** Which sample this is: for test data of its own, say. */
  readonly sample: { readonly index: number; readonly warmUp: boolean };
}
export type Flow = (flow: FlowArguments) => Promise<unknown>;

export interface SampleRequest {
  readonly index: number;
  readonly role: Sample['role'];
  /** Base and head differ in their `context`; head and null where there is no comparison. */
  readonly variant?: Variant;
  readonly pair?: number | null;
  readonly phase?: Sample['phase'];
  /** Options of the context beside those of `use`: the address of a variant. */
  readonly context?: BrowserContextOptions;
  /** Whether to keep a digest of what was served. */
  readonly digest?: boolean;
  /** After how many samples Chrome is started again; the pool's own number if absent. */
  readonly samplesPerLaunch?: number;
  /** Whether Chrome has a core to itself. */
  readonly oneCore?: boolean;
  readonly flow: Flow;
  readonly options: MeasureOptions;
  readonly keepRequests: boolean;
  /** Pages to visit before a sample with a warm cache. */
  readonly warmUrls: readonly string[];
  readonly present: <Value>(name: string, actions: () => Promise<Value>) => Promise<Value>;
  readonly onPopup: () => void;
  /** Records more, in a pass of the diagnosis. */
  readonly heavy?: HeavyCollector | null;
  /** ms that Playwright's actions wait; undefined where the config sets it itself. */
  readonly actionTimeout?: number | undefined;
}

export interface SampleResult {
  readonly sample: Sample;
  /** URLs as they were navigated to, unredacted: for warming the cache, never written. */
  readonly visited: readonly string[];
  readonly facts: PageFacts | null;
  /** SHA-256 of all that was served, the address apart; null where not asked for, or not all of it could be read. */
  readonly served: string | null;
}

// A flow may do things outside its steps; none of them may hang for ever. Steps and settling have limits of their own.
const outsideSteps = 60_000;

function flowLimit(options: MeasureOptions): number {
  return outsideSteps + 10 * (options.stepTimeout + options.settleTimeout);
}

interface Measured {
  readonly served: string | null;
  readonly result: FlowResult;
  readonly contention: Contention;
  readonly visited: string[];
  readonly facts: PageFacts | null;
}

async function runFlow(chrome: ConnectedChrome, context: BrowserContext, request: SampleRequest): Promise<Measured> {
  const { options, role } = request;
  if (options.cache === 'warm' && role === 'measured') await warmCache(context, request.warmUrls, options.stepTimeout);
  const slowdown = role === 'warm-up' ? await checkSlowdown(context, options.cpuThrottling) : null;
  const page = await context.newPage();
  if (request.actionTimeout !== undefined) page.setDefaultTimeout(request.actionTimeout);
  const visited: string[] = [];
  const served = request.digest === true ? watchServed(context, request.context?.baseURL) : undefined;
  page.on('popup', request.onPopup);
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame() && /^https?:/i.test(frame.url())) visited.push(frame.url());
  });
  const death = watchDeath(page, chrome);
  const heavy = request.heavy ?? null;
  let recorder: FlowRecorder | undefined;
  try {
    const { keepRequests, present } = request;
    if (heavy) await Promise.race([heavy.attach({ page, context }), death.died]);
    const world = { page, context, options, keepRequests, present, heavy };
    const recording = await Promise.race([
      recordFlow(world, ({ session }) => applyThrottling(session, options)),
      death.died,
    ]);
    recorder = recording;
    const stopContention = await watchContention(chrome.session);
    const late = (): Error =>
      new PacewrightError('SAMPLE_TIMEOUT', `The flow was not done after ${flowLimit(options) / 1000} s.`, {
        next: 'something outside of its steps hangs: move it into a step',
      });
    const sample = { index: request.index, warmUp: role === 'warm-up' };
    const run = request.flow({ page, context, step: recording.step, sample });
    await Promise.race([within(flowLimit(options), run, late), death.died]);
    const result = await Promise.race([recording.finish(), death.died]);
    const contention = await stopContention(result.threadTime);
    const facts = role === 'warm-up' ? await readFacts(page, slowdown) : null;
    return { result, contention, visited, facts, served: (await served?.digest()) ?? null };
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    const gone = chrome.chrome.ended() || !chrome.browser.isConnected();
    const code = isPacewrightError(cause) ? cause.code : undefined;
    throw new SampleFailure(cause, {
      infrastructure: gone || code === 'CHROME_DIED' || code === 'PAGE_CRASHED',
      step: recorder?.currentStep() ?? null,
      screenshot: gone ? null : await takeScreenshot(context, page),
    });
  } finally {
    death.stop();
    recorder?.dispose();
  }
}

/**
 * Runs the flow once.
 * @throws SampleFailure with the step, the error and a screenshot; PacewrightError when Chrome cannot be started
 */
export async function runSample(pool: ChromePool, request: SampleRequest): Promise<SampleResult> {
  const chrome = await pool.acquire({ most: request.samplesPerLaunch, oneCore: request.oneCore });
  const startedAt = new Date().toISOString();
  const start = performance.now();
  let context: BrowserContext | undefined;
  try {
    const fresh = await chrome.browser.newContext(request.context);
    context = fresh;
    const { result, contention, visited, facts, served } = await runFlow(chrome, fresh, request);
    const steps: StepSample[] = result.steps;
    await pool.closeContext(() => fresh.close());
    context = undefined;
    return {
      visited,
      facts,
      served,
      sample: {
        index: request.index,
        role: request.role,
        variant: request.variant ?? 'head',
        pair: request.pair ?? null,
        phase: request.phase ?? null,
        launch: chrome.launch,
        startedAt,
        wall: performance.now() - start,
        own: result.own,
        accepted: request.role === 'measured',
        rejection: null,
        contention,
        steps,
        flow: result.flow,
      },
    };
  } catch (error) {
    if (error instanceof SampleFailure) throw error;
    // Context and page are made by Chrome alone: what fails there is not the flow's fault.
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new SampleFailure(cause, { infrastructure: true, step: null, screenshot: null });
  } finally {
    const left = context;
    if (left) await pool.closeContext(() => left.close());
  }
}
