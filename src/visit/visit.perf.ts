/** The memory scenarios of `pacewright leaks <url>`: one a link, or one of clicks. Loaded by Playwright, by path. */
import { cleanText, redactUrl } from '../core/text.ts';
import { test } from '../scenario/fixtures.ts';
import { readPlan } from './plan.ts';

const { url, links, clicks, iterations } = readPlan(process.env);
const more = iterations === null ? {} : { iterations };

/** The address without its origin, as a title. */
function titleOf(href: string): string {
  const { pathname, search, hash } = new URL(href);
  return redactUrl(`${pathname}${search}${hash}`, 100);
}

for (const { attribute, href } of links) {
  test(`${titleOf(href)} and back`, async ({ detectLeaks }) => {
    await detectLeaks({
      ...more,
      setup: async ({ page }) => page.goto(url),
      action: async ({ page }) => {
        const link = page.locator(`a[href="${attribute}"]`).filter({ visible: true }).first();
        await link.click();
        await page.waitForURL((now) => now.href !== url, { waitUntil: 'commit' });
        // Back in history, not by a link: that would make the history one entry longer each time.
        await page.goBack({ waitUntil: 'commit' });
        await page.waitForURL(url);
        await link.waitFor();
      },
    });
  });
}

if (clicks.length > 0) {
  test(`click ${clicks.map((selector) => cleanText(selector, 60)).join(', ')}`, async ({ detectLeaks }) => {
    await detectLeaks({
      ...more,
      setup: async ({ page }) => page.goto(url),
      action: async ({ page }) => {
        for (const selector of clicks) await page.locator(selector).first().click();
      },
    });
  });
}
