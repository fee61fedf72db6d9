/** From places in scripts to places in sources: names, paths, origins, and maps that are broken or hostile. */
import { addMapping, GenMapping, setSourceContent, toEncodedMap } from '@jridgewell/gen-mapping';
import { describe, expect, test } from 'vitest';
import { createResolver } from '../src/analyse/source-maps.ts';
import { readablePaths, scriptOrigin } from '../src/analyse/source-path.ts';
import { splitScript } from '../src/analyse/split-script.ts';
import type { ScriptSource } from '../src/core/recording.ts';
import { readRecorded } from './fixtures/traces/traces.ts';

const url = 'http://page.test/assets/index-abc12345.js';

function script(source: string, map: string | null, more: Partial<ScriptSource> = {}): ScriptSource {
  return { url, startLine: 0, startColumn: 0, source, map, mapProblem: null, ...more };
}

describe('paths of sources', () => {
  test.each([
    ['../../src/cart.ts', 'src/cart.ts', false],
    ['webpack://shop/./src/cart.ts?8a1f', 'src/cart.ts', false],
    ['webpack:///./src/cart.ts', 'src/cart.ts', false],
    ['turbopack:///[project]/src/cart.tsx', 'src/cart.tsx', false],
    ['./src\\cart.ts', 'src/cart.ts', false],
    ['src/App.vue?vue&type=script&setup=true&lang.ts', 'src/App.vue', false],
    ['/../../../../etc/passwd', 'etc/passwd', false],
    ['..\\..\\..\\windows\\system32', 'windows/system32', false],
    ['../../node_modules/react-dom/cjs/react-dom.js', 'node_modules/react-dom/cjs/react-dom.js', true],
    ['/srv/app/node_modules/.pnpm/zod@4/node_modules/zod/index.js', 'node_modules/zod/index.js', true],
    ['\0vite/preload-helper.js', 'vite/preload-helper.js', true],
    ['webpack/bootstrap', 'webpack/bootstrap', true],
    ['', '(nameless source)', false],
    ['src/<script>alert(1)</script>\u202e.ts', 'src/<script>alert(1)</script> .ts', false],
  ])('%s', (source, file, library) => {
    expect(readablePaths([source, 'other/file.ts'], url)[0]).toEqual({ file, library });
  });

  test('absolute paths lose the folder of the project', () => {
    const root = '/home/somebody/work/shop';
    const files = (...sources: string[]): string[] => readablePaths(sources, url).map(({ file }) => file);
    expect(files(`${root}/src/cart.ts`, `${root}/src/ui/list.tsx`)).toEqual(['src/cart.ts', 'src/ui/list.tsx']);
    expect(files(`file://${root}/src/cart.ts`, `${root}/node_modules/zod/index.js`)).toEqual([
      'src/cart.ts',
      'node_modules/zod/index.js',
    ]);
    expect(files(`${root}/src/cart.ts`)).toEqual(['src/cart.ts']);
  });

  test('a development server names its sources by file only', () => {
    expect(readablePaths(['cart.ts'], 'http://localhost:5173/src/ui/cart.ts?t=1')[0]?.file).toBe('src/ui/cart.ts');
    expect(readablePaths(['cart.ts'], url)[0]?.file).toBe('cart.ts');
  });

  test.each([
    ['http://page.test/a.js', 'application'],
    ['http://cdn.page.test/a.js', 'application'],
    ['https://ads.example/a.js', 'third-party'],
    ['blob:http://page.test/123', 'application'],
    ['data:text/javascript,1', 'application'],
    ['chrome-extension://abc/a.js', 'third-party'],
    ['chrome://new-tab/a.js', 'browser'],
  ])('whose script is %s', (address, origin) => {
    expect(scriptOrigin(address, 'http://www.page.test/shop')).toBe(origin);
  });
});

/** A script whose tokens are mapped as given: generated column, line (from 1) and column in the source, name. */
function mapped(
  tokens: readonly (readonly [column: number, source: string, line: number, at: number, name?: string])[],
  contents: Readonly<Record<string, string>>,
): string {
  const map = new GenMapping();
  for (const [column, source, line, at, name] of tokens) {
    const original = { line, column: at };
    const generated = { line: 1, column };
    if (name === undefined) addMapping(map, { generated, source, original });
    else addMapping(map, { generated, source, original, name });
  }
  for (const [source, content] of Object.entries(contents)) setSourceContent(map, source, content);
  return JSON.stringify(toEncodedMap(map));
}

