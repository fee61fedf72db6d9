/** One memory scenario in one test: its document from the first iteration to the attachment. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test as base } from '@playwright/test';
import { createWorkFolder } from '../browser/abandoned.ts';
import { within } from '../browser/limit.ts';
import { resolveBudgets } from '../config/budgets.ts';
import type { PacewrightOptions } from '../config/options.ts';
import { comparisonParametersFor } from '../judge/comparison-parameters.ts';
import { artifactMediaType } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { isPacewrightError, PacewrightError, toProblem } from '../core/errors.ts';
import type { Memory, MemoryCounters } from '../core/leaks.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { describeError } from '../diagnose/describe-error.ts';
import { LeakAnalysis } from '../diagnose/leak-analysis.ts';
import type { LeakAnswer, SnapshotName } from '../diagnose/leak-messages.ts';
import { judgeDocument } from '../judge/document.ts';
import { memoryLines } from '../judge/memory.ts';
import { describeGrowth, fewestIterations } from '../judge/memory-growth.ts';
import { artifactPath } from '../store/artifacts.ts';
import { describeCause, toFailure } from './failure.ts';
import { BudgetError } from './gate.ts';
import { confirmGrowth, confirmLeaks, countWarmUps, needsConfirmation } from './leak-confirm.ts';
import { emptyMemory, whatWasChecked } from './leak-memory.ts';
import { type LeakPassResult, runLeakPass } from './leak-pass.ts';
import { type LeakPlan, type LeakScenario, readPlan } from './leak-plan.ts';
import { SampleFailure } from './sample-failure.ts';
import { ScenarioKeeper, type ScenarioWorld } from './scenario-keeper.ts';
import { contextFor } from './variant-context.ts';

/** Names of the snapshots' files. */
const fileNames = { first: 'baseline.heapsnapshot.gz', last: 'final.heapsnapshot.gz' } as const;
const fileTitles = { first: 'Before the first iteration', last: 'After the last iteration' } as const;

// A dead Chrome costs the pass; one that dies again is the page's or the machine's fault.
const mostRepeats = 1;

// An interrupted run is ended by a person who waits: what Chrome and disk need, not more.
const patience = 5000;

interface Pass {
  readonly result: LeakPassResult;
  /** Null where the snapshots could not be analysed; why is among the warnings. */
  readonly answer: LeakAnswer | null;
  /** ms that snapshots and analysis took. */
  readonly analysed: number;
}

interface PassOrder {
  readonly scenario: LeakScenario;
  readonly plan: LeakPlan;
  readonly files: Readonly<Record<SnapshotName, string>>;
  /** What live lines begin with. */
  readonly label: string;
  readonly onCounters: (counters: readonly MemoryCounters[]) => void;
}

export class LeakMeasurement {
  private readonly world: ScenarioWorld;
  private readonly keeper: ScenarioKeeper;
  private analysis: LeakAnalysis | undefined;
  private running: Promise<Memory> | undefined;
  private stopped = false;

  constructor(world: ScenarioWorld) {
    this.world = world;
    this.keeper = new ScenarioKeeper(world);
  }

  /** `detectLeaks` of the test. @throws the action's error; PacewrightError for what is wrong with the scenario */
  async detect(scenario: LeakScenario, overrides: Partial<PacewrightOptions> = {}): Promise<Memory> {
    try {
      this.running = this.detectOnce(scenario, overrides);
      return await this.running;
    } catch (error) {
      if (error instanceof SampleFailure) throw describeActionFailure(error, this.keeper.document);
      if (isPacewrightError(error)) await this.keeper.attachProblem(toProblem(error));
      throw error;
    } finally {
      this.running = undefined;
    }
  }

