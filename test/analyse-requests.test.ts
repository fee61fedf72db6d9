import { describe, expect, it } from 'vitest';
import { findModes } from '../src/analyse/modes.ts';
import { compareRequests, type StepRequest } from '../src/analyse/requests.ts';
import type { RequestRecord } from '../src/core/sample.ts';

const sides = { base: 'http://127.0.0.1:43121/', head: 'http://127.0.0.1:43122/shop/' };

function request(url: string, bytes = 1000, more: Partial<RequestRecord> = {}): StepRequest {
  const record: RequestRecord = {
    url,
    method: 'GET',
    type: 'script',
    party: 'first-party',
    status: 200,
    bytes,
    fromCache: false,
    failed: null,
    ...more,
  };
  return { step: 'open', request: record };
}

/** One side's paths, on its own origin. */
function served(side: 'base' | 'head', paths: readonly string[]): StepRequest[] {
  return paths.map((path) => request(new URL(path, sides[side]).href));
}

function statuses(base: readonly StepRequest[], head: readonly StepRequest[]): string[] {
  return compareRequests({ base, head }, sides).differences.map(({ status }) => status);
}

describe('requests of base and head', () => {
  it.each([
    ['/app-3f9a21bc.js', '/app-77e0b1a4.js'],
    ['/assets/index-B2c9xYz_.js', '/assets/index-Q81f-aBc.js'],
    ['/assets/index-BxKaQzPw.js', '/assets/index-QeRtZuIo.js'],
    ['/static/main.3f9a21bc.chunk.js', '/static/main.0a9b8c7d.chunk.js'],
    ['/fonts/inter.7f3c2b1a09.woff2', '/fonts/inter.aa00bb11cc.woff2'],
    ['/app.js?v=3f9a21bc', '/app.js?v=77e0b1a4'],
  ])('are the same under another content hash: %s', (one, other) => {
    expect(statuses(served('base', [one]), served('head', [other]))).toEqual(['same']);
  });

  it.each([
    ['/app-overview.js', '/app-checkout.js'],
    ['/app-Overview.js', '/app-Checkout.js'],
    ['/images/product-100200300.avif', '/images/product-100200301.avif'],
  ])('differ under another name: %s', (one, other) => {
    expect(statuses(served('base', [one]), served('head', [other])).toSorted()).toEqual(['gone', 'new']);
  });

  it('are the same question with another value in the query, when nothing nearer is left', () => {
    expect(statuses(served('base', ['/api?limit=200']), served('head', ['/api?limit=300']))).toEqual(['same']);
    const head = served('head', ['/api?page=2', '/api?page=1', '/api?page=3']);
    const { differences } = compareRequests({ base: served('base', ['/api?page=1', '/api?page=0']), head }, sides);
    const pairs = differences.map((one) => [
      one.status,
      one.base?.request.url.slice(-1),
      one.head?.request.url.slice(-1),
    ]);
    expect(new Set(pairs)).toEqual(
      new Set([
        ['new', undefined, '3'],
        ['same', '0', '2'],
        ['same', '1', '1'],
      ]),
    );
  });

  it('match as they are before hashes are left out', () => {
    const base = served('base', ['/a-11aa22bb.js', '/a-33cc44dd.js']);
    const head = served('head', ['/a-33cc44dd.js', '/a-55ee66ff.js']);
    const { differences } = compareRequests({ base, head }, sides);
    const paths = differences.map(({ base: one, head: other }) =>
      [one, other].map((side) => side && new URL(side.request.url).pathname),
    );
    expect(paths).toEqual([
      ['/a-33cc44dd.js', '/a-33cc44dd.js'],
      ['/a-11aa22bb.js', '/a-55ee66ff.js'],
    ]);
  });

  it('are gone from the step that no longer asks for them, and may move to another', () => {
    const at = (step: string, one: StepRequest[]): StepRequest[] =>
      one.map(({ request: same }) => ({ step, request: same }));
    const base = [...at('open', served('base', ['/api', '/only'])), ...at('search', served('base', ['/api']))];
    const head = [...at('search', served('head', ['/api', '/only']))];
    const { differences } = compareRequests({ base, head }, sides);
    expect(differences.map((one) => [one.status, one.base?.step, one.head?.step])).toEqual([
      ['gone', 'open', undefined],
      ['same', 'search', 'search'],
      ['same', 'open', 'search'],
    ]);
  });

  it('match one by one: a second request for the same is new', () => {
    expect(statuses(served('base', ['/api']), served('head', ['/api', '/api']))).toEqual(['new', 'same']);
  });

  it('of another method or origin are others', () => {
    const url = 'https://cdn.test/lib.js';
    expect(statuses([request(url)], [request(url, 1000, { method: 'POST' })]).toSorted()).toEqual(['gone', 'new']);
    expect(statuses([request(url)], served('head', ['/lib.js'])).toSorted()).toEqual(['gone', 'new']);
    expect(statuses([request(url)], [request(url)])).toEqual(['same']);
  });

  it('grow and shrink beyond what headers move, the largest first', () => {
    const url = 'https://cdn.test/';
    const base = [request(`${url}a`, 10_000), request(`${url}b`, 10_000), request(`${url}c`, 500_000)];
    const head = [request(`${url}a`, 10_101), request(`${url}b`, 9000), request(`${url}c`, 504_000)];
    expect(statuses(base, head)).toEqual(['same', 'shrunk', 'grown']);
  });

  it('of a few hundred bytes may vary by what headers do', () => {
    expect(statuses([request('https://cdn.test/a', 500)], [request('https://cdn.test/a', 600)])).toEqual(['same']);
  });

  it('sum up by type; what the cache answered does not count', () => {
    const base = [request('/a', 10), request('/b', 20, { type: 'image' }), request('/c', 9999, { fromCache: true })];
    const head = [request('/a', 12), request('/d', 5, { type: 'font' })];
    const { types, total } = compareRequests({ base, head }, sides);
    expect(types).toEqual([
      { type: 'image', base: { requests: 1, bytes: 20 }, head: { requests: 0, bytes: 0 } },
      { type: 'script', base: { requests: 1, bytes: 10 }, head: { requests: 1, bytes: 12 } },
      { type: 'font', base: { requests: 0, bytes: 0 }, head: { requests: 1, bytes: 5 } },
    ]);
    expect(total).toEqual({ type: 'total', base: { requests: 2, bytes: 30 }, head: { requests: 2, bytes: 17 } });
  });
});

