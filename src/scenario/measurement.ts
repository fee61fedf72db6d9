/** One scenario in one test: its document from the first sample to the attachment. */
import { test as base } from '@playwright/test';
import { checkStepNames, resolveBudgets } from '../config/budgets.ts';
import type { PacewrightOptions } from '../config/options.ts';
import type { Variant } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { isPacewrightError, toProblem } from '../core/errors.ts';
import type { AnyLine } from '../core/precedence.ts';
import { judgeDocument } from '../judge/document.ts';
import { ComparisonSchedule } from './comparison-schedule.ts';
import { ScenarioDiagnosis } from './diagnosis.ts';
import { describeFailure } from './failure.ts';
import { BudgetError } from './gate.ts';
import { type MeasureResult, toResult } from './result.ts';
import { type Flow, runSample, type SampleResult } from './sample.ts';
import { SampleFailure } from './sample-failure.ts';
import type { SampleOrder, SampleWorld } from './sampler.ts';
import { ScenarioKeeper, type ScenarioWorld } from './scenario-keeper.ts';
import { Schedule } from './schedule.ts';
import { contextFor } from './variant-context.ts';

export class Measurement {
  private readonly world: ScenarioWorld;
  private readonly keeper: ScenarioKeeper;
  private diagnosis: ScenarioDiagnosis | undefined;
  /** What the warm-up of each side visited. */
  private readonly visited: Record<Variant, readonly string[]> = { base: [], head: [] };
  /** Whether a page of the flow has started a web worker. */
  private startsWorkers = false;

  constructor(world: ScenarioWorld) {
    this.world = world;
    this.keeper = new ScenarioKeeper(world);
  }

  /** `measure` of the test: repeats the flow until all budgets are decided. */
  async measure(flow: Flow, overrides: Partial<PacewrightOptions> = {}): Promise<MeasureResult> {
    try {
      return await this.measureOnce(flow, overrides);
    } catch (error) {
      const { document } = this.keeper;
      if (error instanceof SampleFailure && document) throw describeFailure(error, document);
      if (isPacewrightError(error)) await this.keeper.attachProblem(toProblem(error));
      throw error;
    }
  }

  private async measureOnce(flow: Flow, overrides: Partial<PacewrightOptions>): Promise<MeasureResult> {
    const { keeper } = this;
    const { sides } = keeper;
    const { document, options, budgets } = keeper.begin('measure()', overrides);
    const world: SampleWorld = {
      runSample: (order) => base.step(order.title, () => this.runSample(flow, document, order)),
      readLines: (steps) => this.linesFor(document, budgets.lines, steps),
      onHead: () => keeper.journal({ scenario: { ...document, samples: [], verdicts: [] } }),
      onSample: (sample) => keeper.journal({ id: document.id, sample }),
    };
    if (sides) {
      await new ComparisonSchedule(document, {
        ...world,
        sides,
        readRegressions: (steps) => this.linesFor(document, budgets.regressions, steps),
        restartChrome: () => this.world.pool.close(),
        startsWorkers: () => this.startsWorkers,
        scenarios: Number(process.env['PACEWRIGHT_SCENARIOS'] ?? 1),
        inconclusive: options.inconclusive,
      }).run();
    } else await new Schedule(document, world).run();
    await this.diagnose(document, flow, world.runSample);
    return toResult(document);
  }

  /** Its findings take a while: what was measured is on disk before it begins. */
  private async diagnose(document: ScenarioDocument, flow: Flow, run: SampleWorld['runSample']): Promise<void> {
    Object.assign(document, judgeDocument(document, { diagnosed: false }));
    const { visited } = this;
    const { testInfo, pool, isMobile, configured, actionTimeout } = this.world;
    const { folder, sides } = this.keeper;
    this.keeper.journal({ judged: { ...document, samples: [] } });
    this.diagnosis = new ScenarioDiagnosis({
      testInfo,
      pool,
      folder,
      flow,
      isMobile,
      contextOptions: sides ? contextFor('head', sides, configured) : undefined,
      actionTimeout: actionTimeout > 0 ? undefined : document.options.stepTimeout * 0.95,
      runSample: run,
      present: (title, work) => base.step(title, work),
      warmUrls: visited,
    });
    await this.diagnosis.run(document);
  }

  private async runSample(flow: Flow, document: ScenarioDocument, order: SampleOrder): Promise<SampleResult> {
    const { title: _title, throttled, stepTimeout, ...rest } = order;
    const { keeper } = this;
    const { pool, configured, actionTimeout } = this.world;
    const { sides } = keeper;
    const options = {
      ...document.options,
      ...(throttled ? {} : { cpuThrottling: 1 }),
      stepTimeout: Math.min(stepTimeout ?? Infinity, document.options.stepTimeout),
    };
    const result = await runSample(pool, {
      ...rest,
      ...(sides ? { context: contextFor(order.variant, sides, configured) } : {}),
      // A comparison starts Chrome again between pairs, never within one.
      ...((sides && order.pair !== null) || order.heavy ? { samplesPerLaunch: Infinity } : {}),
      flow: (about) => {
        about.page.on('worker', () => (this.startsWorkers = true));
        return flow(about);
      },
      options,
      // A locator that finds nothing says so itself, with its reasons, a little before the step's own limit.
      actionTimeout: actionTimeout > 0 && stepTimeout === null ? undefined : options.stepTimeout * 0.95,
      present: (name, actions) => base.step(name, actions),
      onPopup: () =>
        keeper.warnOnce(
          'POPUP',
          'The flow opened another window; only its requests were counted.',
          'measure what happens there in a scenario of its own',
        ),
    });
    if (order.role === 'warm-up') this.visited[order.variant] = result.visited;
    keeper.noteChrome();
    keeper.noteOthers();
    return result;
  }

  /** The lines of one kind that mean this scenario; a step that they name and the flow lacks is an error. */
  private linesFor<Line extends AnyLine>(
    { titlePath, project }: ScenarioDocument,
    lines: readonly Line[],
    steps: readonly string[],
  ): Line[] {
    const own = resolveBudgets(lines, { titlePath, project });
    checkStepNames(own, steps);
    return own;
  }

  /** Hands the document over, whatever became of it, and fails the test for its budgets. */
  async finish(): Promise<void> {
    const { document } = this.keeper;
    if (!document) return;
    await this.diagnosis?.stop();
    Object.assign(document, judgeDocument(document));
    await this.keeper.handOver(document);
    const gating = document.verdicts.filter((verdict) => verdict.gates);
    const regressed = document.comparison?.changes.filter((change) => change.gates) ?? [];
    if (document.status === 'measured' && gating.length + regressed.length > 0)
      throw new BudgetError(gating, regressed);
  }
}
