/** The demo shop with faults of a known size in its network: each is found, as large as it is, where it was asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Shop, startShop } from '../examples/shop/server.ts';
import { buildWaterfall } from '../src/analyse/build-waterfall.ts';
import { findNetworkFindings } from '../src/analyse/network-findings.ts';
import type { Finding, FindingRule } from '../src/core/finding.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import { recordFlow, type RecordedStep } from './fixtures/network/measure.ts';
import { createPool } from './support/measure.ts';
import { plainResolver, toRecording, traceOf } from './support/network.ts';

let pool: ChromePool;
let shop: Shop;

beforeAll(async () => {
  pool = createPool();
  shop = await startShop();
});

afterAll(async () => {
  await pool.close();
  await shop.close();
});

/** What is said of a page, and the step as it was recorded. */
async function diagnose(path: string): Promise<{ step: RecordedStep; find: (rule: FindingRule) => Finding[] }> {
  const [step] = await recordFlow(pool, (page, record) => record('open', () => page.goto(shop.url + path)));
  if (!step) throw new Error('nothing was recorded');
  const recording = toRecording(step);
  const waterfall = buildWaterfall(recording, {
    trace: await traceOf(step),
    resolver: plainResolver,
    pageUrl: shop.url,
  });
  const findings = findNetworkFindings({ recording, waterfall, texts: [] });
  return { step, find: (rule) => findings.filter((finding) => finding.rule === rule) };
}

// Timers of Node fire up to 1 ms early; above, a busy machine sets no bound.
test('hero=1500: the largest paint waits for the server', async () => {
  const { step, find } = await diagnose('/?hero=1500');
  const [slow] = find('slow-lcp-resource');
  const wait = Number(/the server answers after ([\d.]+) s$/.exec(slow?.title ?? '')?.[1]) * 1000;
  expect(wait).toBeGreaterThanOrEqual(1490);
  const explained = slow?.explains['LCP'] ?? 0;
  expect(explained).toBeGreaterThan(0.4 * (step.sample.metrics['LCP'] ?? Infinity));
  for (const late of find('late-lcp-image')) expect(late.explains['LCP'] ?? 0).toBeLessThanOrEqual(explained);
});

test('api=700: the answer that the page waits for explains its duration', async () => {
  const { find } = await diagnose('/products/alder-hiking-boots?api=700');
  const [slow] = find('slow-response');
  expect(slow?.title).toMatch(/^GET \/api\/products\/alder-hiking-boots\?delay=700 is answered after/);
  expect(slow?.cost.value).toBeGreaterThanOrEqual(600);
  expect(slow?.explains['duration']).toBeGreaterThan(300);
  expect(slow?.location?.file).toMatch(/shop-api/);
});

test('requests=12: a loop of twelve', async () => {
  const { find } = await diagnose('/?requests=12');
  const [many] = find('many-requests');
  expect(many?.cost).toEqual({ value: 12, unit: 'count' });
  expect(many?.explains).toEqual({ 'requests.total': 11, 'requests.fetch': 11, 'requests.first-party': 11 });
});

test('script=250: sent as it is', async () => {
  const { find } = await diagnose('/?script=250');
  const [plain] = find('uncompressed');
  expect(plain?.title).toMatch(/^\/extra\.js\?kB=250 is sent uncompressed/);
  expect(find('failed-request')).toEqual([]);
});
