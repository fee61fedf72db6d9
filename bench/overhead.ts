/**
 * What measuring costs, as ratios of one run:
 * - wall time of samples over the pages' own time (each step from its start to settled);
 * - main-thread CPU of a flow with our light collectors over the same flow without, in adjacent pairs in random order,
 *   read from outside (schedstat), so that the reading itself costs both variants nothing.
 * Run on a machine that does nothing else: `npm run bench:overhead -- [pairs]`. Linux only.
 */
import { chromium, type CDPSession, type Page } from '@playwright/test';
import { startShop } from '../examples/shop/server.ts';
import { readSchedstat } from '../src/browser/machine.ts';
import { defaultOptions, readOptions } from '../src/config/options.ts';
import { ChromePool, type ConnectedChrome } from '../src/scenario/chrome-pool.ts';
import { recordFlow, type StepFunction } from '../src/scenario/flow.ts';
import { runSample } from '../src/scenario/sample.ts';
import { median } from '../src/stats/quantile.ts';
import { seededRandom } from '../src/stats/random.ts';

const pairs = Number(process.argv[2] ?? 30);
const options = readOptions(defaultOptions);

async function flow(page: Page, step: StepFunction, url: string): Promise<void> {
  await step('open the shop', async () => {
    await page.goto(url);
    await page.getByText('200 products').waitFor();
  });
  await step('search', async () => {
    await page.getByRole('searchbox').pressSequentially('boots');
    await page.getByText('12 results').waitFor();
  });
  await step('open a product', async () => {
    await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
    await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
  });
}

async function renderers(session: CDPSession): Promise<Map<number, number>> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const times = new Map<number, number>();
  for (const { type, id } of processInfo) {
    const reading = type === 'renderer' ? readSchedstat(id) : undefined;
    if (reading) times.set(id, reading.run);
  }
  return times;
}

/** ms of main-thread CPU of the renderer that worked most, from the new page to quiet. */
async function cpuOf(chrome: ConnectedChrome, url: string, collect: boolean): Promise<number> {
  const context = await chrome.browser.newContext({ viewport: { width: 1350, height: 940 } });
  const page = await context.newPage();
  const before = await renderers(chrome.session);
  if (collect) {
    const recorder = await recordFlow(
      { page, context, options, keepRequests: false, present: (_name, actions) => actions(), heavy: null },
      () => Promise.resolve(),
    );
    await flow(page, recorder.step, url);
    recorder.dispose();
  } else {
    // The same waits without collectors: quiet for as long as settling asks for, seen from Playwright's side.
    await flow(
      page,
      async (_name, actions) => {
        const value = await actions();
        await page.waitForLoadState('networkidle');
        return value;
      },
      url,
    );
  }
  const after = await renderers(chrome.session);
  await context.close();
  return Math.max(...[...after].map(([pid, run]) => run - (before.get(pid) ?? 0)));
}

/** Hodges–Lehmann estimate of the median log ratio, and the 95 % interval by the signed-rank normal approximation. */
function ratioOf(differences: readonly number[]): { ratio: number; low: number; high: number } {
  const n = differences.length;
  const walsh: number[] = [];
  for (let i = 0; i < n; i += 1) {
    for (let j = i; j < n; j += 1) walsh.push(((differences[i] ?? 0) + (differences[j] ?? 0)) / 2);
  }
  walsh.sort((a, b) => a - b);
  const mean = (n * (n + 1)) / 4;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const rank = Math.max(0, Math.floor(mean - 1.96 * deviation));
  return {
    ratio: Math.exp(median(walsh)),
    low: Math.exp(walsh[rank] ?? 0),
    high: Math.exp(walsh[walsh.length - 1 - rank] ?? 0),
  };
}

const shop = await startShop({});
const pool = new ChromePool(chromium, { headless: true, extraFlags: [] });
const random = seededRandom(1);
try {
  let wall = 0;
  let own = 0;
  const started = performance.now();
  for (let index = 0; index < 12; index += 1) {
    const { sample } = await runSample(pool, {
      index,
      role: index < 2 ? 'warm-up' : 'measured',
      flow: ({ page, step }) => flow(page, step, shop.url),
      options,
      keepRequests: false,
      warmUrls: [],
      present: (_name, actions) => actions(),
      onPopup: () => {},
    });
    if (sample.role === 'warm-up') continue;
    wall += sample.wall;
    own += sample.own;
    process.stderr.write(`\rsample ${index - 1} of 10`);
  }
  process.stderr.write('\n');
  console.log(
    `wall time of 10 samples over the pages' own time: ${(wall / own).toFixed(2)} (${(wall / 10).toFixed(0)} ms over ${(own / 10).toFixed(0)} ms a sample)`,
  );
  console.log(`with Chrome's starts and 2 warm-ups: ${((performance.now() - started) / own).toFixed(2)}`);

  const differences: number[] = [];
  const plain: number[] = [];
  for (let pair = 0; pair < pairs + 2; pair += 1) {
    const chrome = await pool.acquire();
    const first = random() < 0.5;
    const one = await cpuOf(chrome, shop.url, first);
    const two = await cpuOf(chrome, shop.url, !first);
    const [withCollectors, without] = first ? [one, two] : [two, one];
    if (pair < 2) continue;
    plain.push(without);
    differences.push(Math.log(withCollectors / without));
    process.stderr.write(`\rpair ${pair - 1} of ${pairs}`);
  }
  process.stderr.write('\n');
  const { ratio, low, high } = ratioOf(differences);
  console.log(
    `main-thread CPU with light collectors over without: ${ratio.toFixed(3)} (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}, ${pairs} pairs, ${median(plain).toFixed(0)} ms without)`,
  );
} finally {
  await pool.close();
  await shop.close();
}
