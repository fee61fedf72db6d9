/** The memory section in real Chrome: read at any width, in any light, by keys alone and on paper; and nothing gets in. */
import { type Browser, type Locator, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDocument } from '../src/core/document.ts';
import { renderReport } from '../src/report/html.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import * as runs from './fixtures/runs/memory.ts';
import { openBrowser, type OpenedReport, type ReportBrowser } from './support/report-page.ts';

let reports: ReportBrowser;

beforeAll(async () => {
  reports = await openBrowser();
});

afterAll(async () => {
  await reports?.[Symbol.asyncDispose]();
});

interface Opened extends OpenedReport {
  readonly section: Locator;
}

async function open(shown: RunDocument, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const opened = await reports.open(renderReport(shown), options);
  return { ...opened, section: opened.page.locator('.memory').first() };
}

function spill(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function boxes(of: Locator): Promise<Box[]> {
  return of.evaluateAll((all) =>
    all.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return { x, y, width, height };
    }),
  );
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function collisions(list: readonly Box[]): number {
  return list.flatMap((one, index) => list.slice(index + 1).filter((other) => overlap(one, other))).length;
}

/** The least contrast (WCAG 2) of a text in the section with what stands behind it. */
function leastContrast(section: Locator): Promise<number> {
  return section.evaluate((root) => {
    // Any colour that CSS knows, painted over what lies below it.
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const paint = (...colors: string[]): number => {
      if (!context) throw new Error('no canvas');
      for (const color of colors) {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
      }
      const [red = 0, green = 0, blue = 0] = Array.from(context.getImageData(0, 0, 1, 1).data, (value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element | null): string[] =>
      element ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : [];
    // A title of a picture is shown by the browser, in colours of its own.
    const texts = [...root.querySelectorAll(':not(title)')].filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim()),
    );
    return Math.min(
      ...texts.map((element) => {
        const style = getComputedStyle(element);
        const ground = behind(element);
        const color = element instanceof SVGElement ? style.fill : style.color;
        const [low, high] = [paint(...ground), paint(...ground, color)].toSorted((a, b) => a - b);
        return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
      }),
    );
  });
}

describe.each([
  ['at 1400 px', { viewport: { width: 1400, height: 900 } }],
  ['in the dark at 400 px', { viewport: { width: 400, height: 800 }, colorScheme: 'dark' as const }],
])('%s', (_name, options) => {
  it.each([
    ['leaks', runs.leakingRun],
    ['no leak', runs.cleanMemoryRun],
    ['iterations that were stopped', runs.stoppedMemoryRun],
    ['iterations that failed', runs.failedMemoryRun],
    ['other scenarios beside it', runs.mixedMemoryRun],
    ['an enemy’s names', runs.hostileMemoryRun],
  ])('keeps to its width with %s', async (_what, make) => {
    await using shown = await open(make(), options);
    await shown.section.locator('details').evaluateAll((all) => {
      for (const one of all) (one as HTMLDetailsElement).open = true;
    });
    expect(await spill(shown.page)).toBeLessThanOrEqual(0);
    expect(shown.trouble).toEqual([]);
  });

  it('shows paths from the root down, whole, each object below the one that holds it', async () => {
    await using shown = await open(runs.leakingRun(), options);
    const path = shown.section.locator('.l-path').nth(1);
    expect(await path.locator('code').allTextContents()).toEqual([
      'Window',
      'App',
      'History',
      'Array',
      'function restore',
      '<section class="drawer">',
      '<ul class="rows">',
    ]);
    const links = await boxes(path.locator('li'));
    expect(collisions(links)).toBe(0);
    expect(
      links.every((link, at) => at === 0 || link.y >= (links[at - 1]?.y ?? 0) + (links[at - 1]?.height ?? 0) - 1),
    ).toBe(true);
    expect(await path.getByText('grows').count()).toBe(3);
  });

  it('has pictures whose words do not touch, side by side where there is room', async () => {
    await using shown = await open(runs.leakingRun(), options);
    const figures = shown.section.locator('.charts').first().locator('figure');
    expect(await figures.count()).toBe(4);
    for (const figure of await figures.all()) {
      const words = await boxes(figure.locator('svg.chart text'));
      expect(words.length).toBeGreaterThan(8);
      expect(collisions(words)).toBe(0);
    }
    const tops = new Set((await boxes(figures)).map(({ y }) => Math.round(y)));
    expect(tops.size).toBe(options.viewport.width === 1400 ? 1 : 4);
  });

  it('is read against its ground', async () => {
    await using shown = await open(runs.leakingRun(), options);
    // WCAG 2 AA for text
    expect(await leastContrast(shown.section)).toBeGreaterThanOrEqual(4.5);
  });
});

it('is reached from the contents and from budget lines, and opened by keys alone, without script', async () => {
  await using shown = await open(runs.leakingRun(), { javaScriptEnabled: false });
  const { page, section } = shown;
  await page.getByRole('navigation').getByRole('link', { name: 'Memory' }).click();
  expect(page.url()).toMatch(/#s1-memory$/);
  expect(await page.locator('.lines a').first().getAttribute('href')).toBe('#s1-memory');
  const foreign = section.locator('.mem-outside');
  expect(await foreign.getByText('PerformanceEventTiming').isVisible()).toBe(false);
  await foreign.locator('summary').focus();
  await page.keyboard.press('Enter');
  await foreign.getByText('PerformanceEventTiming').waitFor();
});

it('tells its pictures to who does not see them', async () => {
  await using shown = await open(runs.leakingRun());
  const { section } = shown;
  await section.getByRole('img', { name: /^JavaScript heap over the iterations\. 5.12 MB at the start/ }).waitFor();
  await section.getByRole('img', { name: /made: 3, 3, 4, 3, 3, 3, 0$/ }).waitFor();
});

it('is as wide as paper, with all that is folded', async () => {
  await using shown = await open(runs.leakingRun(), { viewport: { width: 720, height: 1000 } });
  await shown.page.emulateMedia({ media: 'print' });
  expect(await spill(shown.page)).toBeLessThanOrEqual(0);
  await shown.section.getByText('PerformanceEventTiming').waitFor();
});

it('shows hostile names as text, and lets nothing in', async () => {
  await using shown = await open(runs.hostileMemoryRun());
  const { page, section, trouble } = shown;
  expect(trouble).toEqual([]);
  expect(await page.evaluate(() => (window as { entered?: number }).entered)).toBeUndefined();
  expect(await section.locator('img, script, iframe, a[href]').count()).toBe(0);
  expect(await section.locator('.l-title b').first().textContent()).toBe(attacks[0]);
});
