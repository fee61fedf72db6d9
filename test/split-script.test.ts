/** Which text belongs to which source, by source maps good and hostile. */
import { addMapping, GenMapping, toEncodedMap } from '@jridgewell/gen-mapping';
import { expect, test } from 'vitest';
import { byteCounter, utf8Bytes } from '../src/analyse/pieces.ts';
import { splitScript } from '../src/analyse/split-script.ts';
import { walkMappings } from '../src/analyse/walk-mappings.ts';

/** Lines from 0. `null` as source: text of none. */
type Mapping = readonly [line: number, column: number, source: string | null];

function mapOf(mappings: readonly Mapping[]): object {
  const map = new GenMapping();
  for (const [line, column, source] of mappings) {
    const generated = { line: line + 1, column };
    if (source === null) addMapping(map, { generated });
    else addMapping(map, { generated, source, original: { line: 1, column } });
  }
  return toEncodedMap(map);
}

/** Each source with the text that is its own, pieces joined by `|`. */
function textsOf(text: string, map: unknown): Record<string, string> | string {
  const { split, problem } = splitScript(text, typeof map === 'string' ? map : JSON.stringify(map), '');
  if (!split) return problem;
  const texts: Record<string, string> = {};
  let start = 0;
  for (const [place, end] of split.owners.ends.entries()) {
    const name = split.sources[split.owners.values[place] ?? -1] ?? 'none';
    texts[name] = (texts[name] === undefined ? '' : `${texts[name]}|`) + text.slice(start, end);
    start = end;
  }
  expect(start).toBe(text.length);
  return texts;
}

test('text between mappings belongs to the mapping before it, to the end of the line', () => {
  const map = mapOf([
    [0, 2, 'a.js'],
    [0, 4, 'b.js'],
    [0, 6, null],
    [0, 7, 'a.js'],
  ]);
  expect(textsOf('..aabb.aa\n..', map)).toEqual({ none: '..|.|..', 'a.js': 'aa|aa\n', 'b.js': 'bb' });
});

test('what no mapping covers belongs to a source on both sides of it, else to none', () => {
  const text = 'aa\n\n  aa\n// b\nbb\n';
  const map = mapOf([
    [0, 0, 'a.js'],
    [2, 2, 'a.js'],
    [4, 0, 'b.js'],
  ]);
  expect(textsOf(text, map)).toEqual({ 'a.js': 'aa\n\n  aa\n', none: '// b\n', 'b.js': 'bb\n' });
});

test('mappings of a line may be out of order', () => {
  const sources = ['a.js', 'b.js'];
  // columns 2 (b.js) and then 0 (a.js)
  expect(textsOf('aabb', { version: 3, sources, names: [], mappings: 'ECAA,FDAA' })).toEqual({
    'a.js': 'aa',
    'b.js': 'bb',
  });
});

test('parts of one file are one source', () => {
  expect(
    textsOf(
      'aabb',
      mapOf([
        [0, 0, 'A.vue?script'],
        [0, 2, 'A.vue?template'],
      ]),
    ),
  ).toEqual({ 'A.vue': 'aabb' });
});

test('an index map: each section holds to the beginning of the next', () => {
  const map = {
    version: 3,
    sections: [
      {
        offset: { line: 0, column: 0 },
        map: mapOf([
          [0, 0, 'a.js'],
          [0, 5, 'late.js'],
          [1, 0, 'late.js'],
        ]),
      },
      {
        offset: { line: 0, column: 3 },
        map: mapOf([
          [0, 1, 'b.js'],
          [1, 0, 'b.js'],
        ]),
      },
      {
        offset: { line: 2, column: 1 },
        map: { version: 3, sections: [{ offset: { line: 0, column: 1 }, map: mapOf([[0, 0, 'c.js']]) }] },
      },
    ],
  };
  expect(textsOf('aaa.bb\nbb\n..cc', map)).toEqual({ 'a.js': 'aaa', none: '.|..', 'b.js': 'bb\nbb\n', 'c.js': 'cc' });
});

test('a map behind the prefix that keeps JSON from running is read', () => {
  expect(textsOf('aa', `)]}'\n${JSON.stringify(mapOf([[0, 0, 'a.js']]))}`)).toEqual({ 'a.js': 'aa' });
});

