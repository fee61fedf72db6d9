/** What Playwright's suite says of its scenarios. */
import { readFileSync } from 'node:fs';
import type { FullConfig, Suite, TestCase } from '@playwright/test/reporter';
import { cleanText } from '../core/text.ts';

/** `describe › title`: what follows root, project and file in Playwright's title path. */
export function scenarioTitle(test: TestCase): string {
  return test
    .titlePath()
    .slice(3)
    .map((title) => cleanText(title))
    .join(' › ');
}

/** Whether `grep` in the config or `test.only` leaves out tests that a budget may rightly name. */
export function isNarrowed(config: FullConfig, suite: Suite): boolean {
  const everything = (grep: RegExp | RegExp[]): boolean => String(grep) === '/.*/';
  const grep = [config, ...config.projects].some((each) => !everything(each.grep) || each.grepInvert !== null);
  const files = new Set(suite.allTests().map((test) => test.location.file));
  return grep || [...files].some((file) => /\.only\(/.test(readFileSync(file, 'utf8')));
}
