/** Serves the pages: `/plain/NAME`, `/react/NAME`, `/vue/NAME`, each leaking, or with `?repaired` not. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sirv from 'sirv';
import { buildLeaks } from './build.ts';
import { leakPages } from './catalogue.ts';

export interface LeakServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
}

/** The page of a plain script; those of the kits come from their build. */
const plainPage = (name: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${name}</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <button id="open">Open</button>
    <main id="place"></main>
    <script type="module" src="/plain/${name}.js"></script>
  </body>
</html>
`;

/**
 * Builds the pages into a temporary folder and serves them on 127.0.0.1.
 * @param port a free one if it is 0
 * @throws what Vite, the file system or the network throw
 */
export async function serveLeaks(port = 0): Promise<LeakServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pacewright-leaks-'));
  try {
    await buildLeaks(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const built = sirv(folder, { dev: false, etag: true });
  const plain = sirv(import.meta.dirname, { dev: true });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const page = leakPages.find(({ url }) => url === pathname);
    const missing = (): void => {
      response.writeHead(404).end();
    };
    if (page?.kit === 'plain') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(plainPage(page.name));
      return;
    }
    // One page for all of a kit: its script looks at the path.
    if (page) request.url = `/${page.kit}/index.html`;
    if (pathname.startsWith('/plain/')) plain(request, response, missing);
    else built(request, response, missing);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

if (import.meta.main) {
  const { url } = await serveLeaks(Number(process.argv[2] ?? 4180));
  process.stdout.write(
    `${leakPages.map((page) => `${url}${page.url}${page.truth ? '[?repaired]' : ''}`).join('\n')}\n`,
  );
}