const good = { version: 3, sources: ['a.js'], names: [], mappings: 'AAAA' };
test.each([
  ['no JSON', '{"version":3', 'the source map is not JSON'],
  ['a page instead of a map', '<!doctype html>', 'the source map is not JSON'],
  ['another thing', '[]', 'the source map is broken: it is not an object'],
  ['an old version', { ...good, version: 2 }, 'the source map is broken: its version is not 3'],
  ['no mappings', { ...good, mappings: undefined }, 'the source map is broken: it has no mappings'],
  ['empty mappings', { ...good, mappings: ';;;' }, 'the source map is broken: its mappings are empty'],
  ['no sources', { ...good, sources: {} }, 'the source map is broken: it has no list of sources'],
  [
    'mappings in another alphabet',
    { ...good, mappings: 'AAAA,Ж' },
    'the source map is broken: its mappings are not base64 VLQ',
  ],
  [
    'a number that never ends',
    { ...good, mappings: 'g'.repeat(100) },
    'the source map is broken: its mappings are not base64 VLQ',
  ],
  ['three fields', { ...good, mappings: 'AAA' }, 'the source map is broken: its mappings are not base64 VLQ'],
  ['six fields', { ...good, mappings: 'AAAAAA' }, 'the source map is broken: its mappings are not base64 VLQ'],
  [
    'a place beyond the script',
    { ...good, mappings: 'AAAA;AAAA' },
    'the source map is of another script: 1 of 2 mappings lie outside of it or name no source',
  ],
  [
    'a source that is not listed',
    { ...good, mappings: 'ACAA' },
    'the source map is of another script: 1 of 1 mappings lie outside of it or name no source',
  ],
  [
    'a column before the line',
    { ...good, mappings: 'DAAA' },
    'the source map is of another script: 1 of 1 mappings lie outside of it or name no source',
  ],
  [
    'sections without a map',
    { version: 3, sections: [{ offset: { line: 0, column: 0 }, url: 'x.map' }] },
    'the source map is broken: a section lies in a file of its own, which is not read',
  ],
  [
    'a section far away',
    { version: 3, sections: [{ offset: { line: 1e9, column: 0 }, map: good }] },
    'the source map is of another script: 1 of 1 mappings lie outside of it or name no source',
  ],
  [
    'a section before the script',
    { version: 3, sections: [{ offset: { line: -1, column: 0 }, map: good }] },
    "the source map is broken: a section's line is not a whole number",
  ],
  [
    'sections out of order',
    {
      version: 3,
      sections: [
        { offset: { line: 1, column: 0 }, map: good },
        { offset: { line: 0, column: 0 }, map: good },
      ],
    },
    'the source map is broken: its sections are not in order',
  ],
])('%s is said', (_what, map, problem) => {
  expect(textsOf('aa', map)).toBe(problem);
});

test('sources that are no names own nothing, and a hostile name is only a name', () => {
  const sources = [null, 7, { toString: 'x' }, '__proto__', '../../etc/passwd'];
  const map = { ...good, sources, sourcesContent: 'no list', mappings: 'AAAA,CCAA,CCAA,CCAA,CCAA' };
  expect(splitScript('abcde', JSON.stringify(map), '').split).toEqual({
    sources: ['__proto__', 'etc/passwd'],
    owners: { ends: [3, 4, 5], values: [-1, 0, 1] },
  });
});

test('millions of lines, of mappings of one place, of nesting: a result or a word, and no memory', () => {
  for (const unit of [';', 'AAAA,'])
    expect(textsOf('aa', { ...good, mappings: unit.repeat(10_000_000) })).toBe(
      'the source map has more than 4 million mappings and lines, and is not read',
    );
  const lines = ';'.repeat(3_900_000);
  expect(textsOf('aa', { ...good, mappings: lines })).toBe('the source map is broken: its mappings are empty');
  expect(textsOf('aa', { ...good, mappings: `${lines}AAAA` })).toMatch(/^the source map is of another script/);
  const places = { ...good, mappings: 'ACAA,ADAA,'.repeat(1_900_000), sources: ['a.js', 'b.js'] };
  expect(textsOf('aa', places)).toEqual({ 'a.js': 'aa' });
  expect(textsOf('aa', { ...places, mappings: 'CAAA,DAAA,'.repeat(1_900_000) })).toMatch(
    'more mappings than the script',
  );
  expect(textsOf('aa', '['.repeat(2_000_000))).toBe('the source map is not JSON');
  const nested = `${'{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":'.repeat(10_000)}1${'}]}'.repeat(10_000)}`;
  expect(textsOf('aa', nested)).toBe('the source map is broken: index maps are nested more than 4 deep');
});

test('mappings are decoded as the format says', () => {
  const seen: number[][] = [];
  // 16 and 2147483647 need several characters
  expect(walkMappings('gBAAA,AAgBD;;A,+/////DCAA', (...mapping) => seen.push(mapping))).toBe(true);
  expect(seen).toEqual([
    [0, 16, 0, 0, 0],
    [0, 16, 0, 16, -1],
    [2, 0, -Infinity, 0, 0],
    [2, 2_147_483_647, 1, 16, -1],
  ]);
});

test('bytes of parts sum to the bytes of the whole, wherever it is cut', () => {
  const text = 'aé漢👋\ud800x\udc00';
  const whole = Buffer.byteLength(text);
  expect(utf8Bytes(text, 0, text.length)).toBe(whole);
  for (let cut = 0; cut <= text.length; cut += 1)
    expect(utf8Bytes(text, 0, cut) + utf8Bytes(text, cut, text.length)).toBe(whole);
  expect(byteCounter('ascii')(1, 4)).toBe(3);
});