describe('functions', () => {
  const { scripts, pageUrl } = readRecorded('bundle');
  const [bundle] = scripts;
  if (!bundle) throw new Error('no script');
  const at = (text: string): number => bundle.source.indexOf(text);

  test('of a minified build, where they start and where they are', () => {
    const resolver = createResolver(scripts, pageUrl);
    const start = at('(e){let t=performance.now()+60');
    expect(resolver.resolveFunction(bundle.url, 0, start, 'i')).toEqual({
      function: 'renderList',
      file: 'src/list.tsx',
      line: 11,
      column: 1,
      mapped: true,
      script: bundle.url,
      origin: 'application',
    });
    expect(resolver.resolve(bundle.url, 0, at('performance.now()+60'))).toMatchObject({
      function: 'renderList',
      file: 'src/list.tsx',
      line: 12,
      column: 15,
    });
    // An arrow function, whose own parenthesis the map does not know.
    expect(resolver.resolveFunction(bundle.url, 0, at('()=>{let t=performance.now()+25'), '')).toMatchObject({
      function: 'CartPage > subscribe callback',
      line: 17,
    });
    expect(resolver.resolveFunction(bundle.url, 0, at('()=>t.replaceChildren'), 'onClick')).toMatchObject({
      function: 'CartPage > onClick',
    });
    expect(resolver.notes()).toEqual([]);
  });

  test('whose body a bundler put into another', () => {
    const contents = {
      'src/page.ts': 'import { burn } from "./burn";\nfunction page() {\n  const a = 1;\n  burn(a);\n}\n',
      'src/burn.ts': 'export function burn(a) {\n  while (a) a += 1;\n}\n',
    };
    const source = 'function p(){let a=1;while(a)a+=1}';
    const map = mapped(
      [
        [0, 'src/page.ts', 2, 0],
        [9, 'src/page.ts', 2, 9, 'page'],
        [13, 'src/page.ts', 3, 2],
        [21, 'src/burn.ts', 2, 2],
        [29, 'src/burn.ts', 2, 12],
      ],
      contents,
    );
    const resolver = createResolver([script(source, map)], 'http://page.test/');
    const start = { line: 0, column: 10 };
    expect(resolver.resolveFunction(url, 0, 10, 'p')).toMatchObject({ function: 'page', file: 'src/page.ts', line: 2 });
    expect(resolver.resolveRunning(url, start, { line: 0, column: 30 })).toMatchObject({
      function: 'burn',
      file: 'src/burn.ts',
      line: 1,
    });
    expect(resolver.resolveRunning(url, start, { line: 0, column: 14 })).toBeNull();
    // The whole bundle: what runs is a function or the top level of one of its modules.
    expect(resolver.resolveRunning(url, null, { line: 0, column: 30 })).toMatchObject({ function: 'burn' });
  });

  describe('that a compiler wrote, whose heads no map knows', () => {
    const contents = {
      'src/dates.ts': 'export function minutes(a) {\n  return a;\n}\n',
      'src/List.svelte':
        '<script>\n  function rowClass(a) {\n    return a;\n  }\n</script>\n<ul class={rowClass(1)}></ul>\n',
      'src/start.ts': 'start();\nstop();\n',
    };
    const dates = [
      [0, 'src/dates.ts', 1, 7],
      [9, 'src/dates.ts', 1, 16, 'minutes'],
      [11, 'src/dates.ts', 1, 24],
      [14, 'src/dates.ts', 2, 2],
    ] as const;
    const before = 'function m(a){return a}';
    const describeAt = (source: string, tokens: Parameters<typeof mapped>[0], text: string, name: string) => {
      const resolver = createResolver([script(source, mapped([...dates, ...tokens], contents))], 'http://page.test/');
      return resolver.resolveFunction(url, 0, source.indexOf(text), name);
    };

    test('a component, after another file', () => {
      const source = `${before}function L(e){push(e);ul(r(1))}`;
      const tokens = [[source.indexOf('push'), 'src/List.svelte', 1, 0]] as const;
      const whole = { file: 'src/List.svelte', line: 1, column: 1 };
      expect(describeAt(source, tokens, '(e){', 'L')).toMatchObject({ function: 'component List.svelte', ...whole });
      expect(describeAt(source, tokens, '(e){', 'List')).toMatchObject({ function: 'List', ...whole });
      // The file before keeps its own.
      expect(describeAt(source, tokens, '(a){', 'm')).toMatchObject({ function: 'minutes', file: 'src/dates.ts' });
    });

    test('a function of a template is of its component, not what the map calls a variable there', () => {
      const source = `${before}each(M=>{set(M)})`;
      const tokens = [[source.indexOf('M=>'), 'src/List.svelte', 6, 4, 'e']] as const;
      expect(describeAt(source, tokens, 'M=>', '')).toMatchObject({ function: 'component List.svelte', line: 6 });
    });

    test('a component of which only the functions within are known is not one of them', () => {
      const source = `${before}function L(e){function r(a){return a}push(e)}`;
      const tokens = [
        [source.indexOf('function r'), 'src/List.svelte', 2, 2],
        [source.indexOf('(a){return a}push'), 'src/List.svelte', 2, 19],
        [source.indexOf('return a}push'), 'src/List.svelte', 3, 4],
      ] as const;
      expect(describeAt(source, tokens, '(e){', 'L')).toMatchObject({ function: 'component List.svelte', line: 1 });
      expect(describeAt(source, tokens, '(a){return a}push', 'r')).toMatchObject({ function: 'rowClass', line: 2 });
    });

    test('a wrapper of a module is its top level; a name that says something stays', () => {
      const source = `${before}var w=()=>{s();t()}`;
      const tokens = [[source.indexOf('s();t'), 'src/start.ts', 2, 0]] as const;
      expect(describeAt(source, tokens, '()=>', 'w')).toMatchObject({ function: null, file: 'src/start.ts', line: 1 });
      const name = 'initStart';
      expect(describeAt(source, tokens, '()=>', name)).toMatchObject({ function: name, file: 'src/start.ts', line: 2 });
    });

    test('after a function of the same file', () => {
      const source = `${before}function g(){work(1)}`;
      const text = `${contents['src/dates.ts']}enumerate(1);\n`;
      const map = mapped([...dates, [source.indexOf('work'), 'src/dates.ts', 4, 0]], { 'src/dates.ts': text });
      const resolver = createResolver([script(source, map)], 'http://page.test/');
      const found = resolver.resolveFunction(url, 0, source.indexOf('(){work'), 'g');
      expect(found).toMatchObject({ function: null, file: 'src/dates.ts' });
    });

    test('with nothing before it on its line: its own file, but none for a bundle of several', () => {
      const one = 'function L(e){push(e)}';
      const whole = `(()=>{s();${before}})()`;
      const at = (source: string, tokens: Parameters<typeof mapped>[0], column: number) =>
        createResolver([script(source, mapped(tokens, contents))], '').resolveFunction(url, 0, column, '');
      expect(at(one, [[14, 'src/List.svelte', 1, 0]], 10)).toMatchObject({ function: 'component List.svelte' });
      const bundle = [
        [whole.indexOf('s()'), 'src/start.ts', 1, 0],
        [whole.indexOf('function'), 'src/dates.ts', 1, 7],
      ] as const;
      expect(at(whole, bundle, 1)).toMatchObject({ mapped: false });
    });

    test('what runs before the first place in them is theirs', () => {
      const source = `${before}function L(e){push(e);ul(r(1))}`;
      const map = mapped([...dates, [source.indexOf('ul('), 'src/List.svelte', 6, 0]], contents);
      const resolver = createResolver([script(source, map)], 'http://page.test/');
      const start = { line: 0, column: source.indexOf('(e){') };
      expect(resolver.resolveRunning(url, start, { line: 0, column: source.indexOf('push') })).toBeNull();
    });

    test('in a script that cannot be parsed, by what stands near', () => {
      const source = `${before}function L(e){push(e)} %%%`;
      const tokens = [[source.indexOf('push'), 'src/List.svelte', 1, 0]] as const;
      expect(describeAt(source, tokens, '(e){', 'L')).toMatchObject({ function: 'component List.svelte' });
    });
  });

  test('without the sources the map has names, without names V8 has', () => {
    const map = mapped(
      [
        [9, 'src/page.ts', 2, 9, 'page'],
        [20, 'src/page.ts', 4, 1],
      ],
      {},
    );
    const resolver = createResolver([script('function p(){};function LongName(){}', map)], 'http://page.test/');
    expect(resolver.resolveFunction(url, 0, 10, 'p')).toMatchObject({ function: 'page', line: 2, column: 10 });
    expect(resolver.resolveFunction(url, 0, 24, 'LongName')).toMatchObject({ function: 'LongName', line: 4 });
    expect(resolver.resolveFunction(url, 0, 24, 'q')).toMatchObject({ function: null, line: 4 });
  });

  test('without a map', () => {
    const source = 'window.addEventListener("load",()=>{work()});function work(){}';
    const resolver = createResolver([script(source, null)], 'http://page.test/');
    expect(resolver.resolveFunction(url, 0, source.indexOf('(){}'), 'work')).toEqual({
      function: 'work',
      file: url,
      line: 1,
      column: 59,
      mapped: false,
      script: url,
      origin: 'application',
    });
    expect(resolver.resolveFunction(url, 0, source.indexOf('()=>'), '')).toMatchObject({ function: 'load listener' });
    expect(createResolver([], '').resolveFunction(url, 4, 2, '')).toMatchObject({ function: null, line: 5, column: 3 });
  });

  test('of inline scripts, by their place in the document', () => {
    const map = mapped([[0, 'src/one.ts', 1, 0]], { 'src/one.ts': 'function one() {}' });
    const other = mapped([[0, 'src/two.ts', 1, 0]], { 'src/two.ts': 'function two() {}' });
    const page = 'http://page.test/';
    const resolver = createResolver(
      [
        script('function t(){}', other, { url: page, startLine: 9, startColumn: 8 }),
        script('function o(){}', map, { url: page, startLine: 2, startColumn: 30 }),
      ],
      page,
    );
    expect(resolver.resolve(page, 2, 40)).toMatchObject({ function: 'one', file: 'src/one.ts' });
    expect(resolver.resolve(page, 9, 18)).toMatchObject({ function: 'two', file: 'src/two.ts' });
    expect(resolver.resolve(page, 1, 0)).toMatchObject({ mapped: false, file: page, line: 2 });
    expect(resolver.startsScript(page, 9, 8)).toBe(true);
    expect(resolver.startsScript(page, 9, 9)).toBe(false);
  });

  test('index maps', () => {
    const one = JSON.parse(mapped([[0, 'src/one.ts', 1, 0]], { 'src/one.ts': 'function one() {}' })) as object;
    const index = {
      version: 3,
      sections: [
        { offset: { line: 0, column: 0 }, map: one },
        { offset: { line: 0, column: 50 }, map: one },
      ],
    };
    const resolver = createResolver([script('', JSON.stringify(index))], 'http://page.test/');
    expect(resolver.resolve(url, 0, 55)).toMatchObject({ function: 'one', file: 'src/one.ts', mapped: true });
  });

  test('libraries, by path and by what the map ignores; third parties, whatever the map says', () => {
    const map = mapped([[0, 'src/vendor.ts', 1, 0]], {});
    const ignoring = JSON.stringify({ ...(JSON.parse(map) as object), ignoreList: [0] });
    expect(createResolver([script('', ignoring)], url).resolve(url, 0, 0).origin).toBe('library');
    expect(createResolver([script('', map)], url).resolve(url, 0, 0).origin).toBe('application');
    expect(createResolver([script('', map)], 'http://shop.example/').resolve(url, 0, 0).origin).toBe('third-party');
  });
});

