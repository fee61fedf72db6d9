/** Rules about the network: on waterfalls of known truth, and on the recorded site of known faults. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildWaterfall } from '../src/analyse/build-waterfall.ts';
import { shortUrl } from '../src/analyse/network-facts.ts';
import { findNetworkFindings } from '../src/analyse/network-findings.ts';
import { type Finding, findingSchema } from '../src/core/finding.ts';
import type { StepRecording } from '../src/core/recording.ts';
import type { SourceLocation } from '../src/core/source.ts';
import type { Waterfall, WaterfallRequest } from '../src/core/waterfall.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import { plainResolver, recordedSite, recordedStep, toRecording, traceOf } from './support/network.ts';

const origin = 'http://shop.test';

function place(line: number, name: string | null = null): SourceLocation {
  return {
    function: name,
    file: 'src/app.ts',
    line,
    column: 1,
    mapped: true,
    script: `${origin}/app.js`,
    origin: 'application',
  };
}

interface Short {
  readonly wait?: number;
  readonly queued?: number;
  readonly by?: number;
  readonly kind?: string;
  readonly at?: SourceLocation;
  readonly callers?: string[];
}

/** A request from `start` to `end`: what is not waiting for the server is receiving. */
function request(
  path: string,
  start: number,
  end: number,
  more: Partial<WaterfallRequest> & Short = {},
): WaterfallRequest {
  const { wait = 0, queued = 0, by, kind = by === undefined ? 'other' : 'parser', at, callers = [], ...rest } = more;
  return {
    url: path.startsWith('http') ? path : origin + path,
    method: 'GET',
    type: 'fetch',
    party: path.startsWith('http') ? 'third-party' : 'first-party',
    status: 200,
    failed: null,
    protocol: 'h2',
    mime: null,
    priority: 'High',
    initialPriority: 'High',
    initiator: { kind, url: null, location: at ?? null, callers, request: by ?? null },
    renderBlocking: false,
    cache: 'network',
    start,
    end,
    phases: { queued, dns: 0, connect: 0, tls: 0, send: 0, wait, receive: end - start - wait - queued },
    bytes: 1000,
    decoded: 1000,
    encoding: 'gzip',
    cacheControl: 'max-age=31536000',
    lcp: false,
    ...rest,
  };
}

/** The page's document, which has come at 50 ms. */
const page = request('/', 0, 50, { type: 'document', wait: 20 });

interface About {
  readonly kind?: StepRecording['kind'];
  readonly metrics?: Record<string, number>;
  readonly marks?: Record<string, number>;
  readonly tasks?: Waterfall['tasks'];
  readonly texts?: { url: string; text: string }[];
}

function find(requests: WaterfallRequest[], about: About = {}): Finding[] {
  const { kind = 'navigation', metrics = {}, marks = {}, tasks = [], texts = [] } = about;
  const recording = toRecording(recordedStep('open'));
  const waterfall: Waterfall = {
    requests,
    marks: Object.entries(marks).map(([id, at]) => ({ id, at })),
    shots: [],
    tasks,
    length: 5000,
    notes: [],
  };
  const sample = { ...recording.sample, kind, url: `${origin}/`, metrics: { ...marks, ...metrics } };
  const findings = findNetworkFindings({ recording: { ...recording, kind, sample }, waterfall, texts });
  for (const finding of findings) expect(findingSchema.parse(finding)).toEqual(finding);
  return findings;
}

function only(findings: Finding[], rule: Finding['rule']): Finding {
  const found = findings.filter((finding) => finding.rule === rule);
  expect(found, `${rule} among ${findings.map((each) => each.rule).join(' ')}`).toHaveLength(1);
  return found[0] as Finding;
}

const rules = (findings: Finding[]): string[] => findings.map(({ rule }) => rule);

