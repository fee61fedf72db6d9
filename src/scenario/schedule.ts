/**
 * The sampling schedule of one scenario: warm-up, then samples until the judge has decided every budget line, the
 * schedule is over, or the machine is too noisy. Knows neither Playwright nor files: both come in from outside.
 */
import type { Failure, MeasureOptions, ScenarioDocument, Warning } from '../core/document.ts';
import { isPacewrightError, PacewrightError } from '../core/errors.ts';
import { findMetric } from '../core/metrics.ts';
import type { Sample } from '../core/sample.ts';
import { cleanText, redactText } from '../core/text.ts';
import type { BudgetLine } from '../core/verdict.ts';
import { isDecided, judgeScenario } from '../judge/judge.ts';
import { extraAllowed, gateSample } from '../judge/noise.ts';
import { outlierWarning } from '../judge/summary.ts';
import { describeProgress } from './progress.ts';
import type { PageFacts, SampleResult } from './sample.ts';
import { SampleFailure } from './sample.ts';

export interface ScheduleWorld {
  /** Runs the flow once; throws SampleFailure. */
  readonly runSample: (request: {
    index: number;
    role: Sample['role'];
    keepRequests: boolean;
    warmUrls: readonly string[];
    title: string;
  }) => Promise<SampleResult>;
  /** The budget lines of this scenario, checked against the steps that the warm-up showed. */
  readonly readLines: (steps: readonly string[]) => readonly BudgetLine[];
  /** Told after the warm-up, when the document's head is complete, and after each sample. */
  readonly onHead: () => void;
  readonly onSample: (sample: Sample) => void;
}

// One dead Chrome costs one sample; a Chrome that dies again and again is the page's or the machine's fault.
const mostRepeats = 2;

function describeCause(error: Error): string {
  // Playwright's messages carry terminal colours and a call log; the first lines say what happened.
  const [head = '', log = ''] = error.message.split('\nCall log:');
  const waits = log
    .split('\n')
    .map((line) => line.replace(/^\s*-\s*/, '').trim())
    .filter((line) => line !== '');
  return redactText([head.trim(), ...waits.slice(0, 3)].join(' · '), 600);
}

/** An error of the network that no flow can help, with what to do; undefined for any other. */
function explainNetworkError(message: string): { code: string; next: string } | undefined {
  const name = /net::(ERR_[A-Z_]+)/.exec(message)?.[1];
  if (name === undefined) return undefined;
  if (name.startsWith('ERR_CERT') || name.startsWith('ERR_SSL')) {
    return {
      code: 'PAGE_UNREACHABLE',
      next: 'the certificate is not trusted: `use: { ignoreHTTPSErrors: true }` accepts it for tests',
    };
  }
  if (name === 'ERR_TOO_MANY_REDIRECTS') {
    return {
      code: 'PAGE_UNREACHABLE',
      next: "the page redirects for ever: check cookies, `storageState` and the server's redirects",
    };
  }
  if (/ERR_(CONNECTION|NAME|ADDRESS|EMPTY|INTERNET|TIMED_OUT|NETWORK|SOCKET)/.test(name)) {
    return {
      code: 'PAGE_UNREACHABLE',
      next: 'is the server up? Let Playwright start it (`webServer` in playwright.config.ts) and check `baseURL`',
    };
  }
  return undefined;
}

function toFailure(failure: SampleFailure, sample: number): Failure {
  const { cause } = failure;
  const network = explainNetworkError(cause.message);
  const own = isPacewrightError(cause) ? { code: cause.code, next: cause.next } : undefined;
  const about = own ??
    network ?? {
      code: 'FLOW_FAILED',
      next: 'the flow threw: see the screenshot, and run the test with `--debug` to watch it',
    };
  return { ...about, message: describeCause(cause), step: failure.step, sample, screenshot: failure.screenshot };
}

/** How many samples the schedule may take, and the first number above `accepted` at which a decision may fall. */
function planAhead(document: ScenarioDocument, accepted: number): { most: number; nextLook: number } {
  const { looks } = document.parameters;
  const most = document.options.samples ?? looks.at(-1) ?? 1;
  const nextLook = document.options.samples ?? looks.find((look) => look > accepted) ?? most;
  return { most, nextLook };
}

export class Schedule {
  private readonly document: ScenarioDocument;
  private readonly world: ScheduleWorld;
  private warmUrls: readonly string[] = [];
  private repeats = 0;
  private rejected = 0;
  private walls: number[] = [];

  constructor(document: ScenarioDocument, world: ScheduleWorld) {
    this.document = document;
    this.world = world;
  }

