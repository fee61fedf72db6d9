/** The picture of the network in real Chrome: nothing collides, nothing spills, all of it without script and on paper. */
import { type Browser, type Locator } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDocument } from '../src/core/document.ts';
import type { Waterfall } from '../src/core/waterfall.ts';
import { renderReport } from '../src/report/html.ts';
import { networkRun } from './fixtures/network/run.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import { openBrowser, type OpenedReport, type ReportBrowser } from './support/report-page.ts';

let reports: ReportBrowser;
let run: RunDocument;

beforeAll(async () => {
  reports = await openBrowser();
  run = await networkRun();
});

afterAll(async () => {
  await reports?.[Symbol.asyncDispose]();
});

interface Opened extends OpenedReport {
  /** The waterfall of the first step. */
  readonly picture: Locator;
}

async function open(shown: RunDocument, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const opened = await reports.open(renderReport(shown), options);
  return { ...opened, picture: opened.page.locator('.wf').first() };
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

const crowd = (waterfall: Waterfall): Waterfall => ({
  ...waterfall,
  marks: ['FCP', 'LCP', 'DOMContentLoaded', 'load', 'input', 'INP'].map((id, index) => ({ id, at: 500 + 7 * index })),
});

describe.each([
  ['at 1400 px', { viewport: { width: 1400, height: 900 } }],
  ['at 400 px', { viewport: { width: 400, height: 800 } }],
  ['in the dark at 1000 px', { viewport: { width: 1000, height: 900 }, colorScheme: 'dark' as const }],
])('%s', (_name, options) => {
  it('keeps to its box and lets no label of a mark touch another', async () => {
    await using shown = await open(await networkRun(crowd), options);
    const { page, picture, trouble } = shown;
    const spill = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(spill).toBeLessThanOrEqual(0);
    const labels = await boxes(picture.locator('.wf-lines text'));
    expect(labels).toHaveLength(6);
    expect(collisions(labels)).toBe(0);
    const [body] = await boxes(picture.locator('.wf-body'));
    for (const label of labels)
      expect(label.x + label.width).toBeLessThanOrEqual((body?.x ?? 0) + (body?.width ?? 0) + 1);
    expect(trouble).toEqual([]);
  });

  it('has marks, bars and pictures on one axis', async () => {
    await using shown = await open(run, options);
    const { picture } = shown;
    const [mark] = await boxes(picture.locator('.wf-mark.lcp'));
    const [hero] = await boxes(picture.locator('tr', { hasText: '/hero.bmp' }).locator('rect').last());
    const leaders = await boxes(picture.locator('.wf-film line'));
    const lines = mark?.x ?? 0;
    // the image had come a few ms before it was painted, of about a second
    expect(lines - ((hero?.x ?? 0) + (hero?.width ?? 0))).toBeGreaterThanOrEqual(-1);
    expect(lines - ((hero?.x ?? 0) + (hero?.width ?? 0))).toBeLessThan(20);
    const last = leaders.at(-1);
    expect(Math.abs((last?.x ?? 0) + (last?.width ?? 0) - lines)).toBeLessThan(20);
    const pictures = await boxes(picture.locator('.wf-film img'));
    expect(collisions(pictures)).toBe(0);
    expect(Math.min(...pictures.map(({ width }) => width))).toBeGreaterThan(60);
  });
});

it('is read and opened by keys alone, without script', async () => {
  await using shown = await open(run, { javaScriptEnabled: false });
  const { page, picture } = shown;
  const row = picture.locator('tr', { hasText: '/hero.bmp' });
  await row.locator('summary').focus();
  await page.keyboard.press('Enter');
  await row.getByText('priority high, at first low').waitFor();
  const [facts] = await boxes(row.locator('.wf-facts'));
  const [box] = await boxes(picture.locator('.wf-box'));
  expect((facts?.x ?? 0) + (facts?.width ?? 0)).toBeLessThanOrEqual((box?.x ?? 0) + (box?.width ?? 0) + 1);
  await picture.locator('.wf-box').focus();
  await page.keyboard.press('ArrowRight');
});

it('stays folded on paper, and as wide as that', async () => {
  await using shown = await open(run, { viewport: { width: 720, height: 1000 } });
  const { page, picture } = shown;
  await page.emulateMedia({ media: 'print' });
  expect(await picture.locator('.wf-facts').first().isVisible()).toBe(false);
  const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(spill).toBeLessThanOrEqual(0);
  expect(collisions(await boxes(picture.locator('.wf-lines text')))).toBe(0);
});

it('lets nothing in', async () => {
  const text = attacks.join(' ');
  const hostile = await networkRun((waterfall) => ({
    ...waterfall,
    notes: attacks,
    marks: attacks.map((id, index) => ({ id, at: index * 100 })),
    shots: [{ at: 0, image: '"/><script>window.entered=9</script>' }, ...waterfall.shots.slice(0, 1)],
    requests: waterfall.requests.map((request) => ({
      ...request,
      url: `http://127.0.0.1:9/${text}`,
      method: text,
      type: text,
      failed: text,
      protocol: text,
      priority: text,
      initiator: { ...request.initiator, kind: text, callers: attacks },
    })),
  }));
  await using shown = await open(hostile);
  expect(shown.trouble).toEqual([]);
  expect(await shown.page.evaluate(() => (window as { entered?: number }).entered)).toBeUndefined();
  expect(await shown.picture.locator('img').count()).toBe(1);
});