  private async detectOnce(scenario: LeakScenario, overrides: Partial<PacewrightOptions>): Promise<Memory> {
    const { keeper } = this;
    const plan = readPlan(scenario);
    const { document, budgets } = keeper.begin('detectLeaks()', overrides);
    const memory = emptyMemory(plan);
    document.memory = memory;
    const { titlePath, project } = document;
    const lines = resolveBudgets(budgets.lines, { titlePath, project });
    // Without absolute limits leaks are told, and fail nothing.
    document.budgets =
      keeper.sides?.budgets === false ? memoryLines(document, []).map((line) => ({ ...line, level: 'warn' })) : lines;
    if (keeper.sides) this.noteComparison(document);
    this.journal(document);
    const work = createWorkFolder();
    try {
      const keeps = scenario.snapshots !== 'drop';
      const files = this.placeFiles(document, keeps ? keeper.folder : work.folder);
      const pass = await this.runPass(document, {
        ...{ scenario, plan, files, label: '' },
        onCounters: (counters) => {
          memory.counters = [...counters];
          memory.iterations = counters.length - 1;
          memory.growth = describeGrowth(counters);
          this.journal(document);
        },
      });
      if (keeps) this.keepSnapshots(document, memory, pass.result);
      this.fill(document, memory, pass);
      Object.assign(document, judgeDocument(document));
      document.status = 'measured';
      this.journal(document);
      if (needsConfirmation(memory, document.verdicts))
        await this.confirm(document, memory, {
          ...{ scenario, plan, work: work.folder },
          warmUps: countWarmUps(memory, pass.result.repetition),
        });
      return memory;
    } catch (error) {
      // An interrupted run lets its Chrome go: that is no failure of the action.
      if (error instanceof SampleFailure && !this.stopped) {
        document.status = 'failed';
        document.failure = { ...toFailure(error, memory.iterations), sample: null };
      }
      throw error;
    } finally {
      work.remove();
    }
  }

  /** Base has no say in leaks: what is left behind is judged as it is. */
  private noteComparison(document: ScenarioDocument): void {
    const scenarios = Number(process.env['PACEWRIGHT_SCENARIOS'] ?? 1);
    document.comparison = {
      status: 'not compared',
      note: 'leaks are looked for in head alone: what an action leaves behind is judged as it is, not against base',
      parameters: comparisonParametersFor(scenarios),
      seed: document.seed,
      lines: [],
      limits: 'alone',
      looks: [],
      changes: [],
    };
  }

  private placeFiles(document: ScenarioDocument, folder: string): Readonly<Record<SnapshotName, string>> {
    const place = (name: SnapshotName): string => path.join(folder, artifactPath(document, null, fileNames[name]));
    const files = { first: place('first'), last: place('last') };
    try {
      mkdirSync(path.dirname(files.first), { recursive: true });
    } catch (error) {
      throw new PacewrightError('WRITE_FAILED', `Heap snapshots cannot be written: ${describeError(error)}`, {
        next: "free disk space or correct the folder's rights",
        cause: error,
      });
    }
    return files;
  }

