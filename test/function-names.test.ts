/** Names of functions, as the source has them. */
import { describe, expect, test } from 'vitest';
import { findFunctions } from '../src/analyse/function-scopes.ts';
import { nestsTooDeep } from '../src/analyse/nesting.ts';

function names(source: string, file = 'a.tsx'): string[] {
  const found = findFunctions(source, file);
  if (typeof found === 'string') throw new Error(found);
  return found.map(({ name }) => name);
}

describe('names', () => {
  test.each<[string, readonly string[]]>([
    ['function load() {}', ['load']],
    ['export default function () {}', ['default export']],
    ['export default () => {}', ['default export']],
    ['const load = async () => {}', ['load']],
    ['let load; load = function () {}', ['load']],
    ['const load = function inner() {}', ['inner']],
    [
      'class Cart { constructor() {} add() {} static of() {} #hide() {} get total() {} run = () => {} }',
      ['Cart.constructor', 'Cart.add', 'Cart.of', 'Cart.#hide', 'Cart.total', 'Cart.run'],
    ],
    ['const Cart = class { add() {} }', ['Cart.add']],
    [
      'const api = { load() {}, save: () => {}, "odd key": function () {}, [computed]() {} }',
      ['api.load', 'api.save', 'api.odd key', '(anonymous)'],
    ],
    ['export default { methods: { add() {} } }', ['add']],
    ['Cart.prototype.add = function () {}', ['Cart.add']],
    ['exports.load = () => {}; module.exports = () => {}', ['load', 'exports']],
    ['class A { constructor() { this.run = () => {} } }', ['A.constructor', 'A.run']],
    ['const Row = memo(forwardRef((props) => <b />))', ['Row']],
    ['const total = useMemo(() => 1, [])', ['useMemo callback']],
    ['const onAdd = useCallback(async () => {}, [])', ['onAdd']],
    [
      'function Page() { useEffect(() => { return () => {} }, []) }',
      ['Page', 'Page > useEffect callback', 'Page > useEffect callback > returned function'],
    ],
    [
      'function Page() { return <b onClick={() => run()}>{items.map((i) => i)}</b> }',
      ['Page', 'Page > onClick', 'Page > map callback'],
    ],
    ['function Page() { return <List>{(item) => item}</List> }', ['Page', 'Page > render function']],
    ['window.addEventListener("scroll", () => {})', ['scroll listener']],
    ['load().then((x) => x).catch(() => {})', ['then callback', 'catch callback']],
    [
      'new Promise((resolve) => setTimeout(() => resolve(), 5))',
      ['Promise callback', 'Promise callback > setTimeout callback'],
    ],
    ['(function () {})(); (() => {})()', ['(anonymous)', '(anonymous)']],
    ['const format = (() => { const f = 1; return (cents) => f })()', ['format initializer', 'format']],
    ['export const run = (() => () => 1)()', ['run initializer', 'run']],
    ['const curry = (a) => (b) => a + b', ['curry', 'curry > returned function']],
    ['const f = (() => {}) as Handler; const g = (function () {})!', ['f', 'g']],
    ['function f(done = () => {}) {}', ['f', 'done']],
    ['create({ onDone: () => {} })', ['onDone']],
    [
      'function a() { b(() => { c(() => { d(() => { e(() => {}) }) }) }) }',
      [
        'a',
        'a > b callback',
        'a > b callback > c callback',
        'a > … > c callback > d callback',
        'a > … > d callback > e callback',
      ],
    ],
    [
      'namespace N { export function inside() {} } declare function typed(): void; abstract class B { abstract m(): void }',
      ['inside'],
    ],
  ])('%s', (source, expected) => {
    expect(names(source)).toEqual(expected);
  });

  test('JavaScript, TypeScript with casts, components, and sources without a known kind', () => {
    expect(names('export const f = async (x) => <a>{x}</a>', 'a.js')).toEqual(['f']);
    expect(names('const f = <T,>(x: T) => <any>x;', 'a.ts')).toEqual(['f']);
    expect(names('const f = (x: number) => x', 'a')).toEqual(['f']);
    const component =
      '<template>\n<b @click="add">{{ x }}</b>\n</template>\n<script setup lang="ts">\nconst add = (n: number) => n\n</script>\n';
    const [scope] = findFunctions(component, 'src/App.vue');
    expect(scope).toMatchObject({ name: 'add', head: component.indexOf('add = ') });
    expect(
      names(
        '<script context="module">export function load() {}</script>\n<script>let a = () => {}</script>',
        'a.svelte',
      ),
    ).toEqual(['load', 'a']);
  });

  test('where a name begins, and which function is around', () => {
    const source = 'export const load = useCallback(async () => { run(() => {}) })';
    expect(findFunctions(source, 'a.ts')).toEqual([
      { name: 'load', head: 13, start: source.indexOf('async'), end: source.length - 1, parent: -1 },
      { name: 'load > run callback', head: 50, start: 50, end: 58, parent: 0 },
    ]);
  });

  test('an exported function begins with its export', () => {
    expect(findFunctions(' export async function load() {}', 'a.ts')).toMatchObject([
      { name: 'load', head: 1, start: 8 },
    ]);
    expect(findFunctions('export default function () {}', 'a.ts')).toMatchObject([{ name: 'default export', head: 0 }]);
  });

  test('offsets count UTF-16 units', () => {
    const [scope] = findFunctions('const s = "😀ä"; function after() {}', 'a.ts') as readonly { start: number }[];
    expect(scope?.start).toBe(17);
  });

  test('what cannot be parsed is said', () => {
    expect(findFunctions('((( not %% code', 'a.ts')).toBe('no JavaScript or TypeScript');
    expect(findFunctions('x'.repeat(5e6), 'a.ts')).toBe('too large');
    expect(findFunctions('', 'a.ts')).toBe('no JavaScript or TypeScript');
  });
});

describe('nesting', () => {
  test.each([
    ['brackets', '['.repeat(600)],
    ['brackets that strings seem to close', '[")]}",'.repeat(600)],
    ['in templates', '`${'.repeat(600)],
    ['in what a comment seems to close', '(/*)*/'.repeat(600)],
    ['in what a regular expression seems to close', '(/[)/]/,'.repeat(600)],
    ['conditions', `x=${'a?b:'.repeat(3000)}1`],
    ['arrows', `x=${'()=>'.repeat(3000)}1`],
    ['statements', `${'if(a){}else '.repeat(3000)}{}`],
    ['loops', 'for(;;)'.repeat(3000)],
    ['operators', `x=${'!'.repeat(9000)}1`],
    ['types', `type x=${'keyof '.repeat(3000)}a`],
    ['elements', `x=${'<a>'.repeat(3000)}`],
  ])('%s', (_what, source) => {
    expect(nestsTooDeep(source)).toBe(true);
    expect(findFunctions(source, 'a.tsx')).toBe('nested too deep');
  });

  test('ordinary code is not deep, however long', () => {
    const body = 'if (a < b && c > d) { f("(((", \'[[[\', /[({]/, `${a}{{{`); } else if (x) return y ? 1 : 2; // (((\n';
    expect(nestsTooDeep(`function f() {\n${body.repeat(3000)}}\n`)).toBe(false);
    expect(nestsTooDeep(`const data = "${'+/='.repeat(1e5)}"; ${'/* ===== ----- */\n'.repeat(1000)}`)).toBe(false);
    expect(nestsTooDeep(`export default [${'{ a: 1, b: [1, 2] },\n'.repeat(5000)}]`)).toBe(false);
  });
});
