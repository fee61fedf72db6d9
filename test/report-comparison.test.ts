import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../src/core/document.ts';
import { judgeDocument } from '../src/judge/document.ts';
import { renderMarkdown } from '../src/report/markdown.ts';
import { renderTerminal } from '../src/report/terminal.ts';
import { runOutcome } from '../src/report/run-outcome.ts';
import { comparisonRun, hostileComparisonRun, unchangedRun } from './fixtures/runs/comparisons.ts';

const plain = { color: false, width: 120, reportPath: 'reports/r1/index.html' };

/** Golden outputs stand between two line breaks, so that they begin at the margin. */
function framed(text: string): string {
  return `\n${text}\n`;
}

describe('the verdict of a comparison', () => {
  it('counts every kind, and fails with a metric that gates', () => {
    expect(runOutcome(comparisonRun())).toMatchObject({
      tone: 'fail',
      headline:
        '3 of 15 compared metrics regressed against main (1a2b3c4), 1 at level warn; 1 measures a different thing, 1 improved, 6 unchanged, 1 inconclusive, 1 not measured, 1 new, 1 gone; 1 scenario is new; 1 scenario serves the same bytes; all 4 budget lines pass',
    });
  });

  it('passes when all is unchanged', () => {
    expect(runOutcome(unchangedRun())).toMatchObject({
      tone: 'pass',
      headline: 'All 11 compared metrics are unchanged against main (1a2b3c4)',
    });
  });

  it('fails no run by what is informational or of level warn', () => {
    const run = comparisonRun();
    const calm = run.scenarios.map((scenario) => ({
      ...scenario,
      comparison: scenario.comparison && {
        ...scenario.comparison,
        changes: scenario.comparison.changes.filter(({ gates, status }) => !gates && status !== 'not measured'),
      },
    }));
    expect(runOutcome({ ...run, scenarios: calm }).tone).toBe('unsure');
    const improved = calm.map((scenario) => ({
      ...scenario,
      comparison: scenario.comparison && {
        ...scenario.comparison,
        changes: scenario.comparison.changes.filter(
          ({ role, status }) => role === 'informational' || status === 'improved',
        ),
      },
    }));
    expect(runOutcome({ ...run, scenarios: improved })).toMatchObject({
      tone: 'pass',
      headline:
        'The only compared metric improved against main (1a2b3c4); 1 scenario is new; 1 scenario serves the same bytes; all 4 budget lines pass',
    });
  });

  it('does not take a scenario that could not be compared for a pass', () => {
    const run = unchangedRun();
    const scenarios = run.scenarios.map((scenario) => ({
      ...scenario,
      comparison: scenario.comparison && { ...scenario.comparison, status: 'not compared' as const, changes: [] },
    }));
    expect(runOutcome({ ...run, scenarios })).toMatchObject({
      tone: 'unsure',
      headline: 'Nothing was compared with main (1a2b3c4): 1 scenario was not compared',
    });
  });
});