  /**
   * Fills the document with samples and verdicts.
   * @throws SampleFailure (kept in the document as its failure); PacewrightError for budgets that do not fit the
   * flow, throttling that did not take effect, and a machine that is too noisy
   */
  async run(): Promise<void> {
    const warmUp = await this.sample('warm-up');
    this.warmUrls = warmUp.visited;
    if (warmUp.facts) this.readFacts(warmUp.facts);
    this.checkThrottling(warmUp);
    this.warnOfRestlessness(warmUp.sample);
    this.document.budgets = [...this.world.readLines(warmUp.sample.steps.map((step) => step.name))];
    this.world.onHead();
    this.keep(warmUp.sample);
    for (;;) {
      const { accepted, done } = this.look();
      if (done) break;
      const { most } = planAhead(this.document, accepted);
      const { sample } = await this.sample('measured');
      this.gate(sample);
      this.keep(sample);
      this.walls.push(sample.wall);
      if (this.rejected > extraAllowed(most)) this.giveUp();
    }
    this.document.status = 'measured';
    this.warnOfStandouts();
  }

  /** A step that never settles costs its whole limit in every sample. */
  private warnOfRestlessness(sample: Sample): void {
    for (const { name, settle } of sample.steps) {
      if (!settle.timedOut) continue;
      const seconds = (settle.waited / 1000).toFixed(1);
      this.warn(
        'NOT_SETTLED',
        `Step "${name}" did not settle in ${seconds} s; it was waiting for ${settle.waitingFor.join(' and ')}.`,
        "long polling: name its URLs in `settle: { ignore: ['**/poll*'] }`; a page that is never quiet: lower `settle.timeout`",
      );
    }
  }

  /** A first sample far from the others: the warm-up was not enough for what is judged. */
  private warnOfStandouts(): void {
    const accepted = this.accepted();
    const judged = new Set(this.document.verdicts.map((verdict) => JSON.stringify([verdict.step, verdict.metric])));
    for (const key of judged) {
      const [step, id] = JSON.parse(key) as [string | null, string];
      const metric = findMetric(id);
      const values = accepted.map(
        (sample) => (step === null ? sample.flow : sample.steps.find((each) => each.name === step)?.metrics)?.[id],
      );
      if (!metric || values.includes(undefined)) continue;
      const warning = outlierWarning(
        step,
        values.filter((value) => value !== undefined),
        metric,
      );
      if (warning) this.document.warnings.push(warning);
    }
  }

  private accepted(): Sample[] {
    return this.document.samples.filter((sample) => sample.accepted);
  }

  private keep(sample: Sample): void {
    this.document.samples.push(sample);
    this.world.onSample(sample);
  }

  /** Judges what there is; done when all is decided at a look, or the schedule is over. */
  private look(): { accepted: number; done: boolean } {
    const { document } = this;
    const accepted = this.accepted().length;
    const { most } = planAhead(document, accepted);
    const over = accepted >= most;
    document.verdicts = judgeScenario(document, document.budgets, document.parameters, { final: over });
    const atLook = document.options.samples === null && document.parameters.looks.includes(accepted);
    return { accepted, done: over || (atLook && isDecided(document.verdicts)) };
  }

  private async sample(role: Sample['role']): Promise<SampleResult> {
    for (;;) {
      const index = this.document.samples.length;
      const accepted = this.accepted().length;
      const { most, nextLook } = planAhead(this.document, accepted);
      const mean = this.walls.reduce((sum, wall) => sum + wall, 0) / this.walls.length;
      const title = describeProgress({
        role,
        accepted,
        most,
        nextLook,
        perSample: this.walls.length > 0 ? mean : undefined,
        verdicts: this.document.verdicts,
      });
      try {
        return await this.world.runSample({
          index,
          role,
          keepRequests: role === 'measured' && accepted === 0,
          warmUrls: this.warmUrls,
          title,
        });
      } catch (error) {
        if (!(error instanceof SampleFailure)) throw error;
        if (error.infrastructure && this.repeats < mostRepeats) {
          this.repeats += 1;
          this.warn(
            'SAMPLE_REPEATED',
            `Sample ${index}: ${describeCause(error.cause)} It was repeated in a new Chrome.`,
            'nothing to do if it happens once; `npx pacewright doctor` if it does again',
          );
          continue;
        }
        this.document.status = 'failed';
        this.document.failure = toFailure(error, index);
        throw error;
      }
    }
  }

  private gate(sample: Sample): void {
    if (this.document.options.noiseGate === 'off') return;
    const before = this.accepted().map((each) => each.contention);
    const reason = gateSample(sample.contention, before);
    if (reason === null) return;
    sample.accepted = false;
    sample.rejection = reason;
    this.rejected += 1;
  }

  private giveUp(): never {
    const { document } = this;
    document.status = 'too noisy';
    const { length } = this.accepted();
    throw new PacewrightError(
      'ENVIRONMENT_TOO_NOISY',
      `"${document.title}": ${this.rejected} samples were rejected by the noise gate (${length} kept): the machine was too busy to measure on.`,
      {
        next: "end what else runs on the machine, or use a machine with more cores; the report shows each rejection's reason",
      },
    );
  }

  private warn(code: string, message: string, advice: string): void {
    const warning: Warning = { code, message, advice };
    this.document.warnings.push(warning);
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
  private checkThrottling({ sample }: SampleResult): void {
    const { network } = this.document.options satisfies MeasureOptions;
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
