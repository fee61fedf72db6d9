/** A report opened in Chrome, as its reader has it, with all that it should not do noted. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { findChrome } from '../../src/browser/find.ts';

export interface OpenedReport extends AsyncDisposable {
  readonly page: Page;
  /** Console messages, page errors, and requests other than for the file itself. */
  readonly trouble: string[];
}

export interface ReportBrowser extends AsyncDisposable {
  readonly browser: Browser;
  /** Folder for files of the test; removed at the end. */
  readonly folder: string;
  /**
   * Opens this HTML from a file, 1400 px wide if nothing else is said.
   * @param allowed beginnings of addresses that may be asked for beside the file's
   */
  open(html: string, options?: Parameters<Browser['newContext']>[0], allowed?: RegExp): Promise<OpenedReport>;
}

/** @throws Error where there is no Chrome */
export async function openBrowser(): Promise<ReportBrowser> {
  const chrome = await findChrome();
  if (!chrome) throw new Error('these tests need Chrome');
  const folder = await mkdtemp(join(tmpdir(), 'pacewright-report-'));
  const browser = await chromium.launch({
    executablePath: chrome.path,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  return {
    browser,
    folder,
    open: async (html, options = {}, allowed = /^data:/) => {
      const file = join(folder, `${crypto.randomUUID()}.html`);
      await writeFile(file, html);
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
      const page = await context.newPage();
      const trouble: string[] = [];
      const url = pathToFileURL(file).href;
      page.on('request', (request) => {
        if (request.url() !== url && !allowed.test(request.url())) trouble.push(request.url());
      });
      page.on('console', (message) => trouble.push(message.text()));
      page.on('pageerror', (error) => trouble.push(String(error)));
      await page.goto(url);
      return { page, trouble, [Symbol.asyncDispose]: () => context.close() };
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
