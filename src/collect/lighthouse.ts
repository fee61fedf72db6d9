/** Lighthouse on a scenario: its flow once more, on a page that Playwright drives in our Chrome, never in a sample. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { within } from '../browser/limit.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { MeasureOptions } from '../core/document.ts';
import type { LighthouseFacts } from '../core/lighthouse.ts';
import type { StepKind } from '../core/metrics.ts';
import { cleanText, redactJson } from '../core/text.ts';
import { type LighthousePart, lighthouseValues, toLighthouseFacts } from './lighthouse-facts.ts';
import { describeError, type Lighthouse, LighthouseSteps } from './lighthouse-steps.ts';
import { takeStrayErrors } from './stray-errors.ts';

/** A scenario's flow, as `measure` takes it. */
export type LighthouseFlow = (flow: {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly step: <Value>(name: string, actions: () => Value | Promise<Value>) => Promise<Value>;
  readonly sample: { readonly index: number; readonly warmUp: boolean };
}) => Promise<unknown>;

export interface LighthouseRequest {
  readonly chrome: { readonly port: number };
  /** The same Chrome, as Playwright has it. */
  readonly browser: Browser;
  /** Beside those of `use`. */
  readonly contextOptions?: BrowserContextOptions | undefined;
  readonly mobile: boolean;
  readonly flow: LighthouseFlow;
  readonly sample: { readonly index: number; readonly warmUp: boolean };
  readonly options: MeasureOptions;
  /** What each step turned out to be in the samples. */
  readonly kinds: ReadonlyMap<string, StepKind>;
  /** ms that Playwright's actions wait; undefined where the config sets it itself. */
  readonly actionTimeout?: number | undefined;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface LighthouseOutcome {
  readonly facts: LighthouseFacts;
  /** For `Diagnosis.values`. */
  readonly values: Diagnosis['values'];
  /** Lighthouse's own report, page content escaped by it; null where it has nothing to report. */
  readonly html: string | null;
}

/** ms that a flow may take outside of its steps, and for each of them beside its own limit. */
const outsideSteps = 60_000;
const besideStep = 120_000;

/**
 * Runs the flow once. Never rejects: what fails, in the page, in Chrome or in Lighthouse, is told in the facts, beside
 * what was learnt until then.
 */
export async function runLighthouse(request: LighthouseRequest): Promise<LighthouseOutcome> {
  const start = performance.now();
  const parts: LighthousePart[] = [];
  const problems: string[] = [];
  let html: string | null = null;
  // A target that was gone before puppeteer had attached to it took nothing along.
  const stop = takeStrayErrors((error) => {
    if (!(error instanceof Error) || error.name !== 'TargetCloseError') problems.push(describeError(error));
  });
  try {
    // 22 MB of code that a run without a diagnosis does without.
    const lighthouse = await import('lighthouse');
    await runFlow(request, lighthouse, parts).catch((error: unknown) => problems.push(describeError(error)));
    html = writeReport(lighthouse, parts);
  } catch (error) {
    problems.push(describeError(error));
  } finally {
    stop();
  }
  const about = {
    wall: performance.now() - start,
    throttling: describeThrottling(request.options),
    problem: problems.length > 0 ? problems.join('; ') : null,
  };
  return { facts: toLighthouseFacts(parts, about), values: lighthouseValues(parts), html };
}

async function runFlow(request: LighthouseRequest, lighthouse: Lighthouse, parts: LighthousePart[]): Promise<void> {
  const { browser, contextOptions, flow, sample, options, kinds } = request;
  const context = await browser.newContext(contextOptions);
  try {
    const page = await context.newPage();
    if (request.actionTimeout !== undefined) page.setDefaultTimeout(request.actionTimeout);
    const end = watchEnd(page, browser, request.signal);
    const { chrome, mobile, onProgress } = request;
    const world = {
      lighthouse,
      port: chrome.port,
      context,
      page,
      mobile,
      options,
      kinds,
      onProgress,
      ended: end.ended,
    };
    const steps = await LighthouseSteps.attach(world, parts);
    try {
      const limit = outsideSteps + (kinds.size + 1) * (options.stepTimeout + besideStep);
      const run = flow({ page, context, step: steps.step, sample });
      await within(
        limit,
        Promise.race([run, end.ended]),
        () => new Error(`the flow was not done after ${limit / 1000} s`),
      );
      await steps.finish();
    } finally {
      end.stop();
      await steps.dispose();
    }
  } finally {
    // A Chrome that hangs is ended by whoever started it.
    await within(5000, context.close(), () => new Error('late')).catch(() => {});
  }
}

/** Rejects when the page crashes, its Chrome goes away, or nobody wants to know any more; never resolves. */
function watchEnd(page: Page, browser: Browser, signal: AbortSignal): { ended: Promise<never>; stop: () => void } {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  ended.catch(() => {});
  const onCrash = (): void => reject(new Error('the renderer of the page crashed'));
  const onGone = (): void => reject(new Error('Chrome ended'));
  const onAbort = (): void => reject(new Error('interrupted'));
  if (signal.aborted) onAbort();
  page.on('crash', onCrash);
  browser.on('disconnected', onGone);
  signal.addEventListener('abort', onAbort);
  return {
    ended,
    stop: () => {
      page.off('crash', onCrash);
      browser.off('disconnected', onGone);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

function writeReport(lighthouse: Lighthouse, parts: readonly LighthousePart[]): string | null {
  // It goes to disk as it is, with every URL that the page asked for.
  const clean = <Result extends object>(lhr: Result): Result => JSON.parse(redactJson(JSON.stringify(lhr))) as Result;
  const steps = parts.flatMap(({ step, lhr }) => (lhr ? [{ name: step, lhr: clean(lhr) }] : []));
  return steps.length === 0 ? null : lighthouse.generateReport({ name: 'User flow', steps }, 'html');
}

function describeThrottling({ network, cpuThrottling }: MeasureOptions): string {
  const parts = [
    network
      ? `network ${cleanText(network.name, 40)}: ${network.latency} ms of latency, ${network.download} kbit/s down, ${network.upload} kbit/s up`
      : 'network as it is',
    cpuThrottling > 1 ? `CPU ${cpuThrottling} times slower` : 'CPU as it is',
  ];
  return `${parts.join('; ')}; nothing simulated`;
}
