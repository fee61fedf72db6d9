/** Lighthouse on a flow in real Chrome, without a scenario around it. */
import type { BrowserContextOptions } from '@playwright/test';
import { defaultOptions, type PacewrightOptions, readOptions } from '../../src/config/options.ts';
import { type LighthouseFlow, type LighthouseOutcome, runLighthouse } from '../../src/collect/lighthouse.ts';
import type { StepKind } from '../../src/core/metrics.ts';
import type { ChromePool } from '../../src/scenario/chrome-pool.ts';

export async function auditFlow(
  pool: ChromePool,
  kinds: Readonly<Record<string, StepKind>>,
  flow: LighthouseFlow,
  about: {
    options?: Partial<PacewrightOptions>;
    context?: BrowserContextOptions;
    signal?: AbortSignal;
    onProgress?: (text: string) => void;
  } = {},
): Promise<LighthouseOutcome> {
  const { chrome, browser } = await pool.acquire();
  return runLighthouse({
    chrome,
    browser,
    contextOptions: { viewport: { width: 1350, height: 940 }, ...about.context },
    mobile: false,
    flow,
    sample: { index: 0, warmUp: false },
    options: readOptions({ ...defaultOptions, stepTimeout: 10_000, ...about.options }),
    kinds: new Map(Object.entries(kinds)),
    onProgress: about.onProgress ?? (() => {}),
    signal: about.signal ?? new AbortController().signal,
  });
}
