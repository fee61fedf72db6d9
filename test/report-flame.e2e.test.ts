/** The flame graph in real Chrome: what it draws, what keys and pointer do, what it hands out, what it lets in. */
import { readFile } from 'node:fs/promises';
import { type Browser, type Locator, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDocument } from '../src/core/document.ts';
import { renderReport } from '../src/report/html.ts';
import { largeProfile } from './fixtures/profiles/make.ts';
import { differenceRun, flameRun, hostileFlameRun, largeFlameRun } from './fixtures/profiles/runs.ts';
import { openBrowser, type OpenedReport, type ReportBrowser } from './support/report-page.ts';

let reports: ReportBrowser;

beforeAll(async () => {
  reports = await openBrowser();
});

afterAll(async () => {
  await reports?.[Symbol.asyncDispose]();
});

function open(run: RunDocument, options: Parameters<Browser['newContext']>[0] = {}): Promise<OpenedReport> {
  // no animation: what a key does has happened when the key is up
  const still = { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' } as const;
  return reports.open(renderReport(run), { ...still, ...options }, /^(blob|data):/);
}

/** The graph of a step, scrolled into view and drawn. */
async function graphOf(page: Page, step: string): Promise<Locator> {
  const graph = page.locator(`.flame[data-title="${step}"]`);
  await graph.scrollIntoViewIfNeeded();
  await graph.locator('canvas').waitFor();
  await graph.getByText('One pass', { exact: true }).waitFor();
  return graph;
}

/** What the graph says of the chosen box, term by term. */
async function said(graph: Locator): Promise<Record<string, string>> {
  return graph.locator('.flame-detail').evaluate((detail) => ({
    name: detail.querySelector('b')?.textContent ?? '',
    place: detail.querySelector('code')?.textContent ?? '',
    ...Object.fromEntries(
      [...detail.querySelectorAll('dl div')].map((box) => [
        box.querySelector('dt')?.textContent ?? '',
        box.querySelector('dd')?.textContent ?? '',
      ]),
    ),
  }));
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

function ms(text: string | undefined): number {
  const [, digits, unit] = /^([\d.]+) (ms|s)/.exec(text ?? '') ?? [];
  if (digits === undefined) throw new Error(`no time: ${text}`);
  return Number(digits) * (unit === 's' ? 1000 : 1);
}

async function path(graph: Locator): Promise<string> {
  return (await graph.locator('.flame-path li').allTextContents()).join(' > ');
}

/** Colours on the canvas with the share of its pixels, most first. */
function colours(graph: Locator): Promise<ReadonlyArray<readonly [string, number]>> {
  return graph.locator('canvas').evaluate(async (canvas: HTMLCanvasElement) => {
    // after the frame that is due
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
    copy?.drawImage(canvas, 0, 0);
    const { data } = copy?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    const counts = new Map<string, number>();
    for (let index = 0; index < data.length; index += 4) {
      const key = data[index + 3] === 0 ? 'nothing' : [data[index], data[index + 1], data[index + 2]].join();
      counts.set(key, (counts.get(key) ?? 0) + 4 / data.length);
    }
    return [...counts].toSorted((a, b) => b[1] - a[1]);
  });
}

describe('by keyboard', () => {
  it('moves through the tree, zooms, and comes back', async () => {
    await using opened = await open(flameRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    await graph.locator('canvas').focus();
    await press(page, 'ArrowDown');
    expect(await said(graph)).toMatchObject({ name: 'Main thread', Total: '120 ms' });
    // down to the widest child each time
    await press(page, 'ArrowDown', 'ArrowDown', 'ArrowDown');
    expect(await said(graph)).toEqual({
      name: 'performWorkOnRoot',
      place: 'node_modules/react-dom/cjs/react-dom-client.production.js:9874:3',
      Self: '3 ms, 2.5 %',
      Total: '73 ms, 61 %',
      Kind: 'library',
      Script: 'http://127.0.0.1:4173/assets/index-B2c9.js',
    });
    expect(await graph.locator('[aria-live]').textContent()).toContain('performWorkOnRoot. node_modules/react-dom');
    await press(page, 'Enter');
    expect(await path(graph)).toBe('All > Main thread > Run task > onSearch > performWorkOnRoot');
    await press(page, 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    expect(await path(graph)).toBe('All > … 3 more > performWorkOnRoot > beginWork > App > renderList');
    await press(page, 'Escape');
    expect(await path(graph)).toBe('All > Main thread > Run task > onSearch > performWorkOnRoot');
    await press(page, 'Escape');
    expect(await path(graph)).toBe('All');
    await press(page, 'ArrowUp', 'ArrowRight');
    expect(await said(graph)).toMatchObject({ name: 'Recalculate style', Total: '9 ms, 7.5 %' });
    expect(opened.trouble).toEqual([]);
  });

  it('shows boxes below a thread whose times sum to it', async () => {
    await using opened = await open(largeFlameRun(2000));
    const { page } = opened;
    const graph = await graphOf(page, 'search');
    await graph.locator('canvas').focus();
    await press(page, 'ArrowDown');
    const whole = ms((await said(graph))['Total']);
    await press(page, 'ArrowDown');
    // to the first box of the row
    const name = async (): Promise<string> => JSON.stringify(await said(graph));
    for (let before = ''; before !== (await name()); await press(page, 'ArrowLeft')) before = await name();
    let sum = 0;
    for (let before = ''; before !== (await name()); await press(page, 'ArrowRight')) {
      before = await name();
      sum += ms((await said(graph))['Total']);
    }
    expect(sum).toBeGreaterThan(whole * 0.99);
    expect(sum).toBeLessThan(whole * 1.01);
  });

  it('searches: a count of functions, the time they took, and a way through them', async () => {
    await using opened = await open(flameRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    await graph.locator('canvas').focus();
    await press(page, '/');
    await page.keyboard.type('price');
    const output = graph.locator('output');
    expect(await output.textContent()).toBe('1 function in 2 places: 16 ms, 11 %');
    const rows = graph.locator('.flame-functions tbody tr');
    expect(await rows.count()).toBe(1);
    await press(page, 'Enter');
    expect(await said(graph)).toMatchObject({ name: 'formatPrice', Total: '14 ms, 12 %' });
    await press(page, 'Enter');
    expect(await said(graph)).toMatchObject({ name: 'formatPrice', Total: '2 ms, 1.7 %' });
    await page.getByRole('searchbox', { name: 'Search functions' }).first().fill('no such function');
    expect(await output.textContent()).toBe('nothing matches');
    await press(page, 'Escape');
    expect(await output.textContent()).toBe('');
    expect(await rows.count()).toBe(15);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('CANVAS');
  });
});

describe('by pointer', () => {
  it('hovers, zooms by a click, pans by dragging, zooms by the wheel', async () => {
    await using opened = await open(flameRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    const canvas = graph.locator('canvas');
    const box = await canvas.boundingBox();
    if (!box) throw new Error('no canvas');
    // the third row: onSearch begins 8 % from the left
    const at = { x: box.width * 0.3, y: 50 };
    await canvas.hover({ position: at });
    expect(await graph.locator('.flame-tip').textContent()).toBe(
      'onSearch79.5 ms, 66 %, self 1.5 mssrc/search.tsx:88:22',
    );
    await canvas.click({ position: at });
    expect(await path(graph)).toBe('All > Main thread > Run task > onSearch');
    // it has the whole width now, so that its left edge is at the left
    await canvas.hover({ position: { x: 2, y: 50 } });
    expect(await said(graph)).toMatchObject({ name: 'onSearch' });
    await canvas.hover({ position: { x: 5, y: 70 } });
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 70, { steps: 4 });
    await page.mouse.up();
    // what was left of it came in from the left, and dragging was no click
    expect(await path(graph)).toBe('All > Main thread > Run task > onSearch');
    await canvas.hover({ position: { x: 2, y: 50 } });
    expect(await said(graph)).toMatchObject({ name: 'Run task', Total: '1.5 ms, 1.3 %' });
    await page.getByRole('button', { name: 'Reset zoom' }).first().click();
    expect(await path(graph)).toBe('All');
    await page.keyboard.down('Control');
    await canvas.hover({ position: { x: box.width * 0.3, y: 50 } });
    for (let turn = 0; turn < 8; turn += 1) await page.mouse.wheel(0, -120);
    await page.keyboard.up('Control');
    await canvas.hover({ position: { x: 5, y: 50 } });
    expect(await said(graph)).toMatchObject({ name: 'onSearch' });
    await graph.getByRole('button', { name: 'Reset zoom' }).click();
    await canvas.hover({ position: { x: 5, y: 50 } });
    expect(await said(graph)).not.toMatchObject({ name: 'onSearch' });
    await graph.getByRole('button', { name: 'Reset zoom', includeHidden: true }).waitFor({ state: 'hidden' });
    expect(opened.trouble).toEqual([]);
  });
});

describe('its choices', () => {
  it('turn it upside down, fold and unfold, choose a thread, show the whole flow', async () => {
    await using opened = await open(flameRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    const totals = (): Promise<string> => graph.locator('.flame-detail dl').innerText();
    await graph.getByRole('button', { name: 'Bottom up' }).click();
    await graph.locator('canvas').focus();
    await press(page, 'ArrowDown', 'ArrowDown');
    expect(await said(graph)).toMatchObject({ name: 'renderList', place: 'src/list.tsx:42:3' });
    await press(page, 'ArrowDown');
    expect(await said(graph)).toMatchObject({ name: 'App' });
    await graph.getByRole('button', { name: 'Top down' }).click();

    const functions = graph.locator('.flame-functions tbody th');
    expect((await functions.allTextContents()).join()).toContain('cdn.analytics.example 2 functions folded into one');
    await graph.getByLabel('Fold third parties').uncheck();
    await functions.getByText('send').waitFor();
    await graph.getByLabel('Fold libraries').check();
    await functions.getByText('react-dom').waitFor();

    await graph.getByLabel('Thread').selectOption('Worker cart-worker.js');
    expect(await totals()).toContain('30 ms');
    expect(await graph.locator('.flame-functions caption').textContent()).toBe(
      '3 functions of Worker cart-worker.js. Times of one pass.',
    );
    await graph.getByLabel('Thread').selectOption('');

    await graph.getByLabel('Show').selectOption('the whole flow');
    // 120 ms of the first step, 150 ms of the second
    await graph.getByText('270 ms').first().waitFor();
    expect(await totals()).toContain('60 ms');
    expect(opened.trouble).toEqual([]);
  });

  it('sort the table, and lead from it to the graph', async () => {
    await using opened = await open(flameRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    const table = graph.locator('.flame-functions');
    const names = async (): Promise<string[]> => table.locator('tbody button').allTextContents();
    expect((await names()).slice(0, 2)).toEqual(['renderList', 'indexProducts']);
    await table.getByRole('button', { name: 'Total' }).click();
    expect((await names()).slice(0, 2)).toEqual(['Run task', 'onSearch']);
    expect(await table.getByRole('columnheader', { name: 'Total' }).getAttribute('aria-sort')).toBe('descending');
    await table.getByRole('button', { name: 'Total' }).click();
    expect(await table.getByRole('columnheader', { name: 'Total' }).getAttribute('aria-sort')).toBe('ascending');
    await table.getByRole('button', { name: 'Function' }).click();
    expect((await names())[0]).toBe('App');
    await graph.getByRole('button', { name: '1 more function' }).click();
    expect(await names()).toHaveLength(16);
    await table.getByRole('button', { name: 'beginWork' }).click();
    expect(await said(graph)).toMatchObject({ name: 'beginWork', Total: '56 ms, 47 %' });
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('CANVAS');
  });
});

describe('a comparison', () => {
  it('says by how much each box changed, and shows either side', async () => {
    await using opened = await open(differenceRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    const canvas = graph.locator('canvas');
    await graph.getByRole('button', { name: 'renderList' }).click();
    expect(await said(graph)).toMatchObject({
      name: 'renderList',
      Self: '50 ms, 37 %',
      'In base': '32 ms in all: +38 ms',
      'Change of self': '+38 ms',
    });
    expect(await graph.locator('.flame-scale').innerText()).toContain('slower by 38 ms');
    const share = async (): Promise<string> => (await said(graph))['Total'] ?? '';
    await graph.getByRole('button', { name: 'Base', exact: true }).click();
    await graph.locator('.flame-scale').waitFor({ state: 'hidden' });
    await canvas.focus();
    await press(page, 'ArrowDown');
    expect(await share()).toBe('102 ms');
    await graph.getByRole('button', { name: 'Head', exact: true }).click();
    await graph.getByText('136 ms').first().waitFor();
    expect(opened.trouble).toEqual([]);
  });
});

describe('exports', () => {
  it.each([
    ['speedscope', 'open-the-shop.speedscope.json', /^\{"\$schema":"https:\/\/www\.speedscope\.app/],
    [
      'folded stacks',
      'open-the-shop.folded.txt',
      /^Main thread;Parse HTML 6000\nMain thread;Parse HTML;Run task 1000\n/,
    ],
  ])('are saved by the browser: %s', async (button, name, beginning) => {
    await using opened = await open(flameRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    const waiting = page.waitForEvent('download');
    await graph.getByRole('button', { name: button }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe(name);
    expect(await readFile(await download.path(), 'utf8')).toMatch(beginning);
    expect(opened.trouble).toEqual([]);
  });
});

describe('drawing', () => {
  it.each([2000, 50_000])('%d frames, changed to the other theme at the press of its button', async (frames) => {
    await using opened = await open(largeFlameRun(frames), { colorScheme: 'light' });
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    const light = await colours(graph);
    expect(light.filter(([, share]) => share > 0.001).length).toBeGreaterThan(4);
    await page.getByRole('button', { name: 'Light or dark' }).click();
    const dark = await colours(graph);
    // the most frequent colour of a box is another one
    const [first] = light.filter(([colour]) => colour !== 'nothing');
    expect(dark.filter(([, share]) => share > 0.01).map(([colour]) => colour)).not.toContain(first?.[0]);
    for (const choice of ['Bottom up', 'Top down', 'Heaviest first']) {
      await graph.getByRole('button', { name: choice }).click();
      expect((await colours(graph)).length).toBeGreaterThan(4);
    }
    expect(opened.trouble).toEqual([]);
  });

  it('gives boxes the width of their share', async () => {
    await using opened = await open(flameRun());
    const graph = await graphOf(opened.page, 'open the shop');
    const runs = await graph.locator('canvas').evaluate(async (canvas: HTMLCanvasElement) => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const copy = new OffscreenCanvas(canvas.width, 1).getContext('2d', { willReadFrequently: true });
      // the first line of pixels of the second row, where neither labels nor patterns reach all along
      copy?.drawImage(canvas, 0, 20, canvas.width, 1, 0, 0, canvas.width, 1);
      const { data } = copy?.getImageData(0, 0, canvas.width, 1) ?? { data: [] };
      const edges: number[] = [];
      for (let x = 0; x < canvas.width; x += 1) if (data[4 * x + 3] === 0) edges.push(x / canvas.width);
      return edges;
    });
    // Parse HTML 7.5 ms, tasks 108.5 ms, GC 4 ms of 120; a pixel is left free at the end of each box
    expect(runs).toHaveLength(3);
    for (const [index, edge] of [7.5, 116, 120].entries()) expect(runs[index]).toBeCloseTo(edge / 120, 2);
  });

  it('is left out until a graph is near the window', async () => {
    await using opened = await open(largeFlameRun(2000));
    const { page } = opened;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(await page.locator('.flame').count()).toBe(3);
    expect(await page.locator('.flame canvas').count()).toBe(0);
    await graphOf(page, 'search');
    // scrolled away and back, it is made once
    await page.locator('h1').scrollIntoViewIfNeeded();
    await colours(await graphOf(page, 'search'));
    expect(await page.locator('.flame[data-title="search"] canvas').count()).toBe(1);
  });

  it('fills the pixels of dense screens, and follows the size of the window', async () => {
    await using opened = await open(flameRun(), { deviceScaleFactor: 2 });
    const { page } = opened;
    const canvas = (await graphOf(page, 'open the shop')).locator('canvas');
    const sizes = (): Promise<number[]> =>
      canvas.evaluate((element: HTMLCanvasElement) => [element.width, element.getBoundingClientRect().width]);
    const [pixels = 0, wide = 0] = await sizes();
    expect(pixels).toBe(2 * wide);
    await page.setViewportSize({ width: 700, height: 900 });
    await expect.poll(async () => (await sizes())[1]).toBeLessThan(wide);
    const [after = 0, narrower = 0] = await sizes();
    expect(after).toBe(Math.round(2 * narrower));
  });
});

describe('without a mouse, a script or colour', () => {
  it('has its table and its sums without script', async () => {
    await using opened = await open(flameRun(), { javaScriptEnabled: false });
    const { page } = opened;
    const graph = page.locator('.flame').first();
    expect(await graph.getByRole('row').count()).toBe(16);
    expect(await graph.getByRole('button').count()).toBe(0);
    expect(await graph.locator('.flame-app').isVisible()).toBe(false);
    expect(await graph.getByText('Own JavaScript 72 ms 48 %').isVisible()).toBe(true);
  });

  it('prints its table', async () => {
    await using opened = await open(flameRun());
    const graph = await graphOf(opened.page, 'open the shop');
    await opened.page.emulateMedia({ media: 'print' });
    expect(await graph.locator('canvas').isVisible()).toBe(false);
    expect(await graph.getByRole('row').count()).toBe(16);
  });

  it.each(['light', 'dark'] as const)('has labels of sufficient contrast on every box, %s', async (colorScheme) => {
    await using opened = await open(flameRun(), { colorScheme });
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    const ratios = await graph.evaluate((element) => {
      const probe = document.createElement('i');
      element.append(probe);
      const luminance = (name: string): number => {
        probe.style.color = `var(--flame-${name})`;
        const [r = 0, g = 0, b = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map((channel) => {
          const part = Number(channel) / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ink = luminance('ink');
      const names =
        'root script library third-party entry style layout paint parse gc native other even more1 more2 more3 more4 less1 less2 less3 less4';
      return names.split(' ').map((name) => {
        const fill = luminance(name);
        return [name, (Math.max(ink, fill) + 0.05) / (Math.min(ink, fill) + 0.05)] as const;
      });
    });
    // WCAG 2.2, 1.4.3
    for (const [name, ratio] of ratios) expect(ratio, name).toBeGreaterThanOrEqual(4.5);
  });

  it('fits every width, and has named controls', async () => {
    await using opened = await open(differenceRun({ head: largeProfile(1500, 3), base: largeProfile(1500, 3) }));
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    for (const width of [360, 400, 700, 921, 1200, 1400]) {
      await page.setViewportSize({ width, height: 800 });
      const beyond = await graph.evaluate((section) => {
        const edges = [...section.querySelectorAll('*:not(.hide)')].map((part) => part.getBoundingClientRect().right);
        return Math.max(0, ...edges.map((edge) => Math.round(edge - document.documentElement.clientWidth)));
      });
      expect(beyond, `${width} px`).toBe(0);
    }
    for (const role of ['button', 'combobox', 'checkbox', 'searchbox'] as const) {
      expect(await graph.getByRole(role).count()).toBeGreaterThan(0);
      expect(await graph.getByRole(role, { name: /^$/ }).count()).toBe(0);
    }
    expect(await graph.getByRole('application', { name: 'Flame graph of open the shop' }).count()).toBe(1);
  });
});

describe('a hostile profile', () => {
  it('runs nothing, loads nothing, adds no element', async () => {
    await using opened = await open(hostileFlameRun());
    const { page } = opened;
    const graph = await graphOf(page, 'open the shop');
    await graph.locator('canvas').focus();
    await press(page, 'ArrowDown', 'ArrowDown', 'Enter', 'ArrowRight', 'Enter', 'ArrowDown');
    await graph.getByRole('button', { name: 'Bottom up' }).click();
    await graph.getByRole('searchbox').fill('<script>');
    await graph.getByLabel('Fold libraries').check();
    await graph.locator('canvas').hover({ position: { x: 40, y: 30 } });
    const waiting = page.waitForEvent('download');
    await graph.getByRole('button', { name: 'speedscope' }).click();
    await waiting;
    expect(await page.evaluate(() => ('entered' in globalThis ? 'entered' : 'clean'))).toBe('clean');
    expect(opened.trouble).toEqual([]);
    expect(await page.locator('script:not([type])').count()).toBe(1);
    expect(await page.locator('iframe, object, embed, base, img, link, b > *, code > *').count()).toBe(0);
    expect(await page.locator('[onload], [onerror], [onmouseover], [onfocus], [autofocus], [onclick]').count()).toBe(0);
    expect(await page.locator('main').innerText()).not.toMatch(/[\u202a-\u202e]/);
  });
});
