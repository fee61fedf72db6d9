/** Memory scenarios in the terminal and in Markdown. */
import { describe, expect, it } from 'vitest';
import type { ScenarioComparison } from '../src/core/comparison.ts';
import type { RunDocument } from '../src/core/document.ts';
import type { Memory } from '../src/core/leaks.ts';
import { growthText, pathText } from '../src/report/leak-text.ts';
import { renderMarkdown } from '../src/report/markdown.ts';
import { runOutcome } from '../src/report/run-outcome.ts';
import { renderTerminal } from '../src/report/terminal.ts';
import { whyLines } from '../src/report/why.ts';
import { comparisonRun, unchangedRun } from './fixtures/runs/comparisons.ts';
import * as runs from './fixtures/runs/memory.ts';

const plain = { color: false, width: 100, reportPath: 'reports/r1/index.html' };

/** Golden outputs stand between two line breaks, so that they begin at the margin. */
function framed(text: string): string {
  return `\n${text}\n`;
}

describe('leaks in a terminal', () => {
  it('take five lines at most: title, amount, path, place and advice', () => {
    expect(framed(renderTerminal(runs.leakingRun(), plain))).toBe(`

        step                 metric            limit     value         interval    margin
the cart drawer does not leak
  FAIL  the repeated action  leaks                 0         3                -        -3
  FAIL  the repeated action  nodes.growth          0        12            exact       -12
  FAIL  the repeated action  heap.growth       20 kB  29.64 kB  29.12..30.16 kB  -9.64 kB
  pass  the repeated action  listeners.growth      2         1            exact        +1

Why
  FAIL the repeated action, leaks: 3, limit 0, 3 over the limit, one value
    found after 7 iterations, and again in a second pass (one value); fails the gate; budgets/drawer.json:4
    function onResize, listener not removed: openDrawer (src/cart/drawer.ts:41)
    <section class="drawer">, detached DOM held by JavaScript: remember (src/history.ts:22)
    {total, at}, cache without eviction: totalOf (src/prices.ts:17)
  FAIL the repeated action, nodes.growth: 12, limit 0, 12 over the limit, exact
    +12 in every iteration (exact); fails the gate; budgets/drawer.json:6
    <section class="drawer"> (12 objects an iteration), detached DOM held by JavaScript: remember (src/history.ts:22)
  FAIL the repeated action, heap.growth: 29.64 kB, limit 20 kB, 9.64 kB (48 %) over the limit, interval 29.12..30.16 kB
    grows: +118.8 kB in the first 4 iterations, +89.5 kB in the 3 after them: it goes on (trend); fails the gate; budgets/drawer.json:5
    function onResize (21.48 kB an iteration), listener not removed: openDrawer (src/cart/drawer.ts:41)
    <section class="drawer"> (6.91 kB an iteration), detached DOM held by JavaScript: remember (src/history.ts:22)
    {total, at} (1.1 kB an iteration), cache without eviction: totalOf (src/prices.ts:17)

Memory of "the cart drawer does not leak": 3 leaks in 7 iterations after 2 warm-ups; looked at again in a second pass: 7 iterations after 9 warm-ups
  heap +29.64 kB (grows), nodes +12 (grows), detached +12 (grows), listeners +1 (grows) an iteration; documents, frames, workers flat
  1. 1 function onResize more with each iteration, held as a listener of Window: 21.48 kB each time
     listener not removed, sure (97 %): 1 object (128 B) an iteration, which keeps 21.48 kB alive
     Window -> listener "resize": function onResize (grows) -> variable rows: Array
       -> [...]: {id, title, price, thumbnail}
     openDrawer (src/cart/drawer.ts:41): Remove the listener when the drawer closes: removeEventListener with the same function, or pass { signal } of an AbortController and abort it there.
  2. 12 <section class="drawer"> more with each iteration, held by Array "undo" of History: 6.91 kB each time
     detached DOM held by JavaScript, likely (82 %): 12 objects (1.82 kB) an iteration, which keep 6.91 kB alive
     Window -> .app: App -> .history: History -> .undo: Array -> [...]: function restore (grows)
       -> variable drawer: <section class="drawer"> -> browser children: <ul class="rows">
     remember (src/history.ts:22): Let the undo step keep what is needed to build the drawer again instead of the element, or drop steps beyond a bound.
  3. 2.7 {total, at} more with each iteration, held by Map "priceCache": 1.1 kB each time
     cache without eviction, likely (57 %): 2.7 objects (192 B) an iteration, which keep 1.1 kB alive
     module src/prices.ts -> variable priceCache: Map -> (table): Array
       -> [...]: {total, at} (grows)
     totalOf (src/prices.ts:17): Give the cache a bound (drop the oldest entry when it is full), or a key that comes again.
  not counted, a second pass did not find it: 1 string more with each iteration, held by Array "recent" of Search: 64 B each time

3 leaks found; 3 of 4 budget lines fail (3 fail, 1 pass)
Report: reports/r1/index.html
Next:   open reports/r1/index.html
        npx pacewright judge reports/r1 --budgets budgets   (judges these samples again, after a change of the budgets in that folder)
`);
  });

  it('where there is none: what was checked, and the growth that was seen', () => {
    expect(framed(renderTerminal(runs.cleanMemoryRun(), plain))).toBe(`

        step                 metric       limit  value    interval     margin
the cart drawer does not leak
  pass  the repeated action  leaks            0      0           -         +0
  pass  the repeated action  heap.growth  20 kB   22 B  -68..112 B  +19.98 kB

Memory of "the cart drawer does not leak": no leak in 7 iterations after 2 warm-ups
  heap +22 B (levels off) an iteration; nodes, detached, listeners, documents, frames, workers flat
  checked: objects alive at the end by the iteration they were made in: 412 of 61,204 are new, none in every iteration
  checked: elements of 1,830 arrays, maps, sets and dictionaries against the baseline
  checked: detached nodes, event listeners, documents, frames and workers after every iteration

No leak found; all 2 budget lines pass
Report: reports/r1/index.html
Next:   open reports/r1/index.html
`);
  });

  it('say how iterations ended, and that the action does not return', () => {
    const text = renderTerminal(runs.stoppedMemoryRun(), plain);
    expect(text).toContain('": 1 leak in 4 iterations after 2 warm-ups, stopped early\n');
    // once, with what to do
    expect(text.split('does not end in the state it began in')).toHaveLength(2);
    expect(renderTerminal(runs.failedMemoryRun(), plain)).toContain(
      '": no leak in 4 iterations after 2 warm-ups, not finished\n',
    );
  });

  it('come before scenarios without; of many of those only the number is told', () => {
    const mixed = runs.mixedMemoryRun();
    const [, , clean] = mixed.scenarios;
    if (!clean) throw new Error('no clean scenario');
    const text = renderTerminal({ ...mixed, scenarios: [clean, clean, clean, clean, ...mixed.scenarios] }, plain);
    const headings = text.split('\n').filter((line) => line.startsWith('Memory of'));
    expect(headings.map((line) => /: (\w+ leaks?) /.exec(line)?.[1])).toEqual([
      '3 leaks',
      'no leak',
      'no leak',
      'no leak',
    ]);
    expect(text).toContain('No leak in 2 more scenarios either.');
  });

  it('are coloured by what was found', () => {
    const line = (run: RunDocument): string =>
      renderTerminal(run, { ...plain, color: true })
        .split('\n')
        .find((each) => each.includes('iterations after')) ?? '';
    expect(line(runs.leakingRun())).toContain('\u001b[31m3 leaks\u001b[39m');
    expect(line(runs.cleanMemoryRun())).toContain('\u001b[32mno leak\u001b[39m');
    expect(line(runs.failedMemoryRun())).toContain('\u001b[33mno leak\u001b[39m');
  });

  it('lets nothing of an enemy through', () => {
    const text = renderTerminal(runs.hostileMemoryRun(), plain);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028\u200b]/);
    expect(text).toContain('  and 17 more leaks in the report');
    const part = (/^Memory of[\s\S]*?(?=\n\n)/m.exec(text)?.[0] ?? '').split('\n');
    expect(part.length).toBeLessThan(5 * 6 + 8);
    expect(Math.max(...part.map((line) => line.length))).toBeLessThan(500);
  });
});

