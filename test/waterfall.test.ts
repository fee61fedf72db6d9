/** The network of a step from what Chrome recorded of a site of known faults, and from what no Chrome would say. */
import { describe, expect, test } from 'vitest';
import { buildWaterfall } from '../src/analyse/build-waterfall.ts';
import type { NetworkEvent } from '../src/core/recording.ts';
import { type Waterfall, type WaterfallRequest, waterfallSchema } from '../src/core/waterfall.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import { delays, pings } from './fixtures/network/site.ts';
import { plainResolver, recordedSite, recordedStep, toRecording, traceOf } from './support/network.ts';

const traces = new Map(
  await Promise.all(recordedSite().steps.map(async (step) => [step.name, await traceOf(step)] as const)),
);
const silent = { select: () => [], names: [], threads: [] };

function build(name: string, change: Partial<ReturnType<typeof toRecording>> = {}): Waterfall {
  const step = recordedStep(name);
  return buildWaterfall(
    { ...toRecording(step), ...change },
    { trace: traces.get(name) ?? silent, resolver: plainResolver, pageUrl: recordedSite().site },
  );
}

function find({ requests }: Waterfall, end: string): WaterfallRequest {
  const found = requests.find(({ url }) => url.endsWith(end));
  if (!found) throw new Error(`no request for ${end} among ${requests.map(({ url }) => url).join(' ')}`);
  return found;
}

const open = build('open');
const more = build('more');
const again = build('again');

test.each([
  ['open', open],
  ['more', more],
  ['again', again],
])('%s: passes the schema, and phases sum to the time of the request', (_name, waterfall) => {
  expect(waterfallSchema.parse(waterfall)).toEqual(waterfall);
  expect(waterfall.notes).toEqual([]);
  const timed = waterfall.requests.filter(({ phases }) => phases !== null);
  expect(timed.length).toBeGreaterThan(5);
  for (const { phases, start, end, url } of timed) {
    const lengths = Object.values(phases ?? {});
    expect(Math.min(...lengths), url).toBeGreaterThanOrEqual(0);
    expect(
      lengths.reduce((sum, length) => sum + length, 0),
      url,
    ).toBeCloseTo((end ?? 0) - start, 6);
  }
});

