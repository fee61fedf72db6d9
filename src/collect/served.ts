/** What a flow was served, as one digest: two builds that serve the same bytes need no comparison of times. */
import { createHash } from 'node:crypto';
import type { BrowserContext, Response } from '@playwright/test';

export interface ServedWatch {
  /** SHA-256 of method, URL, status, telling headers and body of every response; null where one could not be read. */
  digest(): Promise<string | null>;
}

// Headers that change what the browser does with the same body.
const telling = [
  'cache-control',
  'content-encoding',
  'content-security-policy',
  'content-type',
  'link',
  'location',
  'vary',
];

/** A body without the address of its server, which is all that two identical builds may differ in. */
function withoutOrigin(body: Buffer, origin: string): Buffer {
  const text = body.toString('latin1');
  return text.includes(origin) ? Buffer.from(text.replaceAll(origin, 'origin:'), 'latin1') : body;
}

async function describe(response: Response, origin: string): Promise<string> {
  const request = response.request();
  const headers = response.headers();
  const shown = telling.map((name) => `${name}: ${(headers[name] ?? '').replaceAll(origin, 'origin:')}`);
  // A redirect has no body.
  const redirected = response.status() >= 300 && response.status() < 400;
  const body = redirected ? Buffer.alloc(0) : withoutOrigin(await response.body(), origin);
  const hash = createHash('sha256').update(body).digest('hex');
  return [request.method(), request.url().replaceAll(origin, 'origin:'), response.status(), ...shown, hash].join('\n');
}

/**
 * Reads every response of a context while it runs; not for measured samples, since reading bodies costs time.
 * @param baseUrl of the variant; its origin is taken out of URLs and bodies
 */
export function watchServed(context: BrowserContext, baseUrl: string | undefined): ServedWatch {
  const origin = baseUrl === undefined ? 'none:' : new URL(baseUrl).origin;
  const reading: Promise<string | null>[] = [];
  const read = (response: Response): void => {
    reading.push(describe(response, origin).catch(() => null));
  };
  const fail = (): void => {
    reading.push(Promise.resolve(null));
  };
  context.on('response', read);
  context.on('requestfailed', fail);
  return {
    digest: async () => {
      context.off('response', read);
      context.off('requestfailed', fail);
      const all = await Promise.all(reading);
      if (all.length === 0 || all.includes(null)) return null;
      return createHash('sha256')
        .update(all.toSorted((a, b) => (a ?? '').localeCompare(b ?? '')).join('\n\n'))
        .digest('hex');
    },
  };
}
