/** One scenario in one test: its document from the first sample to the attachment. */
import path from 'node:path';
import { test as base, type TestInfo } from '@playwright/test';
import { findOtherOwners } from '../browser/abandoned.ts';
import { calibrate } from '../browser/machine.ts';
import { loadBudgets } from '../config/budget-source.ts';
import { checkStepNames, resolveBudgets } from '../config/budgets.ts';
import { readComparisonSides } from '../config/compare-config.ts';
import type { PacewrightOptions } from '../config/options.ts';
import type { ComparisonSides, Variant } from '../core/comparison.ts';
import {
  comparisonMediaType,
  type Environment,
  environmentMediaType,
  type Problem,
  problemMediaType,
  type ScenarioDocument,
  scenarioDocument,
  scenarioMediaType,
} from '../core/document.ts';
import { isPacewrightError, PacewrightError, toProblem } from '../core/errors.ts';
import type { AnyLine } from '../core/precedence.ts';
import { cleanText } from '../core/text.ts';
import { judgeDocument } from '../judge/document.ts';
import { appendJournal } from '../store/journal.ts';
import type { ChromePool } from './chrome-pool.ts';
import { ComparisonSchedule } from './comparison-schedule.ts';
import { createDocument } from './create-document.ts';
import { ScenarioDiagnosis } from './diagnosis.ts';
import { describeFailure } from './failure.ts';
import { BudgetError } from './gate.ts';
import { type MeasureResult, toResult } from './result.ts';
import { type Flow, runSample, type SampleResult } from './sample.ts';
import { SampleFailure } from './sample-failure.ts';
import type { SampleOrder, SampleWorld } from './sampler.ts';
import { Schedule } from './schedule.ts';
import { type ConfiguredContext, contextFor } from './variant-context.ts';

export class Measurement {
  private readonly testInfo: TestInfo;
  private readonly pool: ChromePool;
  private readonly options: PacewrightOptions;
  private readonly isMobile: boolean;
  private readonly environment: Environment;
  private readonly actionTimeout: number;
  private readonly folder: string;
  private readonly sides: ComparisonSides | null;
  private readonly configured: ConfiguredContext;
  private document: ScenarioDocument | undefined;
  private diagnosis: ScenarioDiagnosis | undefined;
  /** What the warm-up of each side visited. */
  private readonly visited: Record<Variant, readonly string[]> = { base: [], head: [] };
  private journalWorks = true;
  /** Whether a page of the flow has started a web worker. */
  private startsWorkers = false;
  private readonly start = performance.now();

  constructor(world: {
    testInfo: TestInfo;
    pool: ChromePool;
    options: PacewrightOptions;
    isMobile: boolean;
    environment: Environment;
    actionTimeout: number;
    configured: ConfiguredContext;
  }) {
    this.testInfo = world.testInfo;
    this.pool = world.pool;
    this.options = world.options;
    this.isMobile = world.isMobile;
    this.environment = world.environment;
    this.actionTimeout = world.actionTimeout;
    this.configured = world.configured;
    this.sides = readComparisonSides(process.env);
    this.folder = process.env['PACEWRIGHT_RUN_DIR'] ?? world.testInfo.outputDir;
  }

  /** `measure` of the test: repeats the flow until all budgets are decided. */
  async measure(flow: Flow, overrides: Partial<PacewrightOptions> = {}): Promise<MeasureResult> {
    try {
      return await this.measureOnce(flow, overrides);
    } catch (error) {
      if (error instanceof SampleFailure && this.document) throw describeFailure(error, this.document);
      if (isPacewrightError(error)) await this.attachProblem(toProblem(error));
      throw error;
    }
  }

