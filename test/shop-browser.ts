/** The demo shop and a Chrome beside it, for the tests of a file. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { startShop, type Shop } from '../examples/shop/server.ts';

const chromePath = process.env['CHROME_PATH'] ?? '/usr/bin/chromium';
export const desktop = { viewport: { width: 1280, height: 720 } };
export const narrow = { viewport: { width: 400, height: 800 } };
/** As Playwright emulates one; Chrome counts the first 500 ms of a page there as input, so no shift is unexpected. */
export const phone = {
  viewport: { width: 400, height: 800 },
  deviceScaleFactor: 2.625,
  isMobile: true,
  hasTouch: true,
};

export interface Seen {
  /** Scores of layout shifts without recent input. */
  readonly shifts: number[];
  /** LCP candidates: time in ms, and what was painted. */
  readonly paints: { readonly at: number; readonly element: string }[];
  readonly longTasks: { readonly start: number; readonly duration: number }[];
  /** Longest run of the event handlers of a click, ms. */
  click: number;
}

declare global {
  interface Window {
    seen: Seen;
  }
}

let running: { readonly shop: Shop; readonly browser: Browser } | undefined;

function current(): { readonly shop: Shop; readonly browser: Browser } {
  if (!running) throw new Error('call useShop() at the top of the file');
  return running;
}

/** Starts shop and Chrome before the tests of a file and stops them after. */
export function useShop(): void {
  beforeAll(async () => {
    const shop = await startShop();
    const browser = await chromium.launch({
      executablePath: chromePath,
      args: ['--headless=new', '--disable-gpu', '--disable-quic', '--no-sandbox', '--no-first-run'],
    });
    running = { shop, browser };
  });
  afterAll(async () => {
    await running?.browser.close();
    await running?.shop.close();
  });
}

/** The running shop. */
export function theShop(): Shop {
  return current().shop;
}

/** A page in a context of its own, closed when the test ends. */
export async function openPage(options: BrowserContextOptions = desktop): Promise<Page> {
  const { shop, browser } = current();
  const context = await browser.newContext({ baseURL: shop.url, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen: Seen = { shifts: [], paints: [], longTasks: [], click: 0 };
    window.seen = seen;
    const watch = (type: string, take: (entry: PerformanceEntry) => void): void => {
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    };
    watch('layout-shift', (entry) => {
      if ('value' in entry && 'hadRecentInput' in entry && !entry.hadRecentInput) seen.shifts.push(Number(entry.value));
    });
    watch('largest-contentful-paint', (entry) => {
      if (!('element' in entry) || !(entry.element instanceof Element)) return;
      seen.paints.push({ at: entry.startTime, element: entry.element.getAttribute('alt') ?? entry.element.tagName });
    });
    watch('longtask', ({ startTime, duration }) => seen.longTasks.push({ start: startTime, duration }));
    watch('event', (entry) => {
      if (!(entry instanceof PerformanceEventTiming) || entry.name !== 'click') return;
      seen.click = Math.max(seen.click, entry.processingEnd - entry.processingStart);
    });
  });
  return page;
}

/** What the page has seen, after two more frames, by when the shifts of the last change have been reported. */
export function readSeen(page: Page): Promise<Seen> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    return window.seen;
  });
}

/** Opens the home page and waits for its products. */
export async function openHome(page: Page, query = ''): Promise<void> {
  await page.goto(`/${query}`);
  await page.getByText('200 products').waitFor();
}