describe('beside a comparison with base', () => {
  const compared = comparisonRun();
  const [boots] = compared.scenarios;
  const note = 'leaks are looked for in head alone: what an action leaves behind is judged as it is, not against base';
  const [clean] = runs.cleanMemoryRun().scenarios;
  if (!boots?.comparison || !clean) throw new Error('no scenario');
  const comparison: ScenarioComparison = { ...boots.comparison, status: 'not compared', note, looks: [], changes: [] };
  const drawer = { ...clean, comparison };
  const text = renderTerminal({ ...compared, scenarios: [boots, drawer] }, plain);

  it('is no comparison that is missing', () => {
    expect(text).toContain(
      'Without a comparison: "the cart drawer does not leak" (it looks for leaks, in head alone).',
    );
    expect(text).toContain(`head alone the cart drawer does not leak: ${note.slice(0, 80)}`);
    expect(text).toContain('; 1 scenario looks for leaks, in head alone; no leak found;');
    expect(text).not.toContain('NOT COMPARED');
  });

  it('does not make a run that passes unsure', () => {
    const still = unchangedRun();
    const tone = (scenarios: RunDocument['scenarios']): string | undefined =>
      runOutcome({ ...still, scenarios }).comparison?.tone;
    expect(tone(still.scenarios)).toBe('pass');
    expect(tone([...still.scenarios, drawer])).toBe('pass');
    expect(tone([...still.scenarios, { ...drawer, memory: null }])).toBe('unsure');
  });
});

