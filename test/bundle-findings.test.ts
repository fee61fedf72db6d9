/** Findings about scripts and style sheets: what never ran, what is there twice, what is large, what grew. */
import { expect, test } from 'vitest';
import { findingSchema } from '../src/core/finding.ts';
import type { ScenarioRecording, ScriptCoverage, ScriptSource } from '../src/core/recording.ts';
import { compareBundles } from '../src/analyse/bundle-growth.ts';
import { findBundleFindings, type StepFinding } from '../src/analyse/bundle-findings.ts';
import type { LoadedStep } from '../src/analyse/bundle-places.ts';
import { findImports, importsModule, importsPackage } from '../src/analyse/import-places.ts';
import { measureBundles } from '../src/analyse/measure-bundles.ts';
import type { TransferredRequest } from '../src/analyse/transfers.ts';
import { readMinified } from './fixtures/bundles/fixture.ts';

const pageUrl = 'http://app.test/';

function findAll(
  recording: ScenarioRecording,
  steps: readonly LoadedStep[],
  base: ScenarioRecording | null = null,
): StepFinding[] {
  const all = steps.flatMap(({ requests }) => requests);
  const found = findBundleFindings({
    bundles: measureBundles(recording, all),
    base: base && { bundles: measureBundles(base, all), pageUrl: base.pageUrl },
    scripts: recording.scripts,
    steps,
    pageUrl: recording.pageUrl,
  });
  for (const { finding } of found) expect(findingSchema.parse(finding)).toEqual(finding);
  return found;
}

function summary(found: readonly StepFinding[]): string[] {
  return found.map(
    ({ step, finding: { rule, title, location } }) =>
      `${step}: ${rule}: ${title.replaceAll(/-[\w-]{8}\./g, '-*.')} | ${location ? `${location.file.replace(/-[\w-]{8}\./, '-*.')}:${location.line}:${location.column} ${location.origin}` : ''}`,
  );
}

/** The recording, as if nothing had been compressed. */
function uncompressed(): { recording: ScenarioRecording; steps: LoadedStep[] } {
  const { recording, requests } = readMinified();
  const plain = requests.map((one) => ({ ...one, bytes: one.bytes > 0 ? (one.decoded ?? 0) : 0 }));
  const of = (...parts: string[]): TransferredRequest[] =>
    plain.filter(({ url }) => parts.some((part) => url.includes(part)));
  const late = of('chart-', 'worker-');
  return {
    recording,
    steps: [
      { name: 'open', requests: plain.filter((one) => !late.includes(one)) },
      { name: 'chart', requests: of('chart-') },
      { name: 'sum', requests: of('worker-') },
    ],
  };
}

test('of a real build: what never runs and where it is imported, two versions of a package, a module delivered twice', () => {
  const { recording, steps } = uncompressed();
  expect(summary(findAll(recording, steps))).toEqual([
    'open: unused-script: toolbox: 10.29 kB of 10.99 kB never ran in this flow | src/main.jsx:2:1 application',
    'open: unused-script: /assets/index-*.js: 168.8 kB of 237.4 kB never ran in this flow | http://app.test/assets/index-*.js:1:1 application',
    'open: large-script: react-dom is 206.8 kB of the 237.8 kB of script that this step loads | src/main.jsx:1:1 application',
    'chart: unused-script: toolbox: 6.82 kB of 7.3 kB never ran in this flow | node_modules/widget/node_modules/toolbox/index.js:1:1 library',
    'chart: duplicate-module: toolbox is there in 2 versions: 7.3 kB more than one of them needs | node_modules/widget/node_modules/toolbox/index.js:1:1 library',
    'sum: duplicate-module: src/describe.js is in /assets/index-*.js, /assets/worker-*.js: 1.13 kB more than once | src/describe.js:1:1 application',
  ]);
});

test('costs are bytes on the wire, and parts of the metrics of the step', () => {
  const { recording, steps } = uncompressed();
  const [toolbox] = findAll(recording, steps);
  expect(toolbox?.finding).toMatchObject({
    cost: { value: 10_285, unit: 'bytes' },
    explains: { 'bytes.script': 10_285, 'bytes.total': 10_285, 'bytes.first-party': 10_285 },
    advice:
      'Import only the parts that are used, by name or by path, or replace the package; what is needed later only, load with import() in place of the import at src/main.jsx:2.',
    evidence: 'bundles',
  });
});

const url = `${pageUrl}app.js`;

/** A script of one line; each module is as long as said, the part from `ran` on never ran in the first step. */
interface MadeModule {
  readonly file: string;
  readonly size: number;
  readonly ran: number;
  readonly content?: string;
}