describe('what a comparison says of its certainty', () => {
  /** The unchanged run as it was after some pairs, or none. */
  function after(pairs: number): RunDocument {
    const run = unchangedRun();
    const scenarios = run.scenarios.map((scenario) => ({
      ...scenario,
      samples: scenario.samples.filter((sample) => sample.pair === null || sample.pair < pairs),
      comparison: scenario.comparison && { ...scenario.comparison, looks: [] },
    }));
    return { ...run, scenarios: scenarios.map((scenario) => judgeDocument(scenario)) };
  }

  it.each([0, 3])('nothing after %d pairs, before the first look', (pairs) => {
    for (const text of [renderTerminal(after(pairs), plain), renderMarkdown(after(pairs))]) {
      expect(text).not.toContain('How sure');
      expect(text).not.toContain('surely no worse');
    }
  });

  it('names what changed within what is tolerated, by its size', () => {
    const run = unchangedRun();
    const scenarios = run.scenarios.map((scenario) => ({
      ...scenario,
      comparison: scenario.comparison && {
        ...scenario.comparison,
        changes: scenario.comparison.changes.map((change) =>
          change.metric === 'bytes.script' ? { ...change, head: (change.base ?? 0) + 512, change: 512 } : change,
        ),
      },
    }));
    expect(renderTerminal({ ...run, scenarios }, plain)).toContain(
      '11 unchanged: 3 exactly equal; 1 changed within what is tolerated, +512 B (bytes.script); the others surely no worse than +10 % (LCP), +5 % (cpu.main), +14 ms (TBT, INP)',
    );
  });

  it('says from which pairs p and interval of the worst change are', () => {
    const run = comparisonRun();
    const scenarios = run.scenarios.map((scenario) => ({
      ...scenario,
      comparison: scenario.comparison && {
        ...scenario.comparison,
        changes: scenario.comparison.changes.filter(({ metric }) => metric !== 'bytes.script'),
      },
    }));
    expect(runOutcome({ ...run, scenarios }).comparison?.worst).toBe(
      'Worst: LCP of "buy a pair of boots", "open the shop" went from 1.16 s to 1.34 s, +15 % (interval +10 to +20 % of all 34 pairs, p 0.0003 of 24, confirmed on 10 fresh pairs).',
    );
  });

  it('tells the worst change and the worst budget line apart', () => {
    const run = comparisonRun();
    const scenarios = run.scenarios.map((scenario) => ({
      ...scenario,
      verdicts: scenario.verdicts.map((verdict) => ({ ...verdict, status: 'fail' as const, gates: true })),
    }));
    const text = renderMarkdown({ ...run, scenarios });
    expect(text.match(/Worst: /g)).toHaveLength(1);
    expect(text).toContain('Worst budget line: LCP p75');
  });
});

