/**
 * The Playwright reporter: shows progress, gathers the documents of all tests (from one machine, or from the shards
 * that `merge-reports` reads), writes the run folder, prints the verdict and sets the exit code.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import type {
  FullConfig,
  FullResult,
  Reporter,
  Suite,
  TestCase,
  TestResult,
  TestStep,
} from '@playwright/test/reporter';
import picocolors from 'picocolors';
import { removeAbandoned } from '../browser/abandoned.ts';
import { loadBudgets } from '../config/budget-source.ts';
import { checkScenarioNames, checkSharedStepNames } from '../config/budgets.ts';
import { defaultOptions, type PacewrightOptions } from '../config/options.ts';
import { type Problem, schemaVersion } from '../core/document.ts';
import { exitCodes, formatError, isPacewrightError, PacewrightError, toProblem } from '../core/errors.ts';
import type { AnyLine } from '../core/precedence.ts';
import { cleanText } from '../core/text.ts';
import { judgeDocument } from '../judge/document.ts';
import { renderTerminal } from '../report/terminal.ts';
import { readGit } from '../store/git.ts';
import { readJournal } from '../store/journal.ts';
import { createRunFolder } from '../store/run-folder.ts';
import { toolVersion } from '../store/tool.ts';
import { listArtifacts, placeArtifacts } from './artifacts.ts';
import { Collection, exitCodeOf } from './assemble.ts';
import { describeCommand, seesWholeSuite } from './command-line.ts';
import { writeAll, writeStepSummary } from './files.ts';
import { LiveLine } from './live.ts';
import { isNarrowed, scenarioTitle } from './suite.ts';

/** Where the command line finds what became of the run in its own process. */
export const outcomeKey = Symbol.for('pacewright.outcome');

const decimal = new Intl.NumberFormat('en-US');

export default class PacewrightReporter implements Reporter {
  private readonly folderName: string | undefined;
  private readonly live: LiveLine;
  private readonly collection = new Collection();
  private readonly startedAt = new Date();
  private config: FullConfig | undefined;
  private suite: Suite | undefined;
  private run: { id: string; folder: string } | undefined;
  private unwritable: PacewrightError | undefined;
  private finished = 0;
  private total = 0;
  private sampleTitle = '';
  /** Budget lines of a whole suite, for what can be checked only when all steps are known. */
  private sharedLines: readonly AnyLine[] = [];

  constructor(options: { outputFolder?: string } = {}) {
    this.folderName = options.outputFolder;
    this.live = new LiveLine({
      write: (text) => process.stdout.write(text),
      isTTY: process.stdout.isTTY && !process.env['CI'],
      columns: process.stdout.columns ?? 80,
      now: () => performance.now(),
    });
  }

