import { describe, expect, it } from 'vitest';
import type { ScenarioDocument } from '../src/core/document.ts';
import { renderReport } from '../src/report/html.ts';
import { renderMarkdown } from '../src/report/markdown.ts';
import { renderTerminal } from '../src/report/terminal.ts';
import { whyChangedLines, whyLines } from '../src/report/why.ts';
import { stepParts } from '../src/report/why-parts.ts';
import { comparisonRun } from './fixtures/runs/comparisons.ts';
import { diagnosedRun, hostileFindings, withSlowerFunctions } from './fixtures/runs/diagnosed.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import { passingRun } from './fixtures/runs/runs.ts';

const plain = { color: false, width: 160, reportPath: 'reports/run/index.html' };

function first(scenarios: readonly ScenarioDocument[]): ScenarioDocument {
  const [scenario] = scenarios;
  if (!scenario) throw new Error('the fixture has no scenario');
  return scenario;
}

/** The lines of one step and metric, at the value of its verdict. */
function why(scenario: ScenarioDocument, step: string | null, metric: string): string[] {
  const verdict = scenario.verdicts.find((one) => one.step === step && one.metric === metric);
  return whyLines(scenario, { step, metric, value: verdict?.value ?? 0 });
}

describe('why a metric is what it is', () => {
  const scenario = first(diagnosedRun().scenarios);

  it('gives the parts of LCP and who accounts for them, with what the metric takes in all', () => {
    expect(why(scenario, 'open the shop', 'LCP')).toEqual([
      expect.stringMatching(
        /^2\.\d+ s = first byte \d+ ms \+ until the resource was asked for \d+ ms \+ its load 1\.\d+ s \+ until it was painted \d+ ms$/,
      ),
      expect.stringMatching(/^hero\.avif, the largest paint, takes 1\.53 s of 2\.\d+ s to load$/),
    ]);
  });

  it('names the function, its file and line, and its share of INP', () => {
    expect(why(scenario, 'search', 'INP')).toEqual([
      '152 ms = input delay 15.2 ms + processing 98.8 ms + presentation 38 ms',
      'equaliseCards (src/equalise.ts:11) forces layout: 118 ms of 152 ms',
    ]);
  });

  it('gives the files behind bytes', () => {
    expect(why(scenario, 'open the shop', 'bytes.script')).toEqual([
      '164.2 kB = index-B2c9.js 141.8 kB + vendor-Q81f.js 22.41 kB',
      '74 kB of index-B2c9.js never ran (74 kB of 164.2 kB)',
    ]);
  });

  it('says which steps the value of a flow comes from', () => {
    const [text] = whyLines(scenario, { step: null, metric: 'cpu.main', value: 380 });
    expect(text).toBe('381 ms = open the shop 241 ms + open a product 72.6 ms + search 67.7 ms');
  });

  it('has five lines at most, and none where there is no value', () => {
    const crowded = whyLines(scenario, { step: 'open the shop', metric: 'cpu.main', value: 100 });
    expect(crowded.length).toBeLessThanOrEqual(5);
    expect(crowded.length).toBeGreaterThan(2);
    expect(whyLines(scenario, { step: 'open the shop', metric: 'cpu.main', value: null })).toEqual([]);
  });

  it.each([
    'LCP',
    'INP',
    'TBT',
    'CLS',
    'FCP',
    'cpu.main',
    'bytes.script',
    'bytes.total',
    'requests.total',
    'requests.image',
  ])('has parts of %s that sum to it in one sample', (metric) => {
    const run = first(passingRun().scenarios);
    const all = ['open the shop', 'search', 'open a product'].flatMap((step) => {
      const value = run.samples[3]?.steps.find((one) => one.name === step)?.metrics[metric];
      const parts = value === undefined ? null : stepParts(run, step, metric, value);
      return parts ? [parts] : [];
    });
    for (const { whole, parts } of all) {
      expect(parts.reduce((sum, part) => sum + part.value, 0)).toBeCloseTo(whole, 3);
      expect(parts.every(({ value }) => value >= 0)).toBe(true);
    }
  });

  it('stands under the reason in the terminal, in Markdown and on the card of the report', () => {
    const run = diagnosedRun();
    const sentence = 'equaliseCards (src/equalise.ts:11) forces layout: 118 ms of';
    expect(renderTerminal(run, plain)).toContain(`\n    ${sentence}`);
    expect(renderMarkdown(run)).toContain(`\n  - ${sentence}`);
    expect(renderReport(run)).toContain(`<li>${sentence}`);
  });
});

