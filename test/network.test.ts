import { describe, expect, test } from 'vitest';
import { networkMetrics, resourceType } from '../src/collect/network.ts';
import type { RequestRecord } from '../src/core/sample.ts';
import { sameSite } from '../src/core/site.ts';

function request(type: string, bytes: number, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    url: 'http://shop.test/',
    method: 'GET',
    type,
    party: 'first-party',
    status: 200,
    bytes,
    fromCache: false,
    failed: null,
    ...more,
  };
}

test.each([
  ['Document', 'document'],
  ['XHR', 'fetch'],
  ['TextTrack', 'media'],
  ['Ping', 'other'],
  [undefined, 'other'],
])('resource type %s is %s', (name, type) => {
  expect(resourceType(name)).toBe(type);
});

describe('sameSite', () => {
  test.each([
    ['https://cdn.shop.co.uk/a.js', 'https://www.shop.co.uk/', true],
    ['https://other.co.uk/a.js', 'https://www.shop.co.uk/', false],
    ['http://127.0.0.1:4000/a.js', 'http://127.0.0.1:3000/', true],
    ['http://127.0.0.2/a.js', 'http://127.0.0.1/', false],
    ['http://localhost/a.js', 'http://127.0.0.1/', false],
    ['https://one.github.io/a.js', 'https://two.github.io/', false],
    ['http://[::1]:4000/a.js', 'http://[::1]/', true],
    ['http://shop.test/a.js', 'about:blank', false],
    ['http://shop.test/a.js', '', false],
  ])('%s on %s: %s', (url, page, same) => {
    expect(sameSite(url, page)).toBe(same);
  });
});

describe('networkMetrics', () => {
  test('counts by type and by party; the total is the sum of the types', () => {
    const metrics = networkMetrics([
      request('document', 1000),
      request('script', 200),
      request('script', 30, { party: 'third-party' }),
    ]);
    expect(metrics).toMatchObject({
      'bytes.total': 1230,
      'bytes.document': 1000,
      'bytes.script': 230,
      'bytes.image': 0,
      'bytes.first-party': 1200,
      'bytes.third-party': 30,
      'requests.total': 3,
      'requests.script': 2,
      'requests.third-party': 1,
      'requests.failed': 0,
    });
  });

  test('what the cache answered counts as nothing, unless it failed', () => {
    const cached = request('script', 200, { fromCache: true });
    expect(networkMetrics([cached])).toMatchObject({ 'bytes.total': 0, 'requests.total': 0, 'requests.failed': 0 });
    expect(networkMetrics([{ ...cached, status: 404 }])).toMatchObject({ 'requests.total': 0, 'requests.failed': 1 });
  });

  test('no answer and a status of 400 or more are failures; a request the page gave up is none', () => {
    const metrics = networkMetrics([
      request('fetch', 0, { status: 399 }),
      request('fetch', 0, { status: 400 }),
      request('fetch', 0, { status: null, failed: 'net::ERR_CONNECTION_REFUSED' }),
      request('fetch', 0, { status: null }),
    ]);
    expect(metrics['requests.failed']).toBe(2);
  });

  test('without requests every count is 0, not missing', () => {
    expect(new Set(Object.values(networkMetrics([])))).toEqual(new Set([0]));
  });
});