  private async measureOnce(flow: Flow, overrides: Partial<PacewrightOptions>): Promise<MeasureResult> {
    if (this.document) {
      throw new PacewrightError('SCENARIO_INVALID', `measure() was called twice in "${this.testInfo.title}".`, {
        next: 'one scenario is one test: split it',
      });
    }
    const options = { ...this.options, ...overrides };
    // Samples have limits of their own, step by step; the whole must not run into the timeout of an ordinary test.
    this.testInfo.setTimeout(0);
    const root = this.root();
    const document = createDocument({ testInfo: this.testInfo, options, root, isMobile: this.isMobile });
    const budgets = loadBudgets({ budgets: options.budgets, root, env: process.env });
    this.document = document;
    const world: SampleWorld = {
      runSample: (order) => base.step(order.title, () => this.runSample(flow, document, order)),
      readLines: (steps) => this.linesFor(document, budgets.lines, steps),
      onHead: () => this.journal({ scenario: { ...document, samples: [], verdicts: [] } }),
      onSample: (sample) => this.journal({ id: document.id, sample }),
    };
    if (this.sides) {
      await new ComparisonSchedule(document, {
        ...world,
        sides: this.sides,
        readRegressions: (steps) => this.linesFor(document, budgets.regressions, steps),
        restartChrome: () => this.pool.close(),
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
    this.journal({ judged: { ...document, samples: [] } });
    const { testInfo, pool, folder, visited, isMobile } = this;
    this.diagnosis = new ScenarioDiagnosis({
      testInfo,
      pool,
      folder,
      flow,
      isMobile,
      contextOptions: this.sides ? contextFor('head', this.sides, this.configured) : undefined,
      actionTimeout: this.actionTimeout > 0 ? undefined : document.options.stepTimeout * 0.95,
      runSample: run,
      present: (title, work) => base.step(title, work),
      warmUrls: visited,
    });
    await this.diagnosis.run(document);
  }

  private async runSample(flow: Flow, document: ScenarioDocument, order: SampleOrder): Promise<SampleResult> {
    const { title: _title, throttled, stepTimeout, ...rest } = order;
    const options = {
      ...document.options,
      ...(throttled ? {} : { cpuThrottling: 1 }),
      stepTimeout: Math.min(stepTimeout ?? Infinity, document.options.stepTimeout),
    };
    const result = await runSample(this.pool, {
      ...rest,
      ...(this.sides ? { context: contextFor(order.variant, this.sides, this.configured) } : {}),
      // A comparison starts Chrome again between pairs, never within one.
      ...((this.sides && order.pair !== null) || order.heavy ? { samplesPerLaunch: Infinity } : {}),
      flow: (about) => {
        about.page.on('worker', () => (this.startsWorkers = true));
        return flow(about);
      },
      options,
      // A locator that finds nothing says so itself, with its reasons, a little before the step's own limit.
      actionTimeout: this.actionTimeout > 0 && stepTimeout === null ? undefined : options.stepTimeout * 0.95,
      present: (name, actions) => base.step(name, actions),
      onPopup: () =>
        this.warnOnce(
          'POPUP',
          'The flow opened another window; only its requests were counted.',
          'measure what happens there in a scenario of its own',
        ),
    });
    if (order.role === 'warm-up') this.visited[order.variant] = result.visited;
    this.noteChrome();
    this.noteOthers();
    return result;
  }

  private root(): string {
    return this.testInfo.config.configFile
      ? path.dirname(this.testInfo.config.configFile)
      : this.testInfo.config.rootDir;
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

  private noteChrome(): void {
    const chrome = this.pool.peek();
    if (!this.document || !chrome) return;
    this.document.chrome = { version: chrome.version, path: chrome.chrome.path, flags: [...chrome.chrome.flags] };
  }

  /** Another run of ours on this machine: both disturb each other, and comparisons keep Chrome to the same core. */
  private noteOthers(): void {
    const [other] = findOtherOwners();
    if (other === undefined) return;
    this.warnOnce(
      'MEASURED_BESIDE',
      `Another run of Pacewright (process ${other}) measured on this machine at the same time: each is part of the other's numbers.`,
      'run one after the other, or on machines of their own',
    );
  }

  private warnOnce(code: string, message: string, advice: string): void {
    const warnings = this.document?.warnings;
    if (warnings && !warnings.some((warning) => warning.code === code)) warnings.push({ code, message, advice });
  }

  private journal(line: Parameters<typeof appendJournal>[1]): void {
    if (!this.journalWorks) return;
    try {
      appendJournal(this.folder, line);
    } catch (error) {
      // A full disk must not cost what is being measured: the document still travels to the reporter.
      this.journalWorks = false;
      const reason = error instanceof Error ? error.message : String(error);
      this.warnOnce(
        'WRITE_FAILED',
        `The journal could not be written (${cleanText(reason)}); samples are kept in memory only.`,
        "free disk space or correct the folder's rights, then run again",
      );
    }
  }

  private async attachProblem(problem: Problem): Promise<void> {
    await this.testInfo.attach('pacewright-problem', { contentType: problemMediaType, body: JSON.stringify(problem) });
  }

  /** Hands the document over, whatever became of it, and fails the test for its budgets. */
  async finish(): Promise<void> {
    const { document } = this;
    if (!document) return;
    await this.diagnosis?.stop();
    document.wall = performance.now() - this.start;
    Object.assign(document, judgeDocument(document));
    const checked = scenarioDocument.parse(document);
    await this.testInfo.attach('pacewright', { contentType: scenarioMediaType, body: JSON.stringify(checked) });
    const environment: Environment = {
      ...this.environment,
      calibration: { ...this.environment.calibration, end: calibrate() },
    };
    await this.testInfo.attach('pacewright-environment', {
      contentType: environmentMediaType,
      body: JSON.stringify(environment),
    });
    if (this.sides) {
      const body = JSON.stringify(this.sides);
      await this.testInfo.attach('pacewright-comparison', { contentType: comparisonMediaType, body });
    }
    const gating = document.verdicts.filter((verdict) => verdict.gates);
    const regressed = document.comparison?.changes.filter((change) => change.gates) ?? [];
    if (document.status === 'measured' && gating.length + regressed.length > 0)
      throw new BudgetError(gating, regressed);
  }
}