describe('what is wrong with a map is said', () => {
  const good = mapped([[0, 'a.ts', 1, 0]], { 'a.ts': 'function a() {}' });
  test.each([
    ['{"version":3,', 'is not valid JSON'],
    ['null', 'is no source map: it has no mappings'],
    ['[]', 'is no source map: it has no mappings'],
    ['{"version":3,"mappings":7}', 'is no source map: it has no mappings'],
    [`{"a":"${'x'.repeat(65 * 2 ** 20)}"}`, 'is larger than 64 MB'],
  ])('%.30s', (map, problem) => {
    const resolver = createResolver([script('', map)], 'http://page.test/');
    expect(resolver.resolveFunction(url, 0, 0, 'f')).toMatchObject({ function: 'f', mapped: false });
    expect(resolver.notes()).toEqual([
      `The source map of ${url} ${problem}; its functions are shown as they were delivered.`,
    ]);
  });

  describe('more places and lines than can be held', () => {
    const flat = (mappings: string): object => ({ version: 3, sources: ['a.ts'], names: [], mappings });
    test.each([
      ['10 million lines', flat('AAAA;'.repeat(10e6))],
      ['10 million places on a line', flat('AAAA,'.repeat(10e6))],
      ['lines without places', flat(';'.repeat(50e6))],
      [
        'in sections that are small each',
        {
          version: 3,
          sections: Array.from({ length: 5 }, (_, line) => ({
            offset: { line, column: 0 },
            map: flat(',AAAA'.repeat(1e6)),
          })),
        },
      ],
      [
        'before a section that starts far down',
        { version: 3, sections: [{ offset: { line: 9e6, column: 0 }, map: flat('AAAA') }] },
      ],
    ])('%s', (_what, map) => {
      const text = JSON.stringify(map);
      const problem = 'has more than 4 million mappings and lines, and is not read';
      const before = process.memoryUsage().heapUsed;
      const resolver = createResolver([script('', text)], 'http://page.test/');
      expect(resolver.resolve(url, 0, 0).mapped).toBe(false);
      expect(resolver.notes()).toEqual([
        `The source map of ${url} ${problem}; its functions are shown as they were delivered.`,
      ]);
      expect(splitScript('f()', text, url).split).toBeNull();
      // Ten million decoded places take a gigabyte.
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(300e6);
    });

    test('two million, of an application of 20 MB, are read; not those of three such', () => {
      const map = JSON.stringify(flat('AAAA,'.repeat(1e6) + 'AAAA;'.repeat(1e6 - 10)));
      const other = `${url}?next`;
      const last = `${url}?last`;
      const scripts = [script('', map), script('', map, { url: other }), script('', map, { url: last })];
      const resolver = createResolver(scripts, 'http://page.test/');
      expect(resolver.resolve(url, 999_000, 0).mapped).toBe(true);
      expect(resolver.resolve(other, 0, 0).mapped).toBe(true);
      expect(resolver.resolve(last, 0, 0).mapped).toBe(false);
      expect(resolver.notes()).toEqual([
        expect.stringContaining(`${last} with those before it has more than 4 million`),
      ]);
    });
  });

  test('one that could not be fetched', () => {
    const resolver = createResolver([script('', null, { mapProblem: 'HTTP 404 \u001b[31m' })], 'http://page.test/');
    resolver.resolve(url, 0, 0);
    expect(resolver.notes()).toEqual([`The source map of ${url} could not be read: HTTP 404.`]);
  });

  test.each([
    ['members of the wrong kind', { version: 3, mappings: 'AAAA', sources: 'x', names: 4, sourcesContent: {} }],
    ['sources that are none', { version: 3, mappings: 'AAAA', sources: [null, 7, {}], names: [null] }],
    [
      'places beyond everything',
      { version: 3, mappings: 'gggggggE8B,+/////D,AAAAA,AAACA', sources: ['a.ts'], names: [] },
    ],
    ['letters that are none', { version: 3, mappings: '!"§$%&/()=?;;;;,,,,ä', sources: ['a.ts'] }],
    ['negative places', { version: 3, mappings: 'DDDD,FFFFF', sources: ['a.ts'], names: ['x'], sourcesContent: ['a'] }],
    [
      'sections that are none',
      { version: 3, sections: [null, 7, { offset: -1 }, { offset: { line: 1e99 }, map: {} }] },
    ],
    ['sections of sections', { version: 3, sections: [{ offset: { line: 0, column: 0 }, map: { sections: [] } }] }],
    ['a text that is not code', { version: 3, mappings: 'AAAA', sources: ['a.ts'], sourcesContent: ['<<<%%% ((('] }],
    ['a text that nests', { version: 3, mappings: 'AAAA', sources: ['a.ts'], sourcesContent: ['['.repeat(1e6)] }],
  ])('%s', (_what, map) => {
    const resolver = createResolver([script('', JSON.stringify(map))], 'http://page.test/');
    for (const [line, column] of [
      [0, 0],
      [0, 5],
      [3, 1],
      [1e9, 1e9],
    ] as const) {
      expect(resolver.resolve(url, line, column).script).toBe(url);
      expect(resolver.resolveFunction(url, line, column, 'f').line).toBeGreaterThan(0);
      resolver.resolveRunning(url, { line, column }, { line, column: column + 1 });
    }
  });

  test('a line that guards JSON is taken off; 50 MB are read', () => {
    const guarded = createResolver([script('', `)]}'\n${good}`)], 'http://page.test/');
    expect(guarded.resolve(url, 0, 0)).toMatchObject({ function: 'a', mapped: true });
    const large = JSON.stringify({ ...(JSON.parse(good) as object), x_filler: 'y'.repeat(50e6) });
    expect(createResolver([script('', large)], 'http://page.test/').resolve(url, 0, 0).mapped).toBe(true);
  });

  test('secrets and marks of the page do not reach names', () => {
    const odd = 'http://user:secret@page.test/a.js?token=abcdef';
    const resolver = createResolver([], 'http://page.test/');
    const location = resolver.resolveFunction(odd, 0, 0, 'a\u202eb\u0000');
    expect(location.script).toBe('http://page.test/a.js?token=REDACTED');
    expect(location.function).toBe('a b');
  });
});
