/** Playwright's config for `pacewright leaks <url>`: loaded by path. */
import { defineConfig } from '../config/define.ts';
import { readPlan } from './plan.ts';

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: /visit\.perf\.(ts|js)$/,
  outputDir: readPlan(process.env).output,
});
