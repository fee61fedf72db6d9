/**
 * The steps of a scenario in the eyes of Lighthouse: a step that ends in a new document is a navigation, any other a
 * timespan, and the page that is left at the end gets a snapshot. The actions are the user's own and run exactly once,
 * whatever becomes of Lighthouse.
 */
import type { BrowserContext, Page } from '@playwright/test';
import type * as LighthouseModule from 'lighthouse';
import type { UserFlow } from 'lighthouse';
import type { Browser as PuppeteerBrowser, Page as PuppeteerPage } from 'puppeteer-core';
import { within } from '../browser/limit.ts';
import { settle } from '../browser/settle.ts';
import { applyThrottling } from '../browser/throttle.ts';
import type { MeasureOptions } from '../core/document.ts';
import type { LighthouseStep } from '../core/lighthouse.ts';
import { lighthouseCategories } from '../core/lighthouse-ids.ts';
import type { StepKind } from '../core/metrics.ts';
import { redactText } from '../core/text.ts';
import type { LighthousePart } from './lighthouse-facts.ts';
import { type NetworkCollector, watchNetwork } from './network.ts';
import { attachRecorder, type Recorder } from './session.ts';

/** Lighthouse's own waits, ms: beyond them a page that never paints, or never loads, costs a step its result. */
const longestWaits = { maxWaitForFcp: 15_000, maxWaitForLoad: 30_000 };
/** ms for gathering and auditing after the page is done; 4 to 6 s here for the demo shop. */
const gatherLimit = 60_000;
/** ms within which a page that does not hang answers. */
const answerLimit = 5000;

/** Its own error is that of the whole flow, which it ends. */
const stepFailed = 'the step failed';

export type Lighthouse = typeof LighthouseModule;

export interface LighthouseWorld {
  readonly lighthouse: Lighthouse;
  /** Of the DevTools protocol, on 127.0.0.1. */
  readonly port: number;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly mobile: boolean;
  readonly options: MeasureOptions;
  readonly kinds: ReadonlyMap<string, StepKind>;
  readonly onProgress: (text: string) => void;
  /** Rejects when the page or its Chrome is gone, or the run is interrupted. */
  readonly ended: Promise<never>;
}

/** A message of Lighthouse or Playwright, without secrets; Lighthouse's own errors say little beside their code. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return redactText(String(error));
  const about = 'friendlyMessage' in error ? readFriendly(error.friendlyMessage) : '';
  return redactText(about === '' ? error.message : `${error.message}: ${about}`);
}

/** Lighthouse's messages are templates with values; the English one is in them. */
function readFriendly(message: unknown): string {
  if (typeof message !== 'object' || message === null || !('formattedDefault' in message)) return '';
  return typeof message.formattedDefault === 'string' ? message.formattedDefault : '';
}

function categoryHas({ defaultConfig }: Lighthouse, id: string, mode: LighthouseStep['mode']): boolean {
  return defaultConfig.categories?.[id]?.supportedModes?.includes(mode) ?? true;
}

export class LighthouseSteps {
  private readonly parts: LighthousePart[];
  private readonly world: LighthouseWorld;
  private readonly targetId: string;
  private readonly recorder: Recorder;
  private readonly network: NetworkCollector;
  private browser: PuppeteerBrowser | null = null;
  private count = 0;

  private constructor(
    world: LighthouseWorld,
    parts: LighthousePart[],
    page: { targetId: string; recorder: Recorder; network: NetworkCollector },
  ) {
    this.world = world;
    this.parts = parts;
    this.targetId = page.targetId;
    this.recorder = page.recorder;
    this.network = page.network;
  }

  /**
   * Attaches to a page before its first navigation.
   * @param parts where results go, as they come
   */
  static async attach(world: LighthouseWorld, parts: LighthousePart[]): Promise<LighthouseSteps> {
    const recorder = await attachRecorder(world.page);
    const { targetInfo } = await recorder.session.send('Target.getTargetInfo');
    const network = await watchNetwork(world.context, recorder.session, world.options.settleIgnore);
    return new LighthouseSteps(world, parts, { targetId: targetInfo.targetId, recorder, network });
  }

  readonly step = async <Value>(name: string, actions: () => Value | Promise<Value>): Promise<Value> => {
    const { kinds, onProgress } = this.world;
    const mode = kinds.get(name) === 'navigation' ? 'navigation' : 'timespan';
    this.count += 1;
    onProgress(`Lighthouse: step ${this.count} of ${Math.max(this.count, kinds.size)}, ${name} (${mode})`);
    const run = this.once(name, actions);
    await (mode === 'navigation' ? this.navigate(name, run) : this.watch(name, run));
    return run();
  };

  /** What the last step left, if nothing was said of that page yet: a navigation has looked at all of it. */
  async finish(): Promise<void> {
    const last = this.parts.at(-1);
    if (!last || (last.mode === 'navigation' && last.lhr !== null)) return;
    // A page that hangs has cost its last step all the time that there was.
    if (last.lhr === null && !(await this.recorder.calm(answerLimit))) return;
    this.world.onProgress('Lighthouse: the page at the end (snapshot)');
    await this.gather(last.step, 'snapshot', gatherLimit, (flow) => flow.snapshot());
  }

  async dispose(): Promise<void> {
    this.network.dispose();
    this.recorder.dispose();
    await this.disconnect();
  }

