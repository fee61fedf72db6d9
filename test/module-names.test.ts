/** Names of sources and packages from the free text of source maps. */
import { expect, test } from 'vitest';
import { cleanSourceNames, packageOf } from '../src/analyse/module-names.ts';

test.each([
  ['../../src/main.tsx', 'src/main.tsx'],
  ['./src/./a/../b.ts', 'src/b.ts'],
  ['webpack:///./src/app.js', 'src/app.js'],
  ['webpack://my-shop/./src/app.js?1f3a', 'src/app.js'],
  ['webpack://my-shop/./node_modules/css-loader/dist/cjs.js!./src/a.css', 'src/a.css'],
  ['webpack://my-shop/./src/App.vue?vue&type=script', 'src/App.vue'],
  ['webpack:///external "React"', 'external "React"'],
  ['turbopack:///[project]/src/page.tsx', 'src/page.tsx'],
  ['http://localhost:3000/src/a.ts', 'src/a.ts'],
  ['\0vite/preload-helper.js', 'vite/preload-helper.js'],
  ['src\\windows\\a.ts', 'src/windows/a.ts'],
  [
    '/builds/x/node_modules/.pnpm/react@19.0.0/node_modules/react/index.js',
    'node_modules/.pnpm/react@19.0.0/node_modules/react/index.js',
  ],
  ['../../../../../../etc/passwd', 'etc/passwd'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['a\u001b[31m\u202eb.js', 'a b.js'],
  ['', ''],
])('%j is %j', (source, name) => {
  expect(cleanSourceNames([source], '', 'http://app.test/a.js')).toEqual([name]);
});

test('absolute paths lose what they share: the folder of the project', () => {
  expect(
    cleanSourceNames(
      ['/home/ada/shop/src/a.ts', '/home/ada/shop/src/b/c.ts', '/home/ada/shop/node_modules/x/i.js'],
      '',
      '',
    ),
  ).toEqual(['src/a.ts', 'src/b/c.ts', 'node_modules/x/i.js']);
  expect(cleanSourceNames(['/home/ada/shop/src/a.ts', '/home/ada/shop/src/b/c.ts'], '', '')).toEqual([
    'src/a.ts',
    'src/b/c.ts',
  ]);
  expect(cleanSourceNames(['webpack:////home/ada/shop/lib/a.js', 'webpack:////home/ada/shop/x.js'], '', '')).toEqual([
    'shop/lib/a.js',
    'shop/x.js',
  ]);
});

test('a source root stands before relative names only', () => {
  expect(cleanSourceNames(['a.ts', 'webpack:///./b.ts', null], '../lib', '')).toEqual(['lib/a.ts', 'b.ts', '']);
});

test('a name of 10 MB is cut, not worked on', () => {
  const [name = ''] = cleanSourceNames(['../'.repeat(3_000_000) + 'x'.repeat(1_000_000)], '', '');
  expect(name.length).toBeLessThanOrEqual(300);
});

test.each([
  ['src/app.ts', null],
  ['my_node_modules/x/a.js', null],
  ['node_modules/react/index.js', { name: 'react', version: null, folder: 'node_modules/react', path: 'index.js' }],
  [
    'node_modules/a/node_modules/@vue/shared/dist/i.js',
    { name: '@vue/shared', version: null, folder: 'node_modules/a/node_modules/@vue/shared', path: 'dist/i.js' },
  ],
  [
    'node_modules/.pnpm/@vue+shared@3.4.1_typescript@5.0.0/node_modules/@vue/shared/i.js',
    {
      name: '@vue/shared',
      version: '3.4.1',
      folder: 'node_modules/.pnpm/@vue+shared@3.4.1_typescript@5.0.0/node_modules/@vue/shared',
      path: 'i.js',
    },
  ],
  [
    'node_modules/.pnpm/react-dom@18.3.0-rc.1(react@18.3.0)/node_modules/react-dom/i.js',
    {
      name: 'react-dom',
      version: '18.3.0-rc.1',
      folder: 'node_modules/.pnpm/react-dom@18.3.0-rc.1(react@18.3.0)/node_modules/react-dom',
      path: 'i.js',
    },
  ],
  [
    '.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip/node_modules/lodash/map.js',
    {
      name: 'lodash',
      version: '4.17.21',
      folder: '.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip/node_modules/lodash',
      path: 'map.js',
    },
  ],
  ['node_modules/.vite/deps/chunk.js', null],
  ['node_modules/', null],
])('%s belongs to %j', (file, expected) => {
  expect(packageOf(file)).toEqual(expected);
});