describe('a path in one line', () => {
  const { path } = runs.detachedLeak;

  it('keeps its start and its end where it is too long', () => {
    expect(pathText(path, 1000)).toBe(
      'Window → .app: App → .history: History → .undo: Array → […]: function restore (grows) → variable drawer: <section class="drawer"> → browser children: <ul class="rows">',
    );
    expect(pathText(path, 120)).toBe(
      'Window → .app: App → … 3 more … → variable drawer: <section class="drawer"> → browser children: <ul class="rows">',
    );
    expect(pathText(path, 10)).toBe('Window → … 5 more … → browser children: <ul class="rows">');
  });

  it('has a word for every kind of reference', () => {
    const edges = ['variable', 'property', 'element', 'internal', 'listener', 'timer', 'native'] as const;
    const link = { what: 'X', grows: false, location: null };
    expect(edges.map((edge) => pathText([{ ...link, edge, name: '' }], 100))).toEqual([
      'variable (no name): X',
      '.(no name): X',
      '[…]: X',
      '(internal): X',
      'listener: X',
      'timer: X',
      'browser: X',
    ]);
  });
});

it('growth is one sentence, whatever moves', () => {
  const { growth } = runs.leakyMemory;
  expect(growthText([])).toBe('');
  expect(growthText(growth.slice(4))).toBe('nothing grows: documents, frames, workers flat');
  expect(growthText(growth.slice(3))).toBe('listeners +1 (grows) an iteration; documents, frames, workers flat');
});

describe('why a memory budget fails', () => {
  const why = (metric: string, memory: Memory = runs.leakyMemory): string[] =>
    whyLines(runs.memoryScenario(memory), { step: null, metric, value: 3 });

  it('names the leaks that account for it', () => {
    expect(why('leaks')).toEqual([
      'function onResize, listener not removed: openDrawer (src/cart/drawer.ts:41)',
      '<section class="drawer">, detached DOM held by JavaScript: remember (src/history.ts:22)',
      '{total, at}, cache without eviction: totalOf (src/prices.ts:17)',
    ]);
    expect(why('heap.growth')[0]).toBe(
      'function onResize (21.48 kB an iteration), listener not removed: openDrawer (src/cart/drawer.ts:41)',
    );
    expect(why('nodes.growth')).toEqual([
      '<section class="drawer"> (12 objects an iteration), detached DOM held by JavaScript: remember (src/history.ts:22)',
    ]);
    expect(why('listeners.growth')).toEqual([
      'function onResize (1 object an iteration), listener not removed: openDrawer (src/cart/drawer.ts:41)',
    ]);
  });

  it('counts what five lines do not hold', () => {
    const leaks = Array.from({ length: 9 }, () => runs.mapLeak);
    expect(why('leaks', { ...runs.leakyMemory, leaks })).toHaveLength(5);
    expect(why('leaks', { ...runs.leakyMemory, leaks }).at(-1)).toBe('and 5 more leaks');
  });

  it('says so where no leak does', () => {
    expect(why('heap.growth', runs.cleanMemory)).toEqual([
      'No leak accounts for it: 22 B an iteration, levels off: +9.24 kB in the first 4 iterations, +52 B in the 3 after them: it comes to an end',
    ]);
    expect(why('leaks', runs.cleanMemory)).toEqual([]);
  });
});

