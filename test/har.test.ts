/** The HTTP Archive of a recorded flow, against the standard and against what another tool makes of the same events. */
import { harFromMessages } from 'chrome-har';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { buildHar } from '../src/analyse/build-har.ts';
import { buildWaterfall } from '../src/analyse/build-waterfall.ts';
import type { NetworkEvent } from '../src/core/recording.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import { plainResolver, recordedSite, recordedStep, toRecording, traceOf } from './support/network.ts';

/** HAR 1.2 as the W3C draft of 2012-08-14 has it; members whose names begin with `_` are free. */
const pair = z.object({ name: z.string(), value: z.string() });
const size = z.number().int().min(-1);
const time = z.number().min(-1);
const date = z.iso.datetime();
const message = z.object({
  httpVersion: z.string().min(1),
  cookies: z.array(pair),
  headers: z.array(pair),
  headersSize: size,
  bodySize: size,
});
const harSchema = z.strictObject({
  log: z.strictObject({
    version: z.literal('1.2'),
    creator: z.strictObject({ name: z.string(), version: z.string() }),
    pages: z.array(
      z.strictObject({
        startedDateTime: date,
        id: z.string(),
        title: z.string(),
        pageTimings: z.strictObject({ onContentLoad: time, onLoad: time }),
      }),
    ),
    entries: z.array(
      z.object({
        pageref: z.string(),
        startedDateTime: date,
        time: z.number().min(0),
        request: message.extend({ method: z.string().min(1), url: z.url(), queryString: z.array(pair) }),
        response: message.extend({
          status: z.number().int(),
          statusText: z.string(),
          content: z.object({
            size: z.number().int().min(0),
            compression: z.number().int().optional(),
            mimeType: z.string(),
          }),
          redirectURL: z.string(),
        }),
        cache: z.strictObject({}),
        timings: z.strictObject({
          blocked: time,
          dns: time,
          connect: time,
          ssl: time,
          send: z.number().min(0),
          wait: z.number().min(0),
          receive: z.number().min(0),
        }),
        serverIPAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
        connection: z.string().optional(),
      }),
    ),
  }),
});

const about = { version: '0.0.0', instant: (ms: number) => new Date(ms).toISOString() };
const { steps, site } = recordedSite();
const recorded = await Promise.all(
  steps.map(async (step) => {
    const recording = toRecording(step);
    const waterfall = buildWaterfall(recording, { trace: await traceOf(step), resolver: plainResolver, pageUrl: site });
    return { recording, waterfall };
  }),
);
const har = buildHar(recorded, about);
const { entries, pages } = har.log;

function find(end: string): (typeof entries)[number] {
  const found = entries.find(({ request }) => request.url.endsWith(end));
  if (!found) throw new Error(`no entry for ${end}`);
  return found;
}

test('has the form that the standard gives', () => {
  expect(harSchema.safeParse(har).error).toBeUndefined();
  expect(JSON.parse(JSON.stringify(har))).toEqual(har);
});

test('a page a step, entries in order of time, each of a page and within it', () => {
  expect(pages?.map(({ title }) => title)).toEqual(['open', 'more', 'again']);
  const starts = entries.map(({ startedDateTime }) => startedDateTime);
  expect(starts).toEqual(starts.toSorted());
  for (const { pageref, startedDateTime } of entries) {
    const page = pages?.find(({ id }) => id === pageref);
    expect(page && page.startedDateTime <= startedDateTime).toBe(true);
  }
  expect(pages?.[0]?.pageTimings.onLoad).toBeGreaterThan(pages?.[0]?.pageTimings.onContentLoad ?? Infinity);
  expect(pages?.[1]?.pageTimings).toEqual({ onContentLoad: -1, onLoad: -1 });
});

test('timings sum to the time of the entry; ssl is a part of connect', () => {
  for (const { time: total, timings, request } of entries) {
    const { blocked = -1, dns = -1, connect = -1, ssl = -1, send = -1, wait, receive } = timings;
    const sum = [blocked, dns, connect, send, wait, receive].reduce((all, ms) => all + Math.max(0, ms), 0);
    expect(sum, request.url).toBeCloseTo(total, 3);
    expect(ssl, request.url).toBeLessThanOrEqual(connect);
  }
});

test('connecting includes TLS, and has no DNS where the name was known', () => {
  const about12 = { requestId: 'a', type: 'Fetch', timestamp: 10, wallTime: 1.7e9 };
  const timing = {
    requestTime: 10,
    dnsStart: -1,
    connectStart: 1,
    connectEnd: 51,
    sslStart: 21,
    sslEnd: 51,
    sendStart: 51,
    sendEnd: 52,
    receiveHeadersEnd: 92,
  };
  const network = [
    { method: 'Network.requestWillBeSent', params: { ...about12, request: { url: 'https://a.test/', method: 'GET' } } },
    { method: 'Network.responseReceived', params: { ...about12, response: { status: 200, protocol: 'h2', timing } } },
    { method: 'Network.loadingFinished', params: { ...about12, timestamp: 10.1, encodedDataLength: 300 } },
  ];
  const base = toRecording(recordedStep('open'));
  const { log } = buildHar(
    [{ recording: { ...base, network, sample: { ...base.sample, requests: [] } }, waterfall: null }],
    about,
  );
  expect(log.entries[0]).toMatchObject({
    time: 100,
    timings: { blocked: 1, dns: -1, connect: 50, ssl: 30, send: 1, wait: 40, receive: 8 },
    response: { headersSize: -1, bodySize: 300 },
  });
});