  /** The actions as a function that runs them the first time it is asked, and gives their outcome always. */
  private once<Value>(name: string, actions: () => Value | Promise<Value>): () => Promise<Value> {
    const { stepTimeout } = this.world.options;
    let outcome: Promise<Value> | undefined;
    return () => {
      outcome ??= within(
        stepTimeout,
        Promise.race([(async () => actions())(), this.world.ended]),
        () => new Error(`step "${name}" was not done after ${stepTimeout / 1000} s`),
      );
      outcome.catch(() => {}); // whoever asks for it is told
      return outcome;
    };
  }

  private async navigate(name: string, run: () => Promise<unknown>): Promise<void> {
    const limit = this.world.options.stepTimeout + longestWaits.maxWaitForLoad + gatherLimit;
    await this.gather(name, 'navigation', limit, async (flow) => {
      let failed = false;
      const go = async (): Promise<void> => {
        await this.throttle();
        // Lighthouse waits for a page that will not come any more: a rejection here would reach nobody.
        await run().catch(() => {
          failed = true;
          flow.dispose();
        });
      };
      await flow.navigate(go).catch((error: unknown) => {
        throw failed ? new Error(stepFailed) : error;
      });
    });
    await run();
  }

  private async watch(name: string, run: () => Promise<unknown>): Promise<void> {
    await this.gather(name, 'timespan', this.world.options.stepTimeout + gatherLimit, async (flow) => {
      await flow.startTimespan();
      await this.throttle();
      await run().catch(() => {
        throw new Error(stepFailed);
      });
      await this.settle();
      await flow.endTimespan();
    });
    await run();
  }

  /**
   * One part of the flow, gathered and audited at once, so that a trace is not kept while later steps run and a fault
   * in one costs no other. After a fault all of Lighthouse's sessions are cut: a recording may still be on.
   */
  private async gather(
    step: string,
    mode: LighthouseStep['mode'],
    limit: number,
    record: (flow: UserFlow) => Promise<unknown>,
  ): Promise<void> {
    const part = async (): Promise<LighthousePart> => {
      const flow = await this.startFlow(step, mode);
      await record(flow);
      const { steps } = await flow.createFlowResult();
      return { step, mode, lhr: steps[0]?.lhr ?? null, problem: steps[0] ? null : 'Lighthouse gave no result' };
    };
    try {
      const late = (): Error => new Error(`Lighthouse was not done after ${limit / 1000} s`);
      this.parts.push(await within(limit, Promise.race([part(), this.world.ended]), late));
    } catch (error) {
      this.parts.push({ step, mode, lhr: null, problem: describeError(error) });
      await this.disconnect();
    }
  }

  private async startFlow(name: string, mode: LighthouseStep['mode']): Promise<UserFlow> {
    const { lighthouse, mobile } = this.world;
    return lighthouse.startFlow((await this.connect()) as Parameters<Lighthouse['startFlow']>[0], {
      name,
      flags: {
        ...longestWaits,
        logLevel: 'silent',
        locale: 'en-US',
        // A category that a mode does not have is an error to Lighthouse.
        onlyCategories: lighthouseCategories.filter((id) => categoryHas(lighthouse, id, mode)),
        // Playwright has set the screen and the user agent; throttling is ours as well. Nothing is simulated.
        formFactor: mobile ? 'mobile' : 'desktop',
        screenEmulation: { disabled: true },
        emulatedUserAgent: false,
        throttlingMethod: 'provided',
        // It resizes the page, and the flow goes on.
        disableFullPageScreenshot: true,
      },
    });
  }

  /** The page as puppeteer has it: both tools drive one target of one Chrome. */
  private async connect(): Promise<PuppeteerPage> {
    const { connect } = await import('puppeteer-core');
    this.browser ??= await connect({ browserURL: `http://127.0.0.1:${this.world.port}`, defaultViewport: null });
    for (const page of await this.browser.pages()) {
      const session = await page.createCDPSession();
      const { targetInfo } = await session.send('Target.getTargetInfo');
      await session.detach();
      if (targetInfo.targetId === this.targetId) return page;
    }
    throw new Error('the page is closed');
  }

  private async disconnect(): Promise<void> {
    const { browser } = this;
    this.browser = null;
    await browser?.disconnect().catch(() => {});
  }

  /** Lighthouse ends the CPU's throttling, ours as well, when a page has loaded (seen with 13.5 in Chrome 156). */
  private async throttle(): Promise<void> {
    await applyThrottling(this.recorder.session, this.world.options);
  }

  private async settle(): Promise<void> {
    const { page, options } = this.world;
    const { timedOut } = await settle(
      {
        openRequests: () => this.network.openRequests(),
        sinceNetwork: () => this.network.sinceNetwork(),
        networkChange: (ms) => this.network.networkChange(ms),
        calm: async (limit) =>
          page.url() === 'about:blank'
            ? { readyState: 'complete', sinceLongTask: null, painted: true }
            : this.recorder.calm(limit),
        now: () => performance.now(),
      },
      { quiet: options.settleQuiet, timeout: options.settleTimeout },
    );
    // Lighthouse would wait for each of its questions to a page that hangs.
    if (timedOut && !(await this.recorder.calm(answerLimit))) throw new Error('the page does not answer');
    this.network.take(); // a list of requests that nobody reads
    await this.recorder.flush();
  }
}