  printsToStdio(): boolean {
    return true;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    this.config = config;
    this.suite = suite;
    this.total = suite.allTests().length;
    // Workers share out the run's limit of false alarms over all scenarios, those of other shards too.
    process.env['PACEWRIGHT_SCENARIOS'] = String(this.total * (config.shard?.total ?? 1));
    const servers = config.webServer ? ', starting the web server' : '';
    if (this.total > 0)
      this.live.show(`${decimal.format(this.total)} ${this.total === 1 ? 'scenario' : 'scenarios'}${servers}`, true);
    removeAbandoned();
    try {
      this.run = createRunFolder(this.reportsFolder(config), this.startedAt);
      // Workers are started after this and inherit it: they write the journal.
      process.env['PACEWRIGHT_RUN_DIR'] = this.run.folder;
    } catch (error) {
      this.unwritable = new PacewrightError(
        'WRITE_FAILED',
        `The reports folder cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
        { next: 'correct the rights of the folder, or name another with `--reports`; nothing was measured' },
      );
    }
    // A cancelled CI job gets SIGTERM: Playwright's own way out, that of Ctrl-C, leaves a valid report.
    process.once('SIGTERM', () => process.kill(process.pid, 'SIGINT'));
    const problem = this.unwritable ? toProblem(this.unwritable) : this.findProblem(config, suite);
    if (problem) {
      this.collection.addProblem(problem);
      process.env['PACEWRIGHT_PROBLEM'] = JSON.stringify(problem);
    }
  }

  private root(config: FullConfig): string {
    return config.configFile ? path.dirname(config.configFile) : config.rootDir;
  }

  private reportsFolder(config: FullConfig): string {
    return path.resolve(this.root(config), process.env['PACEWRIGHT_REPORTS'] ?? this.folderName ?? 'reports');
  }

  /** Budgets are read before the first sample: a typing error must not cost minutes. */
  private findProblem(config: FullConfig, suite: Suite): Problem | undefined {
    try {
      const projects = config.projects.map((project) => project.name);
      const titles = suite.allTests().map((test) => scenarioTitle(test));
      for (const project of config.projects) {
        const use = project.use as Partial<PacewrightOptions>;
        const budgets = use.budgets ?? defaultOptions.budgets;
        const { lines, regressions } = loadBudgets({ budgets, root: this.root(config), env: process.env });
        if (!seesWholeSuite(process.argv, config.shard !== null) || isNarrowed(config, suite)) continue;
        const all = [...lines, ...regressions];
        checkScenarioNames(all, titles, projects);
        this.sharedLines = all;
      }
      return undefined;
    } catch (error) {
      if (isPacewrightError(error)) return toProblem(error);
      throw error;
    }
  }

  onTestBegin(test: TestCase): void {
    this.live.show(`${this.position()} ${this.nameOf(test)}`, !process.stdout.isTTY);
  }

  onStepBegin(test: TestCase, _result: TestResult, step: TestStep): void {
    if (step.category !== 'test.step') return;
    const inner = step.parent?.category === 'test.step';
    if (!inner) this.sampleTitle = step.title;
    const title = inner ? `${this.sampleTitle} · ${step.title}` : step.title;
    this.live.show(`${this.position()} ${this.nameOf(test)} · ${cleanText(title, 400)}`);
  }

  onStdOut(chunk: string | Buffer): void {
    this.live.clear();
    process.stdout.write(chunk);
  }

  onStdErr(chunk: string | Buffer): void {
    this.live.clear();
    process.stderr.write(chunk);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    this.finished += 1;
    if (this.run) placeArtifacts(result.attachments, this.run.folder);
    this.collection.addTest({
      title: this.nameOf(test),
      status: result.status,
      expected: test.outcome() === 'expected',
      errors: result.errors.map((error) => error.message ?? error.value ?? 'unknown error'),
      attachments: result.attachments,
    });
  }

  onError(error: { message?: string; stack?: string }): void {
    this.print(error.message ?? error.stack ?? 'unknown error');
  }

  async onEnd(result: FullResult): Promise<{ status?: FullResult['status'] } | undefined> {
    this.live.clear();
    removeAbandoned();
    if (!this.run || !this.config) {
      if (this.unwritable) this.print(formatError(this.unwritable));
      this.report(exitCodes.notMeasured);
      return { status: 'failed' };
    }
    if (this.total === 0) {
      // Playwright has said that no test was found; an empty report would say less.
      rmSync(this.run.folder, { recursive: true, force: true });
      this.report(exitCodes.inputWrong);
      return { status: 'failed' };
    }
    this.collection.addLost(readJournal(this.run.folder).map((document) => judgeDocument(document)));
    this.checkSharedSteps(result);
    const collected = this.collection.toRun({
      schemaVersion,
      tool: { name: 'pacewright', version: toolVersion() },
      id: this.run.id,
      startedAt: this.startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      status: result.status === 'interrupted' ? 'interrupted' : 'complete',
      command: describeCommand(process.argv, process.env),
      // Where the config is our own, the repository is the one that the command was given in.
      git: readGit(process.env['PACEWRIGHT_REPOSITORY'] ?? this.root(this.config)),
    });
    const run = listArtifacts(collected, this.run.folder);
    const { report, problems } = writeAll(this.run.folder, run);
    writeStepSummary(run, process.env);
    // In a checkout of ours there is no `npx pacewright`: the script of that name does the same.
    const program = import.meta.url.endsWith('.ts') ? 'npm run -s pacewright --' : 'npx pacewright';
    this.print(
      renderTerminal(run, {
        color: picocolors.isColorSupported,
        width: process.stdout.columns ?? 100,
        reportPath: path.relative(process.cwd(), report),
      }).replaceAll('npx pacewright', program),
    );
    for (const problem of problems) this.print(formatError(problem));
    const code = problems.length > 0 ? exitCodes.notMeasured : exitCodeOf(run);
    const interrupted = result.status === 'interrupted';
    this.report(interrupted && code === exitCodes.pass ? exitCodes.notMeasured : code);
    return code === exitCodes.pass || interrupted ? undefined : { status: 'failed' };
  }

  /** Steps in budgets for several scenarios can be told from typing errors only when all scenarios have run. */
  private checkSharedSteps(result: FullResult): void {
    const steps = this.collection.stepNames();
    if (result.status === 'interrupted' || steps.length === 0) return;
    try {
      checkSharedStepNames(this.sharedLines, steps);
    } catch (error) {
      if (!isPacewrightError(error)) throw error;
      this.collection.addProblem(toProblem(error));
    }
  }

  /** Playwright knows 0 and 1 only; ours tell wrong input and "could not be measured" apart. */
  private report(code: number): void {
    (globalThis as Record<symbol, unknown>)[outcomeKey] = code;
    process.once('exit', (status) => {
      if (status === 0 || status === 1) process.exitCode = code === exitCodes.pass ? status : code;
    });
  }

  private print(text: string): void {
    this.live.clear();
    process.stdout.write(`${text.trimEnd()}\n`);
  }

  private position(): string {
    return `[${decimal.format(Math.min(this.finished + 1, this.total))}/${decimal.format(this.total)}]`;
  }

  private nameOf(test: TestCase): string {
    const project = (this.suite?.suites.length ?? 0) > 1 ? ` (${cleanText(test.parent.project()?.name ?? '')})` : '';
    return `${scenarioTitle(test)}${project}`;
  }
}