describe('render-blocking', () => {
  const blocking = { type: 'stylesheet', renderBlocking: true, by: 0 } as const;

  test('costs what the last of them takes beyond the document; the one that takes longest is named', () => {
    const findings = find(
      [
        page,
        request('/a.css', 60, 250, { ...blocking, wait: 180, at: place(4) }),
        request('/b.css', 255, 260, { ...blocking, by: 1 }),
      ],
      { marks: { FCP: 270, LCP: 270 } },
    );
    const finding = only(findings, 'render-blocking');
    expect(finding.title).toBe('/a.css keeps the page from painting for 200 ms');
    expect(finding.explains).toEqual({ FCP: 200, LCP: 200 });
    expect(finding.location?.line).toBe(4);
  });

  test('nothing where the scripts that make the page come no earlier', () => {
    const requests = [
      page,
      request('/a.css', 60, 120, blocking),
      request('/app.js', 60, 130, { type: 'script', by: 0 }),
    ];
    expect(rules(find(requests, { marks: { FCP: 900 } }))).not.toContain('render-blocking');
    // painted right behind the style sheet: then it is what the page waited for
    expect(rules(find(requests, { marks: { FCP: 130 } }))).toContain('render-blocking');
  });

  test('a script that blocks is not what the page waits for anyway, nor is one of another site', () => {
    const requests = [
      page,
      request('/legacy.js', 60, 500, { ...blocking, type: 'script' }),
      request('/app.js', 60, 90, { type: 'script', by: 0 }),
      request('https://ads.example/tag.js', 60, 495, { type: 'script', by: 0 }),
    ];
    const finding = only(find(requests, { marks: { FCP: 600 } }), 'render-blocking');
    expect(finding.title).toBe('/legacy.js keeps the page from painting for 410 ms');
  });

  test('explains nothing of an image that comes later than they do', () => {
    const hero = request('/hero.png', 60, 700, { type: 'image', lcp: true, by: 0, wait: 600 });
    const findings = find([page, request('/a.css', 60, 250, blocking), hero], { marks: { FCP: 260, LCP: 710 } });
    expect(only(findings, 'render-blocking').explains).toEqual({ FCP: 200 });
  });

  test.each([
    ['it ends after the first paint', { end: 400, fcp: 300 }],
    ['it has come with the document', { end: 45, fcp: 300 }],
    ['the page has no first paint', { end: 200, fcp: null }],
  ])('nothing where %s', (_name, { end, fcp }) => {
    const findings = find([page, request('/a.css', 40, end, blocking)], { marks: fcp === null ? {} : { FCP: fcp } });
    expect(rules(findings)).not.toContain('render-blocking');
  });
});

