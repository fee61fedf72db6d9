/** What becomes of a scenario's document: lines of the journal while it grows, an attachment at its end. */
import path from 'node:path';
import type { TestInfo } from '@playwright/test';
import { findOtherOwners } from '../browser/abandoned.ts';
import { calibrate } from '../browser/machine.ts';
import { loadBudgets } from '../config/budget-source.ts';
import type { BudgetLines } from '../config/budgets.ts';
import { readComparisonSides } from '../config/compare-config.ts';
import type { PacewrightOptions } from '../config/options.ts';
import type { ComparisonSides } from '../core/comparison.ts';
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
import { PacewrightError } from '../core/errors.ts';
import { cleanText } from '../core/text.ts';
import { appendJournal } from '../store/journal.ts';
import type { ChromePool } from './chrome-pool.ts';
import { createDocument } from './create-document.ts';
import type { ConfiguredContext } from './variant-context.ts';

/** What a test gives its scenario. */
export interface ScenarioWorld {
  readonly testInfo: TestInfo;
  readonly pool: ChromePool;
  readonly options: PacewrightOptions;
  readonly isMobile: boolean;
  readonly environment: Environment;
  readonly actionTimeout: number;
  readonly configured: ConfiguredContext;
}

interface Begun {
  readonly document: ScenarioDocument;
  readonly options: PacewrightOptions;
  readonly budgets: BudgetLines;
}

export class ScenarioKeeper {
  /** Of the run, with its journal; artefacts go beside it. */
  readonly folder: string;
  readonly sides: ComparisonSides | null = readComparisonSides(process.env);
  /** Set by `begin`. */
  document: ScenarioDocument | undefined;
  /** Folder of the config. */
  private readonly root: string;
  private readonly world: ScenarioWorld;
  private readonly start = performance.now();
  private journalWorks = true;

  constructor(world: ScenarioWorld) {
    const { testInfo } = world;
    this.world = world;
    this.folder = process.env['PACEWRIGHT_RUN_DIR'] ?? testInfo.outputDir;
    const { configFile, rootDir } = testInfo.config;
    this.root = configFile ? path.dirname(configFile) : rootDir;
  }

  /**
   * Makes the document.
   * @param what `measure()` or `detectLeaks()`, which may be called once
   * @throws PacewrightError SCENARIO_INVALID, CONFIG_INVALID for options that are not allowed, and what reading budgets
   * throws
   */
  begin(what: string, overrides: Partial<PacewrightOptions>): Begun {
    const { testInfo, isMobile } = this.world;
    if (this.document) {
      throw new PacewrightError('SCENARIO_INVALID', `${what} was called twice in "${testInfo.title}".`, {
        next: 'one scenario is one test: split it',
      });
    }
    const { root } = this;
    const options = { ...this.world.options, ...overrides };
    // What is repeated has limits of its own; the whole must not run into the timeout of an ordinary test.
    testInfo.setTimeout(0);
    const document = createDocument({ testInfo, options, root, isMobile });
    const budgets = loadBudgets({ budgets: options.budgets, root, env: process.env });
    this.document = document;
    return { document, options, budgets };
  }

  noteChrome(): void {
    const chrome = this.world.pool.peek();
    if (!this.document || !chrome) return;
    this.document.chrome = { version: chrome.version, path: chrome.chrome.path, flags: [...chrome.chrome.flags] };
  }

  /** Another run of ours on this machine: both disturb each other, and comparisons keep Chrome to the same core. */
  noteOthers(): void {
    const [other] = findOtherOwners();
    if (other === undefined) return;
    this.warnOnce(
      'MEASURED_BESIDE',
      `Another run of Pacewright (process ${other}) measured on this machine at the same time: each is part of the other's numbers.`,
      'run one after the other, or on machines of their own',
    );
  }

  warnOnce(code: string, message: string, advice: string): void {
    const warnings = this.document?.warnings;
    if (warnings && !warnings.some((warning) => warning.code === code)) warnings.push({ code, message, advice });
  }

  journal(line: Parameters<typeof appendJournal>[1]): void {
    if (!this.journalWorks) return;
    try {
      appendJournal(this.folder, line);
    } catch (error) {
      // A full disk must not cost what is being measured: the document still travels to the reporter.
      this.journalWorks = false;
      const reason = error instanceof Error ? error.message : String(error);
      this.warnOnce(
        'WRITE_FAILED',
        `The journal could not be written (${cleanText(reason)}); what is measured is kept in memory only.`,
        "free disk space or correct the folder's rights, then run again",
      );
    }
  }

  async attachProblem(problem: Problem): Promise<void> {
    const body = JSON.stringify(problem);
    await this.world.testInfo.attach('pacewright-problem', { contentType: problemMediaType, body });
  }

  /** Hands a judged document over, whatever became of it. */
  async handOver(document: ScenarioDocument): Promise<void> {
    const { testInfo, environment } = this.world;
    document.wall = performance.now() - this.start;
    const checked = scenarioDocument.parse(document);
    await testInfo.attach('pacewright', { contentType: scenarioMediaType, body: JSON.stringify(checked) });
    const measured: Environment = {
      ...environment,
      calibration: { ...environment.calibration, end: calibrate() },
    };
    await testInfo.attach('pacewright-environment', {
      contentType: environmentMediaType,
      body: JSON.stringify(measured),
    });
    if (!this.sides) return;
    const body = JSON.stringify(this.sides);
    await testInfo.attach('pacewright-comparison', { contentType: comparisonMediaType, body });
  }
}
