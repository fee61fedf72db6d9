/** `defineConfig`: Playwright's, with what measuring needs. */
import { fileURLToPath } from 'node:url';
import {
  defineConfig as definePlaywrightConfig,
  type PlaywrightTestConfig,
  type ReporterDescription,
} from '@playwright/test';
import { PacewrightError } from '../core/errors.ts';
import {
  applyComparison,
  checkCompareSettings,
  type CompareSettings,
  readComparisonSides,
  rememberConfig,
  rememberedKey,
} from './compare-config.ts';
import { requireNode } from './node-version.ts';
import type { PacewrightOptions } from './options.ts';

export type PacewrightConfig = PlaywrightTestConfig<Partial<PacewrightOptions>> & {
  /** How `pacewright compare <ref>` brings up base and head. */
  compare?: CompareSettings;
};

// The reporter beside this module: `.ts` in the repository, `.js` in the package.
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
/** Path of the reporter, for a list of reporters of your own. */
export const reporterPath = fileURLToPath(new URL(`../reporter/reporter.${ending}`, import.meta.url));

type Reporters = ReporterDescription[];

function withReporter(reporter: PacewrightConfig['reporter']): Reporters {
  if (reporter === undefined) return [[reporterPath]];
  const list: Reporters = typeof reporter === 'string' ? [[reporter]] : [...reporter];
  const named = list.map(
    ([name, ...rest]): ReporterDescription =>
      [name === 'pacewright/reporter' ? reporterPath : name, ...rest] as ReporterDescription,
  );
  return named.some(([name]) => name === reporterPath) ? named : [...named, [reporterPath]];
}

const unrecorded = { trace: 'off', video: 'off', screenshot: 'off' } as const;

/**
 * A Playwright config for measuring: one worker (two would measure each other), no retries (a retry would hide a
 * verdict), Playwright's own trace, video and screenshots off (they are part of every number), our reporter on.
 * In a comparison `use.baseURL` is head's, and the web server of the application is left out: it runs already, twice.
 * @throws PacewrightError CONFIG_INVALID where the config asks for the opposite
 */
export function defineConfig(written: PacewrightConfig): PacewrightConfig {
  requireNode();
  const { compare, ...given } = written;
  (globalThis as Record<symbol, unknown>)[rememberedKey] = rememberConfig(given, checkCompareSettings(compare));
  const sides = readComparisonSides(process.env);
  const config = sides ? applyComparison(given, sides) : given;
  const refuse = (key: string, why: string): never => {
    throw new PacewrightError('CONFIG_INVALID', `${key} cannot be set: ${why}.`, {
      next: `remove \`${key}\` from playwright.config.ts`,
    });
  };
  if (config.workers !== undefined && config.workers !== 1)
    refuse('workers', 'several workers would measure each other');
  if (config.fullyParallel) refuse('fullyParallel', 'samples run one at a time');
  if (config.retries) refuse('retries', 'a retry until it passes is not a verdict');
  const projects = config.projects?.map((project) => {
    const where = `projects["${project.name ?? ''}"]`;
    if (project.fullyParallel) refuse(`${where}.fullyParallel`, 'samples run one at a time');
    if (project.retries) refuse(`${where}.retries`, 'a retry until it passes is not a verdict');
    return { ...project, use: { ...project.use, ...unrecorded } };
  });
  return definePlaywrightConfig({
    testMatch: '**/*.perf.{ts,mts,js,mjs,tsx}',
    testDir: 'scenarios',
    ...config,
    workers: 1,
    fullyParallel: false,
    retries: 0,
    reporter: withReporter(config.reporter),
    use: { ...config.use, ...unrecorded },
    ...(projects ? { projects } : {}),
  });
}
