/** The links of a page to its own site that can be followed and come back from. */
import { chromium, type Page } from '@playwright/test';
import { PacewrightError } from '../core/errors.ts';
import { redactText, redactUrl } from '../core/text.ts';
import { ChromePool } from '../scenario/chrome-pool.ts';
import type { VisitLink } from './plan.ts';

const loadLimit = 30_000;
// Applications put links into the document after its load event.
const idleLimit = 10_000;
const mostLooked = 2000;

/** Links that do more than lead somewhere. */
const unsafe = /log-?_?out|sign-?_?out|delete|remove|unsubscribe|download/i;

async function listLinks(page: Page): Promise<VisitLink[]> {
  return page.evaluate((most) => {
    const links: { attribute: string; href: string }[] = [];
    for (const link of [...document.querySelectorAll<HTMLAnchorElement>('a[href]')].slice(0, most)) {
      const attribute = link.getAttribute('href') ?? '';
      const elsewhere = link.target !== '' && link.target !== '_self';
      if (elsewhere || link.hasAttribute('download') || !link.checkVisibility({ visibilityProperty: true })) continue;
      links.push({ attribute, href: link.href });
    }
    return links;
  }, mostLooked);
}

/** Of another page of the same site: a hash alone is a place in this one, unless an application takes it for a route. */
function leadsOn(href: string, start: URL): boolean {
  if (!URL.canParse(href)) return false;
  const { origin, pathname, search, hash } = new URL(href);
  if (origin !== start.origin) return false;
  return pathname !== start.pathname || search !== start.search || (/^#!?\//.test(hash) && hash !== start.hash);
}

/** Pure: what of the links found on a page is visited, each address once, in the order of the page. */
export function chooseLinks(found: readonly VisitLink[], url: string, most: number): VisitLink[] {
  const start = new URL(url);
  const chosen = new Map<string, VisitLink>();
  for (const link of found) {
    // A selector takes the attribute in quotes.
    // eslint-disable-next-line no-control-regex
    const quotable = !/["\\\u0000-\u001f]/.test(link.attribute) && link.attribute.length < 2000;
    if (quotable && leadsOn(link.href, start) && !unsafe.test(link.href) && !chosen.has(link.href))
      chosen.set(link.href, link);
  }
  return [...chosen.values()].slice(0, most);
}

/**
 * Opens a page and looks for its links.
 * @param most links in the answer
 * @returns the address that the page has after redirects, and the links
 * @throws PacewrightError PAGE_UNREACHABLE, CHROME_NOT_FOUND, CHROME_START_FAILED
 */
export async function findLinks(url: string, most: number): Promise<{ url: string; links: VisitLink[] }> {
  const pool = new ChromePool(chromium, { headless: true, extraFlags: [] });
  try {
    const { browser } = await pool.acquire();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'load', timeout: loadLimit }).catch((error: unknown) => {
      const reason = redactText(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
      throw new PacewrightError('PAGE_UNREACHABLE', `${redactUrl(url)} could not be opened: ${reason}`, {
        next: 'is the server up? Check the address',
        cause: error,
      });
    });
    // A page that is never quiet has shown its links by then.
    await page.waitForLoadState('networkidle', { timeout: idleLimit }).catch(() => {});
    const links = chooseLinks(await listLinks(page), page.url(), most);
    return { url: page.url(), links };
  } finally {
    await pool.close();
  }
}
