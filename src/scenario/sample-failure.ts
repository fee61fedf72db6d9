/** A sample that could not be finished: what kills it, and what is kept of it. */
import type { BrowserContext, Page } from '@playwright/test';
import { PacewrightError } from '../core/errors.ts';
import type { ConnectedChrome } from './chrome-pool.ts';
import { within } from '../browser/limit.ts';

/** `infrastructure`: Chrome's death, not the flow's fault; it may be repeated. */
export class SampleFailure extends Error {
  readonly infrastructure: boolean;
  readonly step: string | null;
  readonly screenshot: string | null;
  override readonly cause: Error;

  constructor(cause: Error, about: { infrastructure: boolean; step: string | null; screenshot: string | null }) {
    super(cause.message);
    this.name = 'SampleFailure';
    this.cause = cause;
    this.infrastructure = about.infrastructure;
    this.step = about.step;
    this.screenshot = about.screenshot;
  }
}

/** Rejects when the page crashes or its Chrome goes away; never resolves. */
export function watchDeath(page: Page, chrome: ConnectedChrome): { died: Promise<never>; stop: () => void } {
  let stop = (): void => {};
  const died = new Promise<never>((_resolve, reject) => {
    const onCrash = (): void =>
      reject(
        new PacewrightError('PAGE_CRASHED', 'The renderer of the page crashed.', {
          next: 'open the page in Chrome at the same step; out of memory and /dev/shm too small are the usual causes',
        }),
      );
    const onGone = (): void =>
      reject(
        new PacewrightError('CHROME_DIED', 'Chrome ended in mid-sample.', {
          next: "run `npx pacewright doctor`; look for the out-of-memory killer in the machine's log",
        }),
      );
    page.on('crash', onCrash);
    chrome.browser.on('disconnected', onGone);
    stop = () => {
      page.off('crash', onCrash);
      chrome.browser.off('disconnected', onGone);
    };
  });
  died.catch(() => {});
  return { died, stop };
}

/** What the page looks like, as base64 of a JPEG; null where Chrome does not answer in time. */
export async function takeScreenshot(context: BrowserContext, page: Page): Promise<string | null> {
  // Straight from Chrome: Playwright's own waits for fonts and for a navigation under way, which may never end.
  const capture = async (): Promise<string> => {
    const session = await context.newCDPSession(page);
    return (await session.send('Page.captureScreenshot', { format: 'jpeg', quality: 50, optimizeForSpeed: true })).data;
  };
  try {
    return await within(3000, capture(), () => new Error('late'));
  } catch {
    return null;
  }
}
