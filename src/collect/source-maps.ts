/**
 * Texts of source maps, as scripts name them: from data URLs, or fetched as the page itself would. Never from disk, and
 * never from a host that the page loaded nothing from: a hostile page is not to make us ask others.
 */
import type { BrowserContext } from '@playwright/test';

export interface SourceMapText {
  readonly map: string | null;
  /** Why there is none; null where there is one. */
  readonly problem: string | null;
}

// A map is some three times its script: 60 MB belong to a bundle of 20 MB.
const mostBytes = 60_000_000;
const mostInAll = 200_000_000;
const timeout = 10_000;
const timeInAll = 30_000;

function none(problem: string): SourceMapText {
  return { map: null, problem };
}

/** `data:application/json;charset=utf-8;base64,…` or with percent signs. */
function readDataUrl(url: string): SourceMapText {
  const comma = url.indexOf(',');
  if (comma < 0) return none('its source map is a broken data: URL');
  const data = url.slice(comma + 1);
  try {
    const base64 = /;base64$/i.test(url.slice(0, comma));
    return {
      map: base64 ? Buffer.from(decodeURIComponent(data), 'base64').toString('utf8') : decodeURIComponent(data),
      problem: null,
    };
  } catch {
    return none('its source map is a broken data: URL');
  }
}

/** Fetches maps for the scripts of one context, each once, within limits of size and time for all. */
export class SourceMapReader {
  private readonly context: BrowserContext;
  private readonly hosts: ReadonlySet<string>;
  private readonly read = new Map<string, Promise<SourceMapText>>();
  private readonly start = performance.now();
  private bytes = 0;

  /** @param hosts names with ports that the page loaded something from */
  constructor(context: BrowserContext, hosts: ReadonlySet<string>) {
    this.context = context;
    this.hosts = hosts;
  }

  /**
   * @param reference what the script says of its map: a URL, absolute or relative to that of the script
   * @param script URL of the script
   */
  get(reference: string, script: string): Promise<SourceMapText> {
    if (/^data:/i.test(reference)) {
      return Promise.resolve(reference.length > mostBytes * 2 ? tooLarge : readDataUrl(reference));
    }
    if (!URL.canParse(reference, script)) return Promise.resolve(none('the URL of its source map is none'));
    const { href } = new URL(reference, script);
    const known = this.read.get(href);
    if (known) return known;
    const reading = this.fetch(new URL(href)).catch((error: unknown) =>
      none(`its source map could not be fetched: ${error instanceof Error ? firstLine(error.message) : String(error)}`),
    );
    this.read.set(href, reading);
    return reading;
  }

  /**
   * The text of a script whose worker is gone, from where the page has loaded it.
   * @param length of what ran, in UTF-16 units: another text is not it
   * @returns null where it cannot be had
   */
  async readScript(url: string, length: number): Promise<string | null> {
    if (!URL.canParse(url)) return null;
    const { map: text } = await this.fetch(new URL(url)).catch(() => none(''));
    const script = text?.replace(/^\ufeff/, '') ?? null;
    return script?.length === length ? script : null;
  }

  private async fetch({ href, protocol, host }: URL): Promise<SourceMapText> {
    if (protocol !== 'http:' && protocol !== 'https:')
      return none(`its source map has a ${protocol} URL, which is not read`);
    if (!this.hosts.has(host))
      return none(`its source map lies on ${host}, from which the page loaded nothing; it was not fetched`);
    if (performance.now() - this.start > timeInAll) return none('reading source maps took too long; it was left out');
    // The context's cookies and headers, which the page's own requests to that host have as well.
    const answer = await this.context.request.get(href, { timeout, maxRedirects: 0 });
    try {
      if (!answer.ok()) return none(`its source map could not be fetched: the server answered ${answer.status()}`);
      if (Number(answer.headers()['content-length'] ?? 0) > mostBytes) return tooLarge;
      const body = await answer.body();
      this.bytes += body.length;
      if (body.length > mostBytes) return tooLarge;
      if (this.bytes > mostInAll) return none('the source maps of this page are larger than 200 MB in all');
      return { map: body.toString('utf8'), problem: null };
    } finally {
      await answer.dispose();
    }
  }
}

const tooLarge = none('its source map is larger than 60 MB');

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
