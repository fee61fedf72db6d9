/** Who leaves behind what no script holds, and what a page has outside of its heap, in real Chrome. */
import { chromium, type Browser, type Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { findChrome } from '../src/browser/find.ts';
import { LeakSites } from '../src/collect/leak-sites.ts';
import { OutsideHeap } from '../src/collect/outside-heap.ts';
import { PageProbe } from '../src/collect/page-probe.ts';

// A bound for what hangs.
const slow = 120_000;
const address = 'http://leaks.test/';
const html = `<!doctype html>
<style>p { color: #123; } b { color: #123; }</style>
<button>Open</button>
<script>
let opened = 0;
const { sheet } = document.querySelector('style');
document.querySelector('button').onclick = function open() {
  opened += 1;
  history.replaceState({ visited: 'x'.repeat(100 * opened) }, '');
  sheet.insertRule('i { color: #123; }');
  document.adoptedStyleSheets.push(new CSSStyleSheet());
  console.log('opened', { opened });
  console.log('a text');
  document.body.append(document.createElement('output'));
  const away = document.createElement('div');
  document.body.append(away);
  away.remove();
};
</script>`;

let browser: Browser;
let page: Page;
beforeAll(async () => {
  const executablePath = (await findChrome())?.path ?? expect.fail('no Chrome');
  browser = await chromium.launch({ executablePath });
}, slow);
beforeEach(async () => {
  page = await browser.newPage();
  await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(address);
}, slow);
afterEach(() => page.close());
afterAll(() => browser.close());

const lineOf = (text: string): number => html.split('\n').findIndex((line) => line.includes(text));

test(
  'calls, logged objects and elements that stay, each with the line it comes from',
  async () => {
    const session = await page.context().newCDPSession(page);
    const sites = await new LeakSites(session).watch(() => page.click('button'));
    const told = sites.map(({ what, detail, frames }) => [what, detail, frames[0]?.url, frames[0]?.line]);
    const each = [
      ['history', 'replaceState', address, lineOf('replaceState')],
      ['rule', 'insertRule', address, lineOf('insertRule')],
      ['sheet', 'CSSStyleSheet', address, lineOf('new CSSStyleSheet')],
      ['console', '', address, lineOf('{ opened }')],
    ];
    const output = ['element', 'output', address, lineOf("'output'")];
    expect(told).toEqual([...each, ...each, output, output]);
    // The page goes on by itself.
    await page.click('button');
    expect(await page.locator('output').count()).toBe(3);
  },
  slow,
);

test(
  'state, entries, sheets and rules, read without a page noticing',
  async () => {
    const session = await page.context().newCDPSession(page);
    const heap = new OutsideHeap(session, new PageProbe(session));
    const length = await page.evaluate(() => {
      // A page that lies in wait for who reads.
      Object.defineProperty(Object.prototype, 'toJSON', { value: () => document.body.replaceChildren() });
      return history.length;
    });
    await heap.start();
    expect(await heap.read()).toEqual({ state: 0, entries: length, sheets: 1, rules: 2 });
    await page.click('button');
    const first = await heap.read();
    await page.click('button');
    const second = await heap.read();
    expect([second.sheets, second.rules, second.entries]).toEqual([3, 4, length]);
    expect((second.state ?? 0) - (first.state ?? 0)).toBeGreaterThanOrEqual(100);
    expect((second.state ?? 0) - (first.state ?? 0)).toBeLessThan(110);
    expect(heap.grownState()).toBe('visited');
    // What the page itself reads is the present one: reading in an isolated world gives it the one before.
    expect(await page.evaluate(() => (history.state as { visited: string }).visited.length)).toBe(200);
    expect(await page.locator('button').count()).toBe(1);
  },
  slow,
);

test(
  'a getter in the way does not run',
  async () => {
    const session = await page.context().newCDPSession(page);
    const heap = new OutsideHeap(session, new PageProbe(session));
    await page.evaluate(() => {
      Object.defineProperty(History.prototype, 'state', { get: () => document.body.replaceChildren() });
    });
    await heap.start();
    expect((await heap.read()).state).toBeNull();
    expect(await page.locator('button').count()).toBe(1);
  },
  slow,
);
