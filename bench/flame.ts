/**
 * How fast the flame graph of the report is, in the Chrome of this machine without a graphics card:
 * - the report: its size, and the time until a report of 10 such graphs has loaded and its main thread is free;
 * - first paint: from scrolling a graph into view until its boxes are drawn, unpacking included;
 * - a frame while zooming and panning: CPU time of the main thread, and the distance to the frame before;
 * - turning it bottom up: until it is drawn.
 * `node bench/flame.ts [nodes …]`. Libraries drew 100,000 nodes in 405 ms (flame-chart-js) and 6.9 s
 * (d3-flame-graph), first paint, on another machine.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test';
import { findChrome } from '../src/browser/find.ts';
import { renderReport } from '../src/report/html.ts';
import { median } from '../src/stats/quantile.ts';
import { largeProfile, pack } from '../test/fixtures/profiles/make.ts';
import { diagnosed, diagnosisOf, plainRun, stepDiagnosis } from '../test/fixtures/profiles/runs.ts';

const sizes = process.argv.slice(2).map(Number);
const rounds = 5;
const frames = 90;

/** ms of CPU that the page's main thread has had: waiting for a core is not in it. */
async function cpuTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? 0);
}

/** Scrolls the first graph into view; ms until it is drawn. */
function firstPaint(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    const graph = document.querySelector('.flame');
    const begun = performance.now();
    graph?.scrollIntoView();
    const words = (name: string): string => graph?.querySelector(name)?.textContent ?? '';
    while (words('.flame-detail b') === '') {
      await frame();
      if (words('.flame-app').startsWith('The graph cannot')) throw new Error(words('.flame-app'));
    }
    // drawn with the frame in which its words were set
    await frame();
    return performance.now() - begun;
  });
}

/** Zooms in and out and pans, a step a frame; ms between frames. */
function play(page: Page): Promise<number[]> {
  return page.evaluate(async (amount) => {
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    const canvas = document.querySelector('.flame canvas');
    if (!canvas) throw new Error('no graph');
    const box = canvas.getBoundingClientRect();
    const place = { clientX: box.x + box.width / 3, clientY: box.y + 100, bubbles: true, cancelable: true };
    const distances: number[] = [];
    let before = await frame();
    for (let index = 0; index < amount; index += 1) {
      const third = Math.floor((3 * index) / amount);
      const wheel =
        third === 0
          ? { ctrlKey: true, deltaY: -30 }
          : third === 1
            ? { deltaX: index % 2 ? 25 : -20 }
            : { ctrlKey: true, deltaY: 30 };
      canvas.dispatchEvent(new WheelEvent('wheel', { ...place, ...wheel }));
      const now = await frame();
      distances.push(now - before);
      before = now;
    }
    return distances;
  }, frames);
}

function turn(page: Page, name: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const button = [...document.querySelectorAll<HTMLElement>('.flame button')].find(
      (one) => one.textContent === wanted,
    );
    const begun = performance.now();
    button?.click();
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - begun;
  }, name);
}

async function measure(browser: Browser, file: string): Promise<Record<string, number>> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const begun = performance.now();
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  const loaded = performance.now() - begun;
  const idle = await cpuTime(session);
  const paint = await firstPaint(page);
  const paintWork = (await cpuTime(session)) - idle;
  const before = await cpuTime(session);
  const distances = (await play(page)).toSorted((a, b) => a - b);
  const work = ((await cpuTime(session)) - before) / frames;
  const turning = await cpuTime(session);
  const up = await turn(page, 'Bottom up');
  const upWork = (await cpuTime(session)) - turning;
  await page.close();
  const p95 = distances[Math.floor(0.95 * frames)] ?? 0;
  return { loaded, paint, paintWork, work, frame: median(distances), p95, up, upWork };
}

const chrome = await findChrome();
if (!chrome) throw new Error('this benchmark needs Chrome');
const folder = await mkdtemp(join(tmpdir(), 'pacewright-bench-flame-'));
const browser = await chromium.launch({ executablePath: chrome.path, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const rows: Record<string, Record<string, string>> = {};
  for (const size of sizes.length > 0 ? sizes : [2000, 20_000, 50_000, 100_000]) {
    const steps = Array.from({ length: 10 }, (_, index) => `step ${index + 1}`);
    const run = plainRun();
    const profile = pack(largeProfile(size, 11));
    const html = renderReport(
      diagnosed(
        {
          ...run,
          scenarios: run.scenarios.map((scenario) => ({
            ...scenario,
            samples: scenario.samples.map((sample) => ({
              ...sample,
              steps: steps.flatMap((name) => sample.steps.slice(0, 1).map((step) => ({ ...step, name }))),
            })),
          })),
        },
        diagnosisOf(steps.map((name) => stepDiagnosis(name, { profile }))),
      ),
    );
    const file = join(folder, `${size}.html`);
    await writeFile(file, html);
    const found: Array<Record<string, number>> = [];
    for (let round = 0; round < rounds; round += 1) found.push(await measure(browser, file));
    const of = (key: string): string => `${median(found.map((one) => one[key] ?? 0)).toFixed(1)} ms`;
    rows[`${size} nodes`] = {
      'profile in the page': `${(profile.length / 1000).toFixed(0)} kB`,
      'report of 10 loaded': of('loaded'),
      'first paint': of('paint'),
      'its CPU': of('paintWork'),
      'CPU a frame': of('work'),
      'frame, median': of('frame'),
      'frame, p95': of('p95'),
      'bottom up': of('up'),
      'CPU of it': of('upWork'),
    };
  }
  console.table(rows);
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
