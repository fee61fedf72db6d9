/** Memory scenarios in the HTML report: leaks with what holds them, growth, and what was checked. */
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../src/core/document.ts';
import { growthChart } from '../src/report/chart-growth.ts';
import { renderIndex, renderReport } from '../src/report/html.ts';
import { summariseRun } from '../src/report/index-page.ts';
import { runOutcome } from '../src/report/run-outcome.ts';
import { type MemoryView, memoryView } from '../src/report/view-memory.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import * as runs from './fixtures/runs/memory.ts';
import { passingRun } from './fixtures/runs/runs.ts';

function viewOf(run: RunDocument): MemoryView {
  const scenario = run.scenarios.find(({ memory }) => memory !== null);
  const view = scenario && memoryView(scenario, 's1-memory');
  if (!view) throw new Error('no memory in this run');
  return view;
}

function sectionOf(html: string): string {
  const start = html.indexOf('<section class="step memory"');
  return html.slice(start, html.indexOf('<section aria-labelledby="machine"', start));
}

/** The words a reader sees, without markup. */
function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

describe('the verdict of a run with memory scenarios', () => {
  it.each([
    ['leaking', runs.leakingRun, 'fail', '3 leaks found; 3 of 4 budget lines fail'],
    ['clean', runs.cleanMemoryRun, 'pass', 'No leak found; all 2 budget lines pass'],
    ['stopped', runs.stoppedMemoryRun, 'fail', '1 leak found; 1 of 1 budget line fails'],
    ['failed', runs.failedMemoryRun, 'fail', 'The scenario failed; none of 2 budget lines was measured'],
    ['mixed', runs.mixedMemoryRun, 'fail', '3 leaks found; 1 of 3 budget lines fails'],
  ] as const)('%s', (_, make, tone, headline) => {
    expect(runOutcome(make())).toMatchObject({ tone, headline });
  });

  it('stands in the list of runs', () => {
    const html = renderIndex([summariseRun(runs.leakingRun()), summariseRun(runs.cleanMemoryRun())]);
    expect(textOf(html)).toContain('3 leaks found; 3 of 4 budget lines fail');
    expect(textOf(html)).toContain('No leak found; all 2 budget lines pass');
  });
});

