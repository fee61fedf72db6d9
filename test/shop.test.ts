/** The demo shop in Chrome: its pages work, and nothing moves without a fault. */
import { describe, expect, it } from 'vitest';
import { desktop, narrow, openHome, openPage, readSeen, theShop, useShop } from './shop-browser.ts';

useShop();

describe.each([
  ['at 1280 px', desktop],
  ['at 400 px', narrow],
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
    await page.getByRole('link', { name: 'Back to all products' }).click();
    await page.getByText('200 products').waitFor();
    await page.getByRole('button', { name: 'Cart (0)' }).waitFor();
    expect((await readSeen(page)).shifts).toEqual([]);
    expect(errors).toEqual([]);
  });

  it.each(['?hero=700&api=400', '?hero=200&api=700'])('keeps still when things come late: %s', async (query) => {
    const page = await openPage(device);
    await openHome(page, query);
    await page.waitForFunction(() => window.seen.paints.at(-1)?.element === 'Dawn over wooded hills');
    expect((await readSeen(page)).shifts).toEqual([]);
  });

  it('keeps still on a slow network', async () => {
    const page = await openPage(device);
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    const speed = { downloadThroughput: 150_000, uploadThroughput: 75_000 };
    await client.send('Network.emulateNetworkConditions', { offline: false, latency: 300, ...speed });
    await openHome(page);
    await page.waitForFunction(() => window.seen.paints.at(-1)?.element === 'Dawn over wooded hills');
    expect((await readSeen(page)).shifts).toEqual([]);
  });
});

describe('the pages', () => {
  it('keep their history and their faults from page to page', async () => {
    const page = await openPage();
    await openHome(page, '?api=1');
    await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
    await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
    expect(page.url()).toBe(`${theShop().url}/products/alder-hiking-boots?api=1`);
    await page.goBack();
    await page.getByText('200 products').waitFor();
    expect(page.url()).toBe(`${theShop().url}/?api=1`);
  });

  it('say so when there is no such product', async () => {
    const page = await openPage();
    const response = await page.goto('/products/no-such-boots');
    await page.getByRole('heading', { name: 'Not in this shop' }).waitFor();
    expect(response?.status()).toBe(404);
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
    client.on('Network.requestWillBeSent', ({ requestId, request }) =>
      paths.set(requestId, request.url.slice(theShop().url.length)),
    );
    client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      received.set(paths.get(requestId) ?? requestId, encodedDataLength);
    });
    await client.send('Network.enable');
    const before = theShop().log.length;
    await openHome(page, '?script=100');
    await page.waitForLoadState('networkidle');
    const sent = theShop()
      .log.slice(before)
      .map(({ path, headBytes, bodyBytes }) => [path, headBytes + bodyBytes] as const);
    expect(Object.fromEntries([...received].filter(([path]) => path.startsWith('/')))).toEqual(
      Object.fromEntries(sent),
    );
    expect(theShop().log.find(({ path }) => path === '/extra.js?kB=100')?.bodyBytes).toBe(100_000);
  });
});
