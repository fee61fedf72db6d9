/** One run of a flow: its steps, each from its start to settled, with what the light collectors heard. */
import type { BrowserContext, Page } from '@playwright/test';
import { settle } from '../browser/settle.ts';
import { type CpuReading, cpuMetrics, enableCpu, readCpu, readHeap, threadTime } from '../collect/cpu.ts';
import {
  networkMetrics,
  type NetworkCollector,
  readBatch,
  type RequestBatch,
  watchNetwork,
} from '../collect/network.ts';
import { attachRecorder, type Recorder } from '../collect/session.ts';
import { readVitals, type VitalsInput } from '../collect/vitals.ts';
import type { MeasureOptions } from '../core/document.ts';
import { PacewrightError } from '../core/errors.ts';
import type { RequestRecord, StepSample } from '../core/sample.ts';
import { redactText } from '../core/text.ts';
import { flowMetrics } from './flow-metrics.ts';
import { within } from '../browser/limit.ts';
import { explainMissing } from './missing.ts';
import { checkNewStep } from './step-name.ts';

/** Runs one step of a flow; resolves with what its actions return, after the page has settled. */
export type StepFunction = <Value>(name: string, actions: () => Value | Promise<Value>) => Promise<Value>;

export interface FlowResult {
  readonly steps: StepSample[];
  readonly flow: Record<string, number>;
  /** ms from each step's start to settled, summed. */
  readonly own: number;
  /** ms of CPU time of the renderer that the flow ended in, to find that process again. */
  readonly threadTime: number;
}

export interface FlowRecorder {
  readonly step: StepFunction;
  /** The step that is running, for error messages. */
  currentStep(): string | null;
  finish(): Promise<FlowResult>;
  dispose(): void;
}

export interface FlowWorld {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly options: MeasureOptions;
  /** Keep every request, not only the failed ones. */
  readonly keepRequests: boolean;
  /** Shows the step to whoever watches (Playwright's own step). */
  readonly present: <Value>(name: string, actions: () => Promise<Value>) => Promise<Value>;
}

interface StepStart {
  readonly name: string;
  readonly at: number;
  readonly before: VitalsInput['before'];
  readonly cpu: CpuReading;
  readonly errors: number;
}

class Recording implements FlowRecorder {
  private readonly world: FlowWorld;
  private readonly recorder: Recorder;
  private readonly network: NetworkCollector;
  private readonly steps: StepSample[] = [];
  /** Batches of each step, and of the time before it, with the URL of the page: read when the flow is over. */
  private readonly batches: { step: StepSample | null; batch: RequestBatch; page: string }[] = [];
  private readonly pageErrors: string[] = [];
  private readonly onPageError = (error: Error): void => {
    if (this.pageErrors.length < 1000) this.pageErrors.push(redactText(error.message || String(error)));
  };
  private running: string | null = null;
  /** The last step that threw. */
  private failed: string | null = null;
  private document: VitalsInput['before'] = null;
  private own = 0;
  private threadTime = 0;

  constructor(world: FlowWorld, recorder: Recorder, network: NetworkCollector) {
    this.world = world;
    this.recorder = recorder;
    this.network = network;
    world.page.on('pageerror', this.onPageError);
  }

  currentStep(): string | null {
    return this.running ?? this.failed;
  }

  readonly step: StepFunction = (name, actions) => {
    const done = this.runStep(name, actions);
    // A step that nobody awaits is told at the end of the flow; its own end must not end the process.
    done.catch(() => {
      this.failed ??= this.running;
      this.running = null;
    });
    return done;
  };

  private async runStep<Value>(name: string, actions: () => Value | Promise<Value>): Promise<Value> {
    const { stepTimeout, settleTimeout } = this.world.options;
    checkNewStep(name, { running: this.running, done: this.steps.map((step) => step.name) });
    this.running = name;
    this.failed = null;
    const start = await this.begin(name);
    const value = await within(
      stepTimeout,
      this.world.present(name, async () => actions()),
      () => this.late(`Step "${name}" was not done after ${stepTimeout / 1000} s.`),
    );
    // A page that hangs after its actions answers nothing: reading it needs a limit too.
    await within(stepTimeout + settleTimeout, this.end(start, performance.now()), () =>
      this.late(
        `The page did not answer within ${(stepTimeout + settleTimeout) / 1000} s after the actions of step "${name}".`,
      ),
    );
    this.running = null;
    return value;
  }