describe('the largest paint', () => {
  const image = { type: 'image', lcp: true } as const;

  test('a slow server: what of the load comes after the first paint', () => {
    const hero = request('/hero.png', 60, 560, { ...image, by: 0, wait: 480, at: place(12) });
    const findings = find([page, hero], { marks: { FCP: 160, LCP: 570 } });
    const finding = only(findings, 'slow-lcp-resource');
    expect(finding.title).toBe('/hero.png, the largest paint, takes 500 ms to load: the server answers after 480 ms');
    expect(finding.explains).toEqual({ LCP: 400 });
    expect(finding.location?.line).toBe(12);
    expect(rules(findings)).not.toContain('late-lcp-image');
    expect(rules(findings)).not.toContain('slow-response');
  });

  test.each([
    ['large', { wait: 20 }, /take .* to come$/, /smaller/],
    ['queued', { queued: 480, initialPriority: 'Low' }, /waits 480 ms until Chrome sends it/, /fetchpriority="high"/],
  ])('%s', (_name, more, title, advice) => {
    const hero = request('/hero.png', 60, 560, { ...image, by: 0, bytes: 2_000_000, ...more });
    const finding = only(find([page, hero], { marks: { FCP: 160, LCP: 570 } }), 'slow-lcp-resource');
    expect(finding.title).toMatch(title);
    expect(finding.advice).toMatch(advice);
  });

  test('asked for late: what led to it is told, and what waiting for servers takes is not counted twice', () => {
    const findings = find(
      [
        page,
        request('/app.js', 60, 100, { type: 'script', by: 0, wait: 10 }),
        request('/api/banner', 120, 420, { by: 1, wait: 290, kind: 'script', at: place(7, 'load') }),
        request('/api/fast', 120, 130, { by: 1, wait: 10, kind: 'script' }),
        request('/hero.png', 450, 500, {
          ...image,
          by: 2,
          kind: 'script',
          wait: 40,
          at: place(9, 'show'),
          callers: ['main (src/app.ts:20)'],
        }),
      ],
      { marks: { FCP: 110, LCP: 510 } },
    );
    const late = only(findings, 'late-lcp-image');
    expect(late.title).toBe('/hero.png, the largest paint, is asked for 400 ms after the document has come');
    // 500 - 110 could be saved at most; of them the server's 290 - 10
    expect(late.explains['LCP']).toBeCloseTo(110, 6);
    expect(late.location).toMatchObject({ function: 'show', line: 9 });
    expect(late.details.join('\n')).toMatch(/Led to by \/app\.js → \/api\/banner\./);
    const slow = only(findings, 'slow-response');
    expect(slow.title).toBe('GET /api/banner is answered after 290 ms');
    expect(slow.explains['LCP']).toBeCloseTo(280, 6);
    expect((late.explains['LCP'] ?? 0) + (slow.explains['LCP'] ?? 0)).toBeLessThanOrEqual(510);
  });

  test('Chrome names nobody: the code behind the answer that came just before', () => {
    const findings = find(
      [
        page,
        request('/api/banner', 120, 420, { by: 0, wait: 90, kind: 'script', at: place(7, 'load') }),
        request('/hero.png', 425, 500, { ...image, wait: 40 }),
      ],
      { marks: { FCP: 110, LCP: 510 } },
    );
    const late = only(findings, 'late-lcp-image');
    expect(late.location).toMatchObject({ function: 'load', line: 7 });
    expect(late.details.join('\n')).toMatch(/does not say .* \/api\/banner had come: most likely/);
  });

  test('nothing where it would not be painted any earlier, or is text, or came from a cache', () => {
    const early = request('/hero.png', 60, 300, { ...image, by: 0, wait: 200 });
    const cached = request('/hero.png', 60, 560, { ...image, by: 0, cache: 'disk' });
    expect(rules(find([page, early], { marks: { FCP: 400, LCP: 410 } }))).toEqual([]);
    expect(rules(find([page, { ...early, lcp: false }], { marks: { FCP: 100, LCP: 410 } }))).toEqual([]);
    expect(rules(find([page, cached], { marks: { FCP: 100, LCP: 570 } }))).toEqual([]);
  });
});

describe('slow-response', () => {
  test('of the document: explains the first byte and both paints', () => {
    const slow = request('/', 0, 450, { type: 'document', wait: 400 });
    const finding = only(find([slow], { marks: { FCP: 500, LCP: 520 }, metrics: { TTFB: 410 } }), 'slow-response');
    expect(finding.explains).toMatchObject({ TTFB: 400, FCP: 400, LCP: 400 });
  });

  test('explains the duration where the step ends with it or with what follows; else nothing', () => {
    const api = request('/api/list', 0, 350, { wait: 340, kind: 'script', at: place(3) });
    const quick = request('/api/fast', 0, 20, { wait: 10, kind: 'script' });
    const next = request('/row.png', 360, 380, { type: 'image', wait: 10 });
    const other = request('/poll', 300, 900, { wait: 20, kind: 'script' });
    const explained = (requests: WaterfallRequest[], tasks: Waterfall['tasks'] = []): number | undefined =>
      only(find(requests, { kind: 'interaction', metrics: { duration: 1000 }, tasks }), 'slow-response').explains[
        'duration'
      ];
    expect(explained([api, quick])).toBe(330);
    expect(explained([api, quick, next])).toBe(330);
    expect(explained([api, quick, { ...next, start: 900, end: 920 }])).toBeUndefined();
    // the thread was too busy to ask earlier
    expect(explained([api, quick, { ...next, start: 900, end: 920 }], [{ start: 355, duration: 530 }])).toBe(330);
    expect(explained([api, quick, other])).toBeUndefined();
  });

  test('the way to the server is not the server', () => {
    const far = [1, 2, 3].map((number) => request(`/api/${number}`, 0, 260, { wait: 250, kind: 'script' }));
    expect(rules(find(far, { kind: 'interaction' }))).not.toContain('slow-response');
  });
});

