/**
 * The pairs of a comparison: adjacent samples in random order until the judge has decided, in a Chrome that is started
 * again at intervals. Knows neither Playwright nor files.
 */
import {
  type ComparisonSides,
  partnerRejected,
  type RegressionLine,
  type ScenarioComparison,
  type Variant,
} from '../core/comparison.ts';
import type { Sample } from '../core/sample.ts';
import { type ComparisonOutcome, judgeComparison } from '../judge/comparison.ts';
import { extraAllowed, gateSample } from '../judge/noise.ts';
import { seededRandom } from '../stats/random.ts';
import { describePairProgress } from './pair-progress.ts';
import type { Sampler, SampleOrder, SampleWorld } from './sampler.ts';
import { tooNoisy } from './schedule.ts';

export interface ComparisonWorld extends SampleWorld {
  readonly sides: ComparisonSides;
  /** The budgets against base of this scenario, checked against the steps that the warm-up showed. */
  readonly readRegressions: (steps: readonly string[]) => readonly RegressionLine[];
  /** Ends Chrome, so that the next sample starts a new one. */
  readonly restartChrome: () => Promise<void>;
  /** Whether a page of the flow has started a web worker so far. */
  readonly startsWorkers: () => boolean;
  /** How many scenarios share the run's limit of false alarms. */
  readonly scenarios: number;
  readonly inconclusive: 'warn' | 'fail';
}

type Phase = NonNullable<Sample['phase']>;

/** A sample of a comparison that counts for no pair. */
export function warmUpOrder(
  about: Pick<SampleOrder, 'variant' | 'title' | 'keepRequests' | 'warmUrls' | 'oneCore'>,
): Omit<SampleOrder, 'index'> {
  return { ...about, role: 'warm-up', pair: null, phase: null, throttled: false, digest: false, stepTimeout: null };
}

export class PairSchedule {
  private readonly sampler: Sampler;
  private readonly world: ComparisonWorld;
  private readonly comparison: ScenarioComparison;
  private readonly warmUrls: Readonly<Record<Variant, readonly string[]>>;
  private readonly coin: () => number;
  private rejected = 0;
  private pairs = 0;
  private pairsOfLaunch = 0;
  private walls: number[] = [];

  /** @param warmUrls the pages that each variant's warm-up visited */
  constructor(
    world: ComparisonWorld,
    sampler: Sampler,
    comparison: ScenarioComparison,
    warmUrls: Readonly<Record<Variant, readonly string[]>>,
  ) {
    this.world = world;
    this.sampler = sampler;
    this.comparison = comparison;
    this.warmUrls = warmUrls;
    // Not the stream that the sign flips come from: order and flips are independent.
    this.coin = seededRandom(comparison.seed ^ 0x5bd1e995);
  }

  /**
   * Fills the document with pairs, and the comparison with looks and changes.
   * @throws SampleFailure, kept in the document as its failure; PacewrightError ENVIRONMENT_TOO_NOISY
   */
  async run(): Promise<void> {
    const { comparison } = this;
    const { document } = this.sampler;
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
  async relaunch(): Promise<void> {
    await this.world.restartChrome();
    this.pairsOfLaunch = 0;
    const variant: Variant = this.coin() < 0.5 ? 'base' : 'head';
    const { oneCore } = this.comparison.parameters;
    const about = { variant, warmUrls: this.warmUrls[variant], oneCore, keepRequests: false };
    const { sample } = await this.sampler.take(warmUpOrder({ ...about, title: 'warm-up of a new Chrome' }));
    this.sampler.keep(sample);
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

  private order(variant: Variant, phase: Phase): Omit<SampleOrder, 'index'> {
    const accepted = this.accepted();
    return {
      role: 'measured',
      variant,
      pair: this.pairs,
      phase,
      keepRequests: accepted.length === 0,
      warmUrls: this.warmUrls[variant],
      throttled: false,
      oneCore: this.comparison.parameters.oneCore,
      digest: false,
      stepTimeout: null,
      title: this.describe(variant, phase, accepted.filter((sample) => sample.phase === phase).length / 2),
    };
  }

  /** @param done accepted pairs of the phase */
  private describe(variant: Variant, phase: Phase, done: number): string {
    const { changes, parameters } = this.comparison;
    const { looks, alphas, confirmPairs } = parameters;
    const walls = this.walls.reduce((sum, wall) => sum + wall, 0);
    const next = looks.find((look) => look > done) ?? this.most();
    // An exact regression ends it at the next look that could raise an alarm.
    const failed = changes.some((change) => change.gates && change.rule === 'exact');
    const last = failed ? looks.find((look, at) => look > done && (alphas[at] ?? 0) > 0) : undefined;
    const confirmed = (Math.floor(done / confirmPairs) + 1) * confirmPairs;
    return describePairProgress({
      phase,
      variant,
      accepted: done,
      nextLook: phase === 'confirmation' ? confirmed : next,
      most: phase === 'confirmation' ? confirmed : (last ?? this.most()),
      perPair: this.walls.length > 0 ? walls / this.walls.length : undefined,
      changes,
    });
  }
}
