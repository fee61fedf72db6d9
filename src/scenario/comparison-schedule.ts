/**
 * The schedule of a comparison: warm-ups of both variants, then adjacent pairs in random order until the judge has
 * decided, then head alone where absolute limits are still open. Knows neither Playwright nor files.
 */
import { readCores } from '../browser/cores.ts';
import {
  type ComparisonSides,
  partnerRejected,
  type RegressionLine,
  type ScenarioComparison,
  type Variant,
} from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import type { Sample } from '../core/sample.ts';
import { type ComparisonOutcome, judgeComparison } from '../judge/comparison.ts';
import { comparisonParametersFor } from '../judge/comparison-parameters.ts';
import { extraAllowed, gateSample } from '../judge/noise.ts';
import { seededRandom } from '../stats/random.ts';
import { describeCause } from './failure.ts';
import { describePairProgress } from './pair-progress.ts';
import type { SampleResult } from './sample.ts';
import { SampleFailure } from './sample-failure.ts';
import { Sampler, type SampleOrder, type SampleWorld } from './sampler.ts';
import { Schedule, tooNoisy } from './schedule.ts';

export interface ComparisonWorld extends SampleWorld {
  readonly sides: ComparisonSides;
  /** The budgets against base of this scenario, checked against the steps that the warm-up showed. */
  readonly readRegressions: (steps: readonly string[]) => readonly RegressionLine[];
  /** Ends Chrome, so that the next sample starts a new one. */
  readonly restartChrome: () => Promise<void>;
  /** How many scenarios share the run's limit of false alarms. */
  readonly scenarios: number;
  readonly inconclusive: 'warn' | 'fail';
}

type Phase = NonNullable<Sample['phase']>;

// Base runs a flow that it cannot finish (a page that is new in head) up to here: ten times what head took, and 5 s.
const patience = { times: 10, least: 5000 };

/** Whether both sides served the same, as compressed, and in as many bytes with all headers. */
function servedAlike(base: SampleResult, head: SampleResult): boolean {
  if (head.served === null || head.served !== base.served) return false;
  return ['bytes.total', 'requests.total'].every((id) => base.sample.flow[id] === head.sample.flow[id]);
}

export class ComparisonSchedule {
  private readonly sampler: Sampler;
  private readonly world: ComparisonWorld;
  private readonly comparison: ScenarioComparison;
  private readonly coin: () => number;
  private warmUrls: Record<Variant, readonly string[]> = { base: [], head: [] };
  private rejected = 0;
  private pairs = 0;
  private pairsOfLaunch = 0;
  private walls: number[] = [];

  constructor(document: Sampler['document'], world: ComparisonWorld) {
    this.sampler = new Sampler(document, world);
    this.world = world;
    const { pairs } = world.sides;
    const parameters = comparisonParametersFor(world.scenarios);
    this.comparison = {
      status: 'not compared',
      note: 'head could not be measured',
      parameters: {
        ...parameters,
        inconclusive: world.inconclusive,
        oneCore: readCores() !== null,
        ...(pairs === null
          ? {}
          : { fixed: true, looks: [pairs], alphas: [parameters.alphas.reduce((sum, each) => sum + each, 0)] }),
      },
      seed: document.seed,
      lines: [],
      looks: [],
      changes: [],
    };
    document.comparison = this.comparison;
    // Not the stream that the sign flips come from: order and flips are independent.
    this.coin = seededRandom(document.seed ^ 0x5bd1e995);
  }

