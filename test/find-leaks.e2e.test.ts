/** Leaks of every kind in one page in real Chrome: each is found with its pattern and its holder, and none in the repaired twin. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createResolver } from '../src/analyse/source-maps.ts';
import { HeapCapture } from '../src/collect/heap-capture.ts';
import { leakSchema, type Leak, type LeakPattern, type PathLink } from '../src/core/leaks.ts';
import type { ScriptSource } from '../src/core/recording.ts';
import { findLeaks, type FoundLeaks } from '../src/heap/find-leaks.ts';
import { readSnapshot } from '../src/heap/read-snapshot.ts';
import { ChromePool } from '../src/scenario/chrome-pool.ts';
import { type LeakKind, leakKinds, leakRoutes } from './support/leak-pages.ts';
import { type PageServer, servePages } from './support/pages.ts';

const iterations = 5;

let pool: ChromePool;
let folder: string;
let server: PageServer;
let leaking: FoundLeaks;
let repaired: FoundLeaks;

beforeAll(async () => {
  pool = new ChromePool(chromium, { executablePath: undefined, headless: true, extraFlags: [] });
  folder = mkdtempSync(path.join(tmpdir(), 'pw-leaks-'));
  server = await servePages(leakRoutes(leakKinds));
  leaking = await run('/');
  repaired = await run('/repaired/');
}, 400_000);
afterAll(async () => {
  await pool.close();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Clicks, and looks for what each click left behind. */
async function run(address: string): Promise<FoundLeaks> {
  const { browser } = await pool.acquire();
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    const session = await context.newCDPSession(tab);
    const urls = new Map<number, string>();
    session.on('Debugger.scriptParsed', ({ scriptId, url }) => urls.set(Number(scriptId), url));
    await session.send('Debugger.enable');
    await tab.goto(server.url + address);
    const capture = new HeapCapture(session);
    await capture.start();
    let clicks = 0;
    const click = async (): Promise<void> => {
      clicks += 1;
      await tab.locator('#go').click();
      await tab.waitForFunction((title) => document.title === title, `done ${clicks}`);
    };
    for (let warmUp = 0; warmUp < 2; warmUp += 1) await click();
    await capture.collect();
    const [first, last]: [Uint8Array[], Uint8Array[]] = [[], []];
    await capture.snapshot(path.join(folder, 'first.heapsnapshot.gz'), (piece) => first.push(piece));
    await capture.startTracking();
    const borders = [await capture.boundary()];
    const counters = [{ ...(await capture.counters()), detached: null }];
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      await click();
      await capture.collect();
      borders.push(await capture.boundary());
      counters.push({ ...(await capture.counters()), detached: null });
    }
    await capture.snapshot(path.join(folder, 'last.heapsnapshot.gz'), (piece) => last.push(piece));
    const sources = await Promise.all(
      leakKinds.map(async (kind): Promise<ScriptSource> => {
        const url = `${server.url}${address}${kind}.js`;
        const source = await (await fetch(url)).text();
        return { url, startLine: 0, startColumn: 0, source, map: null, mapProblem: null };
      }),
    );
    const resolver = createResolver(sources, server.url + address);
    return findLeaks({
      first: await readSnapshot(first, { name: 'first' }),
      last: await readSnapshot(last, { name: 'last' }),
      borders,
      counters,
      place: ({ script, line, column, name }) => {
        const url = urls.get(script);
        return url ? resolver.resolveFunction(url, line, column, name) : null;
      },
      variable: ({ script, line, column }, own, name) =>
        resolver.resolveVariable(urls.get(script) ?? '', { line, column, own }, name),
    });
  } finally {
    await context.close();
  }
}

/** A path as one line: `Window -> listener function onResize`. */
function line(links: readonly PathLink[]): string {
  return links
    .map(({ edge, name, what }) => (edge === 'root' ? what : `${edge}${name === '' ? '' : ` ${name}`} ${what}`))
    .join(' -> ');
}

interface Expected {
  readonly pattern: LeakPattern;
  readonly what: string;
  /** The end of the path, from what holds it on. */
  readonly path: RegExp;
  /** File and line of the place to mend; null where no script stands on the way. */
  readonly place: string | null;
}

/** What cannot be seen in objects: rules and states lie outside of the heap. */
const unseen: readonly LeakKind[] = ['styleRules', 'historyState'];