describe('a comparison in a terminal', () => {
  it('is how sure it is, a table worst first, reasons, what does not gate, then the verdict, once', () => {
    expect(framed(renderTerminal(comparisonRun(), plain))).toBe(`

Compared in one job: cart-drawer (4f1c0a9, with uncommitted changes) with main (1a2b3c4), 34 pairs of samples, 10 of them fresh to confirm, and 2 pairs repeated for noise.
How sure: at most 1 run in 300 without any change is called regressed for a time, or for a count that varies.
The smallest worsening that 95 of 100 such runs find is +4.6 % (cpu.main of "buy a pair of boots", the whole flow) to +13 % (LCP of "buy a pair of boots", "open the shop").
Without a comparison: "check out" (base cannot run it), "read about us" (both sides serve the same bytes).

             step            metric              base      head   change         interval             p  pairs
buy a pair of boots
  REGRESSED  open the shop   bytes.script    164.2 kB  174.2 kB   +10 kB            exact             -     34
  REGRESSED  open the shop   LCP               1.16 s    1.34 s    +15 %       +10..+20 %  0.0003 of 24     34
  WORSE      search          INP                24 ms     40 ms   +16 ms  +14.1..+17.9 ms  0.0003 of 24     34
  DIFFERENT  open a product  LCP               354 ms    353 ms   +0.1 %       -4.7..+5 %             -     34
  UNSURE     open the shop   TBT              64.6 ms   67.8 ms  +3.5 ms    +0.8..+6.1 ms    0.21 of 24     34
  NO VALUE   open a product  timing.reviews         -         -        -                -             -      -
  improved   open the shop   cpu.main          235 ms    213 ms   -9.4 %        -11..-8 %             -     34
  Intervals are from all pairs; p is from those at the look that decided, the number beside it.
  6 unchanged: 3 exactly equal; the others surely no worse than +5 % (cpu.main)
  1 new, with head only: buy a pair of boots, open the wish list (cpu.main)
  1 gone, with base only: buy a pair of boots, close the banner (cpu.main)

Why
  REGRESSED buy a pair of boots > open the shop, bytes.script: 164.2 kB to 174.2 kB, +10 kB
    +10 kB in each of 34 pairs; +1.64 kB is tolerated; limit +1.64 kB (default); fails the gate
    index-9f3ac21d.js +10 kB (was 141.8 kB)
  REGRESSED buy a pair of boots > open the shop, LCP: 1.16 s to 1.34 s, +15 %, interval +10..+20 %
    found after 12 pairs (p < 0.001), confirmed by 10 fresh ones (p 0.001); limit +5 % (default); fails the gate
    1.34 s = first byte 53.4 ms + until the resource was asked for 294 ms + its load 748 ms + until it was painted 240 ms
  WORSE buy a pair of boots > search, INP: 24 ms to 40 ms, +16 ms, interval +14.1..+17.9 ms
    found after 12 pairs (p < 0.001), confirmed by 10 fresh ones (p 0.001); limit +8 ms (budgets/shop.json:21); does not fail the gate
    40 ms = input delay 4 ms + processing 26 ms + presentation 10 ms
  DIFFERENT buy a pair of boots > open a product, LCP: 354 ms to 353 ms, +0.1 %, interval -4.7..+5 %
    measured a different thing: the largest paint is "main > h1" in base and "main > section > img (/images/hero.avif)" in head; limit +5 % (default); does not fail the gate
  UNSURE buy a pair of boots > open the shop, TBT: 64.6 ms to 67.8 ms, +3.5 ms, interval +0.8..+6.1 ms
    34 pairs cannot tell: +3.5 ms (+0.8 ms to +6.1 ms); the schedule finds what is worse by 14.3 ms or more; limit +10 ms (default); does not fail the gate
  NO VALUE buy a pair of boots > open a product, timing.reviews: no value
    no performance.measure or mark called "reviews" on either side; limit +3 % (budgets/shop.json:25); does not fail the gate

Informational, does not gate
            step           metric        base    head  change     interval  p  pairs
buy a pair of boots
  WORSE     open the shop  FCP         639 ms  720 ms   +10 %  +4.5..+16 %  -     34
  improved  open the shop  cpu.script  121 ms  106 ms   -12 %   -13..-10 %  -     34
  3 other metrics without a clear change

new check out: base fails in step "search": no element matches getByRole('searchbox'); head was judged against 1 budget line
IDENTICAL read about us: all 14 responses have the same bytes on both sides; head was judged against 1 budget line

        step           metric    limit   value       interval   margin
buy a pair of boots
  pass  open the shop  LCP p75   2.5 s  1.38 s   1.33..1.45 s  +1.12 s
  pass  search         INP p50  200 ms   36 ms  34.6..37.8 ms  +164 ms
read about us
  pass  open the shop  LCP p75   2.5 s  1.24 s    1.19..1.3 s  +1.26 s
check out
  pass  open the shop  LCP p75   2.5 s  1.15 s   1.11..1.21 s  +1.35 s

3 of 15 compared metrics regressed against main (1a2b3c4), 1 at level warn; 1 measures a different thing, 1 improved, 6 unchanged, 1 inconclusive, 1 not measured, 1 new, 1 gone; 1 scenario is new; 1 scenario serves the same bytes; all 4 budget lines pass
Worst: bytes.script of "buy a pair of boots", "open the shop" went from 164.2 kB to 174.2 kB, +10 kB (exact).
Report: reports/r1/index.html
Next:   open reports/r1/index.html
        npx pacewright judge reports/r1 --budgets budgets   (judges these samples again, after a change of the budgets in that folder)
`);
  });

  it('is short when nothing changed', () => {
    expect(framed(renderTerminal(unchangedRun(), plain))).toBe(`

Compared in one job: cart-drawer (4f1c0a9, with uncommitted changes) with main (1a2b3c4), 5 pairs of samples.
How sure: at most 1 run in 200 without any change is called regressed for a time, or for a count that varies.
The smallest worsening that 95 of 100 such runs find is +5.4 % (cpu.main of "open a product") to +14 % (LCP of "open the shop").

  11 unchanged: 4 exactly equal; the others surely no worse than +10 % (LCP), +5 % (cpu.main), +14 ms (TBT, INP)

Informational, does not gate
  5 metrics without a clear change

All 11 compared metrics are unchanged against main (1a2b3c4)
Report: reports/r1/index.html
Next:   open reports/r1/index.html
`);
  });

  it('fits 80 columns: the step moves to headings, then columns go', () => {
    const lines = renderTerminal(comparisonRun(), { ...plain, width: 80 }).split('\n');
    const table = lines.slice(6, lines.indexOf('Why')).filter((line) => !line.includes(' unchanged: '));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(table.slice(0, 4)).toEqual([
      '             metric              base      head   change         interval  pairs',
      'buy a pair of boots > open the shop',
      '  REGRESSED  bytes.script    164.2 kB  174.2 kB   +10 kB            exact     34',
      '  REGRESSED  LCP               1.16 s    1.34 s    +15 %       +10..+20 %     34',
    ]);
  });

  it('colours only when told to, and colours move no column', () => {
    const colored = renderTerminal(comparisonRun(), { ...plain, color: true });
    // eslint-disable-next-line no-control-regex
    expect(colored).toMatch(/\u001b\[31mREGRESSED/);
    // eslint-disable-next-line no-control-regex
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(renderTerminal(comparisonRun(), plain));
  });

  it('lets no control character of a page through', () => {
    const text = renderTerminal(hostileComparisonRun(), plain);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/);
    expect(text.length).toBeLessThan(60_000);
  });
});

