/** What the shop's server answers, as values: no sockets, no clock. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { createAsset, immutable, type Asset } from './assets.ts';
import { findProduct, products, searchProducts, summarise } from './catalogue.ts';
import { parseFaults, type Faults } from './faults.ts';
import { seededRandom } from './random.ts';

export interface Answer {
  readonly status: number;
  readonly asset: Asset;
  /** How long to wait before the first byte, ms. */
  readonly delay: number;
}

export interface Question {
  readonly method: string;
  readonly url: URL;
  /** The request's body; empty for GET. */
  readonly body: string;
}

export interface Site {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly faults: Faults;
}

const orderSchema = z.object({
  customer: z.object({ name: z.string().min(1), email: z.string().min(3) }),
  lines: z.array(z.object({ slug: z.string(), quantity: z.number().int().min(1).max(99) })).min(1),
});

function answer(status: number, asset: Asset, delay = 0): Answer {
  return { status, asset, delay };
}

function json(value: unknown): Asset {
  return createAsset('application/json; charset=utf-8', 'no-store', Buffer.from(JSON.stringify(value)));
}

function problem(status: number, message: string): Answer {
  return answer(status, createAsset('text/plain; charset=utf-8', 'no-store', Buffer.from(`${message}\n`)));
}

/** The order's number follows from what is ordered, so that the same order has an answer of the same bytes. */
function takeOrder(body: string): Answer {
  const order = orderSchema.safeParse(parseJson(body));
  if (!order.success) return answer(400, json({ error: z.prettifyError(order.error) }));
  const unknown = order.data.lines.find((line) => !findProduct(line.slug));
  if (unknown) return answer(400, json({ error: `no product ${JSON.stringify(unknown.slug)}` }));
  const total = order.data.lines.reduce((sum, { slug, quantity }) => {
    return sum + (findProduct(slug)?.price ?? 0) * quantity;
  }, 0);
  const digest = createHash('sha256').update(JSON.stringify(order.data)).digest();
  return answer(201, json({ number: `F-${100_000 + (digest.readUInt32BE(0) % 900_000)}`, total }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answerApi({ method, url, body }: Question): Answer {
  const path = url.pathname.slice('/api'.length);
  if (path === '/orders') return method === 'POST' ? takeOrder(body) : problem(405, 'POST an order here.');
  if (method !== 'GET' && method !== 'HEAD') return problem(405, 'Only GET here.');
  if (path === '/products') {
    return answer(200, json({ products: searchProducts(url.searchParams.get('q') ?? '').map(summarise) }));
  }
  if (path === '/notice') return answer(200, json({ text: 'Free returns until the end of the month.' }));
  if (path === '/ping') return answer(200, json({ ok: true }));
  const product = findProduct(path.slice('/products/'.length));
  if (!product || !path.startsWith('/products/')) return problem(404, 'No such thing in this shop.');
  const related = products
    .filter(({ category, slug }) => category === product.category && slug !== product.slug)
    .slice(0, 4);
  return answer(200, json({ product, related: related.map(summarise) }));
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const scripts = new Map<number, Asset>();

/** A script of exactly `size` bytes, one long random string; kept, since it is asked for once a page load. */
function ballastScript(size: number): Asset {
  const kept = scripts.get(size);
  if (kept) return kept;
  const draw = seededRandom(size);
  const [start, end] = ['self.shopBallast="', '";'];
  const length = Math.max(0, size - start.length - end.length);
  const text = Array.from({ length }, () => letters[Math.floor(draw() * letters.length)]).join('');
  const body = Buffer.from(size === 0 ? '' : `${start}${text}${end}`);
  const asset = createAsset('text/javascript; charset=utf-8', immutable, body, {});
  scripts.set(size, asset);
  return asset;
}

/** The page with its faults in it, for the client to read once. */
function page({ assets, faults }: Site, url: URL): Answer {
  const index = assets.get('/index.html');
  if (!index) return problem(500, 'The build has no index.html.');
  const active: Faults = { ...faults, ...parseFaults(url.searchParams) };
  // Names and numbers only, checked on the way in: nothing in this JSON can end the script element.
  const html = index.bodies.identity
    .toString()
    .replace('"faults"></script>', () => `"faults">${JSON.stringify(active)}</script>`);
  const known =
    url.pathname === '/' || url.pathname === '/checkout' || findProduct(url.pathname.slice('/products/'.length));
  return answer(known ? 200 : 404, createAsset(index.type, 'no-cache', Buffer.from(html)));
}

function route(site: Site, question: Question): Answer {
  const { url, method } = question;
  // The page sends the delay along, as its own URL may say another than the server's options.
  const delay = url.searchParams.get('delay');
  const asked = delay === null ? undefined : parseFaults([['api', delay]]).api;
  if (url.pathname.startsWith('/api/')) {
    return { ...answerApi(question), delay: asked ?? site.faults.api ?? 0 };
  }
  if (method !== 'GET' && method !== 'HEAD') return problem(405, 'Only GET here.');
  if (url.pathname === '/extra.js') {
    const { script = 0 } = parseFaults([['script', url.searchParams.get('kB') ?? '0']]);
    return answer(200, ballastScript(script * 1000));
  }
  const asset = url.pathname === '/index.html' ? undefined : site.assets.get(url.pathname);
  if (asset) {
    return answer(200, asset, url.pathname === '/images/hero.png' ? (asked ?? site.faults.hero ?? 0) : 0);
  }
  return /\.\w+$/.test(url.pathname) ? problem(404, 'No such file.') : page(site, url);
}

/** The answer to a request; 400 with the reason where a fault's value is not of its form. */
export function answerRequest(site: Site, question: Question): Answer {
  try {
    return route(site, question);
  } catch (error) {
    if (error instanceof RangeError) return problem(400, error.message);
    throw error;
  }
}
