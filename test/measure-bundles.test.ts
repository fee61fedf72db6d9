/** Bytes of original modules, on a recording of Chrome and on scripts made here. */
import { expect, test } from 'vitest';
import { type Bundles, bundlesSchema } from '../src/core/bundles.ts';
import type { ScenarioRecording, ScriptSource } from '../src/core/recording.ts';
import { measureBundles } from '../src/analyse/measure-bundles.ts';
import { sizeScript } from '../src/analyse/size-script.ts';
import { splitScript } from '../src/analyse/split-script.ts';
import { shareOut, type TransferredRequest } from '../src/analyse/transfers.ts';
import type { BuiltScript } from './fixtures/bundles/app.ts';
import { readEsbuild, readMinified, readPlain } from './fixtures/bundles/fixture.ts';

const { recording, requests } = readMinified();
const measured = measureBundles(recording, requests);

function fileOf(bundles: Bundles, part: string): Bundles['files'][number] {
  const file = bundles.files.find(({ url }) => url.includes(part));
  if (!file) throw new Error(`no ${part} in ${bundles.files.map(({ url }) => url).join(', ')}`);
  return file;
}

function moduleOf(bundles: Bundles, script: string, file: string): Bundles['files'][number]['modules'][number] {
  const module = fileOf(bundles, script).modules.find((one) => one.file === file);
  if (!module) throw new Error(`no ${file} in ${script}`);
  return module;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test('sizes of modules sum to the script, its transfer and what it never ran, to the byte', () => {
  expect(bundlesSchema.parse(measured)).toEqual(measured);
  const mapped = measured.files.filter(({ map }) => map === 'used');
  expect(mapped).toHaveLength(3);
  for (const { url, size, transferred, unused, modules } of mapped) {
    const script = recording.scripts.find((one) => one.url === url);
    expect(size).toBe(Buffer.byteLength(script?.source ?? ''));
    expect(sum(modules.map((one) => one.size))).toBe(size);
    expect(sum(modules.map((one) => one.transferred))).toBe(transferred);
    expect(sum(modules.map((one) => one.unused ?? 0))).toBe(unused);
    expect(transferred).toBe(requests.find((request) => request.url === url)?.bytes);
    expect(modules.every((one) => one.size > 0)).toBe(true);
  }
});

test('each script of the recording is told by what it is', () => {
  const told = measured.files.map(({ url, kind, party, map }) => [url.replace(/-[\w-]{8}\./, '-*.'), kind, party, map]);
  expect(told).toEqual([
    ['http://app.test/assets/index-*.js', 'script', 'first-party', 'used'],
    ['http://app.test/assets/chart-*.js', 'script', 'first-party', 'used'],
    ['http://app.test/assets/worker-*.js', 'script', 'first-party', 'used'],
    ['http://app.test/ (inline, 8:9)', 'script', 'first-party', 'none'],
    ['(made at run time)', 'script', 'first-party', 'none'],
    ['http://third.test/counter.js', 'script', 'third-party', 'none'],
    ['http://app.test/assets/index-*.css', 'stylesheet', 'first-party', 'none'],
    ['http://app.test/ (style 1)', 'stylesheet', 'first-party', 'none'],
  ]);
});

test('text beyond ASCII is counted in bytes', () => {
  const { size } = moduleOf(measured, 'index', 'src/greetings.js');
  // 8 greetings of 277 characters, most of them of 2 and 3 bytes
  expect(size).toBeGreaterThan(600);
});

test('what never ran is told by module: the handler nobody clicked, the functions nobody called', () => {
  const report = moduleOf(measured, 'index', 'src/export-report.js');
  expect(report.unused).toBe(report.size);
  const toolbox = moduleOf(measured, 'index', 'node_modules/toolbox/index.js');
  expect(toolbox).toMatchObject({ package: 'toolbox', version: null });
  expect((toolbox.unused ?? 0) / toolbox.size).toBeGreaterThan(0.9);
  expect(moduleOf(measured, 'index', 'src/describe.js').unused).toBe(0);
});

test('what ran only later is told by step: React handles events when there is one', () => {
  const index = fileOf(measured, 'index');
  expect(index.firstUse.map(({ step }) => step)).toEqual(['open', 'chart', 'sum']);
  expect(sum(index.firstUse.map(({ size }) => size)) + (index.unused ?? 0)).toBe(index.size);
  expect(moduleOf(measured, 'index', 'src/app.jsx').later).toBeGreaterThan(0);
  expect(sum(index.modules.map(({ later }) => later ?? 0))).toBe(sum(index.firstUse.slice(1).map(({ size }) => size)));
  expect(fileOf(measured, 'worker').firstUse.map(({ step }) => step)).toEqual(['sum']);
});

test('a package in two versions, and a module of page and worker, are duplicates', () => {
  const size = (script: string, file: string): number => moduleOf(measured, script, file).size;
  const inner = 'node_modules/widget/node_modules/toolbox/index.js';
  expect(measured.duplicates).toMatchObject([
    {
      module: 'toolbox',
      kind: 'package',
      wasted: size('chart', inner),
      copies: [{ file: 'node_modules/toolbox' }, { file: 'node_modules/widget/node_modules/toolbox' }],
    },
    { module: 'src/describe.js', kind: 'module', wasted: size('worker', 'src/describe.js') },
  ]);
});

test('of a style sheet only rules can be unused: not its fonts, keyframes and spaces', () => {
  const sheet = fileOf(measured, '.css');
  const { text = '' } = recording.coverage[0]?.styles.find(({ url }) => url === sheet.url) ?? {};
  const never = [...text.matchAll(/\.(gone-in-media|dialog)[^{]*\{[^}]*\}/g)].map(([rule]) => rule.length);
  expect(never).toHaveLength(4);
  expect(sheet.unused).toBe(sum(never));
  // `#drawn` came with the second step
  expect(sheet.firstUse.map(({ step }) => step)).toEqual(['open', 'chart']);
});

interface Compared {
  readonly file: string;
  readonly size: number;
  readonly stated: number;
}

function compare(scripts: readonly BuiltScript[]): Compared[] {
  return scripts.flatMap(({ code, map, rendered }) => {
    const { split } = splitScript(code, map, '');
    if (!split) throw new Error('the map of the fixture cannot be used');
    return sizeScript(code, split, null, 0).modules.flatMap(({ file, size }) => {
      const stated = rendered[file];
      return stated === undefined ? [] : [{ file, size, stated }];
    });
  });
}

test('esbuild says the same of minified scripts, but for the statement of imports and exports', () => {
  const compared = compare(readEsbuild());
  expect(compared.length).toBeGreaterThan(7);
  for (const { file, size, stated } of compared) {
    const slack = stated > 500 ? 0 : 30;
    expect(Math.abs(size - stated), file).toBeLessThanOrEqual(slack);
  }
});

test('Rolldown says the same within 10 %, of modules over 2 kB, before it minifies', () => {
  // it also counts comments around a module, its own and the file's first, which no mapping covers: some 150 bytes
  const compared = compare(readPlain()).filter(({ stated }) => stated > 2000);
  expect(compared.length).toBeGreaterThan(6);
  for (const { file, size, stated } of compared) expect(Math.abs(size - stated) / stated, file).toBeLessThan(0.1);
});

function script(url: string, source: string, more: Partial<ScriptSource> = {}): ScriptSource {
  return { url, startLine: 0, startColumn: 0, source, map: null, mapProblem: null, ...more };
}

function measure(
  scripts: readonly ScriptSource[],
  sent: readonly Partial<TransferredRequest>[] = [],
  more: Partial<ScenarioRecording> = {},
): Bundles {
  const whole = sent.map((one): TransferredRequest => ({
    url: '',
    type: 'script',
    party: 'first-party',
    status: 200,
    bytes: 0,
    ...one,
  }));
  return measureBundles(
    { variant: 'head', steps: [], coverage: [], scripts, pageUrl: 'http://app.test/', ...more },
    whole,
  );
}

test('a script that is loaded twice is one file, at the price of one load', () => {
  const url = 'http://app.test/a.js';
  const { files, notes } = measure(
    [script(url, 'aaa'), script(url, 'aaa', { map: '{' }), script(url, 'bbbb')],
    [
      { url, bytes: 90 },
      { url, bytes: 0 },
      { url, bytes: 12, status: 304 },
      { url, bytes: 91 },
      { url, bytes: 500, status: 500 },
    ],
  );
  expect(files.map(({ size, transferred, map }) => [size, transferred, map])).toEqual([
    [4, 91, 'none'],
    [3, 91, 'broken'],
  ]);
  expect(notes).toEqual([
    'No coverage was recorded: what was never used is unknown.',
    'http://app.test/a.js came over the network 2 times; it is counted once.',
  ]);
});

test('why a map cannot be used is said', () => {
  const { files } = measure([
    script('http://app.test/a.js', 'aaaa', { map: '<!doctype html>' }),
    script('http://app.test/b.js', 'bbb', { mapProblem: 'HTTP 404 for http://app.test/b.js.map?token=abc' }),
    script('http://app.test/c.js', 'cc'),
  ]);
  expect(files.map(({ map, problem, modules }) => [map, problem, modules.length])).toEqual([
    ['broken', 'the source map is not JSON', 0],
    ['broken', 'HTTP 404 for http://app.test/b.js.map?token=REDACTED', 0],
    ['none', null, 0],
  ]);
});

test('a script whose worker ended before its text could be read is said to be missing', () => {
  const url = 'http://app.test/worker.js?token=abc';
  const shown = 'http://app.test/worker.js?token=REDACTED';
  const missing = `The text of ${shown} could not be read before its worker ended; it is missing here.`;
  const lost = measure([script(url, ''), script(url, '', { map: '{}' })]);
  expect(lost.files).toEqual([]);
  expect(lost.notes.slice(1)).toEqual([missing]);
  // Another load of it was read.
  expect(measure([script(url, ''), script(url, 'aaa')]).notes).not.toContain(missing);
});

test('inline code has its share of the document, and hundreds of handlers are one entry', () => {
  const url = 'http://app.test/';
  const inline = (at: number, source: string): ScriptSource => script(url, source, { startLine: at, startColumn: 8 });
  const document = { url, type: 'document', bytes: 1000, decoded: 4000 };
  expect(measure([inline(3, 'x'.repeat(400))], [document]).files).toMatchObject([
    { url: 'http://app.test/ (inline, 4:9)', size: 400, transferred: 100 },
  ]);
  const many = measure(
    Array.from({ length: 300 }, (_, at) => inline(at + 1, `go(${at + 100})`)),
    [document],
  ).files;
  expect(many).toHaveLength(11);
  expect(many[0]).toMatchObject({ url: 'http://app.test/ (290 more scripts)', size: 290 * 7 });
});

test('code made at run time is one entry, and what the browser itself runs is none', () => {
  const urls = [
    'blob:http://app.test/1f',
    'data:text/javascript,a',
    '',
    'webpack-internal:///./a.js',
    'chrome-extension://x/a.js',
    'pptr:step',
  ];
  expect(measure(urls.map((url) => script(url, 'abc'))).files).toMatchObject([
    { url: '(made at run time)', party: 'first-party', size: 12, transferred: 0 },
  ]);
});

test('secrets in URLs are not kept', () => {
  const url = 'http://app.test/a.js?token=abc';
  const { files } = measure([script(url, 'a')], [{ url: 'http://app.test/a.js?token=REDACTED', bytes: 7 }]);
  expect(files).toMatchObject([{ url: 'http://app.test/a.js?token=REDACTED', transferred: 7 }]);
});

test('one build is known by one name of a source, whatever folder its maps were written from', () => {
  const made = (name: string, ...sources: string[]): ScriptSource =>
    script(`http://app.test/${name}.js`, 'x'.repeat(sources.length), {
      map: JSON.stringify({ version: 3, sources, names: [], mappings: `AAAA${',CCAA'.repeat(sources.length - 1)}` }),
    });
  const { files } = measure([
    made('page', '../src/a.js', '../src/b.js', '../index.js', '../node_modules/react/i.js', '../src/d.js'),
    made('worker', '../../shop/src/a.js', '../../shop/src/w.js', '../../shop/node_modules/react/i.js'),
    made('other', '../../shop/src/a.js'),
    made('api', '../../api/src/c.js', '../../api/index.js'),
  ]);
  expect(files.map(({ modules }) => modules.map(({ file }) => file))).toEqual([
    ['index.js', 'node_modules/react/i.js', 'src/a.js', 'src/b.js', 'src/d.js'],
    ['node_modules/react/i.js', 'src/a.js', 'src/w.js'],
    ['api/index.js', 'api/src/c.js'],
    ['src/a.js'],
  ]);
});

test('ten thousand modules are enough', () => {
  const sources = Array.from({ length: 12_000 }, (_, at) => `src/${at}.js`);
  const map = JSON.stringify({ version: 3, sources, names: [], mappings: `AAAA${',CCAA'.repeat(11_999)}` });
  const [file] = measure(
    [script('http://app.test/a.js', 'x'.repeat(12_000), { map })],
    [{ url: 'http://app.test/a.js', bytes: 6000 }],
  ).files;
  expect(file?.modules).toHaveLength(10_000);
  expect(file?.modules.at(-1)).toMatchObject({ file: '(2001 smaller modules)', size: 2001 });
  expect(sum(file?.modules.map(({ transferred }) => transferred) ?? [])).toBe(6000);
});

test('shares are whole and sum to the total', () => {
  expect(shareOut(10, [1, 1, 1])).toEqual([4, 3, 3]);
  expect(shareOut(0, [5, 5])).toEqual([0, 0]);
  expect(shareOut(7, [])).toEqual([]);
  expect(shareOut(7, [0, 0])).toEqual([0, 0]);
});
