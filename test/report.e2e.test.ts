/** The report in real Chrome: what it lets in, what it sends, how it fits a phone, how it prints. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChrome } from '../src/browser/find.ts';
import type { RunDocument } from '../src/core/document.ts';
import { renderIndex, renderReport } from '../src/report/html.ts';
import { summariseRun } from '../src/report/index-page.ts';
import { comparisonRun, hostileComparisonRun, largeComparisonRun } from './fixtures/runs/comparisons.ts';
import { hostileLighthouse, lighthouseRun } from './fixtures/lighthouse/run.ts';
import { hostileRun } from './fixtures/runs/hostile.ts';
import * as runs from './fixtures/runs/runs.ts';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  const chrome = await findChrome();
  if (!chrome) throw new Error('these tests need Chrome');
  folder = await mkdtemp(join(tmpdir(), 'pacewright-report-'));
  browser = await chromium.launch({
    executablePath: chrome.path,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Requests other than for the file itself. */
  readonly requests: string[];
  /** Console messages and page errors. */
  readonly messages: string[];
}

async function open(html: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const file = join(folder, `${crypto.randomUUID()}.html`);
  await writeFile(file, html);
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const messages: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('dialog', (dialog) => {
    messages.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return {
    page,
    messages,
    get requests() {
      return requests.filter((request) => request !== url && !request.startsWith('data:'));
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** How far the page reaches beyond the window, in CSS pixels. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

describe('a hostile run', () => {
  it.each([
    ['report', () => renderReport(hostileRun())],
    ['comparison', () => renderReport(hostileComparisonRun())],
    ['Lighthouse', () => renderReport(lighthouseRun(hostileLighthouse()))],
    ['list of runs', () => renderIndex([summariseRun(hostileRun()), summariseRun(hostileComparisonRun())])],
  ])('runs no script, sends no request and changes no structure: %s', async (_, render) => {
    await using opened = await open(render());
    const { page } = opened;
    // every details open, every control used, the pointer over what asks for it
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    await page.getByRole('button', { name: 'Light or dark' }).click();
    await page.locator('h1').hover();
    expect(await page.evaluate(() => ('entered' in globalThis ? 'entered' : 'clean'))).toBe('clean');
    expect(opened.requests).toEqual([]);
    expect(opened.messages).toEqual([]);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('iframe, object, embed, base, img[src^=http], link').count()).toBe(0);
    expect(await page.locator('main').count()).toBe(1);
    expect(await page.locator('[onload], [onerror], [onmouseover], [onfocus], [autofocus]').count()).toBe(0);
  });

  it('is stopped by the policy even where escaping failed', async () => {
    const html = renderReport(runs.passingRun()).replace(
      '<main',
      '<img src="http://127.0.0.1:9/leak.png"><script>globalThis.entered = 1</script><svg onload="globalThis.entered=2"></svg><main',
    );
    await using opened = await open(html);
    expect(await opened.page.evaluate(() => 'entered' in globalThis)).toBe(false);
    expect(opened.messages.join('\n')).toContain('Content Security Policy');
  });
});

describe('the layout', () => {
  const all: ReadonlyArray<readonly [string, () => RunDocument]> = [
    ['failing', runs.failingRun],
    ['failed flow', runs.failedFlowRun],
    ['large', runs.largeRun],
    ['hostile', hostileRun],
    ['comparison', comparisonRun],
    ['large comparison', largeComparisonRun],
    ['hostile comparison', hostileComparisonRun],
    ['Lighthouse', lighthouseRun],
    ['hostile Lighthouse', () => lighthouseRun(hostileLighthouse())],
  ];

  it.each(all)('does not scroll sideways at any width, details open: %s', async (_, make) => {
    await using opened = await open(renderReport(make()));
    const { page } = opened;
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    for (const width of [360, 400, 700, 920, 921, 1100, 1200, 1400]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await overflow(page), `${width} px`).toBe(0);
    }
  });

  it('shows the verdict and the first failing line without scrolling', async () => {
    await using opened = await open(renderReport(runs.failingRun()), { viewport: { width: 1280, height: 720 } });
    const card = await opened.page.locator('article.fail').first().boundingBox();
    expect((card?.y ?? Infinity) + (card?.height ?? 0)).toBeLessThan(720);
  });

  it('prints with the details open and the controls away', async () => {
    await using opened = await open(renderReport(runs.failingRun()), { viewport: { width: 718, height: 1047 } });
    const { page } = opened;
    const closed = page.locator('table.rest').first();
    expect(await closed.evaluate((table) => table.checkVisibility())).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await closed.evaluate((table) => table.checkVisibility())).toBe(true);
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await overflow(page)).toBe(0);
  });
});

describe('reading it', () => {
  it('leads from a change to its pairs, and opens them, without script', async () => {
    await using opened = await open(renderReport(comparisonRun()), { javaScriptEnabled: false });
    const { page } = opened;
    const chart = page.getByRole('img', { name: /^34 pairs, 10 of them to confirm: head is worse in \d+/ });
    const shown = await chart.count();
    await page
      .getByRole('row', { name: /^inconclusive/ })
      .getByRole('link', { name: 'TBT' })
      .click();
    expect(await chart.count()).toBe(shown + 1);
    // each side has one column in the picture: as many dots of head as of base
    const sides = await chart.first().evaluate((svg) => {
      const dots = (selector: string): number =>
        svg.querySelector(selector)?.getAttribute('d')?.match(/[Mm]/g)?.length ?? 0;
      return [dots('path.side'), dots('path.side ~ path.kept')];
    });
    expect(sides).toEqual([34, 34]);
  });

  it('works without script', async () => {
    await using opened = await open(renderReport(runs.failingRun()), { javaScriptEnabled: false });
    const { page } = opened;
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('2 of 13 budget lines fail');
    expect(await page.getByRole('button').count()).toBe(0);
    await page.getByText('32 more metrics').first().click();
    expect(await page.getByText('cpu.script').first().isVisible()).toBe(true);
  });

  it('works by keyboard: the skip link, then the contents', async () => {
    await using opened = await open(renderReport(runs.failingRun()), { viewport: { width: 1280, height: 720 } });
    const { page } = opened;
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the results');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('gives a screen reader landmarks, named tables and named pictures', async () => {
    await using opened = await open(renderReport(runs.failingRun()), { viewport: { width: 1280, height: 720 } });
    const { page } = opened;
    for (const role of ['banner', 'main', 'contentinfo'] as const) expect(await page.getByRole(role).count()).toBe(1);
    expect(await page.getByRole('navigation', { name: 'Contents' }).count()).toBe(1);
    expect(
      await page.getByRole('img', { name: /LCP of open the shop, every sample in order\. 12 samples from/ }).count(),
    ).toBe(1);
    expect(await page.getByRole('columnheader', { name: 'Margin' }).count()).toBeGreaterThan(0);
    expect(await page.getByRole('rowheader', { name: 'LCP p75' }).count()).toBeGreaterThan(0);
  });

  it('filters metrics and changes the theme', async () => {
    await using opened = await open(renderReport(runs.failingRun()), {
      viewport: { width: 1280, height: 720 },
      colorScheme: 'light',
    });
    const { page } = opened;
    const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: 'Light or dark' }).click();
    expect(await background()).not.toBe(light);
    await page.getByLabel('Filter metrics').fill('cpu.script');
    const rows = await page.locator('tr[data-row]:visible th').allTextContents();
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.includes('cpu.script'))).toBe(true);
  });

  it.each([
    ['light', 'failing', runs.failingRun],
    ['dark', 'failing', runs.failingRun],
    ['light', 'comparison', comparisonRun],
    ['dark', 'comparison', comparisonRun],
    ['light', 'Lighthouse', lighthouseRun],
    ['dark', 'Lighthouse', lighthouseRun],
  ] as const)('has text of sufficient contrast, %s, %s', async (colorScheme, _, make) => {
    await using opened = await open(renderReport(make()), { colorScheme });
    await opened.page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    const worst = await opened.page.evaluate(() => {
      const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (color: string): number => {
        const [r = 0, g = 0, b = 0] = channels(color).map((channel) => {
          const part = channel / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const backgroundOf = (element: Element | null): string => {
        if (!element) return 'rgb(255, 255, 255)';
        const { backgroundColor } = getComputedStyle(element);
        return channels(backgroundColor)[3] === 0 ? backgroundOf(element.parentElement) : backgroundColor;
      };
      // WCAG 2.2, 1.4.3: the contrast ratio of the element's text against what stands behind it
      return [...document.querySelectorAll('p, td, th, dd, dt, li, a, small, h1, h2, h3, code, summary, caption, .st')]
        .filter((element) => element.checkVisibility() && element.textContent !== '')
        .map((element) => {
          const [text, behind] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))];
          return {
            ratio: (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05),
            what: element.textContent?.slice(0, 40),
          };
        })
        .toSorted((a, b) => a.ratio - b.ratio)[0];
    });
    expect(worst?.ratio, worst?.what).toBeGreaterThanOrEqual(4.5);
  });
});
