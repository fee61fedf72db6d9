/** What is done to a context before a flow begins in it, and read from its page afterwards. */
import type { BrowserContext, Page } from '@playwright/test';
import { measureCpuSlowdown } from '../browser/throttle.ts';

export interface PageFacts {
  readonly viewport: string;
  readonly scale: number;
  readonly userAgent: string;
  /** Measured slow-down of the CPU, where one was asked for. */
  readonly slowdown: number | null;
}

export async function warmCache(context: BrowserContext, urls: readonly string[], limit: number): Promise<void> {
  const page = await context.newPage();
  for (const url of urls) {
    // A page that cannot be visited alone (the answer to a form, say) is simply not warm.
    await page.goto(url, { waitUntil: 'load', timeout: limit }).catch(() => {});
  }
  await page.close();
}

export async function readFacts(page: Page, slowdown: number | null): Promise<PageFacts> {
  const about = await page.evaluate(() => ({ scale: devicePixelRatio, userAgent: navigator.userAgent }));
  const viewport = page.viewportSize();
  return { viewport: viewport ? `${viewport.width}×${viewport.height}` : 'window', ...about, slowdown };
}

export async function checkSlowdown(context: BrowserContext, rate: number): Promise<number | null> {
  if (rate <= 1) return null;
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const slowdown = await measureCpuSlowdown(session, rate);
  await page.close();
  return slowdown;
}