describe('a comparison as Markdown', () => {
  it('is a paragraph for a pull request, then what changed', () => {
    expect(framed(renderMarkdown(comparisonRun()))).toBe(`
**3 of 15 compared metrics regressed against main (1a2b3c4), 1 at level warn; 1 measures a different thing, 1 improved, 6 unchanged, 1 inconclusive, 1 not measured, 1 new, 1 gone; 1 scenario is new; 1 scenario serves the same bytes; all 4 budget lines pass.** Worst: bytes.script of "buy a pair of boots", "open the shop" went from 164.2 kB to 174.2 kB, +10 kB (exact). Compared in one job: cart-drawer (4f1c0a9, with uncommitted changes) with main (1a2b3c4), 34 pairs of samples, 10 of them fresh to confirm, and 2 pairs repeated for noise. How sure: at most 1 run in 300 without any change is called regressed for a time, or for a count that varies. The smallest worsening that 95 of 100 such runs find is +4.6 % (cpu.main of "buy a pair of boots", the whole flow) to +13 % (LCP of "buy a pair of boots", "open the shop"). Without a comparison: "check out" (base cannot run it), "read about us" (both sides serve the same bytes). Measured by Pacewright, 2026-11-20 09:00 UTC.

| Verdict | Step | Metric | Base | Head | Change | Interval | p | Pairs |
| :-- | :-- | :-- | --: | --: | --: | --: | --: | --: |
| ❌ regressed | buy a pair of boots › open the shop | bytes.script | 164.2 kB | 174.2 kB | +10 kB | exact | – | 34 |
| ❌ regressed | buy a pair of boots › open the shop | LCP | 1.16 s | 1.34 s | +15 % | +10 to +20 % | 0.0003 of 24 | 34 |
| ⚠️ worse (warns) | buy a pair of boots › search | INP | 24 ms | 40 ms | +16 ms | +14.1 to +17.9 ms | 0.0003 of 24 | 34 |
| 🔀 measured a different thing | buy a pair of boots › open a product | LCP | 354 ms | 353 ms | +0.1 % | −4.7 to +5 % | – | 34 |
| ❔ inconclusive | buy a pair of boots › open the shop | TBT | 64.6 ms | 67.8 ms | +3.5 ms | +0.8 to +6.1 ms | 0.21 of 24 | 34 |
| ⭕ not measured | buy a pair of boots › open a product | timing.reviews | – | – | – | – | – | – |
| 🟢 improved | buy a pair of boots › open the shop | cpu.main | 235 ms | 213 ms | −9.4 % | −11 to −8 % | – | 34 |

Intervals are from all pairs; p is from those at the look that decided, the number beside it.

6 unchanged: 3 exactly equal; the others surely no worse than +5 % (cpu.main).

1 new, with head only: buy a pair of boots, open the wish list (cpu.main).

1 gone, with base only: buy a pair of boots, close the banner (cpu.main).

Informational, does not gate: buy a pair of boots › open the shop, FCP +10 %; buy a pair of boots › open the shop, cpu.script −12 %.

- buy a pair of boots › open the shop, bytes.script: \\+10 kB in each of 34 pairs; +1.64 kB is tolerated
  - index-9f3ac21d.js +10 kB (was 141.8 kB)
- buy a pair of boots › open the shop, LCP: found after 12 pairs (p &lt; 0.001), confirmed by 10 fresh ones (p 0.001)
  - 1.34 s = first byte 53.4 ms + until the resource was asked for 294 ms + its load 748 ms + until it was painted 240 ms
- buy a pair of boots › search, INP: found after 12 pairs (p &lt; 0.001), confirmed by 10 fresh ones (p 0.001)
  - 40 ms = input delay 4 ms + processing 26 ms + presentation 10 ms
- buy a pair of boots › open a product, LCP: measured a different thing: the largest paint is "main &gt; h1" in base and "main &gt; section &gt; img (/images/hero.avif)" in head
- buy a pair of boots › open the shop, TBT: 34 pairs cannot tell: +3.5 ms (+0.8 ms to +6.1 ms); the schedule finds what is worse by 14.3 ms or more
- buy a pair of boots › open a product, timing.reviews: no performance.measure or mark called "reviews" on either side
- check out: base fails in step "search": no element matches getByRole('searchbox')
- read about us: all 14 responses have the same bytes on both sides

**Budgets**

| Verdict | Step | Metric | Value | Limit | Interval | Margin |
| :-- | :-- | :-- | --: | --: | --: | --: |
| ✅ pass | buy a pair of boots › open the shop | LCP p75 | 1.38 s | 2.5 s | 1.33–1.45 s | +1.12 s (+45 %) |
| ✅ pass | read about us › open the shop | LCP p75 | 1.24 s | 2.5 s | 1.19–1.3 s | +1.26 s (+50 %) |
| ✅ pass | check out › open the shop | LCP p75 | 1.15 s | 2.5 s | 1.11–1.21 s | +1.35 s (+54 %) |
| ✅ pass | buy a pair of boots › search | INP p50 | 36 ms | 200 ms | 34.6–37.8 ms | +164 ms (+82 %) |

`);
  });

  it('is one paragraph and a line when nothing changed', () => {
    expect(framed(renderMarkdown(unchangedRun()))).toBe(`
**All 11 compared metrics are unchanged against main (1a2b3c4).** Compared in one job: cart-drawer (4f1c0a9, with uncommitted changes) with main (1a2b3c4), 5 pairs of samples. How sure: at most 1 run in 200 without any change is called regressed for a time, or for a count that varies. The smallest worsening that 95 of 100 such runs find is +5.4 % (cpu.main of "open a product") to +14 % (LCP of "open the shop"). Measured by Pacewright, 2026-11-20 09:00 UTC.

11 unchanged: 4 exactly equal; the others surely no worse than +10 % (LCP), +5 % (cpu.main), +14 ms (TBT, INP).

`);
  });

  it('shows hostile text as text', () => {
    const text = renderMarkdown(hostileComparisonRun());
    expect(text).not.toMatch(/<(?!\/?b>)[a-z/]/i);
    expect(text).not.toMatch(/@everyone|\]\(javascript/);
    expect(text.length).toBeLessThan(60_000);
  });
});

