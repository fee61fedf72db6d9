/** The network of a flow in real Chrome: what the server wrote, what the diagnosis says, what DevTools reads. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildHar } from '../src/analyse/build-har.ts';
import { buildWaterfall } from '../src/analyse/build-waterfall.ts';
import type { Waterfall } from '../src/core/waterfall.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import { type RecordedStep, recordSite } from './fixtures/network/measure.ts';
import { Protocol } from './fixtures/network/protocol.ts';
import { serveSite, type Site } from './fixtures/network/site.ts';
import { createPool } from './support/measure.ts';
import { plainResolver, toRecording, traceOf } from './support/network.ts';

let pool: ChromePool;
let site: Site;
let steps: RecordedStep[];
let waterfalls: Waterfall[];

beforeAll(async () => {
  pool = createPool();
  site = await serveSite();
  steps = await recordSite(pool, site);
  waterfalls = await Promise.all(
    steps.map(async (step) =>
      buildWaterfall(toRecording(step), { trace: await traceOf(step), resolver: plainResolver, pageUrl: site.url }),
    ),
  );
});

afterAll(async () => {
  await pool.close();
  await site[Symbol.asyncDispose]();
});

test('every answer of the server is a request with its bytes, and there are no others', () => {
  const sent = site.log.map(({ host, path, bytes }) => `${host}${path.split('?', 1)[0]} ${bytes}`);
  const seen = waterfalls
    .flatMap(({ requests }) => requests)
    .filter(({ bytes }) => bytes > 0)
    .map(({ url, bytes }) => `${new URL(url).host}${new URL(url).pathname} ${bytes}`);
  expect(seen.toSorted()).toEqual(sent.toSorted());
});

test('bytes and requests are those of the metrics of the same pass', () => {
  for (const [index, { requests, notes }] of waterfalls.entries()) {
    const counted = requests.filter(({ cache, protocol }) => cache === 'network' && protocol !== 'websocket');
    const metrics = steps[index]?.sample.metrics ?? {};
    expect(counted.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(metrics['bytes.total']);
    expect(counted).toHaveLength(metrics['requests.total'] ?? -1);
    expect(notes).toEqual([]);
  }
});

test('requests lie within their step, the largest paint behind its resource', () => {
  for (const { requests, length, marks } of waterfalls) {
    expect(Math.min(...requests.map(({ start }) => start))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...requests.map(({ end }) => end ?? 0))).toBeLessThanOrEqual(length);
    const ended = requests.filter(({ lcp }) => lcp).map(({ end }) => end ?? Infinity);
    const painted = marks.find(({ id }) => id === 'LCP')?.at ?? 0;
    // Chrome rounds the time of a paint to 4 ms
    expect(Math.max(0, ...ended)).toBeLessThanOrEqual(painted + 4);
  }
  expect(waterfalls.map(({ requests }) => requests.filter(({ lcp }) => lcp).length)).toEqual([1, 0, 1]);
});

test("the HTTP Archive is read by Chrome's own DevTools", async () => {
  const har = buildHar(
    steps.map((step, index) => ({ recording: toRecording(step), waterfall: waterfalls[index] ?? null })),
    { version: '0.0.0', instant: (ms) => new Date(ms).toISOString() },
  );
  const protocol = await Protocol.connect(pool.peek()?.chrome.port ?? 0);
  const { targetId } = await protocol.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await protocol.send<{ sessionId: string }>('Target.attachToTarget', {
    targetId,
    flatten: true,
  });
  const loaded = new Promise<void>((resolve) =>
    protocol.on((method, _params, session) => {
      if (method === 'Page.loadEventFired' && session === sessionId) resolve();
    }),
  );
  await protocol.send('Page.enable', {}, sessionId);
  await protocol.send('Page.navigate', { url: 'devtools://devtools/bundled/devtools_app.html' }, sessionId);
  await loaded;
  const expression = `import('devtools://devtools/bundled/models/har/har.js').then(({ HARFormat, Importer }) =>
    Importer.Importer.requestsFromHARLog(new HARFormat.HARRoot(${JSON.stringify(har)}).log).map((request) => ({
      url: request.url(), status: request.statusCode, bytes: request.transferSize, priority: request.priority(),
      type: request.resourceType().name(), ms: Math.round(request.duration * 1000), failed: request.failed === true,
    })))`;
  const { result, exceptionDetails } = await protocol.send<{ result: { value?: unknown }; exceptionDetails?: unknown }>(
    'Runtime.evaluate',
    { expression, awaitPromise: true, returnByValue: true },
    sessionId,
  );
  protocol.close();
  expect(exceptionDetails).toBeUndefined();
  const read = result.value as {
    url: string;
    status: number;
    bytes: number;
    priority: string;
    type: string;
    ms: number;
  }[];
  expect(read).toHaveLength(har.log.entries.length);
  for (const [index, entry] of har.log.entries.entries()) {
    expect(read[index]).toMatchObject({
      url: entry.request.url,
      status: entry.response.status,
      bytes: entry.response._transferSize,
      type: entry._resourceType,
      priority: entry._priority || null,
    });
    expect(Math.abs((read[index]?.ms ?? 0) - entry.time), entry.request.url).toBeLessThanOrEqual(2);
  }
});
