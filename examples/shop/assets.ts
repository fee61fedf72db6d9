/** The build in memory, each file with its encodings, type and cache rule. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export type Encoding = 'br' | 'gzip' | 'identity';

/** A body in the encodings it exists in, and the headers that go with it. */
export interface Asset {
  readonly type: string;
  readonly cacheControl: string;
  readonly etag: string;
  readonly bodies: Readonly<Partial<Record<Encoding, Buffer>>> & { readonly identity: Buffer };
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

export const immutable = 'public, max-age=31536000, immutable';

/** An asset; text is compressed here, at a level that costs little, unless its compressed bodies are given. */
export function createAsset(
  type: string,
  cacheControl: string,
  identity: Buffer,
  compressed?: Partial<Record<Encoding, Buffer>>,
): Asset {
  const text = /^text\/|json/.test(type);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  const bodies = text ? { br: brotliCompressSync(identity, { params }), gzip: gzipSync(identity) } : {};
  const etag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
  return { type, cacheControl, etag, bodies: { ...(compressed ?? bodies), identity } };
}

/** Every file of the build by its URL path, `/index.html` included. */
export async function loadAssets(folder: string): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Set(entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
  for (const file of files) {
    const extension = extname(file);
    if (extension === '.br' || extension === '.gz') continue;
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const compressed = {
      ...(files.has(`${file}.br`) && { br: await readFile(`${file}.br`) }),
      ...(files.has(`${file}.gz`) && { gzip: await readFile(`${file}.gz`) }),
    };
    const cacheControl = path.startsWith('/assets/') ? immutable : 'public, max-age=3600';
    const type = types[extension] ?? 'application/octet-stream';
    assets.set(path, createAsset(type, cacheControl, await readFile(file), compressed));
  }
  return assets;
}

/** The smallest body among the encodings that the client accepts. */
export function negotiate(asset: Asset, accept: string | undefined): { encoding: Encoding; body: Buffer } {
  const accepted = new Set((accept ?? '').split(',').map((part) => part.split(';')[0]?.trim()));
  for (const encoding of ['br', 'gzip'] as const) {
    const body = asset.bodies[encoding];
    if (body && accepted.has(encoding)) return { encoding, body };
  }
  return { encoding: 'identity', body: asset.bodies.identity };
}