  /** One pass with its analysis; once more where Chrome died. */
  private async runPass(document: ScenarioDocument, order: PassOrder): Promise<Pass> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.tryPass(document, order);
      } catch (error) {
        for (const file of Object.values(order.files)) rmSync(file, { force: true });
        if (!(error instanceof SampleFailure) || !error.infrastructure || repeats >= mostRepeats || this.stopped)
          throw error;
        this.keeper.warnOnce(
          'SAMPLE_REPEATED',
          `${describeCause(error.cause)} The iterations were repeated in a new Chrome.`,
          'nothing to do if it happens once; `npx pacewright doctor` if it does again',
        );
      }
    }
  }

  private async tryPass(document: ScenarioDocument, order: PassOrder): Promise<Pass> {
    const { pool, configured, actionTimeout } = this.world;
    const { sides } = this.keeper;
    const analysis = new LeakAnalysis();
    this.analysis = analysis;
    const present = <Value>(title: string, work: () => Promise<Value>): Promise<Value> =>
      base.step(`${order.label}${title}`, work);
    try {
      const result = await runLeakPass(pool, {
        ...order,
        options: document.options,
        context: sides ? contextFor('head', sides, configured) : undefined,
        actionTimeout: actionTimeout > 0 ? undefined : document.options.stepTimeout * 0.95,
        analysis,
        present,
      });
      this.keeper.noteChrome();
      this.keeper.noteOthers();
      const { viewport, scale, userAgent } = result.facts;
      document.device = { ...document.device, viewport, scale, userAgent: cleanText(userAgent) };
      const start = performance.now();
      const answer = await present('looking for leaks', () => this.analyse(analysis, result));
      return { result, answer, analysed: result.photographed + performance.now() - start };
    } finally {
      await analysis.close();
    }
  }

  /** Null where it fails: what was counted stands all the same. */
  private async analyse(analysis: LeakAnalysis, result: LeakPassResult): Promise<LeakAnswer | null> {
    const { borders, counters, counted, scripts, url } = result;
    if (counters.length <= fewestIterations) return null;
    const problem = (message: string, advice: string): null => {
      this.keeper.warnOnce('LEAKS_NOT_ANALYSED', message, advice);
      return null;
    };
    if (borders === null) {
      return problem(
        'The page changed its process during the iterations, and with it its heap: what was left behind cannot be dated.',
        'stay on one site during the action: another one gets a process of its own',
      );
    }
    try {
      await analysis.end('first');
      await analysis.end('last');
      return await analysis.find({
        ...{ borders, counters, counted, pageUrl: url },
        ...{ urls: scripts.urls, sources: scripts.sources },
      });
    } catch (error) {
      return problem(
        `The heap snapshots could not be analysed: ${describeError(error)}`,
        'open them in DevTools; growth was counted all the same',
      );
    }
  }

  private fill(document: ScenarioDocument, memory: Memory, { result, answer, analysed }: Pass): void {
    const { counters, returned, url } = result;
    memory.url = redactUrl(url);
    memory.iterations = counters.length - 1;
    memory.ended = answer ? result.ended : 'failed';
    memory.leaks = [...(answer?.leaks ?? [])];
    memory.outside = [...(answer?.outside ?? [])];
    memory.returned = returned;
    memory.analysed = analysed;
    memory.checked = whatWasChecked(memory);
    if (result.ended === 'stopped early') {
      document.warnings.push({
        code: 'STOPPED_EARLY',
        message: `The heap grew so fast that the tab was about to end: the action was repeated ${memory.iterations} times only.`,
        advice: 'the growth is real; mend the first leak and run again',
      });
    }
    if (!returned.same) {
      document.warnings.push({
        code: 'ACTION_DOES_NOT_RETURN',
        message: `The action does not end in the state it began in: ${returned.how}.`,
        advice:
          'undo in the action what it does (close, go back, remove); if it does, the page keeps what is named here',
      });
    }
    for (const message of answer?.notes ?? [])
      document.warnings.push({ code: 'SOURCE_MAP', message, advice: 'serve the source maps beside the scripts' });
  }

  /** A second pass in a fresh Chrome, after at least as many repetitions as the first had in all: caches fill up. */
  private async confirm(
    document: ScenarioDocument,
    memory: Memory,
    about: { scenario: LeakScenario; plan: LeakPlan; work: string; warmUps: number },
  ): Promise<void> {
    const { scenario, plan, work, warmUps } = about;
    const again = { warmUps, iterations: plan.iterations, most: plan.iterations };
    try {
      const { result, answer, analysed } = await this.runPass(document, {
        ...{ scenario, plan: again, files: this.placeFiles(document, work), label: 'confirmation · ' },
        onCounters: () => {},
      });
      const iterations = result.counters.length - 1;
      const problem = answer ? null : 'its snapshots could not be analysed';
      memory.confirmation = { warmUps, iterations, problem };
      memory.analysed += analysed;
      if (answer) memory.leaks = confirmLeaks(memory.leaks, answer.leaks);
      memory.growth = confirmGrowth(memory.growth, describeGrowth(result.counters), warmUps);
    } catch (error) {
      // What the first pass found stands: a second that fails refutes nothing.
      memory.confirmation = { warmUps, iterations: 0, problem: describeError(error) };
    }
  }

  private keepSnapshots(document: ScenarioDocument, memory: Memory, { bytes }: LeakPassResult): void {
    const { testInfo } = this.world;
    for (const name of ['first', 'last'] as const) {
      const file = artifactPath(document, null, fileNames[name]);
      // Not `attach`, which copies the file once more: blob reports take it from where it lies.
      const attachment = { name: file, contentType: artifactMediaType, path: path.join(this.keeper.folder, file) };
      testInfo.attachments.push(attachment);
      memory.snapshots.push({ name: fileTitles[name], file, bytes: bytes[name] });
    }
  }

  private journal(document: ScenarioDocument): void {
    this.keeper.journal(document.status === 'measured' ? { judged: document } : { scenario: document });
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    const { running } = this;
    if (!running) return;
    await this.analysis?.close();
    await this.world.pool.close();
    await within(patience, running, () => new Error('late')).catch(() => {});
  }

  /** Ends what still runs because the test was interrupted, hands the document over, and fails the test for its budgets. */
  async finish(): Promise<void> {
    const { document } = this.keeper;
    if (!document) return;
    await this.stop();
    Object.assign(document, judgeDocument(document));
    await this.keeper.handOver(document);
    const gating = document.verdicts.filter((verdict) => verdict.gates);
    if (document.status === 'measured' && gating.length > 0) throw new BudgetError(gating);
  }
}

/** An error with the user's own stack, and a message that says where it happened. */
function describeActionFailure({ cause, step }: SampleFailure, document: ScenarioDocument | undefined): Error {
  const about = document?.failure;
  const error = new Error(
    `detectLeaks failed in ${step ?? 'its beginning'} (${about?.code ?? 'FLOW_FAILED'}): ${cause.message}\n  Next: ${about?.next ?? ''}`,
  );
  const frames = cause.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  error.stack = `${error.name}: ${error.message}\n${frames.join('\n')}`;
  return error;
}
