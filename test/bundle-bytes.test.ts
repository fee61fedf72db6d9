/** Which scripts and modules a budget on `bundle.GLOB` means. */
import { expect, test } from 'vitest';
import type { BundleFile, Bundles } from '../src/core/bundles.ts';
import { bundleBytes, bundleParts } from '../src/analyse/bundle-bytes.ts';

function file(url: string, transferred: number, modules: Readonly<Record<string, number>> = {}): BundleFile {
  return {
    url,
    kind: url.includes('.css') ? 'stylesheet' : 'script',
    party: 'first-party',
    size: 3 * transferred,
    transferred,
    unused: null,
    map: 'used',
    problem: null,
    firstUse: [],
    modules: Object.entries(modules).map(([name, bytes]) => ({
      file: name,
      package: null,
      version: null,
      size: 3 * bytes,
      transferred: bytes,
      unused: null,
      later: null,
    })),
  };
}

const pnpm = 'node_modules/.pnpm/react-dom@19.0.0_react@19.0.0/node_modules/react-dom/cjs/react-dom.js';
const bundles: Bundles = {
  files: [
    file('http://app.test/assets/index-B2c9.js', 100, {
      'src/main.tsx': 30,
      'src/pages/[id].tsx': 20,
      [pnpm]: 40,
      '(unmapped)': 10,
    }),
    file('http://app.test/assets/chart-Q81f.js?v=3', 7, { 'src/main.tsx': 2, 'src/chart.tsx': 5 }),
    file('http://app.test/assets/index-77aa.css', 11),
    file('https://cdn.test/lib/tag.js', 1000),
    file('http://app.test/ (inline, 8:9)', 3),
    file('(made at run time)', 0),
  ],
  duplicates: [],
  changes: null,
  notes: [],
};

test.each([
  ['index-*.js', 100],
  ['index-*', 111],
  ['*.js', 1107],
  ['*.css', 11],
  ['{index,chart}-*.js', 107],
  ['index-B2c9.js', 100],
  ['assets/*.js', 107],
  ['**/*.js', 1107],
  ['cdn.test/**', 1000],
  ['app.test/assets/**', 118],
  ['src/**', 57],
  ['src/*', 37],
  ['src/main.tsx', 32],
  ['src/pages/[id].tsx', 20],
  ['node_modules/react-dom/**', 40],
  ['node_modules/.pnpm/**', 40],
  ['node_modules/**', 40],
  // once, not as a script and again by its modules
  ['**', 1121],
  ['main.tsx', null],
  ['react-dom', null],
  ['node_modules/moment/**', null],
  ['[', null],
  ['!*.js', null],
])('bundle.%s is %j bytes', (glob, bytes) => {
  expect(bundleBytes(bundles, glob)).toBe(bytes);
});

test('what a glob names is told part by part, a module of several scripts once', () => {
  expect(bundleParts(bundles, 'src/**')).toEqual([
    { name: 'src/main.tsx', transferred: 32 },
    { name: 'src/pages/[id].tsx', transferred: 20 },
    { name: 'src/chart.tsx', transferred: 5 },
  ]);
  expect(bundleParts(bundles, '*.css')).toEqual([{ name: 'index-77aa.css', transferred: 11 }]);
});