describe('request-chain', () => {
  const script = (path: string, start: number, end: number, by: number, line: number): WaterfallRequest =>
    request(path, start, end, { by, kind: 'script', wait: end - start - 5, at: place(line, 'load') });

  test('answers that wait for one another: what they take beyond the longest of them', () => {
    const requests = [
      page,
      script('/api/a', 60, 150, 0, 5),
      script('/api/b', 152, 232, 1, 6),
      script('/api/c', 235, 295, 2, 7),
    ];
    const finding = only(find(requests, { metrics: { duration: 300 } }), 'request-chain');
    expect(finding.title).toBe('3 requests in a row before /api/c has come: 140 ms more than the longest takes');
    expect(finding.explains).toEqual({ duration: 140 });
    // where the second is asked for, the wait for the first stands
    expect(finding.location?.line).toBe(6);
    expect(finding.details).toHaveLength(3);
  });

  test('work of the main thread between them is not counted', () => {
    const requests = [page, script('/api/a', 60, 150, 0, 5), script('/api/b', 900, 980, 1, 6)];
    expect(only(find(requests, { metrics: { duration: 1000 } }), 'request-chain').cost.value).toBe(80);
  });

  test.each([
    [
      'a script and its one request',
      [page, request('/app.js', 60, 200, { type: 'script', by: 0 }), script('/api/a', 210, 400, 1, 5)],
    ],
    ['requests at once', [page, script('/api/a', 60, 150, 0, 5), script('/api/b', 60, 150, 0, 6)]],
    ['too little to tell', [page, script('/api/a', 60, 80, 0, 5), script('/api/b', 81, 100, 1, 6)]],
  ])('not %s', (_name, requests) => {
    expect(rules(find(requests, { metrics: { duration: 500 } }))).not.toContain('request-chain');
  });

  test('redirects before the page', () => {
    const hops = [
      request('/a', 0, 80, { type: 'document', status: 302 }),
      request('/b', 80, 160, { type: 'document', status: 302, kind: 'redirect', by: 0 }),
      request('/', 160, 200, { type: 'document', kind: 'redirect', by: 1 }),
    ];
    const finding = only(
      find(hops, { marks: { FCP: 300, LCP: 300 }, metrics: { TTFB: 190, duration: 400 } }),
      'request-chain',
    );
    expect(finding.title).toBe('2 redirects before the page cost 160 ms');
    expect(finding.explains).toEqual({ TTFB: 160, FCP: 160, LCP: 160, duration: 160 });
  });
});

describe('many-requests', () => {
  const loop = (count: number, type = 'fetch'): WaterfallRequest[] =>
    Array.from({ length: count }, (_, at) =>
      request(`/api/${at}`, 100 + at, 120 + at, {
        type,
        kind: 'script',
        at: place(14, 'loadRows'),
        callers: ['main (src/app.ts:2)'],
      }),
    );

  test('a loop is told with its place, and explains all but one of its requests', () => {
    const metrics = { 'requests.total': 20, 'requests.fetch': 12, 'requests.first-party': 20, 'requests.script': 3 };
    const finding = only(find(loop(12), { kind: 'interaction', metrics }), 'many-requests');
    expect(finding.title).toBe('loadRows (src/app.ts:14) sends 12 requests');
    expect(finding.explains).toEqual({ 'requests.total': 11, 'requests.fetch': 11, 'requests.first-party': 11 });
    expect(finding.details.join('\n')).toContain('Called by main (src/app.ts:2).');
  });

  test('few requests, and pictures of a list, are not a loop', () => {
    expect(rules(find(loop(4), { kind: 'interaction' }))).not.toContain('many-requests');
    expect(rules(find(loop(12, 'image'), { kind: 'interaction' }))).not.toContain('many-requests');
    expect(rules(find(loop(30, 'image'), { kind: 'interaction' }))).toContain('many-requests');
  });
});

