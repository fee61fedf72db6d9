import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { products, searchProducts } from '../examples/shop/catalogue.ts';
import { parseFaults } from '../examples/shop/faults.ts';
import { readFaultArguments, startShop, type Shop } from '../examples/shop/server.ts';

const program = join(import.meta.dirname, '../examples/shop/server.ts');

describe('the catalogue', () => {
  it('has 200 products with names of their own, 12 of them boots', () => {
    expect(products).toHaveLength(200);
    expect(new Set(products.map(({ slug }) => slug)).size).toBe(200);
    expect(searchProducts('boots')).toHaveLength(12);
    expect(searchProducts('')).toHaveLength(200);
    expect(searchProducts(' ALDER  boots').map(({ name }) => name)).toEqual(['Alder Hiking Boots']);
  });
});

describe('faults', () => {
  it('are read from a query, other parameters passed over', () => {
    const query = new URLSearchParams('work=50&shift=0.15&leak=listener:10,cache:3&utm_source=mail');
    expect(parseFaults(query)).toEqual({ work: 50, shift: 0.15, leak: { listener: 10, cache: 3 } });
  });

  it.each([
    ['work=fast', 'fault work=MS: "fast" is not a number from 0 to 60000'],
    ['work=-1', 'fault work=MS: "-1" is not a number from 0 to 60000'],
    ['work=', 'fault work=MS: "" is not a number from 0 to 60000'],
    ['shift=0.9', 'fault shift=SCORE: "0.9" is not a number from 0 to 0.4'],
    ['script=1.5', 'fault script=KB: "1.5" is not a whole number from 0 to 20000'],
    ['leak=10', 'fault leak=KIND:N: "10" does not name one of listener, detached, cache, closure'],
    ['leak=cache:x', 'fault leak=KIND:N: "x" is not a whole number from 0 to 100000'],
  ])('are refused when they make no sense: %s', (query, message) => {
    expect(() => parseFaults(new URLSearchParams(query))).toThrow(message);
  });

  it('are refused on the command line when there is none of that name', () => {
    expect(() => readFaultArguments(['wrok=50'])).toThrow('no fault "wrok"; there are work, compute, script, hero,');
    expect(readFaultArguments(['api=20', 'leak=closure:2'])).toEqual({ api: 20, leak: { closure: 2 } });
  });
});

interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** The answer as it came over the wire: fetch() would decompress it. */
async function ask(url: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const sent = request(url, { headers }).end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

describe('the server', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop.close());

  it('compresses text, lets hashed files be kept for ever and pages be asked for again', async () => {
    const page = await ask(`${shop.url}/`);
    const script = /\/assets\/index-[\w-]+\.js/.exec(page.body.toString())?.[0] ?? 'no script in the page';
    expect(page.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' });
    const [brotli, gzip, plain] = await Promise.all(
      ['br, gzip', 'gzip', 'identity'].map((accept) => ask(shop.url + script, { 'Accept-Encoding': accept })),
    );
    expect(brotli?.headers).toMatchObject({
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(gzip?.headers).toMatchObject({ 'content-encoding': 'gzip' });
    expect(plain?.headers).not.toHaveProperty('content-encoding');
    expect(brotli?.body.length).toBeLessThan(gzip?.body.length ?? 0);
    expect(gzip?.body.length).toBeLessThan((plain?.body.length ?? 0) / 2);
  });

  it('answers 304 to the tag it gave', async () => {
    const { headers } = await ask(`${shop.url}/`);
    const again = await ask(`${shop.url}/`, { 'If-None-Match': String(headers['etag']) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('has a script of as many bytes as asked, whatever encodings are accepted', async () => {
    const { headers, body } = await ask(`${shop.url}/extra.js?kB=170`, { 'Accept-Encoding': 'br, gzip' });
    expect([body.length, headers['content-encoding']]).toEqual([170_000, undefined]);
    expect(body.toString()).toMatch(/^self\.shopBallast="[A-Za-z0-9+/]+";$/);
  });

  it.each([
    ['/nothing.png', 404],
    ['/no-such-page', 404],
    ['/api/products/no-such-boots', 404],
    ['/api/orders', 405],
    ['/products/alder-hiking-boots', 200],
    ['/?work=fast', 400],
    ['/?leak=listener:%3C/script%3E', 400],
  ])('answers %s with %d', async (path, status) => {
    expect((await ask(shop.url + path)).status).toBe(status);
  });

  it('gives the same order the same number, and refuses one that makes no sense', async () => {
    const order = {
      customer: { name: 'Ada', email: 'ada@example.com' },
      lines: [{ slug: 'alder-hiking-boots', quantity: 2 }],
    };
    const send = async (body: unknown): Promise<[number, unknown]> => {
      const response = await fetch(`${shop.url}/api/orders`, { method: 'POST', body: JSON.stringify(body) });
      return [response.status, await response.json()];
    };
    const first = await send(order);
    expect(first).toEqual([201, { number: expect.stringMatching(/^F-\d{6}$/), total: expect.any(Number) }]);
    expect(await send(order)).toEqual(first);
    expect((await send({ ...order, lines: [] }))[0]).toBe(400);
    expect((await send({ ...order, lines: [{ slug: 'gold', quantity: 1 }] }))[1]).toEqual({
      error: 'no product "gold"',
    });
  });

  it('hands the page the faults of its options and of the URL, the URL first', async () => {
    const faulty = await startShop({ faults: { work: 10, api: 1 }, log: false });
    const page = await ask(`${faulty.url}/?work=50`);
    expect(page.body.toString()).toContain('<script type="application/json" id="faults">{"work":50,"api":1}</script>');
    expect(faulty.log).toEqual([]);
    await faulty.close();
  });

  it('ends an answer that still waits when it closes', async () => {
    const slow = await startShop({ faults: { api: 60_000 } });
    const waiting = request(`${slow.url}/api/ping`).end();
    const failed = once(waiting, 'error');
    await once(waiting, 'finish');
    await slow.close();
    expect(String((await failed)[0])).toMatch(/socket hang up|ECONNRESET/);
  });
});

describe('the server as a program', () => {
  it('prints its address, serves, and stops cleanly when told to', async () => {
    const child = spawn(process.execPath, [program, '--port', '0', '--fault', 'work=50'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    const page = await ask(`${String(line).trim()}/`);
    expect(page.body.toString()).toContain('{"work":50}');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('says what is wrong with its arguments', async () => {
    const started = promisify(execFile)(process.execPath, [program, '--port', '0', '--fault', 'shift=2']);
    await expect(started).rejects.toMatchObject({
      code: 2,
      stderr: 'fault shift=SCORE: "2" is not a number from 0 to 0.4\n',
    });
  });
});
