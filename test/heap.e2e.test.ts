/** Heap snapshots of real pages: dominators and retained sizes are those that the code of DevTools computes. */
import { chromium } from '@playwright/test';
import { parse } from 'heap-snapshot-toolkit';
import { expect, test } from 'vitest';
import { ChromePool } from '../src/scenario/chrome-pool.ts';
import { buildGraph } from '../src/heap/graph.ts';
import { readSnapshot } from '../src/heap/read-snapshot.ts';
import { summariseHeap } from '../src/heap/summary.ts';

/** Objects that are held in every way there is. */
const page = `
  class CartItem { constructor(at) { this.at = at; this.label = 'item ' + at; } }
  const items = Array.from({ length: 500 }, (_, at) => new CartItem(at));
  const weak = new WeakMap(items.map((item, at) => [item, { price: at }]));
  const lists = { map: new Map(items.map((item) => [item.label, item])), set: new Set(items), refs: items.map((item) => new WeakRef(item)) };
  globalThis.shop = { items, weak, lists };
  const left = document.createElement('section');
  left.append(document.createElement('p'), document.createElement('p'));
  globalThis.left = left;
  addEventListener('resize', function onResize() { return lists; });
  setInterval(() => items.length, 1e6);
  const frame = document.createElement('iframe');
  document.body.append(frame);
  frame.contentWindow.held = items;
`;

test('dominators and retained sizes are those of DevTools', async () => {
  const pool = new ChromePool(chromium, { executablePath: undefined, headless: true, extraFlags: [] });
  try {
    const { browser } = await pool.acquire();
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.setContent(`<h1>Shop</h1><script>${page}</script>`);
    const session = await context.newCDPSession(tab);
    let text = '';
    session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => (text += chunk));
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    const theirs = await parse(new Blob([text]).stream().pipeThrough(new TextDecoderStream()));
    const graph = buildGraph(await readSnapshot([new TextEncoder().encode(text)], { name: 'page' }));
    expect(graph.snapshot.nodeCount).toBeGreaterThan(10_000);
    expect(Array.from(graph.retained)).toEqual(Array.from(theirs.retainedSizes as ArrayLike<number>));
    expect(graph.dominators.slice(1)).toEqual(Uint32Array.from(theirs.dominatorsTree as ArrayLike<number>).slice(1));
    const { classes, detached } = summariseHeap(graph, 2000);
    expect(classes.find(({ name }) => name === 'CartItem')).toMatchObject({ count: 500 });
    expect(detached.map(({ name, count }) => `${count} ${name}`).toSorted()).toEqual([
      '1 Detached <section>',
      '2 Detached <p>',
    ]);
  } finally {
    await pool.close();
  }
});