describe('leaks in Markdown', () => {
  it('are a list, each with amount, path, place and advice', () => {
    const text = renderMarkdown(runs.leakingRun());
    expect(framed(text.slice(text.indexOf('\n- the repeated'), text.indexOf('3. **')))).toBe(`

- the repeated action, leaks: found after 7 iterations, and again in a second pass
  - function onResize, listener not removed: openDrawer (src/cart/drawer.ts:41)
  - &lt;section class="drawer"&gt;, detached DOM held by JavaScript: remember (src/history.ts:22)
  - \\{total, at\\}, cache without eviction: totalOf (src/prices.ts:17)
- the repeated action, nodes.growth: \\+12 in every iteration
  - &lt;section class="drawer"&gt; (12 objects an iteration), detached DOM held by JavaScript: remember (src/history.ts:22)
- the repeated action, heap.growth: grows: +118.8 kB in the first 4 iterations, +89.5 kB in the 3 after them: it goes on
  - function onResize (21.48 kB an iteration), listener not removed: openDrawer (src/cart/drawer.ts:41)
  - &lt;section class="drawer"&gt; (6.91 kB an iteration), detached DOM held by JavaScript: remember (src/history.ts:22)
  - \\{total, at\\} (1.1 kB an iteration), cache without eviction: totalOf (src/prices.ts:17)

**Memory of "the cart drawer does not leak"**: 3 leaks in 7 iterations after 2 warm-ups. Heap +29.64 kB (grows), nodes +12 (grows), detached +12 (grows), listeners +1 (grows) an iteration; documents, frames, workers flat. Looked at again in a second pass: 7 iterations after 9 warm-ups.

1. **1 function onResize more with each iteration, held as a listener of Window: 21.48 kB each time**
   - listener not removed, sure (97 %): 1 object (128 B) an iteration, which keeps 21.48 kB alive
   - held by Window → listener "resize": function onResize (grows) → variable rows: Array → \\[…\\]: \\{id, title, price, thumbnail\\}
   - openDrawer (src/cart/drawer.ts:41): Remove the listener when the drawer closes: removeEventListener with the same function, or pass \\{ signal \\} of an AbortController and abort it there.
2. **12 &lt;section class="drawer"&gt; more with each iteration, held by Array "undo" of History: 6.91 kB each time**
   - detached DOM held by JavaScript, likely (82 %): 12 objects (1.82 kB) an iteration, which keep 6.91 kB alive
   - held by Window → .app: App → .history: History → .undo: Array → \\[…\\]: function restore (grows) → variable drawer: &lt;section class="drawer"&gt; → browser children: &lt;ul class="rows"&gt;
   - remember (src/history.ts:22): Let the undo step keep what is needed to build the drawer again instead of the element, or drop steps beyond a bound.

`);
  });

  it('are one sentence where there is none, and short whatever an enemy writes', () => {
    expect(renderMarkdown(runs.cleanMemoryRun())).toContain(
      '\n**Memory of "the cart drawer does not leak"**: no leak in 7 iterations after 2 warm-ups. Heap +22 B (levels off)',
    );
    const hostile = renderMarkdown(runs.hostileMemoryRun());
    expect(hostile).toContain('And 19 more leaks in the report.');
    expect(hostile.slice(hostile.indexOf('**Memory of')).length).toBeLessThan(12_000);
    expect(hostile).not.toContain('<script');
  });
});