test.each([
  ['open', open],
  ['more', more],
  ['again', again],
])('%s: bytes and requests are those of the metric', (name, { requests }) => {
  const { metrics } = recordedStep(name).sample;
  const sent = requests.filter(({ cache, protocol }) => cache === 'network' && protocol !== 'websocket');
  expect(sent.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(metrics['bytes.total']);
  expect(sent).toHaveLength(metrics['requests.total'] ?? -1);
  const third = sent.filter(({ party }) => party === 'third-party');
  expect(third.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(metrics['bytes.third-party']);
});

test('bytes are those of the server, request by request', () => {
  const sent = recordedSite().log.filter(({ bytes }) => bytes > 0);
  const seen = [open, more, again].flatMap(({ requests }) => requests.filter(({ bytes }) => bytes > 0));
  const sizes = (list: readonly { readonly bytes: number }[]): number[] =>
    list.map(({ bytes }) => bytes).toSorted((a, b) => a - b);
  expect(sizes(seen)).toEqual(sizes(sent));
});

describe('open', () => {
  test('a redirect is a request of its own, and led to the document', () => {
    const [redirect, document] = open.requests;
    expect(redirect).toMatchObject({ status: 302, type: 'document', initiator: { kind: 'other', request: null } });
    expect(document).toMatchObject({ status: 200, encoding: 'gzip', initiator: { kind: 'redirect', request: 0 } });
    expect(document?.start).toBe(redirect?.end);
  });

  test('what blocks rendering: by the parser, also when the preload scanner found it; not what a frame waits for', () => {
    const blocking = open.requests.filter(({ renderBlocking }) => renderBlocking === true).map(({ url }) => url);
    expect(blocking.map((url) => new URL(url).pathname)).toEqual(['/blocking.css', '/cached.js', '/nested.css']);
    expect(find(open, '/app.js').renderBlocking).toBe(false);
    expect(find(open, '/frame.css').renderBlocking).toBe(false);
  });

  test('waiting for the server is at least as long as the server waited', () => {
    expect(find(open, '/blocking.css').phases?.wait).toBeGreaterThanOrEqual(delays.style - 1);
    expect(find(open, '/hero.bmp').phases?.wait).toBeGreaterThanOrEqual(delays.hero - 1);
  });

  test('the resource of the largest paint, whose priority rose', () => {
    const lcp = open.requests.filter((request) => request.lcp);
    expect(lcp.map(({ url }) => new URL(url).pathname)).toEqual(['/hero.bmp']);
    expect(lcp[0]).toMatchObject({ initialPriority: 'Low', priority: 'High' });
    expect(open.marks.find(({ id }) => id === 'LCP')?.at).toBeGreaterThanOrEqual((lcp[0]?.end ?? 0) - 4);
  });

  test('what a function asks for after an await was led to by what it had asked for before', () => {
    const user = open.requests.findIndex(({ url }) => url.includes('/api/user'));
    expect(find(open, '/api/orders?user=17').initiator).toMatchObject({ kind: 'script', request: user });
    expect(find(open, 'REDACTED').url).not.toContain('a1b2c3d4');
  });

  test('the caller of a function that all requests go through is named instead of it', () => {
    const lines = ['/api/user?token=REDACTED', '/api/orders?user=17'].map((end) => find(open, end).initiator.location);
    // start, which calls ask for each
    expect(lines.map((place) => place?.line)).toEqual([7, 8]);
  });

  test('markup is placed by its line; a style sheet leads to what it imports', () => {
    expect(find(open, '/blocking.css').initiator.location).toMatchObject({ line: 4, mapped: false, function: null });
    const nested = open.requests.findIndex(({ url }) => url.endsWith('/nested.css'));
    expect(find(open, '/late.woff2').initiator.request).toBe(nested);
  });

  test('a worker leads to its requests, a frame to its style sheet', () => {
    const worker = open.requests.findIndex(({ url }) => url.endsWith('/worker.js'));
    expect(find(open, '/api/from-worker').initiator.request).toBe(worker);
    expect(open.requests[find(open, '/frame.css').initiator.request ?? -1]?.url).toMatch(/frame\.html$/);
  });

  test('a dropped connection failed, a missing file is told by its status, a WebSocket has no bytes', () => {
    expect(find(open, '/api/dropped')).toMatchObject({ failed: 'net::ERR_EMPTY_RESPONSE', bytes: 0, phases: null });
    expect(find(open, '/missing.png')).toMatchObject({ status: 404, failed: null });
    expect(find(open, '/live')).toMatchObject({ protocol: 'websocket', status: 101, bytes: 0, end: null });
  });

  test('marks in order, from the start of the step', () => {
    expect(open.marks.map(({ id }) => id)).toEqual(['FCP', 'DOMContentLoaded', 'load', 'LCP']);
    const { metrics } = recordedStep('open').sample;
    const [fcp, , , lcp] = open.marks.map(({ at }) => at);
    expect((lcp ?? 0) - (fcp ?? 0)).toBeCloseTo((metrics['LCP'] ?? 0) - (metrics['FCP'] ?? 0), 3);
    // the navigation begins within the step
    expect(fcp).toBeGreaterThan(metrics['FCP'] ?? Infinity);
    expect(open.length).toBeGreaterThan(lcp ?? Infinity);
  });

  test('pictures where something changed, a long task', () => {
    const images = open.shots.map(({ image }) => image);
    expect(images.length).toBeGreaterThan(2);
    expect(new Set(images).size).toBe(images.length);
    expect(Buffer.from(images[0] ?? '', 'base64').subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect(open.tasks.some(({ duration }) => duration >= 80)).toBe(true);
  });
});

test('more: an interaction from its input to its paint, and a loop of requests', () => {
  expect(more.marks.map(({ id }) => id)).toEqual(['input', 'INP']);
  const [input, paint] = more.marks.map(({ at }) => at);
  // the metric rounds to 8 ms
  expect(Math.abs((paint ?? 0) - (input ?? 0) - (recordedStep('more').sample.metrics['INP'] ?? 0))).toBeLessThanOrEqual(
    8,
  );
  const loop = more.requests.filter(({ url }) => url.includes('/api/ping'));
  expect(loop).toHaveLength(pings);
  expect(new Set(loop.map(({ initiator }) => initiator.location?.line))).toEqual(new Set([3]));
  expect(loop[0]?.initiator.callers[0]).toMatch(/app\.js:16$/);
});

test('again: what the caches answered cost no bytes; the memory cache has no times of its own', () => {
  expect(find(again, '/cached.js')).toMatchObject({ cache: 'memory', bytes: 0, phases: null });
  expect(find(again, '/late.woff2')).toMatchObject({ cache: 'disk', bytes: 0 });
});

describe('without', () => {
  const about = { resolver: plainResolver, pageUrl: recordedSite().site };

  test('a trace: times and marks from the events, no pictures', () => {
    const waterfall = buildWaterfall(toRecording(recordedStep('open')), { trace: silent, ...about });
    expect(waterfall.marks.map(({ id }) => id)).toEqual(['FCP', 'LCP']);
    const [fcp] = open.marks;
    expect(Math.abs((waterfall.marks[0]?.at ?? 0) - (fcp?.at ?? 0))).toBeLessThan(30);
    expect(waterfall.shots).toEqual([]);
    expect(find(waterfall, '/blocking.css').renderBlocking).toBe(true);
  });

  test('events: what the light collectors counted is there, and a note', () => {
    const waterfall = build('open', { network: [] });
    const { metrics } = recordedStep('open').sample;
    expect(waterfall.requests.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(metrics['bytes.total']);
    expect(waterfall.notes).toHaveLength(2);
  });

  test('its end: a request that the step did not see end is open, and has the bytes of the metric', () => {
    const network = recordedStep('open').network.filter(({ method }) => method !== 'Network.loadingFinished');
    const waterfall = build('open', { network });
    const open = find(waterfall, '/hero.bmp');
    expect(open).toMatchObject({ end: null, phases: null });
    expect(open.bytes).toBeGreaterThan(60_000);
  });
});

describe('phases', () => {
  /** A request that was asked for at 10 s, with the timing that Chrome gives, ms from 10.005 s. */
  const timed = (timing: Record<string, number>, ended = 10.2): WaterfallRequest => {
    const about = { requestId: 'a', type: 'Fetch', timestamp: 10 };
    const response = { status: 200, protocol: 'h2', timing: { requestTime: 10.005, ...timing } };
    const network = [
      { method: 'Network.requestWillBeSent', params: { ...about, request: { url: 'https://a.test/', method: 'GET' } } },
      { method: 'Network.responseReceived', params: { ...about, timestamp: 10.15, response } },
      { method: 'Network.loadingFinished', params: { ...about, timestamp: ended, encodedDataLength: 300 } },
    ];
    const [request] = build('open', {
      network,
      start: 0,
      end: 11e6,
      sample: { ...recordedStep('open').sample, requests: [] },
    }).requests;
    if (!request) throw new Error('no request');
    return request;
  };
  const fresh = {
    dnsStart: 2,
    dnsEnd: 12,
    connectStart: 12,
    connectEnd: 62,
    sslStart: 32,
    sslEnd: 62,
    sendStart: 63,
    sendEnd: 64,
    receiveHeadersEnd: 144,
  };

  test('of a new connection: each from its start to its end', () => {
    expect(timed(fresh)).toMatchObject({
      start: 10_000,
      end: 10_200,
      bytes: 300,
      phases: { queued: 7, dns: 10, connect: 20, tls: 30, send: 2, wait: 80, receive: 51 },
    });
  });

  test('of an open connection', () => {
    const reused = {
      dnsStart: -1,
      dnsEnd: -1,
      connectStart: -1,
      connectEnd: -1,
      sslStart: -1,
      sslEnd: -1,
      sendStart: 20,
      sendEnd: 21,
      receiveHeadersEnd: 100,
    };
    expect(timed(reused).phases).toEqual({ queued: 25, dns: 0, connect: 0, tls: 0, send: 1, wait: 79, receive: 95 });
  });

  test.each([
    ['headers behind the end', fresh, 10.1],
    ['out of order', { ...fresh, dnsEnd: 500, sendStart: 1, sendEnd: 0.5 }, 10.2],
    ['before the request', { ...fresh, requestTime: 9.99 }, 10.2],
  ])('%s: none is negative, and they sum to the time of the request', (_name, timing, ended) => {
    const { phases, start, end } = timed(timing, ended);
    const lengths = Object.values(phases ?? {});
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(0);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeCloseTo((end ?? 0) - start, 6);
  });

  test('a timing of an earlier time is none', () => {
    expect(timed({ ...fresh, requestTime: 5 })).toMatchObject({ start: 10_000, end: 10_200, phases: null });
  });
});

test('a request that two sessions tell of is one', () => {
  const { network } = recordedStep('open');
  const twice = network.flatMap((event) =>
    event.method === 'Network.requestWillBeSent' && !JSON.stringify(event.params).includes('redirectResponse')
      ? [event, event]
      : [event],
  );
  expect(build('open', { network: twice }).requests).toHaveLength(open.requests.length);
});

test('of many pictures few are kept: the first, the last, those that stood longest', () => {
  const step = recordedStep('open');
  const at = [0, 10, 20, 500, 510, 520, 1000, 1010, 1500, 1510, 1520, 1530, 2000, 2010, 2020, 2990, 3000];
  const shots = at.map((ms, index) => ({
    name: 'Screenshot',
    ph: 'I',
    cat: '',
    pid: 1,
    tid: 1,
    ts: step.start + ms * 1000,
    args: { snapshot: `/9j/${String.fromCharCode(65 + index).repeat(4000)}` },
  }));
  const trace = { select: () => shots, names: [], threads: [] };
  const about = { trace, resolver: plainResolver, pageUrl: recordedSite().site };
  const kept = buildWaterfall({ ...toRecording(step), end: step.start + 4e6 }, about).shots;
  expect(kept.map((shot) => Math.round(shot.at))).toEqual([0, 20, 520, 1010, 1530, 2000, 2010, 2020, 2990, 3000]);
  const large = shots.map((shot) => ({
    ...shot,
    args: { snapshot: shot.args.snapshot.padEnd(24_000, shot.args.snapshot.at(-1)) },
  }));
  const fewer = buildWaterfall(
    { ...toRecording(step), end: step.start + 4e6 },
    { ...about, trace: { ...trace, select: () => large } },
  ).shots;
  expect(fewer.map((shot) => Math.round(shot.at))).toEqual([0, 3000]);
});

function event(method: string, params: unknown): NetworkEvent {
  return { method: `Network.${method}`, params };
}

/** Requests of one script: when each was asked for and had come, ms, and what ran, innermost first: `get:10 boot:100`. */
function asked(list: readonly (readonly [path: string, start: number, end: number, stack: string])[]): NetworkEvent[] {
  return list.flatMap(([path, start, end, stack]) => {
    const callFrames = stack.split(' ').map((frame) => {
      const [functionName, column] = frame.split(':');
      return { url: 'http://a/app.js', functionName, lineNumber: 0, columnNumber: Number(column) };
    });
    const sent = { type: 'Fetch', request: { url: `http://a${path}`, method: 'GET' } };
    return [
      event('requestWillBeSent', {
        requestId: path,
        timestamp: 1 + start / 1000,
        ...sent,
        initiator: { type: 'script', stack: { callFrames } },
      }),
      event('loadingFinished', { requestId: path, timestamp: 1 + end / 1000, encodedDataLength: 100 }),
    ];
  });
}

describe('what a function awaited, where Chrome does not say so', () => {
  const leaders = (network: NetworkEvent[]): (number | null)[] =>
    build('open', { network, sample: { ...recordedStep('open').sample, requests: [] } }).requests.map(
      ({ initiator }) => initiator.request,
    );

  test('a chain of four on a busy machine, that resumes a minified function 45 to 150 ms after each answer', () => {
    const network = asked([
      ['/who', 0, 40, 'g:10 b:100 s:300'],
      ['/1', 85, 175, 'g:10 b:120'],
      ['/2', 325, 415, 'g:10 b:140'],
      ['/3', 460, 550, 'g:10 b:160'],
    ]);
    expect(leaders(network)).toEqual([null, 0, 1, 2]);
  });

  test('not what one place asks for again, 45 ms after the answer before: a timer or a user may have called it', () => {
    const network = asked([
      ['/1', 0, 90, 'get:10 poll:100'],
      ['/2', 135, 225, 'get:10 poll:100'],
    ]);
    expect(leaders(network)).toEqual([null, null]);
  });

  test('not what a short name asked for long before: scripts that are minified have many functions of one name', () => {
    const network = asked([
      ['/1', 0, 90, 't:100 e:300'],
      ['/2', 190, 225, 't:140'],
    ]);
    expect(leaders(network)).toEqual([null, null]);
  });
});

describe('hostile events', () => {
  test.each([
    ['nothing', null],
    ['text', 'requestId'],
    ['a list', [1, 2]],
    ['numbers for names', { requestId: 7, request: 8, timestamp: 'soon', initiator: 9 }],
    ['no request', { requestId: 'a', timestamp: 1 }],
    ['endless times', { requestId: 'a', timestamp: 1e308, request: { url: 'http://a/', method: 'GET' } }],
    ['times before time', { requestId: 'a', timestamp: -5, request: { url: 'http://a/' }, initiator: { stack: 1 } }],
  ])('%s', (_name, params) => {
    const methods = new Set(recordedStep('open').network.map(({ method }) => method.replace('Network.', '')));
    const network = [...methods, 'webSocketCreated', 'webSocketClosed'].flatMap((method) => [
      event(method, params),
      event(method, params),
    ]);
    const sample = { ...recordedStep('open').sample, requests: [] };
    expect(waterfallSchema.safeParse(build('open', { network, sample })).success).toBe(true);
  });

  test('markup, control characters and a megabyte in every text', () => {
    const text = attacks.join(' ') + 'x'.repeat(1_000_000);
    const poison = (value: unknown): unknown => {
      if (typeof value === 'string') return value.startsWith('http') ? `${value}?${text}` : text;
      if (Array.isArray(value)) return value.map(poison);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, key === 'requestId' ? inner : poison(inner)]),
      );
    };
    const few = recordedStep('open').network.slice(0, 40);
    const network = few.map(({ method, params }) => ({ method, params: poison(params) }));
    const waterfall = build('open', { network, sample: { ...recordedStep('open').sample, requests: [] } });
    expect(waterfall.requests.length).toBeGreaterThan(0);
    expect(JSON.stringify({ ...waterfall, shots: [] }).length).toBeLessThan(60_000);
  });

  test('a chain of parents that never ends', () => {
    const parent: Record<string, unknown> = { callFrames: [], description: 'await' };
    parent['parent'] = parent;
    const sent = {
      timestamp: 1,
      request: { url: 'http://a/', method: 'GET' },
      initiator: { type: 'script', stack: parent },
    };
    expect(
      build('open', { network: [event('requestWillBeSent', { requestId: 'a', ...sent })] }).requests[0],
    ).toBeDefined();
  });

  test('a page of 20,000 requests is read in one pass and cut', () => {
    const many = Array.from({ length: 20_000 }, (_, index) =>
      event('requestWillBeSent', {
        requestId: String(index),
        timestamp: 1 + index / 1e6,
        type: 'Fetch',
        request: { url: `http://a/${index}`, method: 'GET' },
        initiator: {
          type: 'script',
          stack: {
            callFrames: Array.from({ length: 20 }, (_inner, line) => ({
              url: 'http://a/x.js',
              functionName: 'f',
              lineNumber: line,
            })),
          },
        },
      }),
    );
    const waterfall = build('open', { network: many });
    expect(waterfall.requests).toHaveLength(2000);
    expect(waterfall.notes).toEqual(['The first 2000 of 20000 requests are shown.']);
  });
});
