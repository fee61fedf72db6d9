/** One pass of a memory scenario: warm-ups, a snapshot, iterations with their counters, a snapshot. */
import type { BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { within } from '../browser/limit.ts';
import { settle } from '../browser/settle.ts';
import { HeapCapture } from '../collect/heap-capture.ts';
import { type NetworkCollector, watchNetwork } from '../collect/network.ts';
import { PageProbe, type PageState } from '../collect/page-probe.ts';
import { type PageScripts, ScriptReader } from '../collect/page-scripts.ts';
import type { MeasureOptions } from '../core/document.ts';
import { isPacewrightError, PacewrightError } from '../core/errors.ts';
import type { Memory, MemoryCounters } from '../core/leaks.ts';
import { formatQuantity } from '../core/units.ts';
import type { LeakAnalysis } from '../diagnose/leak-analysis.ts';
import type { SnapshotName } from '../diagnose/leak-messages.ts';
import type { Counted } from '../core/counted.ts';
import { describeGrowth, isUnclear } from '../judge/memory-growth.ts';
import type { ChromePool, ConnectedChrome } from './chrome-pool.ts';
import type { LeakPlan, LeakScenario } from './leak-plan.ts';
import { CountedOutside } from './leak-counted.ts';
import { ReturnCheck } from './leak-return.ts';
import { threatensTab } from './leak-stop.ts';
import { type PageFacts, readFacts } from './prepare-sample.ts';
import { SampleFailure, takeScreenshot, watchDeath } from './sample-failure.ts';

export interface LeakPassOrder {
  readonly scenario: LeakScenario;
  readonly plan: LeakPlan;
  readonly options: MeasureOptions;
  /** Of the context, beside those of `use`: the address of head. */
  readonly context: BrowserContextOptions | undefined;
  /** ms that Playwright's actions wait; undefined where the config sets it itself. */
  readonly actionTimeout: number | undefined;
  readonly analysis: LeakAnalysis;
  /** Where the snapshots go. */
  readonly files: Readonly<Record<SnapshotName, string>>;
  readonly present: <Value>(title: string, work: () => Promise<Value>) => Promise<Value>;
  /** Told before the first iteration and after each one: all counters so far. */
  readonly onCounters: (counters: readonly MemoryCounters[]) => void;
}

export interface LeakPassResult {
  /** Unredacted. */
  readonly url: string;
  readonly ended: 'complete' | 'stopped early';
  readonly counters: readonly MemoryCounters[];
  readonly counted: Counted;
  /** Highest object ids before the first iteration and after each one; null where the page changed its process. */
  readonly borders: readonly number[] | null;
  readonly returned: Memory['returned'];
  /** Bytes of the snapshots' text. */
  readonly bytes: Readonly<Record<SnapshotName, number>>;
  readonly scripts: PageScripts;
  readonly facts: PageFacts;
  /** ms that the snapshots took. */
  readonly photographed: number;
  /** ms that a repetition of the action took, the middle one of all. */
  readonly repetition: number;
}

// Chrome writes some 15 MB of snapshot a second.
const snapshotLimit = 600_000;
const boundaryLimit = 10_000;
/** ms that a page may take to come back after its action (a drawer that slides shut), beyond being quiet. */
const returnLimit = 2000;
const returnPoll = 50;

/**
 * Runs a pass in a Chrome of its own.
 * @throws SampleFailure with the error and a screenshot; its step is what was under way
 */
export async function runLeakPass(pool: ChromePool, order: LeakPassOrder): Promise<LeakPassResult> {
  await pool.close();
  const chrome = await pool.acquire({ most: Infinity, steadyCode: true });
  let context: BrowserContext | undefined;
  try {
    context = await chrome.browser.newContext(order.context);
    return await new LeakPass(chrome, context, order).run();
  } catch (error) {
    if (error instanceof SampleFailure) throw error;
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new SampleFailure(cause, { infrastructure: true, step: null, screenshot: null });
  } finally {
    const open = context;
    if (open) await pool.closeContext(() => open.close());
  }
}

interface Tools {
  readonly page: Page;
  readonly capture: HeapCapture;
  readonly probe: PageProbe;
  readonly network: NetworkCollector;
  readonly outside: CountedOutside;
}

class LeakPass {
  private readonly chrome: ConnectedChrome;
  private readonly context: BrowserContext;
  private readonly order: LeakPassOrder;
  private readonly scripts: ScriptReader;
  private readonly counters: MemoryCounters[] = [];
  private borders: number[] | null = [];
  private repeats = 0;
  private readonly durations: number[] = [];
  private photographed = 0;
  /** Iterations in a row after which the page was waited for in vain. */
  private waitedInVain = 0;
  private during: string | null = null;

  constructor(chrome: ConnectedChrome, context: BrowserContext, order: LeakPassOrder) {
    this.chrome = chrome;
    this.context = context;
    this.order = order;
    this.scripts = new ScriptReader(context);
  }

  async run(): Promise<LeakPassResult> {
    const { chrome, context, order } = this;
    const page = await context.newPage();
    if (order.actionTimeout !== undefined) page.setDefaultTimeout(order.actionTimeout);
    const death = watchDeath(page, chrome);
    try {
      return await Promise.race([this.measure(page), death.died]);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      const gone = chrome.chrome.ended() || !chrome.browser.isConnected();
      const code = isPacewrightError(cause) ? cause.code : undefined;
      throw new SampleFailure(cause, {
        infrastructure: gone || code === 'CHROME_DIED' || code === 'PAGE_CRASHED',
        step: this.during,
        screenshot: gone ? null : await takeScreenshot(context, page),
      });
    } finally {
      death.stop();
      this.scripts.dispose();
    }
  }

  private async measure(page: Page): Promise<LeakPassResult> {
    const { order, context } = this;
    const { plan, scenario, present } = order;
    const session = await context.newCDPSession(page);
    const capture = new HeapCapture(session);
    const probe = new PageProbe(session);
    await capture.start();
    await probe.start();
    const network = await watchNetwork(context, session, order.options.settleIgnore);
    const outside = new CountedOutside(session, probe);
    const tools: Tools = { page, capture, probe, network, outside };
    try {
      await present('setup', () => this.act('setup', async () => scenario.setup?.({ page, context })));
      await this.settle(tools);
      const facts = await readFacts(page, null);
      const before = new ReturnCheck(await probe.state());
      for (let warmUp = 1; warmUp <= plan.warmUps; warmUp += 1)
        await present(`warm-up ${warmUp} of ${plan.warmUps}`, () => this.repeat(tools, before, true));
      const check = new ReturnCheck(await probe.state());
      await this.answered(outside.start());
      await this.answered(capture.collect());
      const first = await present('baseline snapshot', () => this.photograph(tools, 'first'));
      await capture.startTracking();
      await this.answered(capture.collect());
      await this.note(tools);
      const limit = (await probe.heapLimit()) ?? Number.POSITIVE_INFINITY;
      const ended = await this.iterate(tools, check, limit);
      const last = await present('final snapshot', () => this.photograph(tools, 'last'));
      await capture.stopTracking();
      const counted = await present('who leaves it behind', () =>
        outside.finish(this.counters, () => this.repeat(tools, check, true)),
      );
      const scripts = await present('scripts and source maps', () => this.answered(this.scripts.read(session)));
      return {
        url: page.url(),
        ended,
        counters: this.counters,
        counted,
        borders: this.borders,
        returned: check.result(),
        bytes: { first, last },
        scripts,
        facts,
        photographed: this.photographed,
        repetition: this.durations.toSorted((a, b) => a - b)[this.durations.length >> 1] ?? 0,
      };
    } finally {
      network.dispose();
    }
  }

  private async iterate(tools: Tools, check: ReturnCheck, limit: number): Promise<LeakPassResult['ended']> {
    const { plan, present } = this.order;
    for (let done = 0; ; done += 1) {
      const enough = done >= plan.iterations && !isUnclear(describeGrowth(this.counters));
      if (enough || done >= plan.most) return 'complete';
      if (threatensTab(this.counters, limit)) return 'stopped early';
      const title = `iteration ${done + 1} of ${Math.max(plan.iterations, done + 1)}${this.heapSoFar()}`;
      await present(title, async () => {
        await this.repeat(tools, check, false);
        await this.answered(tools.capture.collect());
        await this.note(tools);
      });
    }
  }

  private heapSoFar(): string {
    const [first, last] = [this.counters[0], this.counters.at(-1)];
    if (!first || !last) return '';
    const grown = last.heap - first.heap;
    const growth = this.counters.length > 1 ? `, ${grown > 0 ? '+' : ''}${formatQuantity(grown, 'bytes')} so far` : '';
    return ` · heap ${formatQuantity(last.heap, 'bytes')}${growth}`;
  }

  /** The action once, until the page is quiet and, if it does come back, back. */
  private async repeat(tools: Tools, check: ReturnCheck, warmUp: boolean): Promise<void> {
    const { page, network } = tools;
    const iteration = this.repeats;
    this.repeats += 1;
    const start = performance.now();
    const { context, order } = this;
    await this.act(warmUp ? `warm-up ${iteration + 1}` : `iteration ${iteration - order.plan.warmUps + 1}`, async () =>
      order.scenario.action({ page, context, iteration, warmUp }),
    );
    await this.settle(tools);
    const state = await this.awaitReturn(tools, check);
    if (!warmUp) check.note(state);
    this.durations.push(performance.now() - start);
    // What was requested is nobody's business here.
    network.take();
  }

  private async awaitReturn({ probe, network }: Tools, check: ReturnCheck): Promise<PageState | undefined> {
    const end = performance.now() + (this.waitedInVain < 2 ? returnLimit : 0);
    let state = await this.answered(probe.state());
    while (!check.isBack(state) && performance.now() < end) {
      await network.networkChange(returnPoll);
      state = await this.answered(probe.state());
    }
    this.waitedInVain = check.isBack(state) ? 0 : this.waitedInVain + 1;
    return state;
  }

  /** Setup or action, as long as a step may take. */
  private async act(name: string, work: () => Promise<unknown>): Promise<void> {
    const { stepTimeout } = this.order.options;
    this.during = name;
    await within(
      stepTimeout,
      work(),
      () =>
        new PacewrightError('STEP_TIMEOUT', `The ${name} was not done after ${stepTimeout / 1000} s.`, {
          next: 'see the screenshot of that moment; a slow page needs a larger `stepTimeout` in `use`',
        }),
    );
  }

  private async settle({ page, network, probe }: Tools): Promise<void> {
    const { settleQuiet, settleTimeout } = this.order.options;
    await settle(
      {
        openRequests: () => network.openRequests(),
        sinceNetwork: () => network.sinceNetwork(),
        networkChange: (ms) => network.networkChange(ms),
        calm: async (limit) =>
          page.url() === 'about:blank'
            ? { readyState: 'complete', sinceLongTask: null, painted: true }
            : probe.calm(limit),
        now: () => performance.now(),
      },
      { quiet: settleQuiet, timeout: settleTimeout },
    );
  }

  /** Border and counters, after collection. */
  private async note({ capture, probe, outside }: Tools): Promise<void> {
    const border = await within(boundaryLimit, capture.boundary(), () => new Error('late')).catch(() => null);
    // Another process numbers its objects anew, and does not tell of them where tracking began in the first.
    if (border === null || border < (this.borders?.at(-1) ?? 0)) this.borders = null;
    else this.borders?.push(border);
    const read = await this.answered(capture.counters());
    const attached = await this.answered(probe.attachedNodes(read.nodes));
    const detached = attached === null ? null : Math.max(0, read.nodes - attached);
    this.counters.push({ ...read, detached, ...(await this.answered(outside.read())) });
    this.order.onCounters(this.counters);
  }

  private async photograph({ capture }: Tools, name: SnapshotName): Promise<number> {
    const { analysis, files } = this.order;
    const start = performance.now();
    const late = (): Error =>
      new PacewrightError('SAMPLE_TIMEOUT', `The heap snapshot was not done after ${snapshotLimit / 1000} s.`, {
        next: 'a heap of gigabytes takes minutes: let the action do less, or fewer iterations',
      });
    const bytes = await within(
      snapshotLimit,
      capture.snapshot(files[name], (piece) => analysis.take(name, piece)),
      late,
    );
    this.photographed += performance.now() - start;
    return bytes;
  }

  /** A page that hangs answers nothing. */
  private answered<Value>(asked: Promise<Value>): Promise<Value> {
    const { stepTimeout, settleTimeout } = this.order.options;
    const limit = stepTimeout + settleTimeout;
    return within(
      limit,
      asked,
      () =>
        new PacewrightError('STEP_TIMEOUT', `The page did not answer within ${limit / 1000} s.`, {
          next: 'see the screenshot of that moment: something in the page runs without an end',
        }),
    );
  }
}