  /**
   * Fills the document with samples, changes and verdicts.
   * @throws what `Schedule` throws; PacewrightError SCENARIO_INVALID where the flow does not follow `baseURL`
   */
  async run(): Promise<void> {
    const { document } = this.sampler;
    const head = await this.warmUp('head', null);
    this.sampler.readWarmUp(head);
    const steps = head.sample.steps.map((step) => step.name);
    document.budgets = this.world.sides.budgets ? [...this.world.readLines(steps)] : [];
    this.comparison.lines = [...this.world.readRegressions(steps)];
    this.world.onHead();
    this.sampler.keep(head.sample);
    this.checkAddress(head, 'head');

    const base = await this.warmUpBase(head);
    if (base) {
      this.sampler.keep(base.sample);
      this.checkAddress(base, 'base');
      const { identical, budgets } = this.world.sides;
      if (identical === 'skip' && servedAlike(base, head)) {
        this.comparison.status = 'identical';
        this.comparison.note = 'base and head serve the same bytes in this flow, so their times were not compared';
        if (!budgets) document.status = 'measured';
        if (!budgets) return;
      } else await this.runPairs();
    }
    if (document.budgets.length === 0 && this.comparison.status === 'compared') {
      document.status = 'measured';
      return;
    }
    // Absolute limits are for what `run` measures: all cores, and the CPU as slow as the scenario wants it.
    await new Schedule(document, this.world, this.sampler).run();
  }

  /** A page that opens the same address for both variants would be compared with itself. */
  private checkAddress(result: SampleResult, variant: Variant): void {
    const { origin } = new URL(this.world.sides[variant].url);
    const { visited } = result;
    if (visited.length === 0 || visited.some((url) => new URL(url).origin === origin)) return;
    throw new PacewrightError(
      'SCENARIO_INVALID',
      `The flow opened ${new URL(visited[0] ?? '').origin}, and never ${origin}, where ${variant} is served.`,
      { next: "open pages by their path, `page.goto('/')`: `baseURL` is another for base and head" },
    );
  }

  private async warmUp(variant: Variant, stepTimeout: number | null): Promise<SampleResult> {
    const result = await this.sampler.take({
      ...this.order(variant, null),
      role: 'warm-up',
      digest: true,
      stepTimeout,
      title: `warm-up of ${variant}`,
    });
    this.warmUrls[variant] = result.visited;
    return result;
  }

