/** One scenario in one test: its document from the first sample to the attachment. */
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { test as base, type TestInfo } from '@playwright/test';
import { calibrate } from '../browser/machine.ts';
import { loadBudgets } from '../config/budget-source.ts';
import { readOptions, type PacewrightOptions } from '../config/options.ts';
import { checkStepNames, resolveBudgets } from '../config/budgets.ts';
import {
  type Environment,
  environmentMediaType,
  type Problem,
  problemMediaType,
  type ScenarioDocument,
  scenarioDocument,
  scenarioMediaType,
} from '../core/document.ts';
import { isPacewrightError, PacewrightError, toProblem } from '../core/errors.ts';
import type { BudgetLine } from '../core/verdict.ts';
import { cleanText } from '../core/text.ts';
import { judgeScenario } from '../judge/judge.ts';
import { defaultParameters } from '../judge/parameters.ts';
import { appendJournal } from '../store/journal.ts';
import type { ChromePool } from './chrome-pool.ts';
import { BudgetError } from './gate.ts';
import { portablePath, scenarioId } from './identity.ts';
import { type MeasureResult, toResult } from './result.ts';
import { type Flow, runSample, SampleFailure } from './sample.ts';
import { Schedule } from './schedule.ts';

const maximumSeed = 2 ** 31 - 1;

/** An error with the user's own stack, and a message that says where in the flow it happened. */
function describeFailure(failure: SampleFailure, document: ScenarioDocument): Error {
  const about = document.failure;
  const where = failure.step === null ? 'The flow' : `Step "${failure.step}"`;
  const error = new Error(
    `${where} failed in sample ${about?.sample ?? 0} (${about?.code ?? 'FLOW_FAILED'}): ${failure.cause.message}\n  Next: ${about?.next ?? ''}`,
  );
  const frames = failure.cause.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  error.stack = `${error.name}: ${error.message}\n${frames.join('\n')}`;
  return error;
}

export class Measurement {
  private readonly testInfo: TestInfo;
  private readonly pool: ChromePool;
  private readonly options: PacewrightOptions;
  private readonly isMobile: boolean;
  private readonly environment: Environment;
  private readonly actionTimeout: number;
  private readonly folder: string;
  private document: ScenarioDocument | undefined;
  private journalWorks = true;
  private readonly start = performance.now();

  constructor(world: {
    testInfo: TestInfo;
    pool: ChromePool;
    options: PacewrightOptions;
    isMobile: boolean;
    environment: Environment;
    actionTimeout: number;
  }) {
    this.testInfo = world.testInfo;
    this.pool = world.pool;
    this.options = world.options;
    this.isMobile = world.isMobile;
    this.environment = world.environment;
    this.actionTimeout = world.actionTimeout;
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
    const document = this.createDocument(options);
    const budgets = loadBudgets({ budgets: options.budgets, root: this.root(), env: process.env }).lines;
    const lines = resolveBudgets(budgets, { titlePath: document.titlePath, project: document.project });
    this.document = document;
    const schedule = new Schedule(document, {
      runSample: (request) =>
        base.step(request.title, async () => {
          const { title: _title, ...rest } = request;
          const result = await runSample(this.pool, {
            ...rest,
            flow,
            options: document.options,
            // A locator that finds nothing says so itself, with its reasons, a little before the step's own limit.
            actionTimeout: this.actionTimeout > 0 ? undefined : document.options.stepTimeout * 0.95,
            present: (name, actions) => base.step(name, actions),
            onPopup: () =>
              this.warnOnce(
                'POPUP',
                'The flow opened another window; only its requests were counted.',
                'measure what happens there in a scenario of its own',
              ),
          });
          await this.noteChrome();
          return result;
        }),
      readLines: (steps) => this.checkLines(lines, steps),
      onHead: () => this.journal({ scenario: { ...document, samples: [], verdicts: [] } }),
      onSample: (sample) => this.journal({ id: document.id, sample }),
    });
    await schedule.run();
    return toResult(document);
  }

  private root(): string {
    return this.testInfo.config.configFile
      ? path.dirname(this.testInfo.config.configFile)
      : this.testInfo.config.rootDir;
  }

  private checkLines(lines: readonly BudgetLine[], steps: readonly string[]): readonly BudgetLine[] {
    checkStepNames(lines, steps);
    return lines;
  }

  private createDocument(options: PacewrightOptions): ScenarioDocument {
    const { testInfo } = this;
    const file = portablePath(testInfo.file, this.root());
    // The first part of a title path is the file.
    const titlePath = testInfo.titlePath.slice(1).map((title) => cleanText(title));
    const repeat = testInfo.repeatEachIndex;
    const measure = readOptions(options, process.env);
    return {
      id: scenarioId({ file, titlePath, project: testInfo.project.name, repeat }),
      title: cleanText(testInfo.title) + (repeat > 0 ? ` (repeat ${repeat})` : ''),
      titlePath,
      tags: testInfo.tags.map((tag) => cleanText(tag)),
      file,
      line: testInfo.line,
      project: testInfo.project.name,
      device: { viewport: 'unknown', scale: 1, mobile: this.isMobile, userAgent: 'unknown' },
      options: measure,
      parameters: { ...defaultParameters, fixed: measure.samples !== null, inconclusive: options.inconclusive },
      seed: randomInt(maximumSeed),
      status: 'interrupted',
      failure: null,
      samples: [],
      chrome: { version: 'unknown', path: 'unknown', flags: [] },
      budgets: [],
      verdicts: [],
      comparison: null,
      warnings: [],
      startedAt: new Date().toISOString(),
      wall: 0,
    };
  }

  private async noteChrome(): Promise<void> {
    const chrome = this.pool.peek();
    if (!this.document || !chrome) return;
    this.document.chrome = { version: chrome.version, path: chrome.chrome.path, flags: [...chrome.chrome.flags] };
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
    document.wall = performance.now() - this.start;
    document.verdicts = judgeScenario(document, document.budgets, document.parameters, { final: true });
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
    const gating = document.verdicts.filter((verdict) => verdict.gates);
    if (document.status === 'measured' && gating.length > 0) throw new BudgetError(gating);
  }
}
