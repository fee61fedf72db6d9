/** A reporter for `playwright test --list`: writes what the command has to know of the user's config into a file. */
import { writeFileSync } from 'node:fs';
import { rememberedKey } from '../config/compare-config.ts';

/** The parts of Playwright's types that are used here. */
interface FullConfig {
  readonly configFile?: string;
  readonly rootDir: string;
  readonly shard: { readonly total: number } | null;
}
interface Suite {
  allTests(): ReadonlyArray<{ readonly location: { readonly file: string } }>;
}

export default class ConfigReporter {
  /** No: Playwright then prints the errors of config and scenario files itself. */
  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    const file = process.env['PACEWRIGHT_CONFIG_FACTS'];
    if (!file) return;
    const remembered = (globalThis as Record<symbol, unknown>)[rememberedKey] ?? null;
    const { configFile = null, rootDir, shard } = config;
    const tests = suite.allTests();
    const files = [...new Set(tests.map(({ location }) => location.file))];
    const scenarios = tests.length * (shard?.total ?? 1);
    writeFileSync(file, JSON.stringify({ configFile, rootDir, files, scenarios, remembered }));
  }
}
