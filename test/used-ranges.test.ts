/** What coverage says was used, and of style sheets what could have been. */
import { expect, test } from 'vitest';
import type { ScriptCoverage } from '../src/core/recording.ts';
import { styleRules } from '../src/analyse/style-rules.ts';
import { firstUseOfScript, firstUseOfStyle } from '../src/analyse/used-ranges.ts';

type Range = readonly [start: number, end: number, count: number];

function coverage(...functions: readonly (readonly [name: string, ...ranges: Range[]])[]): ScriptCoverage {
  return {
    url: 'http://app.test/a.js',
    startLine: 0,
    startColumn: 0,
    functions: functions.map(([name, ...ranges]) => ({
      name,
      isBlockCoverage: true,
      ranges: ranges.map(([start, end, count]) => ({ start, end, count })),
    })),
  };
}

/** One letter a character: `.` for never, else the step. */
function drawn(steps: readonly (readonly ScriptCoverage[])[], length: number): string | null {
  const pieces = firstUseOfScript(steps, length);
  if (!pieces) return null;
  let text = '';
  for (const [place, end] of pieces.ends.entries())
    text += ((pieces.values[place] ?? -1) < 0 ? '.' : String(pieces.values[place])).repeat(end - text.length);
  return text;
}

test('the innermost range tells: blocks that did not run within those that did, and the other way round', () => {
  const ran = coverage(['', [0, 20, 1]], ['f', [2, 12, 3], [4, 10, 0], [5, 7, 2]], ['g', [14, 18, 0]]);
  expect(drawn([[ran]], 20)).toBe('0000.00...0000....00');
});

test('a block with the ends of its function tells instead of it, and one that ends before it within', () => {
  expect(drawn([[coverage(['', [0, 6, 1]], ['f', [1, 5, 1], [1, 5, 0]])]], 6)).toBe('0....0');
  expect(drawn([[coverage(['f', [0, 4, 0]], ['', [0, 6, 1]])]], 6)).toBe('....00');
});

test('what any step used is used, since the first that did', () => {
  const open = coverage(['', [0, 10, 1]], ['f', [2, 5, 0]], ['g', [6, 9, 0]]);
  // later steps list only functions that ran in them: not the script as a whole
  const click = coverage(['f', [2, 5, 1], [3, 4, 0]]);
  const again = coverage(['f', [2, 5, 1]]);
  expect(drawn([[open], [], [click], [again]], 10)).toBe('002320...0');
});

test('two loads in one step are one use', () => {
  const [first, second] = [coverage(['', [0, 6, 1]], ['f', [1, 3, 0]]), coverage(['', [0, 6, 1]], ['g', [4, 5, 0]])];
  expect(drawn([[first, second]], 6)).toBe('000000');
});

test('coverage of another text is no coverage', () => {
  expect(drawn([[coverage(['', [0, 10, 1]])]], 12)).toBeNull();
  expect(drawn([[coverage(['', [0, 10, 1]])]], 8)).toBeNull();
  expect(drawn([[]], 8)).toBeNull();
  expect(drawn([[coverage(['f', [9, 3, 1], [-4, 2, 1]])]], 3)).toBe('...');
});

test('an empty script has no pieces', () => {
  expect(drawn([[coverage(['', [0, 0, 1]])]], 0)).toBe('');
});

test('rules of style sheets over steps', () => {
  const steps = [
    [[{ start: 0, end: 3 }]],
    [
      [
        { start: 2, end: 5 },
        { start: 7, end: 8 },
      ],
    ],
  ];
  expect(firstUseOfStyle(steps, 9)).toEqual({ ends: [3, 5, 7, 8, 9], values: [0, 1, -1, 1, -1] });
});

test.each([
  ['a { b: c }', ['a { b: c }']],
  ['/* x { } */ a, b > c {d:e}  f{}', ['a, b > c {d:e}', 'f{}']],
  ['@charset "utf-8"; @import url("x;{}.css"); a{}', ['a{}']],
  ['@font-face { src: url(x) } @keyframes k { from { a: b } to { a: c } } i{}', ['i{}']],
  ['@media (a) { b {c:d} @supports (e) { f{g:h} } } j{}', ['b {c:d}', 'f{g:h}', 'j{}']],
  ['@layer a, b; @layer a { c{} } @property --x { syntax: "*" }', ['c{}']],
  ['a { & b { c: d } e: f }', ['a { & b { c: d } e: f }']],
  [`a::after { content: '}{' } b{}`, [`a::after { content: '}{' }`, 'b{}']],
  [`a[href="{"] { b: "\\"}" } c{}`, [`a[href="{"] { b: "\\"}" }`, 'c{}']],
  ['.\\31 0\\% { a: b } .c\\{d { e: f }', ['.\\31 0\\% { a: b }', '.c\\{d { e: f }']],
  ['a { b: c', ['a { b: c']],
  ['a { b: "unclosed\n} c{}', ['a { b: "unclosed\n}', 'c{}']],
  ['} } a{} /* never closed', ['a{}']],
  ['{}', []],
  ['', []],
])('style rules of %j', (text, rules) => {
  expect(styleRules(text).map(({ start, end }) => text.slice(start, end))).toEqual(rules);
});

test('a hostile sheet takes time in proportion to its length only', () => {
  expect(styleRules('a{'.repeat(500_000))).toHaveLength(1);
  expect(styleRules('@media a{'.repeat(200_000))).toHaveLength(0);
  expect(styleRules('/*'.repeat(500_000))).toHaveLength(0);
});