  /** Null where base cannot run the flow, which is then new. */
  private async warmUpBase(head: SampleResult): Promise<SampleResult | null> {
    const { document } = this.sampler;
    const longest = Math.max(...head.sample.steps.map((step) => step.metrics['duration'] ?? 0));
    const stepTimeout = Math.max(patience.least, patience.times * longest);
    // Twice, since a flow that fails now and then is not a new one.
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.warmUp('base', stepTimeout);
      } catch (error) {
        const unreachable = document.failure?.code === 'PAGE_UNREACHABLE';
        if (!(error instanceof SampleFailure) || error.infrastructure || unreachable) throw error;
        document.failure = null;
        document.status = 'interrupted';
        if (attempt < 2) continue;
        const where = error.step === null ? '' : ` in step "${error.step}"`;
        this.comparison.status = 'new';
        this.comparison.note = `base cannot run this flow, which failed${where}: ${describeCause(error.cause)}`;
        return null;
      }
    }
  }

  private async runPairs(): Promise<void> {
    const { comparison } = this;
    const { document } = this.sampler;
    comparison.status = 'compared';
    comparison.note = '';
    let phase: Phase = 'screening';
    for (;;) {
      const outcome = this.judge(phase);
      if (outcome?.next === 'done') break;
      const next: Phase = outcome?.next ?? phase;
      // Fresh pairs come from a fresh Chrome: what its start does to the numbers must not confirm itself.
      if (next !== phase || this.pairsOfLaunch >= comparison.parameters.pairsPerLaunch) await this.relaunch();
      phase = next;
      await this.runPair(phase);
      if (this.rejected > extraAllowed(this.most())) {
        document.status = 'too noisy';
        throw tooNoisy(document.title, `${this.rejected} pairs`, this.accepted().length / 2);
      }
    }
  }

  /**
   * A new Chrome, and a flow in it that does not count: the first of a launch takes a tenth longer, which in one pair
   * of five doubles the variance of all.
   */
  private async relaunch(): Promise<void> {
    await this.world.restartChrome();
    this.pairsOfLaunch = 0;
    const variant: Variant = this.coin() < 0.5 ? 'base' : 'head';
    const order = { ...this.order(variant, null), title: 'warm-up of a new Chrome' };
    this.sampler.keep((await this.sampler.take({ ...order, role: 'warm-up', keepRequests: false })).sample);
  }

  /** Asks the judge where it may decide; undefined in between, where it could only say "go on". */
  private judge(phase: Phase): ComparisonOutcome | undefined {
    const { comparison } = this;
    const { looks, confirmPairs } = comparison.parameters;
    const inPhase = this.accepted().filter((sample) => sample.phase === phase).length / 2;
    const atLook = phase === 'screening' ? looks.includes(inPhase) : inPhase % confirmPairs === 0;
    if (!atLook) return undefined;
    const outcome = judgeComparison(this.sampler.document, comparison, { final: false });
    comparison.looks = outcome.looks;
    comparison.changes = outcome.changes;
    return outcome;
  }

  private async runPair(phase: Phase): Promise<void> {
    const { document } = this.sampler;
    for (;;) {
      const variants: Variant[] = this.coin() < 0.5 ? ['base', 'head'] : ['head', 'base'];
      const taken: Sample[] = [];
      try {
        for (const variant of variants) {
          const order = { ...this.order(variant, phase), index: document.samples.length + taken.length };
          taken.push((await this.world.runSample(order)).sample);
        }
      } catch (error) {
        const index = document.samples.length + taken.length;
        const variant = variants[taken.length] ?? 'head';
        // The half of a pair is worth nothing: its other half would come from another moment.
        if (!this.sampler.mayRepeat(error, index)) throw this.sampler.fail(error, index, variant);
        await this.relaunch();
        continue;
      }
      this.gate(taken);
      for (const sample of taken) this.sampler.keep(sample);
      this.pairs += 1;
      this.pairsOfLaunch += 1;
      this.walls.push(taken.reduce((sum, sample) => sum + sample.wall, 0));
      return;
    }
  }

  /** Rejects both samples of a pair when the machine spoiled one; blind to the variant and to every metric. */
  private gate(taken: readonly Sample[]): void {
    if (this.sampler.document.options.noiseGate === 'off') return;
    const { oneCore } = this.comparison.parameters;
    // Rejected ones, too: a load that stays is what is usual from then on, and hits both sides alike.
    const before = this.sampler.document.samples
      .filter((sample) => sample.pair !== null)
      .map((sample) => sample.contention);
    const reasons = taken.map((sample) => gateSample(sample.contention, before, { oneCore }));
    if (reasons.every((reason) => reason === null)) return;
    this.rejected += 1;
    for (const [at, sample] of taken.entries()) {
      sample.accepted = false;
      sample.rejection = reasons[at] ?? partnerRejected;
    }
  }

  private accepted(): Sample[] {
    return this.sampler.document.samples.filter((sample) => sample.accepted && sample.pair !== null);
  }

  private most(): number {
    return this.comparison.parameters.looks.at(-1) ?? 1;
  }

  private order(variant: Variant, phase: Phase | null): Omit<SampleOrder, 'index'> {
    const accepted = this.accepted();
    const { looks, confirmPairs } = this.comparison.parameters;
    const done = accepted.filter((sample) => sample.phase === phase).length / 2;
    const most = phase === 'confirmation' ? (Math.floor(done / confirmPairs) + 1) * confirmPairs : this.most();
    return {
      role: 'measured',
      variant,
      pair: phase === null ? null : this.pairs,
      phase,
      keepRequests: accepted.length === 0,
      warmUrls: this.warmUrls[variant],
      throttled: false,
      oneCore: this.comparison.parameters.oneCore,
      digest: false,
      stepTimeout: null,
      title: describePairProgress({
        phase: phase ?? 'screening',
        variant,
        accepted: done,
        nextLook: phase === 'confirmation' ? most : (looks.find((look) => look > done) ?? most),
        most,
        perPair:
          this.walls.length > 0 ? this.walls.reduce((sum, wall) => sum + wall, 0) / this.walls.length : undefined,
        changes: this.comparison.changes,
      }),
    };
  }
}
