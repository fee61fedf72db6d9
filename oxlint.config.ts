import { defineConfig, type OxlintOverride } from 'oxlint';

/**
 * Which folders of src/ a folder may import from. What is not listed here is an error, so a new dependency between
 * layers is a decision somebody makes in this table.
 */
const LAYERS = {
  core: [],
  stats: ['core'],
  judge: ['core', 'stats'],
  analyse: ['core', 'stats'],
  heap: ['core'],
  config: ['core', 'browser'],
  store: ['core'],
  browser: ['core'],
  collect: ['core', 'browser'],
  diagnose: ['core', 'browser', 'collect', 'analyse', 'heap', 'stats', 'store'],
  scenario: ['core', 'config', 'browser', 'collect', 'diagnose', 'judge', 'stats', 'store'],
  report: ['core', 'analyse', 'heap', 'judge', 'stats', 'store'],
  compare: ['core', 'browser', 'config', 'store'],
  visit: ['core', 'config', 'scenario'],
  reporter: ['core', 'browser', 'config', 'judge', 'report', 'store'],
} as const;

type Layer = keyof typeof LAYERS;
const layers = Object.keys(LAYERS) as Layer[];

/** Layers that are mathematics on documents: no browser, no clock, no randomness, no disk. */
const PURE: readonly Layer[] = ['core', 'stats', 'judge', 'analyse', 'heap'];

/** Globals through which time, chance and the outside come in. */
const AMBIENT = [
  'Date',
  'performance',
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'window',
  'document',
];

/** Packages that one layer alone may know, so that replacing one touches one folder. */
const PACKAGES: Readonly<Record<string, readonly Layer[]>> = {
  handlebars: ['report'],
  lighthouse: ['collect'],
  'puppeteer-core': ['collect'],
  'chrome-launcher': ['browser'],
  sirv: ['compare'],
  '@jridgewell/trace-mapping': ['analyse'],
  '@paulirish/trace_engine': ['analyse'],
  'oxc-parser': ['analyse'],
  'chrome-har': ['analyse'],
  'd3-hierarchy': ['report'],
  '@playwright/test': ['config', 'browser', 'collect', 'diagnose', 'scenario', 'reporter', 'visit'],
};

/** Modules of Node that reach outside of the process, or tell the time. */
const IMPURE_MODULES =
  'async_hooks|child_process|cluster|crypto|dgram|dns|fs|http|http2|https|inspector|net|os|perf_hooks|process|readline|sqlite|timers|tls|v8|vm|worker_threads';

/** The patterns for one folder. oxlint's regular expressions know no look-ahead, so they name what is forbidden. */
function restrictImports(layer: Layer) {
  const allowed: readonly Layer[] = LAYERS[layer];
  const others = layers.filter((other) => other !== layer && !allowed.includes(other));
  const foreign = Object.keys(PACKAGES).filter((name) => !PACKAGES[name]?.includes(layer));
  const patterns = [
    {
      // Another folder; a file at the top of src/; anything outside of src/.
      regex: `^\\.\\./((${others.join('|')})(/|$)|[^/]+$|\\.\\./)`,
      message: `src/${layer} may import from: ${allowed.join(', ') || 'no other folder'} (LAYERS in oxlint.config.ts).`,
    },
    { regex: '^pacewright(/|$)', message: 'Import the file itself, not the package.' },
    {
      regex: `^(${foreign.join('|')})(/|$)`,
      message: `src/${layer} does not know this package (PACKAGES in oxlint.config.ts).`,
    },
  ];
  if (PURE.includes(layer)) {
    patterns.push({
      regex: `^node:(${IMPURE_MODULES})(/|$)`,
      message: `src/${layer} is pure: the caller reads and writes.`,
    });
  }
  return patterns;
}

function restrictLayer(layer: Layer): OxlintOverride {
  return {
    files: [`src/${layer}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns: restrictImports(layer) }] },
  };
}

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error' },
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['.*/**', 'dist/**', 'reports/**', '**/fixtures/**', 'examples/*/dist/**'],
  rules: {
    'import/no-cycle': 'error',
    'no-console': 'error',
    'no-process-exit': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    eqeqeq: 'error',
    'unicorn/prefer-node-protocol': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    // It also complains about the copy that keeps a loop right while its body changes the original.
    'unicorn/no-useless-spread': 'off',
    // Playwright reads the destructured parameter of a fixture, so one without dependencies is written ({}, use).
    'no-empty-pattern': 'off',
  },
  overrides: [
    ...layers.map(restrictLayer),
    {
      // Time, chance and the process come in as arguments.
      files: PURE.map((layer) => `src/${layer}/**/*.ts`),
      rules: {
        'no-restricted-globals': ['error', ...AMBIENT],
        'no-restricted-properties': [
          'error',
          { object: 'Math', property: 'random', message: 'Take a seeded generator as an argument.' },
        ],
      },
    },
    {
      files: ['test/**'],
      plugins: ['vitest'],
      rules: {
        'vitest/no-focused-tests': 'error',
        'vitest/no-disabled-tests': 'error',
        'vitest/no-identical-title': 'error',
        'vitest/no-standalone-expect': 'error',
        // Two: the value, and a message for when it is wrong.
        // Helpers and Playwright's own waiting assert as well.
        'vitest/expect-expect': 'off',
        'vitest/valid-expect': ['error', { maxArgs: 2 }],
      },
    },
    {
      files: ['src/cli.ts', 'scripts/**', 'bench/**'],
      rules: { 'no-console': 'off', 'no-process-exit': 'off' },
    },
  ],
});
