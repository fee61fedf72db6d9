/** Playwright's command line, as the project has it: asked about the config, and started to measure. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RememberedConfig } from '../config/compare-config.ts';
import { PacewrightError } from '../core/errors.ts';
import type { Ledger } from './ledger.ts';
import { startProcess } from './process-group.ts';
import type { World } from './session.ts';
import { sayWhile } from './waiting.ts';

export interface ConfigFacts extends RememberedConfig {
  /** Folder of the config file. */
  readonly folder: string;
  /** How many share the run's limit of false alarms: those of other shards are taken to be as many. */
  readonly scenarios: number;
}

/** What config-reporter.ts writes. */
interface WrittenFacts {
  configFile: string | null;
  rootDir: string;
  files: string[];
  scenarios: number;
  remembered: RememberedConfig | null;
}

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const reporter = fileURLToPath(new URL(`./config-reporter.${ending}`, import.meta.url));

/** @throws PacewrightError CONFIG_INVALID where the project has no Playwright */
export function findPlaywright(folder: string): string {
  try {
    return createRequire(path.join(folder, 'package.json')).resolve('@playwright/test/cli');
  } catch (error) {
    throw new PacewrightError('CONFIG_INVALID', '@playwright/test is not installed in this project.', {
      next: 'npm install --save-dev @playwright/test',
      cause: error,
    });
  }
}

/** The arguments without `--reporter`, which only one of ours may answer. */
function withoutReporter(words: readonly string[]): string[] {
  return words.filter((word, index) => !word.startsWith('--reporter') && words[index - 1] !== '--reporter');
}

/**
 * Reads the config through Playwright itself. Mistakes in the config or in scenario files show here, before anything
 * is built: undefined then, and `complain` got Playwright's own words.
 * @param checkFiles gets the absolute paths of the scenario files that are to run, before Playwright's own complaints
 * @throws PacewrightError CONFIG_INVALID for a config that is not made by our `defineConfig`; what `checkFiles` throws
 */
export async function readConfigFacts(
  ledger: Ledger,
  words: readonly string[],
  world: World,
  checkFiles: (files: readonly string[]) => void,
): Promise<ConfigFacts | undefined> {
  const facts = path.join(ledger.folder, 'config.json');
  const log = path.join(ledger.folder, 'config.log');
  const command = [process.execPath, findPlaywright(world.cwd), 'test', '--list', `--reporter=${reporter}`];
  const { pid, ended } = startProcess(ledger, [...command, ...withoutReporter(words)], {
    cwd: world.cwd,
    env: { ...world.env, PACEWRIGHT_CONFIG_FACTS: facts, PACEWRIGHT_COMPARE: '' },
    role: 'other',
    log,
  });
  const code = await sayWhile(world.say, 'reading the config', () => ended);
  ledger.removeProcess(pid);
  // Written also where no test is found, but not where the config or a file does not load.
  const read = existsSync(facts) ? (JSON.parse(readFileSync(facts, 'utf8')) as WrittenFacts) : undefined;
  if (read) checkFiles(read.files);
  if (code !== 0 || !read) {
    // The list itself says nothing about what is wrong.
    const text = readFileSync(log, 'utf8').replace(/^Listing tests:\n[^]*?^Total: .*$/m, '');
    world.complain(text.trim() || `playwright test --list ended with exit code ${code} and without a word.`);
    return undefined;
  }
  const { configFile, rootDir, scenarios, remembered } = read;
  if (!remembered) {
    throw new PacewrightError('CONFIG_INVALID', 'The config is not made by `defineConfig` of pacewright.', {
      next: "in playwright.config.ts: import { defineConfig } from 'pacewright'",
    });
  }
  return { ...remembered, folder: configFile === null ? rootDir : path.dirname(configFile), scenarios };
}
