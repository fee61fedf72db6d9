import { describe, expect, it } from 'vitest';
import { renderTerminal } from '../src/report/terminal.ts';
import { alignColumns } from '../src/report/terminal-table.ts';
import { hostileRun } from './fixtures/runs/hostile.ts';
import * as runs from './fixtures/runs/runs.ts';

const reportPath = 'reports/r1/index.html';
const plain = { color: false, width: 100, reportPath };

/** Golden outputs stand between two line breaks, so that they begin at the margin. */
function framed(text: string): string {
  return `\n${text}\n`;
}

describe('the verdict in a terminal', () => {
  it('puts the failing lines first, each with step, metric, statistic, limit, value, interval and margin', () => {
    expect(framed(renderTerminal(runs.failingRun(), plain))).toBe(`

            step            metric               limit     value      interval     margin
buy a pair of boots
  FAIL      open the shop   bytes.script p50    170 kB  211.8 kB         exact  -41.83 kB
  FAIL      open the shop   LCP p75              2.5 s    2.74 s  2.63..2.88 s    -241 ms
  UNSURE    open a product  LCP p75             360 ms    388 ms   372..407 ms     -28 ms
  WARN      open a product  layouts p50              3         4         exact         -1
  NO VALUE  open a product  timing.reviews p50  400 ms         -             -          -
  pass      open a product  bytes.total p50     132 kB  123.7 kB         exact   +8.31 kB
  pass      open the shop   requests.total p50      40        31         exact         +9
  pass      the whole flow  bytes.total p50     900 kB  659.7 kB         exact  +240.3 kB
  pass      search          cpu.main p50        150 ms   70.8 ms   68..74.4 ms   +79.2 ms
  pass      open the shop   CLS p50                0.1     0.021         exact     +0.079
  pass      search          INP p50             200 ms     24 ms   23..25.2 ms    +176 ms
check out
  pass      open the shop   LCP p75              2.5 s    1.15 s  1.11..1.21 s    +1.35 s
  pass      search          INP p50             200 ms     24 ms   23..25.2 ms    +176 ms

Why
  FAIL buy a pair of boots > open the shop, bytes.script p50: 211.8 kB, limit 170 kB, 41.83 kB (25 %) over the limit, exact
    all 12 samples have the same value (exact); fails the gate; budgets/shop.json:7
    211.8 kB = index-B2c9.js 141.8 kB + vendor-Q81f.js 22.41 kB + others 47.62 kB
  FAIL buy a pair of boots > open the shop, LCP p75: 2.74 s, limit 2.5 s, 241 ms (9.6 %) over the limit, interval 2.63..2.88 s
    decided after 12 samples: the tolerance bound lies beyond the limit (tolerance factors); fails the gate; budgets/shop.json:5
    2.74 s = first byte 109 ms + until the resource was asked for 602 ms + its load 1.53 s + until it was painted 493 ms
  UNSURE buy a pair of boots > open a product, LCP p75: 388 ms, limit 360 ms, 28 ms (7.8 %) over the limit, interval 372..407 ms
    after 12 samples neither bound lies on one side of the limit (tolerance factors); does not fail the gate; budgets/shop.json:13
    387 ms = first byte 15.5 ms + until the resource was asked for 85.1 ms + its load 217 ms + until it was painted 69.6 ms
  WARN buy a pair of boots > open a product, layouts p50: 4, limit 3, 1 (33 %) over the limit, exact
    all 12 samples have the same value (exact); does not fail the gate; budgets/shop.json:14
  NO VALUE buy a pair of boots > open a product, timing.reviews p50: no value, limit 400 ms
    no performance.measure or mark called "reviews" in any of 12 samples; does not fail the gate; budgets/shop.json:12

2 of 13 budget lines fail (2 fail, 1 warn, 1 inconclusive, 1 not measured, 8 pass)
Report: reports/r1/index.html
Next:   open reports/r1/index.html
        npx pacewright judge reports/r1 --budgets budgets   (judges these samples again, after a change of the budgets in that folder)
`);
  });

  it('moves the step to headings where 80 columns are too few', () => {
    const lines = renderTerminal(runs.failingRun(), { ...plain, width: 80 }).split('\n');
    const table = lines.slice(0, lines.indexOf('Why'));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(table.slice(1, 7)).toEqual([
      '            metric               limit     value      interval     margin',
      'buy a pair of boots > open the shop',
      '  FAIL      bytes.script p50    170 kB  211.8 kB         exact  -41.83 kB',
      '  FAIL      LCP p75              2.5 s    2.74 s  2.63..2.88 s    -241 ms',
      '  pass      requests.total p50      40        31         exact         +9',
      '  pass      CLS p50                0.1     0.021         exact     +0.079',
    ]);
  });

  it('is short when all is well', () => {
    expect(framed(renderTerminal(runs.passingRun(), plain))).toBe(`

        step            metric               limit     value       interval     margin
buy a pair of boots
  pass  open the shop   bytes.script p50    170 kB  164.2 kB          exact   +5.79 kB
  pass  open the shop   requests.total p50      40        31          exact         +9
  pass  the whole flow  bytes.total p50     900 kB  659.7 kB          exact  +240.3 kB
  pass  open the shop   LCP p75              2.5 s    1.41 s   1.36..1.49 s    +1.09 s
  pass  search          cpu.main p50        150 ms   70.2 ms  67.4..73.7 ms   +79.8 ms
  pass  open the shop   CLS p50                0.1     0.021          exact     +0.079
  pass  search          INP p50             200 ms     24 ms    23..25.2 ms    +176 ms

All 7 budget lines pass
Report: reports/r1/index.html
Next:   open reports/r1/index.html
`);
  });

  it('sums up passing lines beyond a dozen rows', () => {
    const text = renderTerminal(runs.largeRun(), plain);
    expect(text).toContain('and 28 more lines that pass, with more room than these');
    expect(text.split('\n').filter((line) => line.startsWith('  pass'))).toHaveLength(7);
  });

  it('names the step, the sample and the message of a flow that failed, and what to do', () => {
    expect(framed(renderTerminal(runs.failedFlowRun(), plain))).toBe(`

FAILED buy a pair of boots, step "search", sample 3 (FLOW_FAILED)
  locator.waitFor: Timeout 5000ms exceeded.
  Call log:
  - waiting for getByText('12 results') to be visible
  Next: open the screenshot in the report; run the scenario alone with --headed

            step            metric               limit  value  interval  margin
buy a pair of boots
  NO VALUE  open the shop   LCP p75              2.5 s      -         -       -
  NO VALUE  open the shop   CLS p50                0.1      -         -       -
  NO VALUE  open the shop   bytes.script p50    170 kB      -         -       -
  NO VALUE  open the shop   requests.total p50      40      -         -       -
  NO VALUE  search          INP p50             200 ms      -         -       -
  NO VALUE  search          cpu.main p50        150 ms      -         -       -
  NO VALUE  the whole flow  bytes.total p50     900 kB      -         -       -

Why
  NO VALUE open the shop, LCP p75: no value, limit 2.5 s, and 6 more lines
    the flow failed in sample 3; fails the gate; budgets/shop.json:5

The scenario failed; none of 7 budget lines was measured
Report: reports/r1/index.html
Next:   open reports/r1/index.html
        npx pacewright judge reports/r1 --budgets budgets   (judges these samples again, after a change of the budgets in that folder)
`);
  });

  it('shows the medians of a scenario that no budget matches, and how to write one', () => {
    const text = renderTerminal(runs.noBudgetsRun(), plain);
    expect(framed(text)).toBe(`

buy a pair of boots
  step            metric         median  least to most
  open the shop   LCP            1.19 s   1.05..1.33 s
  open the shop   CLS             0.021          0.021
  open the shop   duration       1.31 s    1.1..1.48 s
  open the shop   cpu.main       239 ms    234..257 ms
  open the shop   bytes.total  412.3 kB       412.3 kB
  search          CLS             0.006          0.006
  search          INP             24 ms          24 ms
  search          duration       402 ms    376..450 ms
  search          cpu.main      67.7 ms  66.8..75.3 ms
  search          bytes.total  123.7 kB       123.7 kB
  open a product  LCP            379 ms    347..406 ms
  open a product  CLS             0.006          0.006
  open a product  INP             24 ms      16..24 ms
  open a product  duration       419 ms    379..442 ms
  open a product  cpu.main      73.8 ms  67.5..76.6 ms
  open a product  bytes.total  123.7 kB       123.7 kB
No budget matches scenario "buy a pair of boots": nothing was judged.
  To judge it, write for example budgets/first.json:
  { "scenario": "buy a pair of boots", "steps": { "open the shop": { "LCP": "2.5 s" } } }

Nothing was judged: no budget line applies
Report: reports/r1/index.html
Next:   open reports/r1/index.html
        npx pacewright judge reports/r1 --budgets budgets   (judges these samples again, after a change of the budgets in that folder)
`);
  });

  it('does not ask for budgets that are there, where a run was interrupted before its first sample', () => {
    const run = runs.interruptedRun();
    const scenarios = run.scenarios.map((scenario) => ({ ...scenario, samples: [], verdicts: [] }));
    expect(scenarios[0]?.budgets.length).toBeGreaterThan(0);
    expect(renderTerminal({ ...run, scenarios }, plain)).not.toContain('No budget matches');
  });

  it('prints problems with their place and the next step', () => {
    expect(framed(renderTerminal(runs.unreachableRun(), plain))).toBe(`

PAGE_UNREACHABLE scenarios/shop.perf.ts:5
  http://127.0.0.1:4173/ refused the connection
  Next: start the server, or set webServer in playwright.config.ts
did not pass check out: did not run

Nothing was measured; 1 other test did not pass
Report: reports/r1/index.html
Next:   open reports/r1/index.html
`);
  });

  it('prints warnings with their advice', () => {
    const text = renderTerminal(runs.noisyRun(), plain);
    expect(text).toContain(
      'warning buy a pair of boots: 3 of 7 samples were rejected by the noise gate.\n  Run on a machine',
    );
    expect(text).toContain('The machine was too noisy; none of 7 budget lines was measured\nReport: ');
  });

  it('colours only when told to, and colours move no column', () => {
    const colored = renderTerminal(runs.failingRun(), { ...plain, color: true });
    // eslint-disable-next-line no-control-regex
    expect(colored).toMatch(/\u001b\[31m/);
    // eslint-disable-next-line no-control-regex
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(renderTerminal(runs.failingRun(), plain));
  });

  it('lets no control character of a page through', () => {
    const text = renderTerminal(hostileRun(), plain);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/);
    expect(text.length).toBeLessThan(60_000);
  });
});

describe('aligned columns', () => {
  it('counts East Asian characters as two columns', () => {
    const { lines, width } = alignColumns(
      [
        ['靴を買う', '1'],
        ['boots', '22'],
      ],
      ['left', 'right'],
    );
    expect(lines).toEqual(['靴を買う   1', 'boots     22']);
    expect(width).toBe(12);
  });

  it('does not count colours', () => {
    const { lines } = alignColumns(
      [
        ['a', 'b'],
        ['aaa', 'b'],
      ],
      ['left', 'left'],
      (cell) => `<${cell}>`,
    );
    expect(lines).toEqual(['<a>    <b>', '<aaa>  <b>']);
  });
});