function makeScript(modules: readonly MadeModule[]): { script: ScriptSource; coverage: ScriptCoverage } {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const vlq = (value: number): string => {
    let [rest, text] = [value << 1, ''];
    do {
      text += digits[(rest & 31) | (rest > 31 ? 32 : 0)];
      rest >>= 5;
    } while (rest > 0);
    return text;
  };
  let start = 0;
  const functions: ScriptCoverage['functions'][number][] = [];
  for (const { size, ran } of modules) {
    functions.push({ name: 'f', isBlockCoverage: true, ranges: [{ start: start + ran, end: start + size, count: 0 }] });
    start += size;
  }
  const whole = { name: '', isBlockCoverage: true, ranges: [{ start: 0, end: start, count: 1 }] };
  const map = {
    version: 3,
    names: [],
    sources: modules.map(({ file }) => file),
    sourcesContent: modules.map(({ content = null }) => content),
    mappings: modules
      .map((_, at) => `${vlq(at === 0 ? 0 : (modules[at - 1]?.size ?? 0))}${at === 0 ? 'A' : 'C'}AA`)
      .join(','),
  };
  return {
    script: {
      url,
      startLine: 0,
      startColumn: 0,
      source: 'x'.repeat(start),
      map: JSON.stringify(map),
      mapProblem: null,
    },
    coverage: { url, startLine: 0, startColumn: 0, functions: [whole, ...functions] },
  };
}

function make(modules: readonly MadeModule[]): ScenarioRecording {
  const { script, coverage } = makeScript(modules);
  const coverages = [{ name: 'open', scripts: [coverage], styles: [], sites: [] }];
  return { variant: 'head', steps: [], coverage: coverages, scripts: [script], pageUrl };
}

function load(bytes: number, more: Partial<TransferredRequest> = {}): LoadedStep {
  return { name: 'open', requests: [{ url, type: 'script', party: 'first-party', status: 200, bytes, ...more }] };
}

test('a module that a later step needs first is loaded too early', () => {
  const recording = make([
    {
      file: 'src/app.ts',
      size: 8000,
      ran: 8000,
      content: `import {\n  draw,\n} from './chart.js';\nimport type { Figure } from './chart.js';\n`,
    },
    { file: 'src/chart.ts', size: 10_000, ran: 500 },
  ]);
  const functions = [{ name: 'f', isBlockCoverage: true, ranges: [{ start: 8000, end: 17_000, count: 1 }] }];
  const later = { name: 'chart', scripts: [{ url, startLine: 0, startColumn: 0, functions }], styles: [], sites: [] };
  const found = findAll({ ...recording, coverage: [...recording.coverage, later] }, [load(18_000)]);
  expect(summary(found)).toEqual([
    'open: unused-script: src/chart.ts: 9.5 kB of 10 kB is needed only in a later step | src/app.ts:1:1 application',
  ]);
  expect(found[0]?.finding.advice).toBe('Load it when it is needed: import() in place of the import at src/app.ts:1.');
});

test('what is small, or mostly used, is not worth a word', () => {
  const used = { file: 'src/app.ts', size: 30_000, ran: 30_000 };
  expect(
    findAll(make([used, { file: 'src/b.ts', size: 3900, ran: 0 }]), [load(33_900)]).map(({ finding }) => finding.rule),
  ).toEqual(['large-script']);
  expect(findAll(make([{ ...used, ran: 11_000 }]), [load(19_000)])).toEqual([]);
});

test('a script without a source map is told by its URL, and its inline size never', () => {
  const extra: ScriptSource = {
    url,
    startLine: 0,
    startColumn: 0,
    source: 'y'.repeat(50_000),
    map: null,
    mapProblem: null,
  };
  const recording: ScenarioRecording = { variant: 'head', steps: [], coverage: [], scripts: [extra], pageUrl };
  expect(summary(findAll(recording, [load(50_300)]))).toEqual([
    'open: large-script: /app.js is 50.3 kB of the 50.3 kB of script that this step loads | http://app.test/app.js:1:1 application',
  ]);
  expect(
    summary(findAll({ ...recording, pageUrl: 'http://shop.test/' }, [load(50_300, { party: 'third-party' })])),
  ).toEqual([
    'open: large-script: http://app.test/app.js is 50.3 kB of the 50.3 kB of script that this step loads | http://app.test/app.js:1:1 third-party',
  ]);
});

test('rules of a style sheet that nothing used', () => {
  const sheet = 'http://app.test/a.css';
  const text = `a { b: c }\n${'.never { color: red }\n'.repeat(1000)}`;
  const styles = [{ url: sheet, text, used: [{ start: 0, end: 10 }] }];
  const recording: ScenarioRecording = {
    variant: 'head',
    steps: [],
    coverage: [{ name: 'open', scripts: [], styles, sites: [] }],
    scripts: [],
    pageUrl,
  };
  const found = findAll(recording, [load(22_011, { url: sheet, type: 'stylesheet' })]);
  expect(summary(found)).toEqual([
    'open: unused-style: /a.css: 21 kB of 22.01 kB are rules that no page of this flow used | http://app.test/a.css:1:1 application',
  ]);
  expect(found[0]?.finding.explains).toEqual({
    'bytes.stylesheet': 21_000,
    'bytes.total': 21_000,
    'bytes.first-party': 21_000,
  });
});

