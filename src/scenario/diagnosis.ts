/** The diagnosis of one scenario within its test: passes run as samples do, artefacts go where the run keeps them. */
import path from 'node:path';
import type { BrowserContextOptions, TestInfo } from '@playwright/test';
import { createWorkFolder } from '../browser/abandoned.ts';
import { within } from '../browser/limit.ts';
import { type LighthouseOutcome, runLighthouse } from '../collect/lighthouse.ts';
import type { Variant } from '../core/comparison.ts';
import { artifactMediaType, failedDiagnosis } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { runDiagnosis } from '../diagnose/run-diagnosis.ts';
import { describeError } from '../diagnose/describe-error.ts';
import type { DiagnosisWorld, PassOrder } from '../diagnose/world.ts';
import { judgeDocument } from '../judge/document.ts';
import { placeArtifact } from '../store/artifacts.ts';
import type { ChromePool } from './chrome-pool.ts';
import type { Flow, SampleResult } from './sample.ts';
import type { SampleOrder } from './sampler.ts';

export interface DiagnosisSurroundings {
  readonly testInfo: TestInfo;
  readonly pool: ChromePool;
  /** Of the run, with its journal; artefacts go beside it. */
  readonly folder: string;
  readonly runSample: (order: SampleOrder) => Promise<SampleResult>;
  readonly present: DiagnosisWorld['present'];
  readonly flow: Flow;
  readonly isMobile: boolean;
  /** Of head, beside those of `use`. */
  readonly contextOptions: BrowserContextOptions | undefined;
  /** ms that Playwright's actions wait; undefined where the config sets it itself. */
  readonly actionTimeout: number | undefined;
  /** What a warm-up of each side visited. */
  readonly warmUrls: Readonly<Record<Variant, readonly string[]>>;
}

// An interrupted run is ended by a person who waits: what Chrome and disk need, not more.
const patience = 5000;

/** One at a time; what it starts is ended by `stop`, whatever becomes of the test. */
export class ScenarioDiagnosis {
  private readonly aborter = new AbortController();
  private readonly world: DiagnosisSurroundings;
  private running: Promise<void> | undefined;

  constructor(world: DiagnosisSurroundings) {
    this.world = world;
  }

  /** Fills the document's diagnosis, and judges again what only it can tell. Never rejects. */
  run(document: ScenarioDocument): Promise<void> {
    this.running = this.diagnose(document);
    return this.running;
  }

  /** Ends a diagnosis that still runs because its test was interrupted. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.aborter.abort();
    await this.world.pool.close();
    await within(patience, this.running, () => new Error('late')).catch(() => {});
  }

  private async diagnose(document: ScenarioDocument): Promise<void> {
    const { testInfo, pool, folder } = this.world;
    let work: ReturnType<typeof createWorkFolder> | undefined;
    try {
      work = createWorkFolder();
      document.diagnosis = await runDiagnosis(document, {
        runPass: (order) => this.runPass(document, order),
        runLighthouse: (pass) => this.runLighthouse(document, pass),
        present: this.world.present,
        restartChrome: () => pool.close(),
        temporary: work.folder,
        keep: (file, name) => {
          const bytes = placeArtifact(file, folder, name);
          // Not `attach`, which copies the file once more: blob reports take it from where it lies.
          testInfo.attachments.push({ name, contentType: artifactMediaType, path: path.join(folder, name) });
          return bytes;
        },
        signal: this.aborter.signal,
        now: () => performance.now(),
      });
    } catch (error) {
      document.diagnosis = failedDiagnosis(describeError(error));
    } finally {
      work?.remove();
      this.running = undefined;
    }
    Object.assign(document, judgeDocument(document));
  }

  private async runLighthouse(document: ScenarioDocument, pass: number): Promise<LighthouseOutcome> {
    const { pool, flow, isMobile, contextOptions, actionTimeout, present } = this.world;
    const { browser, chrome } = await pool.acquire({ most: Infinity });
    const steps = document.samples.find((sample) => sample.variant === 'head')?.steps ?? [];
    return runLighthouse({
      chrome,
      browser,
      contextOptions,
      mobile: isMobile,
      flow,
      sample: { index: document.samples.length + pass, warmUp: false },
      options: document.options,
      kinds: new Map(steps.map(({ name, kind }) => [name, kind])),
      actionTimeout,
      onProgress: (text) => void present(text, () => Promise.resolve()),
      signal: this.aborter.signal,
    });
  }

  private runPass(document: ScenarioDocument, order: PassOrder): Promise<SampleResult> {
    const { title, variant, pass, compared, heavy } = order;
    this.aborter.signal.throwIfAborted();
    return this.world.runSample({
      title,
      variant,
      heavy,
      role: 'measured',
      // Test data that depends on the sample is another in every pass, too.
      index: document.samples.length + pass,
      pair: null,
      phase: null,
      keepRequests: true,
      warmUrls: this.world.warmUrls[variant],
      // Samples of pairs neither are slowed down, nor share their core.
      throttled: !compared,
      oneCore: compared && (document.comparison?.parameters.oneCore ?? false),
      digest: false,
      stepTimeout: null,
    });
  }
}
