/** The heavy collectors beside the trace, in real Chrome, on pages whose facts are known. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleLog } from '../src/collect/console-log.ts';
import { combineCollectors, type HeavyCollector } from '../src/collect/heavy.ts';
import { NetworkLog } from '../src/collect/network-log.ts';
import type { NetworkEvent } from '../src/core/recording.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { Flow } from '../src/scenario/sample.ts';
import { createPool, measureOnce, stepOf } from './support/measure.ts';
import { html, type PageServer, type Route, servePages } from './support/pages.ts';

let pool: ChromePool;
let pages: PageServer;

const script =
  (text: string): Route =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(text);
  };

beforeAll(async () => {
  pool = createPool();
  pages = await servePages({
    '/': html(
      '<h1>text</h1><button onclick="fetch(\'/late\').then((answer) => answer.text())">load</button>',
      '<script src="/app.js"></script>',
    ),
    '/app.js': script('document.title = "app";'),
    '/late': '{}',
    '/children': (request, response) => {
      // Another site to Chrome, so that the frame gets a process of its own.
      const other = `http://localhost:${request.socket.localPort}`;
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(
          html(
            `<h1>text</h1><button onclick="worker.postMessage(0);frames[0].postMessage(0,'*')">ask</button><iframe src="${other}/frame"></iframe><script>const worker = new Worker('/worker.js')</script>`,
          ),
        );
    },
    '/frame': html(
      "<h1>frame</h1><script>console.warn('from the frame'); const inner = new Worker('/inner.js'); onmessage = () => inner.postMessage(0);</script>",
    ),
    '/worker.js': script("onmessage = () => fetch('/data?worker'); console.log('from the worker', 42, { a: 1 });"),
    '/inner.js': script("onmessage = () => fetch('/data?inner');"),
    '/data': '{}',
    '/errors': html(
      '<h1>text</h1><script src="/errors.js"></script><button onclick="Promise.reject(new Error(\'rejected\'))">reject</button>',
    ),
    '/gone': html('<img src="/nothing.png">'),
    '/errors.js': script('// a first line\n\n  console.error("so it went", new TypeError("wrong"));\nnobody.knows();'),
  });
});
afterAll(async () => {
  await pool.close();
  await pages[Symbol.asyncDispose]();
});

async function run(flow: Flow, ...collectors: HeavyCollector[]): Promise<Awaited<ReturnType<typeof measureOnce>>> {
  const problems: unknown[] = [];
  const heavy = combineCollectors(collectors, (_what, error) => problems.push(error));
  const result = await measureOnce(pool, flow, { heavy });
  await heavy.dispose();
  expect(problems).toEqual([]);
  return result;
}

function urlsOf(events: readonly NetworkEvent[], method: string): string[] {
  return events
    .filter((event) => event.method === method)
    .map(({ params }) => (params as { request: { url: string } }).request.url.replace(/^http:\/\/[^/]+/, ''));
}

test('the log of the network: each request in the step that began it, with its end and its headers', async () => {
  const log = new NetworkLog();
  const { sample } = await run(async ({ page, step }) => {
    await step('open', () => page.goto(`${pages.url}/`));
    await step('load', () => page.getByText('load').click());
  }, log);
  expect(urlsOf(log.eventsOf('open'), 'Network.requestWillBeSent')).toEqual(['/', '/app.js']);
  expect(urlsOf(log.eventsOf('load'), 'Network.requestWillBeSent')).toEqual(['/late']);
  for (const name of ['open', 'load']) {
    const count = (method: string): number => log.eventsOf(name).filter((event) => event.method === method).length;
    const requests = stepOf(sample, name).requests.length;
    for (const method of [
      'responseReceived',
      'loadingFinished',
      'requestWillBeSentExtraInfo',
      'responseReceivedExtraInfo',
    ])
      expect([name, method, count(`Network.${method}`)]).toEqual([name, method, requests]);
  }
});

test('requests of cross-process frames, of workers, and of a worker in such a frame', async () => {
  const log = new NetworkLog();
  await run(async ({ page, step }) => {
    await step('open', async () => {
      // A worker that has not begun yet is nothing that a step waits for.
      const begun = ['worker', 'inner'].map((name) =>
        page.context().waitForEvent('response', (response) => response.url().endsWith(`/${name}.js`)),
      );
      await page.goto(`${pages.url}/children`);
      await Promise.all(begun);
    });
    await step('ask', async () => {
      const answers = ['worker', 'inner'].map((name) =>
        page.context().waitForEvent('response', (response) => response.url().endsWith(`?${name}`)),
      );
      await page.getByText('ask').click();
      await Promise.all(answers);
    });
  }, log);
  const urls = (step: string): string[] => urlsOf(log.eventsOf(step), 'Network.requestWillBeSent').toSorted();
  expect(urls('open')).toEqual(['/children', '/frame', '/inner.js', '/worker.js']);
  expect(urls('ask')).toEqual(['/data?inner', '/data?worker']);
});

test('the console of page, frame and worker, and errors, with their places', async () => {
  const log = new ConsoleLog();
  await run(async ({ page, step }) => {
    await step('errors', () => page.goto(`${pages.url}/errors`));
    await step('reject', () => page.getByText('reject').click());
    await step('gone', () => page.goto(`${pages.url}/gone`));
    await step('children', async () => {
      const worker = page.waitForEvent('worker', (each) => each.url().endsWith('/worker.js'));
      await page.goto(`${pages.url}/children`);
      await (await worker).evaluate(() => 0);
    });
  }, log);
  const script = `${pages.url}/errors.js`;
  expect(log.linesOf('errors')).toEqual([
    {
      level: 'error',
      text: expect.stringMatching(/^so it went TypeError: wrong/),
      place: { url: script, line: 2, column: 10 },
    },
    {
      level: 'error',
      text: expect.stringContaining('nobody is not defined'),
      place: { url: script, line: 3, column: 0 },
    },
  ]);
  expect(log.linesOf('reject')).toMatchObject([{ level: 'error', text: expect.stringContaining('Error: rejected') }]);
  expect(log.linesOf('gone')).toMatchObject([
    { level: 'error', text: expect.stringMatching(/404 .*\/nothing\.png\)$/) },
  ]);
  const said = log.linesOf('children').map(({ level, text }) => `${level}: ${text}`);
  expect(said.toSorted()).toEqual(['info: from the worker 42 Object', 'warning: from the frame']);
});