test('against base: what is new or larger, packages by name whatever their version, scripts whatever their hash', () => {
  const app = { file: 'src/app.ts', size: 8000, ran: 8000, content: `import lodash from 'lodash';\n` };
  const base = make([
    app,
    { file: 'node_modules/.pnpm/lodash@4.17.20/node_modules/lodash/a.js', size: 5000, ran: 5000 },
  ]);
  const head = make([
    { ...app, size: 8100, ran: 8100 },
    { file: 'node_modules/.pnpm/lodash@4.17.21/node_modules/lodash/b.js', size: 9000, ran: 9000 },
    { file: 'src/new.ts', size: 2000, ran: 2000 },
  ]);
  const found = findBundleFindings({
    bundles: measureBundles(head, load(19_100).requests),
    base: {
      bundles: measureBundles({ ...base, pageUrl: 'http://base.test/' }, load(13_000).requests),
      pageUrl: 'http://base.test/',
    },
    scripts: head.scripts,
    steps: [load(19_100)],
    pageUrl,
  });
  expect(summary(found)).toEqual([
    'open: large-script: lodash grew by 4 kB, from 5 kB | src/app.ts:1:1 application',
    'open: large-script: src/new.ts is new: 2 kB | src/new.ts:1:1 application',
  ]);
  const sides = {
    bundles: measureBundles({ ...base, pageUrl: 'http://base.test/' }, load(13_000).requests),
    pageUrl: 'http://base.test/',
  };
  expect(measureBundles(head, load(19_100).requests, sides).changes).toEqual([
    { name: 'lodash', kind: 'package', base: 5000, head: 9000 },
    { name: 'src/new.ts', kind: 'module', base: null, head: 2000 },
  ]);
  const plain = (hash: string, size: number): ScriptSource => ({
    url: `${pageUrl}app-${hash}.js`,
    startLine: 0,
    startColumn: 0,
    source: 'x'.repeat(size),
    map: null,
    mapProblem: null,
  });
  const side = (hash: string, size: number): { bundles: ReturnType<typeof measureBundles>; pageUrl: string } => {
    const script = plain(hash, size);
    return {
      bundles: measureBundles({ ...head, coverage: [], scripts: [script] }, load(size, { url: script.url }).requests),
      pageUrl,
    };
  };
  expect(compareBundles(side('B2c9Zx81', 5000), side('Q81fTT3a', 9000))).toMatchObject([
    { base: { transferred: 5000 }, head: { transferred: 9000 }, change: 4000 },
  ]);
  expect(compareBundles(side('B2c9Zx81', 5000), side('Q81fTT3a', 5090))).toEqual([]);
});

test.each([
  [`import a, { b } from 'x';`, ['1:1 x']],
  [`import './side.css'\n  export { c } from "./c";\nexport * from 'd'`, ['1:1 ./side.css', '2:3 ./c', '3:1 d']],
  [`// import a from 'no'\nimport {\n  a,\n  b as c,\n} from './several'`, ['2:1 ./several']],
  [`import type { T } from 't';\nexport type * from 'u'`, []],
  [
    `import('lazy');\nimport.meta.env;\nexport function from() { return 'x' }\nexport default 'y'\nimportant from 'z'`,
    [],
  ],
  [`<script setup>\nimport a from './a.vue'\n</script>`, ['2:1 ./a.vue']],
])('imports in %j', (content, places) => {
  const map = JSON.stringify({
    version: 3,
    sources: ['src/x.ts', 'node_modules/y/i.js'],
    sourcesContent: [content, content],
    mappings: 'AAAA',
  });
  expect(findImports(map, '').map(({ line, column, specifier }) => `${line}:${column} ${specifier}`)).toEqual(places);
});

test.each([
  ['./chart', 'src/pages/chart.tsx', true],
  ['./chart.js', 'src/pages/chart.ts', true],
  ['../lib', 'src/lib/index.ts', true],
  ['./chart', 'src/chart.ts', false],
  ['@/pages/chart', 'src/pages/chart.tsx', true],
  ['chart', 'src/pages/chart.tsx', false],
  ['@scope/chart', 'node_modules/@scope/chart/index.js', false],
  ['../../../../../etc/passwd', 'etc/passwd', true],
])('%j in src/pages/home.ts means %j: %j', (specifier, target, expected) => {
  expect(importsModule({ file: 'src/pages/home.ts', line: 1, column: 1, specifier }, target)).toBe(expected);
});

test('a package is imported by its name, or by a path within it', () => {
  const means = (specifier: string): boolean =>
    importsPackage({ file: 'a.ts', line: 1, column: 1, specifier }, 'react');
  expect(['react', 'react/jsx-runtime', 'react-dom', './react'].map(means)).toEqual([true, true, false, false]);
});

test('hostile sources take no time to speak of', () => {
  for (const content of [
    'import '.repeat(700_000),
    'import\n'.repeat(700_000),
    'import\nfrom\n'.repeat(400_000),
    '('.repeat(5_000_000),
  ])
    expect(
      findImports(JSON.stringify({ version: 3, sources: ['a.ts'], sourcesContent: [content], mappings: 'AAAA' }), ''),
    ).toEqual([]);
});
