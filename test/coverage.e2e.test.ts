/** Coverage, source texts and maps, and who adds listeners, timers and memory, in real Chrome on pages of known truth. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AllocationCollector } from '../src/collect/allocations.ts';
import { type CallStack, CallSiteCollector, readStack } from '../src/collect/call-sites.ts';
import { CoverageCollector } from '../src/collect/coverage.ts';
import { combineCollectors, type HeavyCollector } from '../src/collect/heavy.ts';
import { StyleCoverageCollector } from '../src/collect/style-coverage.ts';
import type { ScriptCoverage } from '../src/core/recording.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { Flow } from '../src/scenario/sample.ts';
import { createPool, measureOnce } from './support/measure.ts';
import { html, type PageServer, type Route, servePages } from './support/pages.ts';

let pool: ChromePool;
let pages: PageServer;
let elsewhere: PageServer;
const map = '{"version":3,"sources":["app.ts"],"names":[],"mappings":"AAAA"}';
const asked: (string | undefined)[] = [];
let changes = 0;

const serve =
  (type: string, text: string, headers: Record<string, string> = {}): Route =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': type, ...headers }).end(text);
  };
const script = (text: string, headers?: Record<string, string>): Route => serve('text/javascript', text, headers);

beforeAll(async () => {
  pool = createPool();
  elsewhere = await servePages({ '/map': map });
  pages = await servePages({
    '/': html(
      '<h1>text</h1><button onclick="later()">go</button><script>function inline() {}\ninline();</script>',
      '<script src="/app.js"></script><link rel="stylesheet" href="/app.css">',
    ),
    '/app.js': script(
      'function once() {}\nfunction later() { once(); once(); document.body.className = "gone"; }\nfunction never() {}\nonce();\n//# sourceMappingURL=maps/app.js.map',
    ),
    '/app.css': serve('text/css', 'h1 { color: red }\n.gone h1 { color: blue }\n.never { color: green }'),
    '/maps/app.js.map': (request, response) => {
      asked.push(request.headers.cookie);
      response.writeHead(200, { 'content-type': 'application/json' }).end(map);
    },
    '/next': html('<h1>next</h1>', '<script src="/next.js"></script>'),
    '/next.js': script('function onNext() {}\nonNext();'),
    '/worker': html(
      '<h1>text</h1><button onclick="worker.postMessage(0)">work</button><script>const worker = new Worker("/worker.js"); worker.onmessage = () => { document.title = "done"; };</script>',
    ),
    '/worker.js': script('function inWorker() { postMessage(1); }\nonmessage = () => { inWorker(); inWorker(); };'),
    '/once': html(
      '<h1>text</h1><script>for (const url of ["/once.js", "/changing.js"]) { const once = new Worker(url); once.onmessage = () => { once.terminate(); document.title += "done"; }; once.postMessage(0); }</script>',
    ),
    '/once.js': script('onmessage = () => postMessage(1);\n//# sourceMappingURL=maps/app.js.map'),
    // Another text each time: what is served later is not what ran.
    '/changing.js': (_request, response) => {
      changes += 1;
      const text = `onmessage = () => postMessage(1); // ${'x'.repeat(changes)}\n//# sourceMappingURL=maps/app.js.map`;
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(text);
    },
    '/maps': (_request, response) => {
      const names = ['inline', 'header', 'missing', 'elsewhere', 'file', 'redirect', 'broken', 'none'];
      response
        .writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'team=checkout' })
        .end(html('<h1>text</h1>', names.map((name) => `<script src="/map-${name}.js"></script>`).join('')));
    },
    '/map-inline.js': script(
      `1\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`,
    ),
    '/map-header.js': script('2', { sourcemap: '/maps/app.js.map' }),
    '/map-missing.js': script('3\n//# sourceMappingURL=nothing.map'),
    '/map-elsewhere.js': script(`4\n//# sourceMappingURL=${elsewhere.url}/map`),
    '/map-file.js': script('5\n//# sourceMappingURL=file:///etc/passwd'),
    '/map-redirect.js': script('6\n//# sourceMappingURL=/redirect'),
    '/redirect': (_request, response) => response.writeHead(302, { location: `${elsewhere.url}/map` }).end(),
    '/map-broken.js': script('7\n//# sourceMappingURL=data:application/json,%E0%A4%A'),
    '/map-none.js': script('8'),
    '/sites': html(
      '<h1>text</h1><button>add</button><button>remove</button><button>keep</button><button>hoard</button>',
      '<script src="/sites.js"></script>',
    ),
    '/sites.js': script(`
const listeners = [];
function addFive() {
  for (let index = 0; index < 5; index++) { const listener = () => {}; listeners.push(listener); addEventListener('resize', listener); }
}
function removeTwo() { for (const listener of listeners.splice(0, 2)) removeEventListener('resize', listener); }
function hoardRows() { window.rows = Array.from({ length: 30 }, () => { const row = document.createElement('li'); document.body.append(row); row.remove(); return row; }); document.body.append(document.createElement('p')); }
function keepArray() { window.kept = Array.from({ length: 100_000 }, (_, index) => ({ index })); }
addEventListener('DOMContentLoaded', function wire() {
  const [add, remove, keep, hoard] = document.querySelectorAll('button');
  add.addEventListener('click', () => { addFive(); removeTwo(); setInterval(() => {}, 1000); clearInterval(setInterval(() => {}, 1)); });
  remove.addEventListener('click', () => { const gone = document.createElement('p'); gone.addEventListener('click', () => {}); setTimeout(() => {}, 0); });
  keep.addEventListener('click', keepArray);
  hoard.addEventListener('click', hoardRows);
});`),
  });
});
afterAll(async () => {
  await pool.close();
  await pages[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
});

async function run<Collector extends HeavyCollector>(collector: Collector, flow: Flow): Promise<Collector> {
  const problems: unknown[] = [];
  const heavy = combineCollectors([collector], (_what, error) => problems.push(error));
  await measureOnce(pool, flow, { heavy });
  await heavy.dispose();
  expect(problems).toEqual([]);
  return collector;
}

/** Calls of each function of a script in a step; functions that did not run are left out. */
function calls(coverage: readonly ScriptCoverage[], path: string): Record<string, number> {
  const scripts = coverage.filter(({ url }) => new URL(url).pathname === path);
  return Object.fromEntries(
    scripts.flatMap(({ functions }) =>
      functions.flatMap(({ name, ranges: [range] }) =>
        name !== '' && range && range.count > 0 ? [[name, range.count]] : [],
      ),
    ),
  );
}

