/**
 * The shop's server: the built pages and their API, on 127.0.0.1 alone.
 * As a program: `node examples/shop/server.ts [--port 4173] [--fault work=50]...`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadAssets, negotiate } from './assets.ts';
import { buildShop } from './build.ts';
import { faultTable, isFaultName, parseFaults, type Faults } from './faults.ts';
import { answerRequest, type Site } from './routes.ts';

/** One answered request; sizes in bytes as written to the socket. */
export interface RequestLogEntry {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number;
  /** The body, compressed as it was sent. */
  readonly bodyBytes: number;
  /** Status line and headers, with the empty line after them. */
  readonly headBytes: number;
}

export interface ShopOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly faults?: Faults;
  /** Keeps `log`; on unless false. */
  readonly log?: boolean;
}

export interface Shop {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Requests in the order in which their answers were finished. */
  readonly log: RequestLogEntry[];
  /** Ends open connections, also those that wait for a delayed answer. */
  close(): Promise<void>;
}

interface Context extends Site {
  readonly log: RequestLogEntry[] | undefined;
  readonly closing: AbortSignal;
}

async function respond(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url: path = '/', headers, socket } = request;
  // One request at a time goes over a kept-alive connection, so the difference is what this answer took.
  const writtenBefore = socket.bytesWritten;
  const body = method === 'POST' ? await text(request) : '';
  const { status, asset, delay } = answerRequest(context, { method, url: new URL(path, 'http://shop.invalid'), body });
  if (delay > 0) await wait(delay, undefined, { signal: context.closing });
  const fresh = status === 200 && headers['if-none-match'] === asset.etag;
  const { encoding, body: content } = negotiate(asset, headers['accept-encoding']);
  const sent = fresh || method === 'HEAD' ? Buffer.alloc(0) : content;
  response.on('finish', () => {
    const headBytes = socket.bytesWritten - writtenBefore - sent.length;
    context.log?.push({ method, path, status: fresh ? 304 : status, bodyBytes: sent.length, headBytes });
  });
  response.writeHead(fresh ? 304 : status, {
    'Cache-Control': asset.cacheControl,
    ETag: asset.etag,
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
    ...(!fresh && { 'Content-Type': asset.type, 'Content-Length': content.length }),
    ...(!fresh && encoding !== 'identity' && { 'Content-Encoding': encoding }),
  });
  response.end(sent);
}

/** Builds the shop if needed and serves it. Throws what the build throws, and EADDRINUSE for a port in use. */
export async function startShop({ port = 0, faults = {}, log = true }: ShopOptions = {}): Promise<Shop> {
  const assets = await loadAssets(await buildShop());
  const entries: RequestLogEntry[] = [];
  const closing = new AbortController();
  const context: Context = { assets, faults, log: log ? entries : undefined, closing: closing.signal };
  const server = createServer((request, response) => {
    respond(context, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  // Longer than a browser keeps an idle connection in one flow: a closing race would cost a reconnect now and then.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    log: entries,
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `['work=50', 'leak=cache:5']` to faults. Throws a RangeError for a name or value that is not one. */
export function readFaultArguments(texts: readonly string[]): Faults {
  const pairs = texts.map((entry): [string, string] => {
    const at = entry.indexOf('=');
    const name = at < 0 ? entry : entry.slice(0, at);
    if (!isFaultName(name))
      throw new RangeError(`no fault ${JSON.stringify(name)}; there are ${Object.keys(faultTable).join(', ')}`);
    return [name, at < 0 ? '' : entry.slice(at + 1)];
  });
  return parseFaults(pairs);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '4173' }, fault: { type: 'string', multiple: true, default: [] } },
  });
  const faults = readFaultArguments(values.fault);
  const shop = await startShop({ port: Number(values.port), faults, log: false });
  process.stdout.write(`${shop.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shop.close());
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  });
}
