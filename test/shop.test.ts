/** The demo shop in Chrome: its pages work, it is still without faults, and each fault has its size. */
import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type CDPSession, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildShop } from '../examples/shop/build.ts';
import { startShop, type Shop } from '../examples/shop/server.ts';

const chromePath = process.env['CHROME_PATH'] ?? '/usr/bin/chromium';
const desktop = { viewport: { width: 1280, height: 720 } };
const phone = { viewport: { width: 400, height: 800 }, deviceScaleFactor: 2.625, isMobile: true, hasTouch: true };

interface Seen {
  /** Scores of layout shifts without recent input. */
  readonly shifts: number[];
  /** LCP candidates: time in ms, and what was painted. */
  readonly paints: { readonly at: number; readonly element: string }[];
  /** Longest run of the event handlers of a click, ms. */
  click: number;
}

declare global {
  interface Window {
    seen: Seen;
  }
}

let shop: Shop;
let browser: Browser;
beforeAll(async () => {
  shop = await startShop();
  browser = await chromium.launch({
    executablePath: chromePath,
    args: ['--headless=new', '--disable-gpu', '--disable-quic', '--no-sandbox', '--no-first-run'],
  });
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
});

async function openPage(options: BrowserContextOptions = desktop): Promise<Page> {
  const context = await browser.newContext({ baseURL: shop.url, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen: Seen = { shifts: [], paints: [], click: 0 };
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
    watch('event', (entry) => {
      if (!(entry instanceof PerformanceEventTiming) || entry.name !== 'click') return;
      seen.click = Math.max(seen.click, entry.processingEnd - entry.processingStart);
    });
  });
  return page;
}

/** What the page has seen, after two more frames, by when the shifts of the last change have been reported. */
function readSeen(page: Page): Promise<Seen> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) {
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    return window.seen;
  });
}

async function openHome(page: Page, query = ''): Promise<void> {
  await page.goto(`/${query}`);
  await page.getByText('200 products').waitFor();
}

async function addBoots(page: Page, query = ''): Promise<void> {
  await page.goto(`/products/alder-hiking-boots${query}`);
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.getByRole('button', { name: 'Cart (1)' }).waitFor();
}

async function openAndCloseCart(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Cart/ }).click();
  await page.getByRole('button', { name: 'Close cart' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

describe.each([
  ['at 1280 px', desktop],
  ['on a phone of 400 px', phone],
])('%s', (_name, device) => {
  it('sells a pair of boots, and nothing moves by itself', async () => {
    const page = await openPage(device);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await openHome(page);
    await page.getByRole('searchbox').fill('boots');
    await page.getByText('12 results').waitFor();
    await expect(page.getByRole('listitem').count()).resolves.toBe(12);
    await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
    await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/products/alder-hiking-boots');
    await page.getByLabel('Quantity').selectOption('2');
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await page.getByText('2 in your cart').waitFor();
    await page.getByRole('button', { name: 'Cart (2)' }).click();
    await page.getByRole('dialog', { name: 'Your cart' }).getByText('Alder Hiking Boots').waitFor();
    await page.getByRole('button', { name: 'Go to checkout' }).click();
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByText('Please correct 7 fields.').waitFor();
    await page.getByLabel('Full name').fill('Ada Lovelace');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Street and number').fill('Long Way 12');
    await page.getByLabel('Postcode').fill('10115');
    await page.getByLabel('City').fill('Berlin');
    await page.getByLabel('Country').selectOption('Germany');
    await page.getByLabel('I agree to the terms').check();
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByRole('heading', { name: 'Thank you, Ada Lovelace!' }).waitFor();
    expect((await readSeen(page)).shifts).toEqual([]);
    expect(errors).toEqual([]);
  });

  it.each([
    ['/', 0.15],
    ['/', 0.03],
    ['/products/alder-hiking-boots', 0.25],
  ])('moves by the score that was asked for: %s, %d', async (path, score) => {
    const page = await openPage(device);
    await page.goto(`${path}?shift=${score}`);
    await page.getByRole('complementary', { name: 'Notice' }).waitFor();
    const { shifts } = await readSeen(page);
    expect(shifts).toHaveLength(1);
    expect(Math.abs((shifts[0] ?? 0) - score)).toBeLessThan(0.005);
  });
});

describe('the pages', () => {
  it('keep their history and their faults from page to page', async () => {
    const page = await openPage();
    await openHome(page, '?api=1');
    await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
    await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
    expect(page.url()).toBe(`${shop.url}/products/alder-hiking-boots?api=1`);
    await page.goBack();
    await page.getByText('200 products').waitFor();
    expect(page.url()).toBe(`${shop.url}/?api=1`);
  });

  it('say so when there is no such product', async () => {
    const page = await openPage();
    await page.goto('/products/no-such-boots');
    await page.getByRole('heading', { name: 'Not in this shop' }).waitFor();
  });

  it('paint the hero last and largest, in the web font', async () => {
    const page = await openPage();
    await openHome(page);
    await page.waitForFunction(() => window.seen.paints.at(-1)?.element === 'Dawn over wooded hills');
    expect(await page.evaluate(() => document.fonts.check('16px "Figtree Variable"'))).toBe(true);
  });

  it('cost as many bytes as the log of the server says', async () => {
    const page = await openPage();
    const client = await page.context().newCDPSession(page);
    const received = new Map<string, number>();
    const paths = new Map<string, string>();
    client.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, request.url.slice(shop.url.length)));
    client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      received.set(paths.get(requestId) ?? requestId, encodedDataLength);
    });
    await client.send('Network.enable');
    const before = shop.log.length;
    await openHome(page, '?script=100');
    await page.waitForLoadState('networkidle');
    const sent = shop.log.slice(before).map(({ path, headBytes, bodyBytes }) => [path, headBytes + bodyBytes] as const);
    expect(Object.fromEntries([...received].filter(([path]) => path.startsWith('/')))).toEqual(Object.fromEntries(sent));
    expect(shop.log.find(({ path }) => path === '/extra.js?kB=100')?.bodyBytes).toBe(100_000);
  });
});
