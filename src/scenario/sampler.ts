/** Takes the samples of one scenario one by one: asks the world for them, keeps them, says what was odd. */
import type { HeavyCollector } from '../collect/heavy.ts';
import type { Variant } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { PacewrightError } from '../core/errors.ts';
import type { Sample } from '../core/sample.ts';
import { cleanText } from '../core/text.ts';
import type { BudgetLine } from '../core/verdict.ts';
import { describeCause, toFailure } from './failure.ts';
import type { PageFacts } from './prepare-sample.ts';
import type { SampleResult } from './sample.ts';
import type { SampleFailure } from './sample-failure.ts';

/** What a sample is to be. */
export interface SampleOrder {
  readonly index: number;
  readonly role: Sample['role'];
  readonly variant: Variant;
  readonly pair: number | null;
  readonly phase: Sample['phase'];
  readonly keepRequests: boolean;
  readonly warmUrls: readonly string[];
  /** What a live line says meanwhile. */
  readonly title: string;
  /** Whether the CPU is slowed down, where the scenario asks for it; never in pairs. */
  readonly throttled: boolean;
  /** Whether Chrome has a core to itself: in comparisons, which look at differences only. */
  readonly oneCore: boolean;
  /** Whether to keep a digest of what was served. */
  readonly digest: boolean;
  /** ms that a step's actions may take, where that is less than the scenario's own limit. */
  readonly stepTimeout: number | null;
  /** Records more, in a pass of the diagnosis. */
  readonly heavy?: HeavyCollector;
}

export interface SampleWorld {
  /** Runs the flow once; throws SampleFailure. */
  readonly runSample: (order: SampleOrder) => Promise<SampleResult>;
  /** The budget lines of this scenario, checked against the steps that the warm-up showed. */
  readonly readLines: (steps: readonly string[]) => readonly BudgetLine[];
  /** Told after the warm-up, when the document's head is complete, and after each sample. */
  readonly onHead: () => void;
  readonly onSample: (sample: Sample) => void;
}

// One dead Chrome costs one sample; a Chrome that dies again and again is the page's or the machine's fault.
const mostRepeats = 2;

export class Sampler {
  readonly document: ScenarioDocument;
  private readonly world: SampleWorld;
  private repeats = 0;

  constructor(document: ScenarioDocument, world: SampleWorld) {
    this.document = document;
    this.world = world;
  }

  /**
   * One sample. Chrome's death is no failure of the flow: such a sample is taken again, twice at most a scenario.
   * @throws SampleFailure, kept in the document as its failure
   */
  async take(order: Omit<SampleOrder, 'index'>): Promise<SampleResult> {
    for (;;) {
      const index = this.document.samples.length;
      try {
        return await this.world.runSample({ ...order, index });
      } catch (error) {
        if (!this.mayRepeat(error, index)) throw this.fail(error, index, order.variant);
      }
    }
  }

  /** Whether what was thrown is Chrome's fault and may be tried once more; says so in the document. */
  mayRepeat(error: unknown, index: number): boolean {
    if (!isSampleFailure(error) || !error.infrastructure || this.repeats >= mostRepeats) return false;
    this.repeats += 1;
    this.warn(
      'SAMPLE_REPEATED',
      `Sample ${index}: ${describeCause(error.cause)} It was repeated in a new Chrome.`,
      'nothing to do if it happens once; `npx pacewright doctor` if it does again',
    );
    return true;
  }

  /** Notes the failure of a sample as that of the scenario; returns it, to be thrown. */
  fail(error: unknown, index: number, variant: Variant): unknown {
    if (!isSampleFailure(error)) return error;
    this.document.status = 'failed';
    const failure = toFailure(error, index);
    // In a comparison each side has a server of its own, which answered before the first sample.
    const gone = this.document.comparison !== null && /ERR_(CONNECTION|EMPTY)/.test(failure.message);
    this.document.failure = {
      ...failure,
      message: variant === 'base' ? `On base: ${failure.message}` : failure.message,
      next: gone ? `the server of ${variant} has answered before: see its log for why it no longer does` : failure.next,
    };
    return error;
  }

  keep(sample: Sample): void {
    this.document.samples.push(sample);
    this.world.onSample(sample);
  }

  warn(code: string, message: string, advice: string): void {
    this.document.warnings.push({ code, message, advice });
  }

  /** What a warm-up shows of the page and of the throttling. @throws PacewrightError THROTTLING_OFF */
  readWarmUp(result: SampleResult): void {
    if (result.facts) this.readFacts(result.facts);
    this.checkThrottling(result.sample);
    this.warnOfRestlessness(result.sample);
  }

  /** A step that never settles costs its whole limit in every sample. */
  private warnOfRestlessness(sample: Sample): void {
    for (const { name, settle } of sample.steps) {
      if (!settle.timedOut) continue;
      const about = `Step "${name}" did not settle in`;
      // A comparison has several warm-ups.
      if (this.document.warnings.some(({ message }) => message.startsWith(about))) continue;
      const seconds = (settle.waited / 1000).toFixed(1);
      this.warn(
        'NOT_SETTLED',
        `${about} ${seconds} s; it was waiting for ${settle.waitingFor.join(' and ')}.`,
        "long polling: name its URLs in `settle: { ignore: ['**/poll*'] }`; a page that is never quiet: lower `settle.timeout`",
      );
    }
  }

  private readFacts(facts: PageFacts): void {
    this.document.device = {
      ...this.document.device,
      viewport: facts.viewport,
      scale: facts.scale,
      userAgent: cleanText(facts.userAgent),
    };
    const asked = this.document.options.cpuThrottling;
    if (facts.slowdown === null) return;
    // A fixed loop ran `slowdown` times slower. Seen on a busy machine: 1.8 where 4 was asked for.
    if (facts.slowdown < 1 + (asked - 1) / 4) {
      throw new PacewrightError(
        'THROTTLING_OFF',
        `CPU throttling of ${asked}× was asked for, but a fixed loop in the page became only ${facts.slowdown.toFixed(1)}× slower.`,
        { next: 'Chrome did not apply it: check its version with `npx pacewright doctor`, or set cpuThrottling to 1' },
      );
    }
  }

  /** No document can paint before the latency that was asked for: Chrome adds it between headers and body. */
  private checkThrottling(sample: Sample): void {
    const { network } = this.document.options;
    if (!network) return;
    for (const step of sample.steps) {
      const painted = step.metrics['FCP'];
      if (step.kind !== 'navigation' || painted === undefined || (step.metrics['requests.document'] ?? 0) === 0)
        continue;
      if (painted >= network.latency * 0.9) continue;
      throw new PacewrightError(
        'THROTTLING_OFF',
        `The network was to add ${network.latency} ms to each request, but step "${step.name}" painted its document after ${painted.toFixed(0)} ms.`,
        {
          next: "a service worker or a proxy may answer instead of the network: set `serviceWorkers: 'block'` in `use`",
        },
      );
    }
  }
}

function isSampleFailure(error: unknown): error is SampleFailure {
  return error instanceof Error && error.name === 'SampleFailure';
}
