/** Rules of style sheets that were used for the first time in each step. Of the page's own document, not of frames. */
import type { CDPSession } from '@playwright/test';
import type { StyleCoverage } from '../core/recording.ts';
import type { HeavyCollector, ObservedPage, ObservedStep } from './heavy.ts';

const mostSheets = 2000;

interface Sheet {
  readonly id: string;
  readonly url: string;
  readonly text: Promise<string | undefined>;
}

export class StyleCoverageCollector implements HeavyCollector {
  readonly what = 'coverage of style sheets';
  private readonly steps = new Map<string, StyleCoverage[]>();
  private readonly sheets = new Map<string, Sheet>();
  /** Those that no step has shown yet. */
  private fresh = new Set<string>();
  private session: CDPSession | undefined;

  /** Sheets that were new in the step, or had rules that were. */
  coverageOf(step: string): readonly StyleCoverage[] {
    return this.steps.get(step) ?? [];
  }

  async attach({ page, context }: ObservedPage): Promise<void> {
    const session = await context.newCDPSession(page);
    this.session = session;
    session.on('CSS.styleSheetAdded', ({ header }) => {
      // The page's own, not those that the browser or its driver brings along.
      if (header.origin !== 'regular' || this.sheets.size >= mostSheets) return;
      const id = header.styleSheetId;
      const text = session.send('CSS.getStyleSheetText', { styleSheetId: id }).then(
        (answer) => answer.text,
        () => undefined,
      );
      this.sheets.set(id, { id, url: header.sourceURL, text });
      this.fresh.add(id);
    });
    await session.send('DOM.enable');
    await session.send('CSS.enable');
    await session.send('CSS.startRuleUsageTracking');
  }

  async beginStep(): Promise<void> {}

  async endStep({ name }: ObservedStep): Promise<void> {
    if (!this.session) return;
    const { coverage } = await this.session.send('CSS.takeCoverageDelta');
    const used = Map.groupBy(
      coverage.filter((rule) => rule.used),
      (rule) => rule.styleSheetId,
    );
    const shown: StyleCoverage[] = [];
    for (const { id, url, text } of this.sheets.values()) {
      const rules = used.get(id) ?? [];
      if (rules.length === 0 && !this.fresh.has(id)) continue;
      const known = await text;
      if (known === undefined) continue;
      shown.push({
        url,
        text: known,
        used: rules.map(({ startOffset, endOffset }) => ({ start: startOffset, end: endOffset })),
      });
    }
    this.fresh = new Set();
    this.steps.set(name, shown);
  }

  async endFlow(): Promise<void> {}

  async dispose(): Promise<void> {
    await this.session?.detach().catch(() => {});
    this.session = undefined;
  }
}