describe('two groups of values', () => {
  const grouped = Array.from({ length: 12 }, (_, index) => ({
    value: (index % 2 === 0 ? 100 : 200) + index / 10,
    facts: { launch: String(Math.floor(index / 4)), layouts: index % 2 === 0 ? '3' : '4' },
  }));

  it('are told by the fact that goes along with them', () => {
    expect(findModes(grouped)).toMatchObject({ sizes: [6, 6], cause: 'layouts' });
  });

  it('have no cause where no fact goes along', () => {
    const facts = grouped.map(({ value, facts: { launch } }) => ({ value, facts: { launch } }));
    expect(findModes(facts)?.cause).toBeNull();
  });

  it('are not explained by what is often wrong, or says the same of all', () => {
    const often = grouped.map(({ value }, index) => ({ value, facts: { odd: String(index % 4 === 0), all: 'x' } }));
    expect(findModes(often)).toMatchObject({ cause: null });
    const few = Array.from({ length: 20 }, (_, index) => ({
      value: index < 18 ? 100 + index : 900,
      facts: { all: 'x' },
    }));
    expect(findModes(few)).toMatchObject({ sizes: [18, 2], cause: null });
  });

  it('are none where values lie together', () => {
    expect(findModes(grouped.map(({ facts }, index) => ({ value: 100 + index, facts })))).toBeNull();
  });
});
