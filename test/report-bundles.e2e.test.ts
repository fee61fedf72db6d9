/** The picture of the bundles in real Chrome: what it draws, what keys, pointer and search do, what it lets in. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type Locator } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Bundles } from '../src/core/bundles.ts';
import { renderReport } from '../src/report/html.ts';
import { hostileBundles, largeBundles, recordedBundles, runWithBundles } from './fixtures/bundles/runs.ts';
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

async function open(bundles: Bundles, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const size = { viewport: { width: 1280, height: 900 } };
  const opened = await reports.open(renderReport(runWithBundles(bundles)), { ...size, ...options }, /^$/);
  const section = opened.page.locator('.bundles');
  await section.scrollIntoViewIfNeeded();
  return { ...opened, section };
}

async function drawn(section: Locator): Promise<Locator> {
  const canvas = section.locator('.bundle-canvas');
  await canvas.locator('svg').first().waitFor();
  return canvas;
}

const said = (section: Locator): Promise<string | null> => section.locator('.bundle-said').textContent();

test('draws scripts, packages and modules, and says what is under the pointer', async () => {
  await using opened = await open(recordedBundles());
  const { section } = opened;
  const canvas = await drawn(section);
  expect(await said(section)).toBe(
    'All scripts: 73.81 kB on the wire, 246.8 kB parsed, 175.7 kB of that (71 %) never ran',
  );
  await canvas.getByText('cjs/react-dom-client.production.js').locator('..').locator('rect').last().hover();
  expect(await said(section)).toBe(
    'cjs/react-dom-client.production.js in http://app.test/assets/index-CibaykaK.js, react-dom: 61.46 kB on the wire, 202.9 kB parsed, 143.4 kB of that (71 %) never ran',
  );
  expect(await section.locator('.bundle-static').isVisible()).toBe(false);
  expect(opened.trouble).toEqual([]);
});

test('areas are in proportion to the measure that is chosen', async () => {
  await using opened = await open(recordedBundles());
  const canvas = await drawn(opened.section);
  const area = async (text: RegExp): Promise<number> => {
    const box = await canvas.getByText(text).locator('..').locator('rect').first().boundingBox();
    return (box?.width ?? 0) * (box?.height ?? 0);
  };
  const parsed = (await area(/react-dom-client/)) / (await area(/(^|\/)react\.prod/));
  expect(parsed).toBeGreaterThan((0.75 * 61_463) / 2370);
  expect(parsed).toBeLessThan((1.35 * 61_463) / 2370);
  await opened.section.getByRole('button', { name: 'Never ran' }).click();
  const unused = (await area(/react-dom-client/)) / (await area(/(^|\/)react\.prod/));
  expect(unused).toBeGreaterThan((0.75 * 143_384) / 5728);
  expect(unused).toBeLessThan((1.35 * 143_384) / 5728);
});

test('zooms by pointer, by choice of a script and by keys, and back', async () => {
  await using opened = await open(recordedBundles());
  const { section, page } = opened;
  const canvas = await drawn(section);
  const path = section.locator('[data-part=path]');
  const out = section.getByRole('button', { name: 'Zoom out' });
  expect(await out.isDisabled()).toBe(true);
  await section.getByLabel('Show').selectOption({ label: 'http://app.test/assets/index-CibaykaK.js' });
  expect(await path.textContent()).toBe('All scripts › http://app.test/assets/index-CibaykaK.js');
  await canvas
    .getByText('own code')
    .locator('..')
    .locator('rect')
    .first()
    .click({ position: { x: 5, y: 5 } });
  expect(await path.textContent()).toBe('All scripts › http://app.test/assets/index-CibaykaK.js › own code');
  await canvas.focus();
  await page.keyboard.press('ArrowRight');
  expect(await said(section)).toMatch(/^src\/export-report\.js in /);
  await page.keyboard.press('ArrowRight');
  expect(await said(section)).toMatch(/^src\/describe\.js in /);
  await page.keyboard.press('ArrowLeft');
  expect(await said(section)).toMatch(/^src\/export-report\.js in /);
  await page.keyboard.press('Escape');
  expect(await path.textContent()).toBe('All scripts › http://app.test/assets/index-CibaykaK.js');
  await out.click();
  expect(await path.textContent()).toBe('All scripts');
  expect(await section.getByLabel('Show').inputValue()).toBe('-1');
  expect(opened.trouble).toEqual([]);
});

test('search marks what is found and says how much it is', async () => {
  await using opened = await open(recordedBundles());
  const { section } = opened;
  const canvas = await drawn(section);
  const all = await canvas.locator('.b-module').count();
  await section.getByRole('searchbox').fill('toolbox');
  expect(await section.locator('[data-part=found]').textContent()).toBe('2 found, 4.4 kB on the wire');
  expect(await canvas.locator('.b-module.dim').count()).toBe(all - 2);
  await section.getByRole('searchbox').fill('');
  expect(await canvas.locator('.dim').count()).toBe(0);
});

test('fits the window when that changes', async () => {
  await using opened = await open(largeBundles(300));
  const { page, section } = opened;
  await drawn(section);
  for (const width of [400, 1400]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForFunction(() => {
      const canvas = document.querySelector('.bundle-canvas');
      return canvas?.clientWidth === Number(canvas?.querySelector('svg')?.getAttribute('width'));
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    );
  }
});

test('without script there is a picture all the same, and on paper', async () => {
  await using plain = await open(recordedBundles(), { javaScriptEnabled: false });
  expect(await plain.section.locator('.bundle-picture').isVisible()).toBe(true);
  expect(await plain.section.getByText('toolbox', { exact: true }).first().isVisible()).toBe(true);
  await using printed = await open(recordedBundles());
  await drawn(printed.section);
  await printed.page.emulateMedia({ media: 'print' });
  expect(await printed.section.locator('.bundle-picture').isVisible()).toBe(true);
  expect(await printed.section.locator('.bundle-canvas').isVisible()).toBe(false);
});

test('hostile names are text, and send and run nothing', async () => {
  await using opened = await open(hostileBundles());
  const { page, section } = opened;
  const canvas = await drawn(section);
  for (const name of ['On the wire', 'Parsed', 'Never ran']) await section.getByRole('button', { name }).click();
  await canvas.hover();
  await canvas.click({ position: { x: 40, y: 60 } });
  await section.getByRole('searchbox').fill('<script>');
  expect(await page.evaluate(() => ('entered' in globalThis ? 'entered' : 'clean'))).toBe('clean');
  expect(await page.locator('main img, iframe, base, [onerror], [onload], [onmouseover]').count()).toBe(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
    0,
  );
  expect(opened.trouble).toEqual([]);
});

test('data that cannot be read leaves the picture as it is', async () => {
  const html = renderReport(runWithBundles(recordedBundles())).replace(
    /(vnd\.pacewright\.bundles"[^>]*>)[^<]+/,
    '$1AAAA',
  );
  const file = join(reports.folder, 'broken.html');
  await writeFile(file, html);
  const page = await reports.browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(pathToFileURL(file).href);
  await page.locator('.bundles').scrollIntoViewIfNeeded();
  await page.locator('.bundle-app').waitFor({ state: 'attached' });
  expect(await page.locator('.bundle-picture').isVisible()).toBe(true);
  expect(errors).toEqual([]);
  await page.close();
});
