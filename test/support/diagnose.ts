/** Diagnoses flows in real Chrome, without Playwright's runner. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContextOptions } from '@playwright/test';
import { readOptions, defaultOptions } from '../../src/config/options.ts';
import type { HeavyCollector } from '../../src/collect/heavy.ts';
import type { ScenarioDocument } from '../../src/core/document.ts';
import { runDiagnosis } from '../../src/diagnose/run-diagnosis.ts';
import type { ChromePool } from '../../src/scenario/chrome-pool.ts';
import { type Flow, runSample, type SampleResult } from '../../src/scenario/sample.ts';
import { emptyDocument } from './measure.ts';

export interface DiagnoseOptions {
  readonly context: BrowserContextOptions;
  /** Traced runs of the flow; one shows what is there, five show it as a user's run does. */
  readonly passes?: number;
}

/** One sample, and then the passes of a diagnosis: its document, without any verdict. */
export async function diagnoseFlow(
  pool: ChromePool,
  flow: Flow,
  { context, passes = 1 }: DiagnoseOptions,
): Promise<ScenarioDocument> {
  const options = readOptions({ ...defaultOptions, noiseGate: 'off', settle: { timeout: 5000 }, lighthouse: 'off' });
  const run = (index: number, heavy: HeavyCollector | null): Promise<SampleResult> =>
    runSample(pool, {
      index,
      role: 'measured',
      flow,
      options,
      context,
      keepRequests: true,
      warmUrls: [],
      heavy,
      present: (_name, actions) => actions(),
      onPopup: () => {},
    });
  const { sample } = await run(0, null);
  const document: ScenarioDocument = {
    ...emptyDocument(),
    options: { ...options, diagnose: 'all' },
    status: 'measured',
    samples: [sample],
  };
  const temporary = mkdtempSync(path.join(tmpdir(), 'pacewright-diagnose-'));
  let traced = 0;
  try {
    document.diagnosis = await runDiagnosis(document, {
      runPass: async ({ title, pass, heavy }) => {
        const result = await run(1 + pass, heavy);
        if (title.startsWith('diagnosis: trace')) traced += 1;
        return result;
      },
      runLighthouse: () => Promise.reject(new Error('not asked for')),
      present: (_title, work) => work(),
      restartChrome: () => pool.close(),
      temporary,
      keep: () => 0,
      signal: new AbortController().signal,
      // No time is left for more passes than were asked for.
      now: () => performance.now() + (traced >= passes ? 1e9 : 0),
    });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return document;
}