describe('uncompressed', () => {
  const text = 'export const number = 1;\n'.repeat(2000);
  const plain = request('/app.js', 0, 10, {
    type: 'script',
    mime: 'text/javascript',
    encoding: null,
    decoded: text.length,
    bytes: text.length + 200,
  });

  test('the saving is that of gzip where the text is known', () => {
    const metrics = { 'bytes.total': 100_000, 'bytes.script': 60_000 };
    const finding = only(find([plain], { metrics, texts: [{ url: plain.url, text }] }), 'uncompressed');
    const saved = text.length - gzipSync(text).length;
    expect(finding.cost).toEqual({ value: saved, unit: 'bytes' });
    expect(finding.explains).toEqual({ 'bytes.total': saved, 'bytes.script': saved });
  });

  test('else a stated share', () => {
    const finding = only(find([plain]), 'uncompressed');
    expect(finding.cost.value).toBe(Math.round(text.length * 0.65));
    expect(finding.details.at(-1)).toMatch(/65 %/);
  });

  test('what compresses badly is no fault', () => {
    const noise = Array.from({ length: 40_000 }, (_, at) => String.fromCharCode(0x4e00 + ((at * 7919) % 20_000))).join(
      '',
    );
    const size = Buffer.byteLength(noise);
    const asian = { ...plain, decoded: size, bytes: size };
    const finding = only(find([asian], { texts: [{ url: plain.url, text: noise }] }), 'uncompressed');
    expect(finding.cost.value).toBeCloseTo(size - gzipSync(noise).length, -1);
  });

  test.each([
    ['compressed', { encoding: 'br' }],
    ['a picture', { mime: 'image/png', type: 'image' }],
    ['small', { decoded: 1000 }],
    ['from a cache', { cache: 'disk' as const }],
    ['an error', { status: 404 }],
  ])('not %s', (_name, more) => {
    expect(rules(find([{ ...plain, ...more }]))).not.toContain('uncompressed');
  });

  test('first and third parties are told apart, with other advice', () => {
    const other = { ...plain, url: 'https://cdn.other/x.js', party: 'third-party' as const };
    const both = find([plain, other]).filter(({ rule }) => rule === 'uncompressed');
    expect(both.map(({ advice }) => /Ask who serves it/.test(advice))).toEqual([false, true]);
  });
});

test.each([
  [null, true],
  ['no-store', true],
  ['private, max-age=600', true],
  ['public,max-age=604799', true],
  ['max-age=31536000, immutable', false],
  ['s-maxage=5, max-age=604800', false],
  ['max-age="31536000"', false],
])('not-cached: %s is short: %s', (cacheControl, short) => {
  const findings = find([request('/a.png', 0, 10, { type: 'image', cacheControl, bytes: 5000 })]);
  expect(rules(findings).includes('not-cached')).toBe(short);
  // this pass had nothing in its cache, so that nothing of it is explained
  expect(findings.every(({ rule, explains }) => rule !== 'not-cached' || Object.keys(explains).length === 0)).toBe(
    true,
  );
});

test('failed-request: each once, with how often, what answered and where it was asked for', () => {
  const metrics = { 'requests.failed': 3 };
  const findings = find(
    [
      request('/gone.png', 0, 10, { status: 404, at: place(3) }),
      request('/gone.png', 20, 30, { status: 404, at: place(3) }),
      request('/down', 0, 10, { status: null, failed: 'net::ERR_CONNECTION_REFUSED', phases: null }),
    ],
    { metrics },
  ).filter(({ rule }) => rule === 'failed-request');
  expect(findings.map(({ title }) => title)).toEqual([
    'GET /gone.png is answered with 404, 2 times',
    'GET /down fails: net::ERR_CONNECTION_REFUSED',
  ]);
  expect(findings.map(({ explains }) => explains)).toEqual([{ 'requests.failed': 2 }, { 'requests.failed': 1 }]);
  expect(findings[0]?.location?.line).toBe(3);
});

test('large-response: scripts are told elsewhere', () => {
  const large = find(
    [
      request('/big.png', 0, 10, { type: 'image', bytes: 400_000 }),
      request('/big.js', 0, 10, { type: 'script', bytes: 900_000 }),
    ],
    { metrics: { 'bytes.total': 1_300_000, 'bytes.image': 400_000 } },
  ).filter(({ rule }) => rule === 'large-response');
  expect(large.map(({ title }) => title)).toEqual(['/big.png is 400 kB']);
  expect(large[0]?.explains).toEqual({ 'bytes.total': 400_000, 'bytes.image': 400_000 });
});