describe('why a metric got worse', () => {
  const run = comparisonRun();
  const sides = run.comparison;
  const scenario = withSlowerFunctions(first(run.scenarios), 'open the shop');
  const change = { step: 'open the shop', metric: 'cpu.main', head: 300, change: 0.2, status: 'regressed' } as const;

  it('names the functions that got slower, each once, slowest first', () => {
    expect(sides && whyChangedLines(scenario, sides, change)).toEqual([
      'renderList (src/list.tsx:42) +38 ms (was 4 ms)',
      'formatPrice (src/format.ts:3) +7 ms (not seen in base)',
    ]);
  });

  it('names requests that are new, gone or of another size for bytes', () => {
    expect(sides && whyChangedLines(scenario, sides, { ...change, metric: 'bytes.script' })).toEqual([
      'index-9f3ac21d.js +10 kB (was 141.8 kB)',
    ]);
  });

  it('says nothing of what did not get worse', () => {
    expect(sides && whyChangedLines(scenario, sides, { ...change, status: 'unchanged' })).toEqual([]);
  });
});

describe('the findings of a step in the report', () => {
  const html = renderReport(diagnosedRun());
  const section = /<div class="findings" id="s1-1-findings">[\s\S]*?<\/div>/.exec(html)?.[0] ?? '';

  it('begin with what explains most of what fails, with cost, share, place, advice and evidence', () => {
    const items = section.split('<li class="finding').slice(1);
    expect(items[0]).toContain('hero.avif, the largest paint, takes 1.53 s to load');
    expect(items[0]).toContain('of LCP (');
    expect(items[0]).toContain('which does not pass');
    expect(items[0]).toMatch(/<rect class="f-part" width="5\d"/);
    const own = items.find((item) => item.includes('rankProducts'));
    expect(own).toContain('<code>src/rank.ts:5:17</code>');
    expect(own).toContain('<a href="#s1-1">See the flame graph</a>');
    expect(own).toContain('Called by startFaults (src/start-faults.ts:21).');
  });

  it('fold what comes after the sixth', () => {
    expect(section.match(/<li class="finding/g)).toHaveLength(9);
    expect(section).toContain('<summary>3 more findings</summary>');
    expect(section.indexOf('<summary>3 more findings')).toBeGreaterThan(section.indexOf('>6</span>'));
  });

  it('say so where nothing stands out, and what the diagnosis could not see', () => {
    expect(html).toContain('Nothing in this step stands out.');
    expect(html).toContain('The trace of the second pass was cut at 100 MB.');
    expect(renderReport(passingRun())).not.toContain('class="findings"');
  });

  it('keep hostile text as text', () => {
    const hostile = hostileFindings();
    const page = renderReport(hostile);
    for (const attack of attacks) expect(page.includes(attack) && /[<{"']/.test(attack)).toBe(false);
    expect(page).not.toMatch(/<(iframe|base|img|svg onload|meta http-equiv=refresh)/i);
    const printed = renderTerminal(hostile, plain);
    for (const control of ['\u0007', '\u001b', '\u202e', '\u2028']) expect(printed).not.toContain(control);
    expect(renderMarkdown(hostile)).not.toMatch(/<(script|img|iframe)/);
  });
});