const expected: Partial<Record<LeakKind, Expected>> = {
  listener: {
    pattern: 'listener not removed',
    what: 'function onResize',
    path: /^Window -> listener function onResize$/,
    place: 'listener.js:6',
  },
  elementListener: {
    pattern: 'listener not removed',
    what: 'function onMove',
    path: /<div id="box"> -> listener function onMove$/,
    place: 'elementListener.js:6',
  },
  mediaQuery: {
    pattern: 'listener not removed',
    what: 'function onChange',
    path: /MediaQueryList -> listener function onChange$/,
    place: 'mediaQuery.js:5',
  },
  customElement: {
    pattern: 'listener not removed',
    what: 'function Card.onKey',
    path: /HTMLDocument -> listener function$/,
    place: 'customElement.js:4',
  },
  resizeObserver: {
    pattern: 'observer not disconnected',
    what: 'function onSize',
    path: /<body style="margin:0"> -> native ResizeObserver -> native function onSize$/,
    place: 'resizeObserver.js:5',
  },
  mutationObserver: {
    pattern: 'observer not disconnected',
    what: 'function step > MutationObserver callback',
    path: /<body style="margin:0"> -> native MutationObserverRegistration -> native function$/,
    place: 'mutationObserver.js:5',
  },
  intersectionObserver: {
    pattern: 'observer not disconnected',
    what: 'function step > IntersectionObserver callback',
    path: /native IntersectionObserver -> native function$/,
    place: 'intersectionObserver.js:5',
  },
  performanceObserver: {
    pattern: 'observer not disconnected',
    what: 'function step > PerformanceObserver callback',
    path: /native PerformanceObserver -> native function$/,
    place: 'performanceObserver.js:5',
  },
  interval: {
    pattern: 'timer never cleared',
    what: 'function poll',
    path: /^Window -> native DOMTimer -> timer function poll$/,
    place: 'interval.js:5',
  },
  timeout: {
    pattern: 'timer never cleared',
    what: 'function step > setTimeout callback',
    path: /^Window -> native DOMTimer -> timer function$/,
    place: 'timeout.js:5',
  },
  animation: {
    pattern: 'timer never cleared',
    what: 'function draw',
    path: /ScriptedAnimationController -> timer function draw$/,
    place: 'animation.js:6',
  },
  closure: {
    pattern: 'closure over a large scope',
    what: 'function revert',
    path: /variable undo Array -> element function revert$/,
    place: 'closure.js:7',
  },
  sharedScope: {
    pattern: 'closure over a large scope',
    what: 'function method',
    path: /variable thing \{rows, method\} -> property method function method$/,
    place: 'sharedScope.js:7',
  },
  map: {
    pattern: 'cache without eviction',
    what: 'Session',
    path: /variable sessions Map -> element Session$/,
    place: 'map.js:4',
  },
  cache: {
    pattern: 'cache without eviction',
    what: '{id, rows, total}',
    path: /variable cache \{query-1, .*\} -> element \{id, rows, total\}$/,
    place: 'cache.js:3',
  },
  set: {
    pattern: 'listener not removed',
    what: 'function step > on callback',
    path: /variable bus Bus -> property handlers Set -> element function$/,
    place: 'set.js:7',
  },
  array: {
    pattern: 'collection that only grows',
    what: '{id, rows, total}',
    path: /variable history Array -> element \{id, rows, total\}$/,
    place: 'array.js:3',
  },
  classField: {
    pattern: 'collection that only grows',
    what: '{text, at}',
    path: /^Window -> property app App -> property logger Logger -> property entries Array -> element \{text, at\}$/,
    place: 'classField.js:3',
  },
  numbers: {
    pattern: 'collection that only grows',
    what: 'Array',
    path: /variable samples Array$/,
    place: 'numbers.js:3',
  },
  text: {
    pattern: 'collection that only grows',
    what: 'string',
    path: /variable log \{text\} -> property text string -> internal first string$/,
    place: 'text.js:3',
  },
  buffers: {
    pattern: 'collection that only grows',
    what: 'Uint8Array',
    path: /variable chunks Array -> element Uint8Array$/,
    place: 'buffers.js:3',
  },
  store: {
    pattern: 'collection that only grows',
    what: '{sku, price}',
    path: /variable state \{items, title\} -> property items Array -> element \{sku, price\}$/,
    place: 'store.js:3',
  },
  list: {
    pattern: 'collection that only grows',
    what: '{previous, count}',
    path: /variable newest \{previous, count\} -> property previous \{previous, count\}$/,
    place: 'list.js:3',
  },
  detached: {
    pattern: 'detached DOM held by JavaScript',
    what: '<section>',
    path: /variable rows Array -> element <section>$/,
    place: 'detached.js:3',
  },
  detachedByListener: {
    pattern: 'listener not removed',
    what: 'function update',
    path: /variable subscribers Array -> element function update$/,
    place: 'detachedByListener.js:8',
  },
  attached: {
    pattern: 'DOM that piles up in the page',
    what: '<div class="toast">',
    path: /<div id="box"> -> element <div class="toast">$/,
    place: null,
  },
  promise: {
    pattern: 'promise never settled',
    what: 'function waitForReady',
    path: /variable ready Promise -> element function -> native function waitForReady$/,
    place: 'promise.js:4',
  },
  resolvers: {
    pattern: 'promise never settled',
    what: 'function step',
    path: /variable waiting Array -> element function -> native function step$/,
    place: 'resolvers.js:5',
  },
  console: {
    pattern: 'held by the console',
    what: '{id, rows}',
    path: /^console -> element \{id, rows\}$/,
    place: null,
  },
  frame: {
    pattern: 'frame not removed',
    what: '<iframe hidden="">',
    path: /<body style="margin:0"> -> element <iframe hidden="">$/,
    place: null,
  },
  heldFrame: {
    pattern: 'frame not removed',
    what: 'function Array',
    path: /variable windows Array -> element function Array$/,
    place: 'heldFrame.js:3',
  },
  worker: {
    pattern: 'worker not terminated',
    what: 'Worker',
    path: /^Chrome -> native Worker$/,
    place: null,
  },
  channel: {
    pattern: 'connection not closed',
    what: 'BroadcastChannel',
    path: /^Chrome -> native BroadcastChannel$/,
    place: 'channel.js:5',
  },
  adoptedStyle: {
    pattern: 'style sheets pile up',
    what: 'CSSStyleSheet',
    path: /HTMLDocument -> native CSSStyleSheet$/,
    place: null,
  },
  style: {
    pattern: 'style sheets pile up',
    what: '<style>',
    path: /^Window -> element HTMLDocument -> element <head> -> element <style>$/,
    place: null,
  },
};
const cases = Object.entries(expected) as [LeakKind, Expected][];