it('a memory scenario, which has no base, leaves a comparison no less sure', () => {
  const run = unchangedRun();
  const [scenario] = run.scenarios;
  if (!scenario?.comparison) throw new Error('the run has no comparison');
  const alone = {
    ...scenario.comparison,
    status: 'not compared' as const,
    note: 'leaks are looked for in head alone',
    changes: [],
  };
  const without = {
    ...scenario,
    id: 'fedcba987654',
    title: 'alone',
    titlePath: ['alone'],
    verdicts: [],
    comparison: alone,
  };
  const memory = {
    ...{
      url: '',
      warmUps: 2,
      iterations: 7,
      ended: 'complete' as const,
      counters: [],
      growth: [],
      leaks: [],
      outside: [],
    },
    ...{ returned: { same: true, how: '' }, checked: [], snapshots: [], analysed: 0 },
  };
  const toneOf = (added: typeof scenario) => runOutcome({ ...run, scenarios: [...run.scenarios, added] });
  expect(JSON.stringify(toneOf({ ...without, memory }))).toContain('1 scenario looks for leaks, in head alone');
  expect(toneOf({ ...without, memory }).tone).toBe(runOutcome(run).tone);
  expect(toneOf({ ...without, memory: null }).tone).not.toBe(runOutcome(run).tone);
});
