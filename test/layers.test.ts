/** The linter's rules for this repository, each tripped by a planted mistake. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import config from '../oxlint.config.ts';

const root = path.join(import.meta.dirname, '..');

/** Planted file, and the rule that must complain; null for files in which all is well. */
const plants: readonly { file: string; text: string; rule: string | null }[] = [
  { file: 'src/core/other-folder.ts', text: `import '../stats/mean.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/core/top-file.ts', text: `import '../index.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/core/outside.ts', text: `import '../../test/help.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/core/itself.ts', text: `import 'pacewright';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/core/disk.ts', text: `import 'node:fs';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/core/disk-promises.ts', text: `import 'node:fs/promises';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/core/bare-disk.ts', text: `import 'fs';`, rule: 'unicorn(prefer-node-protocol)' },
  { file: 'src/core/dynamic.ts', text: `await import('../judge/x.ts');`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/core/again.ts', text: `export * from '../report/html.ts';`, rule: 'eslint(no-restricted-imports)' },
  {
    file: 'src/core/type.ts',
    text: `export type { A } from '../report/html.ts';`,
    rule: 'eslint(no-restricted-imports)',
  },
  { file: 'src/stats/uses-judge.ts', text: `import '../judge/rule.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/judge/uses-config.ts', text: `import '../config/read.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/judge/uses-browser.ts', text: `import '../browser/launch.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/judge/playwright.ts', text: `import '@playwright/test';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/judge/clock.ts', text: `export const now = Date.now();`, rule: 'eslint(no-restricted-globals)' },
  { file: 'src/stats/chance.ts', text: `export const a = Math.random();`, rule: 'eslint(no-restricted-properties)' },
  { file: 'src/analyse/uses-collect.ts', text: `import '../collect/x.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/store/template.ts', text: `import 'handlebars';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/browser/audit.ts', text: `import 'lighthouse/core/index.js';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/scenario/puppet.ts', text: `import 'puppeteer-core';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/collect/uses-report.ts', text: `import '../report/html.ts';`, rule: 'eslint(no-restricted-imports)' },
  { file: 'src/report/speaks.ts', text: `console.log('hello');`, rule: 'eslint(no-console)' },
  { file: 'src/report/leaves.ts', text: `process.exit(1);`, rule: 'unicorn(no-process-exit)' },
  {
    file: 'src/browser/floats.ts',
    text: `export const go = (): void => { Promise.resolve(1); };`,
    rule: 'typescript(no-floating-promises)',
  },
  { file: 'src/browser/any.ts', text: `export let a: any;`, rule: 'typescript(no-explicit-any)' },
  { file: 'src/store/one.ts', text: `import './two.ts';`, rule: 'import(no-cycle)' },
  { file: 'src/store/two.ts', text: `import './one.ts';`, rule: 'import(no-cycle)' },

  { file: 'src/core/mean.ts', text: `import 'zod'; import 'node:path';`, rule: null },
  { file: 'src/stats/mean.ts', text: `import '../core/mean.ts';`, rule: null },
  { file: 'src/judge/verdict.ts', text: `import '../stats/mean.ts'; import './near.ts';`, rule: null },
  { file: 'src/judge/near.ts', text: `import '../core/mean.ts';`, rule: null },
  { file: 'src/report/page.ts', text: `import 'handlebars'; import 'node:fs'; import '../judge/near.ts';`, rule: null },
  { file: 'src/collect/audit.ts', text: `import 'lighthouse'; import '../browser/find.ts';`, rule: null },
  { file: 'src/cli.ts', text: `import './report/page.ts'; console.log(1); process.exit(1);`, rule: null },
];

const outputSchema = z.object({
  diagnostics: z.array(z.object({ code: z.string().optional(), filename: z.string() })),
});

let folder: string;
let found: Map<string, string[]>;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'layers-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  // The overrides count from the folder of the configuration file, so this one must lie beside the planted src/.
  writeFileSync(
    path.join(folder, 'oxlint.config.ts'),
    `export { default } from ${JSON.stringify(path.join(root, 'oxlint.config.ts'))};`,
  );
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ extends: path.join(root, 'tsconfig.json') }));
  for (const { file, text } of plants) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), `${text}\n`);
  }
  const oxlint = path.join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format=json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (stderr !== '') throw new Error(stderr);
  found = new Map();
  for (const { code, filename } of outputSchema.parse(JSON.parse(stdout)).diagnostics) {
    found.set(filename, [...(found.get(filename) ?? []), code ?? 'no rule']);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(plants)('$file: $rule', ({ file, rule }) => {
  expect(found.get(file) ?? []).toEqual(rule === null ? [] : [rule]);
});

test('every folder of src/ is a layer', () => {
  const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const layers = (config.overrides ?? [])
    .flatMap((override) => override.files)
    .filter((glob) => glob.endsWith('/**/*.ts'));
  for (const { name } of folders) expect(layers).toContain(`src/${name}/**/*.ts`);
});