test('bytes are those of the metric', () => {
  const counted = steps.reduce((sum, { sample }) => sum + (sample.metrics['bytes.total'] ?? 0), 0);
  expect(entries.reduce((sum, { response }) => sum + Number(response._transferSize), 0)).toBe(counted);
  const { response } = find('/hero.bmp');
  expect(response.headersSize + response.bodySize).toBe(response._transferSize);
  expect(response.bodySize).toBe(response.content.size);
  expect(find('/tag.js').response.content.compression).toBeGreaterThan(14_000);
});

test('has what DevTools shows of a request, failed ones included', () => {
  expect(find('/blocking.css')).toMatchObject({
    _priority: 'VeryHigh',
    _resourceType: 'stylesheet',
    _renderBlocking: 'blocking',
    _initiator: { type: 'parser', lineNumber: 3 },
  });
  expect(find('/body.js')).toMatchObject({ _renderBlocking: 'in_body_parser_blocking' });
  expect(find('/api/dropped')).toMatchObject({ response: { status: 0, _error: 'net::ERR_EMPTY_RESPONSE' } });
  const cached = entries.filter(({ _fromCache }) => _fromCache).map(({ _fromCache }) => _fromCache);
  expect(cached).toEqual(['memory', 'memory', 'disk']);
  const { _initiator } = find('/api/orders?user=17');
  expect(_initiator).toMatchObject({
    type: 'script',
    stack: { callFrames: [{ functionName: 'ask' }, { functionName: 'start' }, {}] },
  });
});

test('holds no cookie, no token and no body', () => {
  const text = JSON.stringify(har);
  // set by /start, sent by all later requests, and given in two URLs
  for (const secret of ['0123456789abcdef', 'abcdefgh12345678', 'a1b2c3d4']) expect(text).not.toContain(secret);
  expect(text).not.toContain('arrived at last');
  const [redirect, document] = entries;
  expect(redirect?.response).toMatchObject({
    status: 302,
    redirectURL: '/',
    cookies: [{ name: 'session', value: 'REDACTED' }],
  });
  expect(document?.request.cookies).toEqual([{ name: 'session', value: 'REDACTED' }]);
  expect(find('REDACTED').request.queryString).toEqual([{ name: 'session', value: 'REDACTED' }]);
});

test('agrees with chrome-har on the requests that both know', () => {
  const [open] = steps;
  const frame = { method: 'Page.frameStartedLoading', params: { frameId: 'any' } };
  const theirs = harFromMessages([frame, ...(open?.network ?? [])], { includeResourcesFromDiskCache: true }).log
    .entries;
  const ours = entries.filter(({ pageref }) => pageref === 'page_1');
  let compared = 0;
  for (const entry of theirs) {
    const same = ours.filter(({ request }) => request.url === entry.request.url);
    const [one] = same;
    // redirects, what is redacted, and what has no timing differ on purpose
    if (same.length !== 1 || !one || entry.timings.comment || one.response.status === 302) continue;
    compared += 1;
    expect(one.response.status).toBe(entry.response.status);
    expect(one.response._transferSize, one.request.url).toBe(entry.response._transferSize);
    expect(one.response.content.size, one.request.url).toBe(entry.response.content.size);
    for (const phase of ['wait', 'receive'] as const)
      expect(one.timings[phase], one.request.url).toBeCloseTo(entry.timings[phase], 1);
    expect(one.timings.dns, one.request.url).toBeCloseTo(entry.timings.dns ?? -1, 1);
    expect(one._priority).toBe(entry._priority);
  }
  expect(compared).toBeGreaterThan(10);
});

describe('hostile events', () => {
  const base = toRecording(recordedStep('open'));
  const har12 = (network: readonly NetworkEvent[]): ReturnType<typeof buildHar> =>
    buildHar([{ recording: { ...base, network, sample: { ...base.sample, requests: [] } }, waterfall: null }], about);

  test('none, and no clock', () => {
    expect(harSchema.safeParse(har12([])).success).toBe(true);
    expect(buildHar([], about).log.entries).toEqual([]);
  });

  test.each([
    ['before 1970', -1e9],
    ['after the last date', 1e300],
    ['no number', 'soon'],
  ])('a wall clock %s', (_name, wallTime) => {
    const params = {
      requestId: 'a',
      timestamp: 5,
      wallTime,
      type: 'Document',
      request: { url: 'http://a/', method: 'GET' },
    };
    expect(har12([{ method: 'Network.requestWillBeSent', params }]).log.entries[0]?.startedDateTime).toMatch(/T/);
  });

  test('markup and a megabyte in headers', () => {
    const text = attacks.join(' ') + 'x'.repeat(1_000_000);
    const headers = Object.fromEntries([...attacks, text, 'cookie', 'referer'].map((name) => [name, text]));
    const request = { url: `http://a/?${text}`, method: text, headers };
    const params = { requestId: 'a', timestamp: 5, wallTime: 5, type: text, request };
    const response = { ...request, status: 200, statusText: text, mimeType: text, protocol: text, headers };
    const result = har12([
      { method: 'Network.requestWillBeSent', params },
      { method: 'Network.responseReceived', params: { requestId: 'a', timestamp: 6, type: text, response } },
    ]);
    expect(JSON.stringify(result).length).toBeLessThan(100_000);
  });
});