  private late(message: string): PacewrightError {
    return new PacewrightError('STEP_TIMEOUT', message, {
      next: 'see the screenshot of that moment; a slow page needs a larger `stepTimeout` in `use`',
    });
  }

  private async begin(name: string): Promise<StepStart> {
    // What happened since the last step settled (timers, polling) belongs to no step.
    const records = await this.recorder.flush();
    const last = records.at(-1);
    if (last) this.document = { timeOrigin: last.timeOrigin, url: last.url };
    this.batches.push({ step: null, batch: this.network.take(), page: last?.url ?? '' });
    const cpu = await readCpu(this.recorder.session);
    return { name, at: performance.now(), before: this.document, cpu, errors: this.pageErrors.length };
  }

  private async end(start: StepStart, actionsEnded: number): Promise<void> {
    const { options, page } = this.world;
    const settled = await settle(
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
    const settledAt = performance.now();
    const cpu = await readCpu(this.recorder.session);
    const records = await this.recorder.flush();
    const asked = performance.now();
    const last = records.at(-1);
    if (last) this.document = { timeOrigin: last.timeOrigin, url: last.url };
    const vitals = readVitals({ records, before: start.before });
    const pageActive = last && last.lastActivity > 0 ? asked - (last.now - last.lastActivity) : 0;
    const lastEvent = Math.min(settledAt, Math.max(actionsEnded, pageActive, this.network.lastActivity()));
    const errors = this.pageErrors.slice(start.errors);
    const metrics: Record<string, number> = {
      ...vitals.metrics,
      duration: lastEvent - start.at,
      ...cpuMetrics(start.cpu, cpu),
      errors: errors.length,
    };
    // Seen in Chrome 156: emulated latency comes between headers and body, so that this TTFB is the unthrottled one.
    if (options.network) delete metrics['TTFB'];
    if (options.heap === 'steps') metrics['heap'] = await readHeap(this.recorder.session);
    this.own += settledAt - start.at;
    this.threadTime = threadTime(cpu);
    const step: StepSample = {
      name: start.name,
      kind: vitals.kind,
      url: vitals.url,
      metrics,
      missing: {},
      attribution: vitals.attribution,
      settle: settled,
      pageErrors: errors.slice(0, 20),
      requests: [],
    };
    this.steps.push(step);
    this.batches.push({ step, batch: this.network.take(), page: last?.url ?? page.url() });
  }

  /** Requests belong to the step in which they began, also when they end later. Returns those between steps. */
  private async readRequests(): Promise<RequestRecord[]> {
    const between: RequestRecord[] = [];
    const rest = { step: null, batch: this.network.take(), page: this.document?.url ?? '' };
    for (const { step, batch, page } of [...this.batches, rest]) {
      const requests = await readBatch(batch, page);
      if (!step) between.push(...requests);
      else {
        Object.assign(step.metrics, networkMetrics(requests));
        step.requests = this.world.keepRequests
          ? requests
          : requests.filter((request) => request.failed !== null || (request.status ?? 0) >= 400);
      }
    }
    return between;
  }

  async finish(): Promise<FlowResult> {
    if (this.running !== null) {
      throw new PacewrightError('SCENARIO_INVALID', `Step "${this.running}" was not awaited.`, {
        next: 'write `await step(…)`, and return or await it in the flow',
      });
    }
    const last = this.steps.at(-1);
    if (!last) {
      throw new PacewrightError('SCENARIO_INVALID', 'The flow has no step.', {
        next: "wrap what the user does in step('…', async () => { … })",
      });
    }
    const between = await this.readRequests();
    if (this.world.options.heap === 'flow') last.metrics['heap'] = await readHeap(this.recorder.session);
    for (const step of this.steps) step.missing = explainMissing(step, this.world.options);
    return {
      steps: this.steps,
      flow: flowMetrics(this.steps, between),
      own: this.own,
      threadTime: this.threadTime,
    };
  }

  dispose(): void {
    this.world.page.off('pageerror', this.onPageError);
    this.network.dispose();
    this.recorder.dispose();
  }
}

/** Attaches the light collectors to a fresh page. */
export async function recordFlow(
  world: FlowWorld,
  prepare: (recorder: Recorder) => Promise<void>,
): Promise<FlowRecorder> {
  const recorder = await attachRecorder(world.page);
  await enableCpu(recorder.session);
  const network = await watchNetwork(world.context, recorder.session, world.options.settleIgnore);
  await prepare(recorder);
  return new Recording(world, recorder, network);
}
