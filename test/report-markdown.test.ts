import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../src/report/markdown.ts';
import { escapeMarkdown } from '../src/report/markdown-text.ts';
import { hostileRun } from './fixtures/runs/hostile.ts';
import * as runs from './fixtures/runs/runs.ts';

/** Golden outputs stand between two line breaks, so that they begin at the margin. */
function framed(text: string): string {
  return `\n${text}\n`;
}

describe('the verdict as Markdown', () => {
  it('is a paragraph, a table worst first, and the reasons', () => {
    expect(framed(renderMarkdown(runs.failingRun()))).toBe(`
**2 of 13 budget lines fail.** Worst: bytes.script p50 of "open the shop" is 211.8 kB against 170 kB, 41.83 kB (25 %) over the limit. Commit 4f1c0a9d2. Measured by Pacewright, 2026-11-20 09:00 UTC.

| Verdict | Step | Metric | Value | Limit | Interval | Margin |
| :-- | :-- | :-- | --: | --: | --: | --: |
| ❌ fail | buy a pair of boots › open the shop | bytes.script p50 | 211.8 kB | 170 kB | exact | −41.83 kB (−25 %) |
| ❌ fail | buy a pair of boots › open the shop | LCP p75 | 2.74 s | 2.5 s | 2.63–2.88 s | −241 ms (−9.6 %) |
| ❔ inconclusive | buy a pair of boots › open a product | LCP p75 | 388 ms | 360 ms | 372–407 ms | −28 ms (−7.8 %) |
| ⚠️ warn | buy a pair of boots › open a product | layouts p50 | 4 | 3 | exact | −1 (−33 %) |
| ⭕ not measured | buy a pair of boots › open a product | timing.reviews p50 | – | 400 ms | – | – |
| ✅ pass | buy a pair of boots › open a product | bytes.total p50 | 123.7 kB | 120 kB (132 kB with tolerance) | exact | +8.31 kB (+6.3 %) |
| ✅ pass | buy a pair of boots › open the shop | requests.total p50 | 31 | 40 | exact | +9 (+23 %) |
| ✅ pass | buy a pair of boots › the whole flow | bytes.total p50 | 659.7 kB | 900 kB | exact | +240.3 kB (+27 %) |
| ✅ pass | buy a pair of boots › search | cpu.main p50 | 70.8 ms | 150 ms | 68–74.4 ms | +79.2 ms (+53 %) |
| ✅ pass | check out › open the shop | LCP p75 | 1.15 s | 2.5 s | 1.11–1.21 s | +1.35 s (+54 %) |
| ✅ pass | buy a pair of boots › open the shop | CLS p50 | 0.021 | 0.1 | exact | +0.079 (+79 %) |
| ✅ pass | buy a pair of boots › search | INP p50 | 24 ms | 200 ms | 23–25.2 ms | +176 ms (+88 %) |
| ✅ pass | check out › search | INP p50 | 24 ms | 200 ms | 23–25.2 ms | +176 ms (+88 %) |

- buy a pair of boots › open the shop, bytes.script p50: all 12 samples have the same value
  - 211.8 kB = index-B2c9.js 141.8 kB + vendor-Q81f.js 22.41 kB + others 47.62 kB
- buy a pair of boots › open the shop, LCP p75: decided after 12 samples: the tolerance bound lies beyond the limit
  - 2.74 s = first byte 109 ms + until the resource was asked for 602 ms + its load 1.53 s + until it was painted 493 ms
- buy a pair of boots › open a product, LCP p75: after 12 samples neither bound lies on one side of the limit
  - 387 ms = first byte 15.5 ms + until the resource was asked for 85.1 ms + its load 217 ms + until it was painted 69.6 ms
- buy a pair of boots › open a product, layouts p50: all 12 samples have the same value
- buy a pair of boots › open a product, timing.reviews p50: no performance.measure or mark called "reviews" in any of 12 samples

`);
  });

  it('names the step and the sample of a flow that failed', () => {
    expect(framed(renderMarkdown(runs.failedFlowRun()))).toBe(`
**The scenario failed; none of 7 budget lines was measured.** The flow of "buy a pair of boots" failed in step "search", sample 3. Commit 4f1c0a9d2. Measured by Pacewright, 2026-11-20 09:00 UTC.

| Verdict | Step | Metric | Value | Limit | Interval | Margin |
| :-- | :-- | :-- | --: | --: | --: | --: |
| ⭕ not measured | open the shop | LCP p75 | – | 2.5 s | – | – |
| ⭕ not measured | open the shop | CLS p50 | – | 0.1 | – | – |
| ⭕ not measured | open the shop | bytes.script p50 | – | 170 kB | – | – |
| ⭕ not measured | open the shop | requests.total p50 | – | 40 | – | – |
| ⭕ not measured | search | INP p50 | – | 200 ms | – | – |
| ⭕ not measured | search | cpu.main p50 | – | 150 ms | – | – |
| ⭕ not measured | the whole flow | bytes.total p50 | – | 900 kB | – | – |

- **buy a pair of boots** failed (step search, sample 3, FLOW\\_FAILED): locator.waitFor: Timeout 5000ms exceeded. Call log:   - waiting for getByText('12 results') to be visible
- open the shop, LCP p75 and 6 more lines: the flow failed in sample 3

`);
  });

  it('is one paragraph when nothing was judged', () => {
    expect(framed(renderMarkdown(runs.noBudgetsRun()))).toBe(`
**Nothing was judged: no budget line applies.** Commit 4f1c0a9d2. Measured by Pacewright, 2026-11-20 09:00 UTC.

`);
  });

  it('sums up what does not fit', () => {
    expect(renderMarkdown(runs.largeRun())).toContain('10 more lines in the report, 0 of them not passing.');
  });

  it('lets nothing of a page become markup, a mention, a reference or a link', () => {
    const text = renderMarkdown(hostileRun());
    expect(text).not.toMatch(/<|(?<!\\)\[|@everyone|#1\b|https?:\/\//);
    for (const row of text.split('\n').filter((line) => line.startsWith('|'))) {
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(8);
    }
    expect(text.length).toBeLessThan(60_000);
  });

  it.each([
    ['<b>x</b>', '&lt;b&gt;x&lt;/b&gt;'],
    ['a|b', 'a\\|b'],
    ['a\\|b', 'a\\\\\\|b'],
    ['[x](javascript:alert(1))', '\\[x\\](javascript:alert(1))'],
    ['@team', '@&#8203;team'],
    ['see #12', 'see #&#8203;12'],
    ['http://x', 'http:&#8203;//x'],
    [':smile:', ':&#8203;smile:'],
    ['# head', '\\# head'],
    // A backslash escapes punctuation only: before a digit it would be shown.
    ['1. item', '1\\. item'],
    ['67.03 kB', '67.03 kB'],
    ['&lt;', '&amp;lt;'],
  ])('escapes %s', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});
