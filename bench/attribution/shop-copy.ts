/** A copy of the demo shop whose sources can be changed, built and served as the shop is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const repository = path.join(import.meta.dirname, '../..');

export interface ShopCopy {
  /** The folder with the page's sources. */
  readonly sources: string;
  readonly remove: () => Promise<void>;
  /** Builds what changed and serves it. */
  readonly serve: () => Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  await exit;
}

export async function copyShop(): Promise<ShopCopy> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pacewright-attribution-'));
  const shop = path.join(folder, 'examples/shop');
  await cp(path.join(repository, 'examples/shop'), shop, {
    recursive: true,
    filter: (from) => !from.includes(`${path.sep}dist`),
  });
  await symlink(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  return {
    sources: path.join(shop, 'src'),
    remove: () => rm(folder, { recursive: true, force: true }),
    serve: async () => {
      const server = spawn(process.execPath, [path.join(shop, 'server.ts'), '--port', '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_ENV: 'production' },
      });
      for await (const line of createInterface({ input: server.stdout })) {
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
        if (url) return { url, close: () => end(server) };
      }
      await end(server);
      throw new Error('the copy of the shop ended before it served a page');
    },
  };
}