const visit =
  (path: string): Flow =>
  ({ page, step }) =>
    step('open', () => page.goto(`${pages.url}${path}`));

describe('coverage', () => {
  test('calls of each step by themselves, also after the next document', async () => {
    const coverage = await run(new CoverageCollector(), async ({ page, step }) => {
      await step('open', () => page.goto(`${pages.url}/`));
      await step('go', () => page.getByText('go').click());
      await step('next', () => page.goto(`${pages.url}/next`));
    });
    expect(calls(coverage.coverageOf('open'), '/app.js')).toEqual({ once: 1 });
    expect(calls(coverage.coverageOf('open'), '/')).toEqual({ inline: 1 });
    expect(calls(coverage.coverageOf('go'), '/app.js')).toEqual({ once: 2, later: 1 });
    expect(calls(coverage.coverageOf('next'), '/next.js')).toEqual({ onNext: 1 });
    const [inline] = coverage.scripts().filter(({ url }) => new URL(url).pathname === '/');
    expect(inline).toMatchObject({
      startLine: 0,
      source: 'function inline() {}\ninline();',
      map: null,
      mapProblem: null,
    });
    expect(
      coverage
        .scripts()
        .map(({ url }) => new URL(url).pathname)
        .toSorted(),
    ).toEqual(['/', '/', '/app.js', '/next.js']);
  });

  test('functions of a worker', async () => {
    const coverage = await run(new CoverageCollector(), async ({ page, step }) => {
      await step('open', async () => {
        const begun = page.waitForEvent('worker');
        await page.goto(`${pages.url}/worker`);
        await begun;
      });
      await step('work', async () => {
        await page.getByText('work').click();
        await page.waitForFunction(() => document.title === 'done');
      });
    });
    expect(calls(coverage.coverageOf('work'), '/worker.js')).toMatchObject({ inWorker: 2 });
    expect(coverage.scripts().some(({ url }) => url.endsWith('/worker.js'))).toBe(true);
  });

  test('texts and source maps of workers that end with their answer', async () => {
    const coverage = await run(new CoverageCollector(), ({ page, step }) =>
      step('open', async () => {
        await page.goto(`${pages.url}/once`);
        await page.waitForFunction(() => document.title === 'donedone');
      }),
    );
    const find = (path: string) => coverage.scripts().find(({ url }) => url.endsWith(path));
    expect(find('/once.js')).toMatchObject({
      source: 'onmessage = () => postMessage(1);\n//# sourceMappingURL=maps/app.js.map',
      map,
      mapProblem: null,
    });
    // Its text where the worker still answered, else none: never that of another load.
    const changing = find('/changing.js');
    expect(changing?.map).toBe(map);
    expect(['', 'onmessage = () => postMessage(1); // x\n//# sourceMappingURL=maps/app.js.map']).toContain(
      changing?.source,
    );
  });

  test('source maps from a data URL, a header, a relative URL with the cookies of the page; problems of the others', async () => {
    const coverage = await run(new CoverageCollector(), visit('/maps'));
    const maps = Object.fromEntries(
      coverage
        .scripts()
        .map(({ url, map: text, mapProblem }) => [/map-(\w+)/.exec(url)?.[1] ?? url, text ?? mapProblem]),
    );
    const { host } = new URL(elsewhere.url);
    expect(maps).toEqual({
      inline: map,
      header: map,
      missing: 'its source map could not be fetched: the server answered 404',
      elsewhere: `its source map lies on ${host}, from which the page loaded nothing; it was not fetched`,
      file: 'its source map has a file: URL, which is not read',
      redirect: expect.stringContaining('its source map could not be fetched: '),
      broken: 'its source map is a broken data: URL',
      none: null,
    });
    expect(asked.at(-1)).toBe('team=checkout');
    expect(elsewhere.log).toEqual([]);
  });

  test('rules of style sheets that a step is the first to use', async () => {
    const coverage = await run(new StyleCoverageCollector(), async ({ page, step }) => {
      await step('open', () => page.goto(`${pages.url}/`));
      await step('go', () => page.getByText('go').click());
    });
    const used = (step: string): string[] =>
      coverage
        .coverageOf(step)
        .flatMap(({ text, used: ranges }) => ranges.map(({ start, end }) => text.slice(start, end)));
    expect(used('open')).toEqual(['h1 { color: red }']);
    expect(used('go')).toEqual(['.gone h1 { color: blue }']);
  });
});

