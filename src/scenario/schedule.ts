/**
 * The sampling schedule of one scenario: warm-up, then samples until the judge has decided every budget line, the
 * schedule is over, or the machine is too noisy. Knows neither Playwright nor files: both come in from outside.
 */
import type { ScenarioDocument } from '../core/document.ts';
import { PacewrightError } from '../core/errors.ts';
import { findMetric } from '../core/metrics.ts';
import type { Sample } from '../core/sample.ts';
import { isDecided, judgeScenario } from '../judge/judge.ts';
import { isAlone } from '../judge/judged-samples.ts';
import { extraAllowed, gateSample } from '../judge/noise.ts';
import { outlierWarning } from '../judge/summary.ts';
import { describeProgress } from './progress.ts';
import type { SampleResult } from './sample.ts';
import { Sampler, type SampleWorld } from './sampler.ts';

/** How many samples the schedule may take, and the first number above `accepted` at which a decision may fall. */
function planAhead(document: ScenarioDocument, accepted: number): { most: number; nextLook: number } {
  const { looks } = document.parameters;
  const most = document.options.samples ?? looks.at(-1) ?? 1;
  const nextLook = document.options.samples ?? looks.find((look) => look > accepted) ?? most;
  return { most, nextLook };
}

export class Schedule {
  private readonly document: ScenarioDocument;
  private readonly world: SampleWorld;
  private readonly sampler: Sampler;
  private warmUrls: readonly string[] = [];
  private rejected = 0;
  private walls: number[] = [];

  constructor(document: ScenarioDocument, world: SampleWorld, sampler = new Sampler(document, world)) {
    this.document = document;
    this.world = world;
    this.sampler = sampler;
  }

  /**
   * Fills the document with samples and verdicts.
   * @throws SampleFailure (kept in the document as its failure); PacewrightError for budgets that do not fit the
   * flow, throttling that did not take effect, and a machine that is too noisy
   */
  async run(): Promise<void> {
    await this.warmUp();
    for (;;) {
      const { accepted, done } = this.look();
      if (done) break;
      const { most } = planAhead(this.document, accepted);
      const { sample } = await this.sample('measured');
      this.gate(sample);
      this.sampler.keep(sample);
      this.walls.push(sample.wall);
      if (this.rejected > extraAllowed(most)) this.giveUp();
    }
    this.document.status = 'measured';
    this.warnOfStandouts();
  }

  private async warmUp(): Promise<void> {
    const warmUp = await this.sample('warm-up');
    this.warmUrls = warmUp.visited;
    this.sampler.readWarmUp(warmUp);
    this.document.budgets = [...this.world.readLines(warmUp.sample.steps.map((step) => step.name))];
    this.world.onHead();
    this.sampler.keep(warmUp.sample);
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
    return this.document.samples.filter((sample) => isAlone(sample));
  }

  /** Judges what there is; done when all is decided at a look, or the schedule is over. */
  private look(): { accepted: number; done: boolean } {
    const { document } = this;
    const accepted = this.accepted().length;
    const { most } = planAhead(document, accepted);
    const over = accepted >= most;
    document.verdicts = judgeScenario(document, document.budgets, document.parameters, {
      final: over,
      diagnosed: false,
    });
    const atLook = document.options.samples === null && document.parameters.looks.includes(accepted);
    return { accepted, done: over || (atLook && isDecided(document.verdicts)) };
  }

  private async sample(role: Sample['role']): Promise<SampleResult> {
    const accepted = this.accepted().length;
    const { most, nextLook } = planAhead(this.document, accepted);
    const mean = this.walls.reduce((sum, wall) => sum + wall, 0) / this.walls.length;
    return this.sampler.take({
      role,
      variant: 'head',
      pair: null,
      phase: null,
      keepRequests: role === 'measured' && accepted === 0,
      warmUrls: this.warmUrls,
      throttled: true,
      oneCore: false,
      digest: false,
      stepTimeout: null,
      title: describeProgress({
        role,
        accepted,
        most,
        nextLook,
        perSample: this.walls.length > 0 ? mean : undefined,
        verdicts: this.document.verdicts,
      }),
    });
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
    this.document.status = 'too noisy';
    throw tooNoisy(this.document.title, `${this.rejected} samples`, this.accepted().length);
  }
}

/** The error of a machine on which too much was rejected; the caller notes it in the document. */
export function tooNoisy(title: string, rejected: string, kept: number): PacewrightError {
  return new PacewrightError(
    'ENVIRONMENT_TOO_NOISY',
    `"${title}": ${rejected} were rejected by the noise gate (${kept} kept): the machine was too busy to measure on.`,
    {
      next: "end what else runs on the machine, or use a machine with more cores; the report shows each rejection's reason",
    },
  );
}
