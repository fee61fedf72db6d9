/** Base and head as folders of static files, each served on a port of its own, as a production server would. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { cp, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import sirv from 'sirv';
import { parseUrl } from '../config/compare-config.ts';
import { PacewrightError } from '../core/errors.ts';
import type { Session } from './session.ts';
import type { Sides } from './sides.ts';

/** What servers compress; images, fonts in WOFF and the like are compressed already. */
const compressible = /\.(html?|m?js|cjs|css|json|map|svg|xml|txt|md|wasm|webmanifest|ttf|otf|eot|ico)$/i;
// Below one packet compression saves nothing; nginx's and Express's limits are of this size.
const leastCompressed = 1024;

const compress = promisify(gzip);

/** @throws PacewrightError ARGUMENT_INVALID */
function checkFolder(session: Session, option: string, folder: string): string {
  const full = path.resolve(session.cwd, folder);
  if (!existsSync(full) || !statSync(full).isDirectory()) {
    throw new PacewrightError('ARGUMENT_INVALID', `${option} ${folder} is no folder.`, {
      next: 'build it first, or correct the option; it is the folder that a web server would serve',
    });
  }
  if (!readdirSync(full, { recursive: true }).some((name) => /\.x?html?$/i.test(String(name)))) {
    throw new PacewrightError(
      'ARGUMENT_INVALID',
      `${option} ${folder} holds no page: no .html file, also further down.`,
      {
        next: 'build it first, or name the folder that the build writes its index.html to',
      },
    );
  }
  if (!existsSync(path.join(full, 'index.html')))
    session.complain(`Warning: ${option} ${folder} has no index.html; only the files in it will be found.`);
  return full;
}

/**
 * Copies a folder, so that a build in the meantime changes nothing, and adds a gzipped file beside each text. All files
 * get one time, since it travels in the headers `Last-Modified` and `ETag`.
 */
async function copyFiles(from: string, to: string, time: Date): Promise<void> {
  await cp(from, to, { recursive: true, dereference: true });
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    await utimes(file, time, time);
    if (!compressible.test(entry.name) || existsSync(`${file}.gz`) || (await stat(file)).size < leastCompressed)
      continue;
    await writeFile(`${file}.gz`, await compress(await readFile(file), { level: 9 }));
    await utimes(`${file}.gz`, time, time);
  }
}

/** Listens on a free port of 127.0.0.1. */
function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** @param mount path under which the files are found, with a slash at its end; they are found at the root, too */
async function serveFolder(session: Session, folder: string, mount: string): Promise<string> {
  const serve = sirv(folder, {
    etag: true,
    gzip: true,
    brotli: true,
    // An unknown path is a route of a single-page application.
    single: existsSync(path.join(folder, 'index.html')),
    // To be asked for again each time: what a cache would do otherwise depends on how long ago the copy was made.
    maxAge: 0,
  });
  const server = createServer((request, response) => {
    if (mount !== '/' && request.url?.startsWith(mount)) request.url = request.url.slice(mount.length - 1);
    serve(request, response);
  });
  const port = await listen(server);
  // Playwright keeps us alive; after an interruption nothing shall.
  server.unref();
  session.closers.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${port}${mount}`;
}

/**
 * Serves two folders for as long as the session lasts.
 * @param baseUrl the configured one: its path is where the build expects to be found
 * @throws PacewrightError ARGUMENT_INVALID where one is no folder, or holds no page
 */
export async function sidesFromFolders(
  session: Session,
  given: { base: string; head: string },
  baseUrl: string | undefined,
): Promise<Sides> {
  const folders = {
    base: checkFolder(session, '--base-dir', given.base),
    head: checkFolder(session, '--head-dir', given.head),
  };
  const mount = (parseUrl(baseUrl)?.pathname ?? '/').replace(/[^/]*$/, '');
  // Whole seconds: that is all that HTTP dates have.
  const time = new Date(Math.floor(Date.now() / 1000) * 1000);
  const serve = async (variant: 'base' | 'head'): Promise<Sides['base']> => {
    const copy = path.join(session.ledger.folder, variant);
    await copyFiles(folders[variant], copy, time);
    return { label: given[variant], url: await serveFolder(session, copy, mount), commit: null, dirty: false };
  };
  return { base: await serve('base'), head: await serve('head') };
}
