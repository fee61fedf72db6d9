/**
 * The schedule of a comparison: warm-ups of both variants, then adjacent pairs in random order until the judge has
 * decided, then head alone where absolute limits are still open. Knows neither Playwright nor files.
 */
import { readCores } from '../browser/cores.ts';
import type { ScenarioComparison, Variant } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { comparisonParametersFor, leastFixedPairs } from '../judge/comparison-parameters.ts';
import { judgeScenario } from '../judge/judge.ts';
import { describeCause } from './failure.ts';
import { type ComparisonWorld, PairSchedule, warmUpOrder } from './pair-schedule.ts';
import type { SampleResult } from './sample.ts';
import { SampleFailure } from './sample-failure.ts';
import { Sampler } from './sampler.ts';
import { Schedule } from './schedule.ts';

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
  /** The pages that each variant's warm-up visited. */
  private readonly warmUrls: Record<Variant, readonly string[]> = { base: [], head: [] };

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
      limits: 'alone',
      looks: [],
      changes: [],
    };
    document.comparison = this.comparison;
    const needed = leastFixedPairs(this.comparison.parameters);
    if (pairs !== null && pairs < needed) {
      this.sampler.warn(
        'FEW_PAIRS',
        `${pairs} pairs of a fixed number can fail no time in a run of this many scenarios, however much slower head is.`,
        `take \`--pairs ${needed}\` or more, or leave the number to the schedule; counts can fail from 3 on`,
      );
    }
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
    if (this.keepsLimits()) return;
    // Absolute limits are for what `run` measures: all cores, and the CPU as slow as the scenario wants it.
    await new Schedule(document, this.world, this.sampler).run();
  }

  /**
   * Whether the pairs show already that all absolute limits are kept, as it mostly is: another start of Chrome and five
   * more samples would say the same. Not where the CPU is throttled, which it is not in pairs.
   */
  private keepsLimits(): boolean {
    const { document } = this.sampler;
    if (this.comparison.status !== 'compared' || document.options.cpuThrottling > 1) return false;
    this.comparison.limits = 'in pairs';
    const progress = { final: false, diagnosed: false };
    document.verdicts = judgeScenario(document, document.budgets, document.parameters, progress);
    const kept = document.verdicts.every(
      ({ status, statistic, gates }) =>
        status === 'pass' || statistic === 'value' || (status === 'not measured' && !gates),
    );
    if (kept) document.status = 'measured';
    else this.comparison.limits = 'alone';
    return kept;
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
    const { oneCore } = this.comparison.parameters;
    const about = { variant, title: `warm-up of ${variant}`, keepRequests: true, warmUrls: [], oneCore };
    const result = await this.sampler.take({ ...warmUpOrder(about), digest: true, stepTimeout });
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
    const { comparison, world } = this;
    comparison.status = 'compared';
    comparison.note = '';
    const pairs = new PairSchedule(world, this.sampler, comparison, this.warmUrls);
    // On one core a worker would take its time from the main thread that it is to relieve.
    if (comparison.parameters.oneCore && world.startsWorkers()) {
      comparison.parameters = { ...comparison.parameters, oneCore: false };
      await pairs.relaunch();
    }
    await pairs.run();
  }
}
