/** Objects that grow with the repetitions of an action, in real Chrome: each kind is found, and none in its repaired twin. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HeapCapture } from '../src/collect/heap-capture.ts';
import { buildGraph } from '../src/heap/graph.ts';
import { findGrowth, type Group } from '../src/heap/growth.ts';
import { readSnapshot } from '../src/heap/read-snapshot.ts';
import { ChromePool } from '../src/scenario/chrome-pool.ts';
import { html } from './support/pages.ts';

const iterations = 5;

/** A click leaves one of each kind behind, or takes away what the click before left. */
const page = (leaks: boolean): string =>
  html(`<button id="go">go</button><script>
    class CartItem { constructor(at) { this.at = at; } }
    (() => {
      const cache = new Map(), detached = [], keep = ${leaks};
      let clicks = 0, newest = null, state = { list: [] }, onResize = null;
      document.getElementById('go').onclick = () => {
        clicks += 1;
        if (!keep) { cache.clear(); detached.length = 0; state = { list: [] }; newest = null; removeEventListener('resize', onResize); }
        cache.set('key ' + clicks, new CartItem(clicks));
        onResize = function onResize() { return clicks; };
        addEventListener('resize', onResize);
        state = { list: [...state.list, { payload: new Array(100).fill(clicks) }] };
        newest = { previous: newest };
        const row = document.createElement('section');
        row.append(document.createElement('p'));
        detached.push(row);
      };
      globalThis.hold = () => [cache, detached, newest, state];
    })();
  </script>`);

let pool: ChromePool;
let folder: string;
beforeAll(() => {
  pool = new ChromePool(chromium, { executablePath: undefined, headless: true, extraFlags: [] });
  folder = mkdtempSync(path.join(tmpdir(), 'pw-growth-'));
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

async function grow(leaks: boolean): Promise<{ groups: readonly Group[]; listeners: number[]; bytes: number }> {
  const { browser } = await pool.acquire();
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.setContent(page(leaks));
  const capture = new HeapCapture(await context.newCDPSession(tab));
  await capture.start();
  const click = (): Promise<void> => tab.locator('#go').click();
  for (let warmUp = 0; warmUp < 2; warmUp += 1) await click();
  await capture.collect();
  const [first, last]: [Uint8Array[], Uint8Array[]] = [[], []];
  await capture.snapshot(path.join(folder, 'first.heapsnapshot.gz'), (piece) => first.push(piece));
  await capture.startTracking();
  const borders = [await capture.boundary()];
  const listeners = [(await capture.counters()).listeners];
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    await click();
    await capture.collect();
    borders.push(await capture.boundary());
    listeners.push((await capture.counters()).listeners);
  }
  const file = path.join(folder, 'last.heapsnapshot.gz');
  await capture.snapshot(file, (piece) => last.push(piece));
  await capture.stopTracking();
  await context.close();
  const graph = buildGraph(await readSnapshot(last, { name: 'last' }));
  const { groups } = findGrowth(graph, {
    borders,
    first: await readSnapshot(first, { name: 'first' }),
  });
  return { groups, listeners, bytes: statSync(file).size };
}

/** Strings are the keys of the map, which grow along with its values. */
const names = (groups: readonly Group[]): string[] =>
  groups.map(({ className }) => className).filter((name) => name !== '(string)');

test('each kind of growth is found, with a birth in each repetition', async () => {
  const { groups, listeners, bytes } = await grow(true);
  expect(names(groups).toSorted()).toEqual(['<section>', 'CartItem', 'Object', 'Object', 'onResize'].toSorted());
  for (const { births } of groups)
    expect(births.filter((count) => count > 0).length).toBeGreaterThanOrEqual(iterations - 1);
  // The list of the state and the chain of what came before are two leaks.
  expect(groups.filter(({ className }) => className === 'Object').map(({ edge }) => edge.name)).toEqual(
    expect.arrayContaining(['[]', 'previous']),
  );
  expect((listeners.at(-1) ?? 0) - (listeners[0] ?? 0)).toBe(iterations);
  expect(bytes).toBeGreaterThan(100_000);
});

test('the repaired twin grows in nothing', async () => {
  const { groups, listeners } = await grow(false);
  expect(names(groups)).toEqual([]);
  expect(listeners.at(-1)).toBe(listeners[0]);
});