function matches({ pattern, what, path: links, location }: Leak, wanted: Expected): boolean {
  const place = location && `${path.posix.basename(location.file)}:${location.line}`;
  return pattern === wanted.pattern && what === wanted.what && wanted.path.test(line(links)) && place === wanted.place;
}

test('every kind is in the table, or known not to be seen', () => {
  expect([...Object.keys(expected), ...unseen].toSorted()).toEqual([...leakKinds].toSorted());
});

describe('the leaking page', () => {
  const told = (): string[] =>
    leaking.leaks.map(
      ({ pattern, what, path: links, location }) =>
        `${pattern}: ${what} at ${location ? `${path.posix.basename(location.file)}:${location.line}` : 'no place'}: ${line(links)}`,
    );

  test.each(cases)('%s is found once, with pattern, holder and place', (_kind, wanted) => {
    expect(leaking.leaks.filter((leak) => matches(leak, wanted)).length, told().join('\n')).toBe(1);
  });

  test('nothing else is found', () => {
    const others = leaking.leaks.filter((leak) => !cases.some(([, wanted]) => matches(leak, wanted)));
    expect(others.map(({ title, path: links }) => `${title}: ${line(links)}`)).toEqual([]);
  });

  test('each leak says since when, how sure, and what to do', () => {
    for (const leak of leaking.leaks) {
      expect(leakSchema.safeParse(leak).error).toBeUndefined();
      expect(leak.confidence, leak.title).toBeGreaterThan(0.35);
      expect(leak.births.length).toBe(iterations);
      expect(leak.advice.length).toBeGreaterThan(20);
      expect(leak.retained, leak.title).toBeGreaterThan(0);
    }
  });

  test('the one that keeps most alive comes first', () => {
    expect(leaking.leaks[0]?.path.at(-2)?.name).toBe('windows');
  });

  test('what a listener holds besides is folded under it', () => {
    const listener = leaking.leaks.find(({ what }) => what === 'function onResize');
    expect(listener?.folded.map(({ what }) => what)).toContain('AbortController');
  });
});

test('nothing is found in the repaired page', () => {
  expect(repaired.leaks.map(({ title, path: links }) => `${title}: ${line(links)}`)).toEqual([]);
});