describe('the memory section of the HTML report', () => {
  it('reads from the root down, with the edge, the object, its place and where it grows', () => {
    const [, detached] = viewOf(runs.leakingRun()).leaks;
    expect(
      detached?.path.map(({ edge, what, place, grows }) =>
        [edge, what, place, grows ? 'grows' : ''].filter((part) => part !== '').join(' | '),
      ),
    ).toEqual([
      'Window',
      '.app | App | src/app.ts:9:3 in App',
      '.history | History | src/history.ts:4:3 in History',
      '.undo | Array',
      '[…] | function restore | src/history.ts:22:19 in restore | grows',
      'variable drawer | <section class="drawer"> | grows',
      'browser children | <ul class="rows"> | grows',
    ]);
  });

  it('says of each leak its pattern, place, advice, numbers, births, confidence and signals', () => {
    const text = textOf(sectionOf(renderReport(runs.leakingRun())));
    for (const part of [
      '3 leaks in 7 iterations after 2 warm-ups',
      'listener not removed openDrawer (src/cart/drawer.ts:41) Remove the listener when the drawer closes',
      'What function onResize An iteration 1 object Their own size 128 B Keeps alive 21.48 kB',
      'Alive at the end, by the iteration in which they were made: 3, 3, 4, 3, 3, 3, 0',
      'sure (97 %)',
      'likely (82 %)',
      'likely (57 %)',
      '3 leaks in 7 iterations after 2 warm-ups; looked at again in a second pass: 7 iterations after 9 warm-ups',
      'it is outside of any document a second pass, in a fresh Chrome, found it again',
      'What goes with it: holds 3 more kinds of objects; 1 more group with the same cause',
      '{id, title, price, thumbnail}: 40 objects, 3.52 kB an iteration',
      'Growth that is not the page’s: 704 B an iteration',
      'JSHandle of &lt;button.open&gt; the test itself 1 96 B',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('keeps what is not the page’s closed, and links snapshots that lie beside it', () => {
    const html = sectionOf(renderReport(runs.leakingRun()));
    expect(html).toContain('<details class="mem-outside"><summary>');
    expect(html).toContain(
      '<a href="./artifacts/the-cart-drawer-does-not-leak-scenario-1/final.heapsnapshot.gz" download>after iteration 7</a> <small>31.9 MB unpacked</small>',
    );
  });

  it('draws what moves, with the limit of its budget, and folds the rest', () => {
    const { growth, flat } = viewOf(runs.leakingRun());
    expect(growth.map(({ label, trend, change, chart }) => [label, trend?.word, change, chart.limitLabel])).toEqual([
      ['JavaScript heap', 'grows', '+29.64 kB an iteration', 'limit +20 kB an iteration'],
      ['DOM nodes', 'grows', '+12 an iteration', 'limit 0 an iteration'],
      ['Detached nodes', 'grows', '+12 an iteration', ''],
      ['Event listeners', 'grows', '+1 an iteration', 'limit +2 an iteration'],
    ]);
    expect(growth[0]?.interval).toBe('95 % interval: +29.12 kB to +30.16 kB');
    expect(flat?.summary).toBe('Flat: documents (2), frames (1), workers (0)');
  });

  it('says where nothing leaks what was checked, and the growth that was seen', () => {
    const view = viewOf(runs.cleanMemoryRun());
    expect(view.status).toEqual({ word: 'no leak', kind: 'pass' });
    expect(view.growth.map(({ label, trend, note }) => [label, trend?.word, note])).toEqual([
      [
        'JavaScript heap',
        'levels off',
        '+9.24 kB in the first 4 iterations, +52 B in the 3 after them: it comes to an end',
      ],
    ]);
    const text = textOf(sectionOf(renderReport(runs.cleanMemoryRun())));
    expect(text).toContain('What was checked objects alive at the end by the iteration they were made in');
    expect(text).toContain('after all 7 iterations the address, the open dialogs and');
  });

  it('warns of an action that does not return, and of iterations that were stopped', () => {
    const html = renderReport(runs.stoppedMemoryRun());
    const text = textOf(sectionOf(html));
    expect(text).toContain('not back at the start The action does not end in the state it began in');
    expect(text).toContain('Undo in the action what it does (close, go back, remove)');
    // once, and not above the scenario as well
    expect(textOf(html).split('does not end in the state')).toHaveLength(2);
    expect(text).toContain('1 leak in 4 iterations after 2 warm-ups, stopped early');
    expect(text).toContain('Detached nodes: not counted in every iteration');
  });

  it('folds what a second pass did not find again, and does not count it', () => {
    const { leaks, doubtful } = viewOf(runs.leakingRun());
    expect(leaks).toHaveLength(3);
    expect(doubtful?.summary).toBe('1 finding that does not count as a leak');
    expect(doubtful?.leaks[0]).toMatchObject({ doubt: 'a second pass did not find it' });
    const html = sectionOf(renderReport(runs.leakingRun()));
    expect(html.indexOf('1 finding that does not count')).toBeGreaterThan(html.indexOf('Map &quot;priceCache&quot;'));
  });

  it('never calls iterations that failed free of leaks', () => {
    const view = viewOf(runs.failedMemoryRun());
    expect(view.status).toEqual({ word: 'no leak up to then', kind: 'missing' });
    expect(view.checked).toEqual([]);
    expect(view.flat?.growth).toHaveLength(6);
  });

  it('has iterations instead of samples, and nothing of what only samples have', () => {
    const html = renderReport(runs.leakingRun());
    const text = textOf(html);
    expect(text).toContain('1 scenario, 7 iterations');
    expect(text).not.toContain('0 samples');
    expect(text).not.toContain('Noise while it was measured');
    expect(html).not.toContain('id="s1-flow"');
    // lines and contents lead to the section
    expect(html.match(/href="#s1-memory"/g)?.length).toBeGreaterThanOrEqual(5);
    expect(html).toContain('id="s1-memory"');
  });

  it('stands beside scenarios with samples', () => {
    const text = textOf(renderReport(runs.mixedMemoryRun()));
    expect(text).toContain('3 scenarios, 5 samples, 14 iterations');
    expect(text).toContain('Noise while it was measured');
  });

  it('leaves no trace in a report without memory scenarios', () => {
    const html = renderReport(passingRun());
    expect(['l-path', 'mem-', 'growth'].filter((word) => html.includes(word))).toEqual([]);
  });

  it('escapes everything, bounds it, and links to nothing outside of the run', () => {
    const html = sectionOf(renderReport(runs.hostileMemoryRun()));
    const calm = sectionOf(renderReport(runs.leakingRun()));
    const tags = (text: string): Set<string> => new Set(text.match(/<\/?[a-zA-Z][\w-]*/g));
    const allowed = new Set([...tags(calm), ...tags(sectionOf(renderReport(runs.cleanMemoryRun())))]);
    expect([...tags(html)].filter((tag) => !allowed.has(tag))).toEqual([]);
    expect(html).toContain(Handlebars.escapeExpression(attacks[0] ?? ''));
    expect(html.match(/href="[^"#]*"/g)).toBeNull();
    expect(html.match(/<li class="leak">/g)).toHaveLength(21);
    expect(html).toContain('3 more leaks in run.json.');
    expect(html).toContain('… 50 more …');
    expect(html.length).toBeLessThan(900_000);
  });
});

describe('the picture of growth', () => {
  const values = [100, 110, 120, 130];
  const growth = {
    counter: 'nodes',
    perIteration: 10,
    interval: { low: 8, high: 12, confidence: 0.95, method: 'Theil–Sen' },
    trend: 'grows',
    note: '',
  } as const;

  it('is of the difference from the start: the trend through the points, the limit from their start', () => {
    const chart = growthChart({ unit: 'count', values, growth, limit: 10 });
    // as steep as the points: both are one line
    expect(chart?.trend).toBe(chart?.limit);
    expect(chart?.ticks.map(({ label }) => label)).toEqual(['start', '+10', '+20', '+30']);
    expect(chart?.band).toMatch(/^M134 [\d.]+L64 [\d.]+L64 [\d.]+zM134 [\d.]+L204 [\d.]+L204 [\d.]+z$/);
  });

  it('leaves a limit out that would flatten the points, and says so', () => {
    const chart = growthChart({ unit: 'count', values, growth, limit: 1000 });
    expect(chart).toMatchObject({ limit: '', limitLabel: 'limit +1000 an iteration, far above' });
  });

  it('has no trend through what levels off', () => {
    expect(
      growthChart({ unit: 'count', values, growth: { ...growth, trend: 'levels off' }, limit: null }),
    ).toMatchObject({
      trend: '',
      band: '',
    });
  });

  it('is none where nothing was counted', () => {
    expect(growthChart({ unit: 'count', values: [], growth: null, limit: null })).toBeNull();
  });
});