test('third-party: bytes and requests by host', () => {
  const metrics = { 'bytes.total': 5000, 'bytes.third-party': 3000, 'requests.total': 5, 'requests.third-party': 3 };
  const findings = find(
    [
      page,
      ...['https://a.other/1.js', 'https://a.other/2.js', 'https://b.other/1.js'].map((url) =>
        request(url, 0, 10, { type: 'script' }),
      ),
    ],
    { metrics },
  ).filter(({ rule }) => rule === 'third-party');
  expect(findings.map(({ title }) => title)).toEqual([
    'a.other costs 2 requests and 2 kB',
    'b.other costs 1 request and 1 kB',
  ]);
  expect(findings[0]?.explains).toEqual({
    'bytes.total': 2000,
    'bytes.third-party': 2000,
    'requests.total': 2,
    'requests.third-party': 2,
  });
});

describe('the recorded site', () => {
  const findIn = async (name: string): Promise<Finding[]> => {
    const recording = toRecording(recordedStep(name));
    const about = { trace: await traceOf(recordedStep(name)), resolver: plainResolver, pageUrl: recordedSite().site };
    return findNetworkFindings({ recording, waterfall: buildWaterfall(recording, about), texts: [] });
  };

  test.each([
    ['open', 'render-blocking', /^\/blocking\.css /, 4],
    ['open', 'late-lcp-image', /^\/hero\.bmp, /, 8],
    ['open', 'slow-lcp-resource', /the server answers after/, null],
    ['open', 'slow-response', /^GET \/api\/user\?token=REDACTED /, 7],
    ['open', 'uncompressed', /^2 text responses /, 4],
    ['open', 'third-party', /^localhost:\d+ costs 4 requests /, 8],
    ['more', 'slow-response', /^GET \/api\/slow /, 29],
    ['more', 'many-requests', /sends 12 requests$/, 3],
    ['again', 'late-lcp-image', /^\/hero\.bmp, /, 11],
  ] as const)('%s: %s', async (step, rule, title, line) => {
    const finding = only(await findIn(step), rule);
    expect(finding.title).toMatch(title);
    expect(finding.location?.line ?? null).toBe(line);
  });

  test('nothing explains more of a metric than there is, and the parts of LCP not more than all of it', async () => {
    for (const { name, sample } of recordedSite().steps) {
      const findings = await findIn(name);
      for (const { explains, title } of findings)
        for (const [id, amount] of Object.entries(explains))
          expect(amount, `${title} ${id}`).toBeLessThanOrEqual(sample.metrics[id] ?? 0);
      const lcp = findings
        .filter(({ rule }) => /lcp/.test(rule))
        .reduce((sum, { explains }) => sum + (explains['LCP'] ?? 0), 0);
      expect(lcp).toBeLessThanOrEqual(sample.metrics['LCP'] ?? 0);
    }
  });
});

test('names of requests are short, and keep their beginning and their end', () => {
  expect(shortUrl(`${origin}/a.js?v=1`, origin)).toBe('/a.js?v=1');
  expect(shortUrl('https://cdn.test/a.js', origin)).toBe('cdn.test/a.js');
  expect(shortUrl(`${origin}.evil/a.js`, origin)).toBe('shop.test.evil/a.js');
  const long = shortUrl(`${origin}/${'x'.repeat(200)}/end.js`, origin);
  expect(long).toHaveLength(70);
  expect(long).toMatch(/^\/x+…x+\/end\.js$/);
});

test('texts of an enemy stay text, and few', () => {
  const requests = attacks.map((attack, at) =>
    request(`/${attack}`, at, at + 500, {
      status: 500,
      mime: attack,
      cacheControl: attack,
      type: 'image',
      wait: 490,
      bytes: 9e9,
      by: at,
      kind: attack,
    }),
  );
  const findings = find(requests, { marks: { FCP: 20, LCP: 300 } });
  expect(JSON.stringify(findings).length).toBeLessThan(100_000);
});
