/** A server of pages with known truth, on 127.0.0.1 and a free port. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Route = (request: IncomingMessage, response: ServerResponse) => void;

export interface PageServer extends AsyncDisposable {
  readonly url: string;
  /** Bytes of body and head of each answer, by path, as written to the socket. */
  readonly log: { path: string; bytes: number }[];
}

/** An HTML page; the icon is inline, or Chrome would ask for one. */
export function html(body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">${head}</head><body style="margin:0">${body}</body></html>`;
}

/** A bitmap of random pixels: Chrome does not count images of very few bytes per pixel as content. */
export function noiseBitmap(width: number, height: number): Buffer {
  const pixels = randomBytes(width * height * 3);
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + pixels.length, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  head.writeUInt32LE(pixels.length, 34);
  return Buffer.concat([head, pixels]);
}

/** A busy loop of `ms` in page script. */
export function busy(ms: number): string {
  return `{const end=performance.now()+${ms};while(performance.now()<end);}`;
}

/** Serves texts as HTML and functions as they like; anything else is 404. */
export async function servePages(routes: Readonly<Record<string, string | Route>>): Promise<PageServer> {
  const log: PageServer['log'] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const { socket } = request;
    const before = socket.bytesWritten;
    response.once('finish', () => log.push({ path: pathname, bytes: socket.bytesWritten - before }));
    const route = routes[pathname];
    if (typeof route === 'function') return route(request, response);
    if (route === undefined) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' }).end(route);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