describe('call sites', () => {
  const flow: Flow = async ({ page, step }) => {
    await step('open', () => page.goto(`${pages.url}/sites`));
    await step('add', () => page.getByText('add').click());
    await step('remove', () => page.getByText('remove').click());
    await step('keep', () => page.getByText('keep').click());
    await step('hoard', () => page.getByText('hoard').click());
  };
  const show = (sites: readonly CallStack[]): string[] =>
    sites
      .filter(({ frames: [frame] }) => frame?.url.endsWith('/sites.js'))
      .map(
        ({ what, detail, amount, frames: [frame] }) => `${what} ${detail} ${amount} ${frame?.function} ${frame?.line}`,
      )
      .toSorted();

  test('listeners that stay, intervals that run, timers that were started, elements that are held, by place', async () => {
    const sites = await run(new CallSiteCollector(), flow);
    expect(show(sites.sitesOf('open'))).toEqual([
      'listener DOMContentLoaded 1  8',
      'listener click 1 wire 10',
      'listener click 1 wire 11',
      'listener click 1 wire 12',
      'listener click 1 wire 13',
    ]);
    expect(show(sites.sitesOf('add'))).toEqual([
      'interval 1000 1 HTMLButtonElement.<anonymous> 10',
      'listener resize 3 addFive 3',
    ]);
    // Nothing holds the element, and it is in no document.
    expect(show(sites.sitesOf('remove'))).toEqual(['timer  1 HTMLButtonElement.<anonymous> 11']);
    // Those that a script holds; the one in the document is where it belongs.
    expect(show(sites.sitesOf('hoard'))).toEqual(['element li 30  6']);
  });

  test('memory that a step allocated and that is alive at its end', async () => {
    const sites = await run(new AllocationCollector(), flow);
    const [largest] = sites.sitesOf('keep');
    expect(largest?.frames.some((frame) => frame.function === 'keepArray')).toBe(true);
    // 100,000 objects of one field: 16 bytes each at least, 8 for their place in the array.
    const kept = sites.sitesOf('keep').filter(({ frames }) => frames.some((frame) => frame.function === 'keepArray'));
    expect(kept.reduce((sum, { amount }) => sum + amount, 0)).toBeGreaterThan(1e6);
    expect(sites.sitesOf('add').filter(({ frames }) => frames.some((frame) => frame.function === 'keepArray'))).toEqual(
      [],
    );
  });
});

test('stacks as the engine writes them', () => {
  expect(
    readStack(
      [
        '    at addFive (http://shop.test/app.js?v=1:4:7)',
        '    at async Promise.all (index 0)',
        '    at async load (http://shop.test/app.js:10:1)',
        '    at http://shop.test:8080/a(b).js:1:2345',
        '    at Array.map (<anonymous>)',
        '    at new Shop (webpack-internal:///./src/shop.js:2:3)',
        '    at eval (eval at <anonymous> (http://shop.test/e.js:1:1), <anonymous>:1:1)',
        'nonsense',
      ].join('\n'),
    ),
  ).toEqual([
    { function: 'addFive', url: 'http://shop.test/app.js?v=1', line: 3, column: 6 },
    { function: 'load', url: 'http://shop.test/app.js', line: 9, column: 0 },
    { function: '', url: 'http://shop.test:8080/a(b).js', line: 0, column: 2344 },
    { function: 'new Shop', url: 'webpack-internal:///./src/shop.js', line: 1, column: 2 },
  ]);
});
