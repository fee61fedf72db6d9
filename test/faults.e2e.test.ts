/** The shop's faults, each of a known size, as our metrics see them: the same flow with and without. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Shop, startShop } from '../examples/shop/server.ts';
import type { Sample } from '../src/core/sample.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import { createPool, measureOnce, stepOf } from './support/measure.ts';

let pool: ChromePool;
let shop: Shop;
let sound: Sample;

/** Opens the shop, searches, opens a product and puts it into the cart. */
async function visit(query: string): Promise<Sample> {
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await step('open', async () => {
      await page.goto(`${shop.url}/${query}`);
      await page.getByText('200 products').waitFor();
    });
    await step('search', async () => {
      await page.getByRole('searchbox').pressSequentially('boots');
      await page.getByText('12 results').waitFor();
    });
    await step('product', async () => {
      await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
      await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
    });
    await step('add', async () => {
      await page.getByRole('button', { name: 'Add to cart' }).click();
      await page.getByText('1 in your cart').waitFor();
    });
  });
  return sample;
}

function value(sample: Sample, step: string, metric: string): number {
  const found = stepOf(sample, step).metrics[metric];
  if (found === undefined) throw new Error(`no ${metric} in ${step}: ${stepOf(sample, step).missing[metric]}`);
  return found;
}

beforeAll(async () => {
  pool = createPool();
  shop = await startShop({});
  sound = await visit('');
});
afterAll(async () => {
  await pool.close();
  await shop.close();
});

test('the sound shop: still, without errors, its hero the largest paint', () => {
  expect(sound.flow).toMatchObject({ CLS: 0, errors: 0, 'requests.failed': 0, 'requests.third-party': 0 });
  expect(sound.steps.map((step) => step.kind)).toEqual(['navigation', 'interaction', 'soft-navigation', 'interaction']);
  expect(stepOf(sound, 'open').attribution.lcp?.url).toContain('hero');
});

test('150 ms of main-thread work', async () => {
  const sample = await visit('?work=150');
  expect(value(sample, 'open', 'longtasks.longest')).toBeGreaterThanOrEqual(150);
});

test('200 million steps of arithmetic are CPU time of the script', async () => {
  const sample = await visit('?compute=200');
  // A million takes about 1 ms; a machine ten times as fast still needs 20 ms.
  expect(value(sample, 'open', 'cpu.script') - value(sound, 'open', 'cpu.script')).toBeGreaterThan(20);
});

test('100 kB of script, to the byte', async () => {
  shop.log.length = 0;
  const sample = await visit('?script=100');
  const sent = shop.log
    .filter((entry) => entry.path.endsWith('.js') || entry.path.includes('extra'))
    .reduce((sum, entry) => sum + entry.bodyBytes + entry.headBytes, 0);
  expect(value(sample, 'open', 'bytes.script') - value(sound, 'open', 'bytes.script')).toBeGreaterThanOrEqual(100_000);
  expect(sample.flow['bytes.script']).toBe(sent);
});

test('a hero image 400 ms late', async () => {
  const sample = await visit('?hero=400');
  expect(value(sample, 'open', 'LCP')).toBeGreaterThanOrEqual(400);
  expect(stepOf(sample, 'open').attribution.lcp?.parts.loadDuration).toBeGreaterThanOrEqual(395);
});

test('a layout shift of 0.15', async () => {
  const sample = await visit('?shift=0.15');
  expect(Math.abs((sample.flow['CLS'] ?? 0) - 0.15)).toBeLessThan(0.005);
});

test('a click handler of 120 ms, in its own step', async () => {
  const sample = await visit('?handler=120');
  expect(value(sample, 'add', 'INP')).toBeGreaterThanOrEqual(120);
  expect(stepOf(sample, 'add').attribution.inp?.parts.processing).toBeGreaterThanOrEqual(115);
  expect(value(sample, 'product', 'INP')).toBeLessThan(120);
});

test('a forced reflow loop', async () => {
  const sample = await visit('?reflow=50');
  expect(value(sample, 'search', 'layouts') - value(sound, 'search', 'layouts')).toBeGreaterThanOrEqual(50);
});

test('API answers 300 ms late, extra requests and a page error', async () => {
  const sample = await visit('?api=300&requests=7&error=1');
  expect(value(sample, 'search', 'duration')).toBeGreaterThanOrEqual(300);
  expect(value(sample, 'open', 'requests.total') - value(sound, 'open', 'requests.total')).toBe(7);
  expect(value(sample, 'open', 'errors')).toBe(1);
});
