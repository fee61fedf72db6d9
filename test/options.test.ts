import { describe, expect, test } from 'vitest';
import { chromeFlags } from '../src/browser/flags.ts';
import { defineConfig, type PacewrightConfig, reporterPath } from '../src/config/define.ts';
import { defaultOptions, type PacewrightOptions, readOptions } from '../src/config/options.ts';

/** Options as a JavaScript config may have them, whatever the types say. */
function untyped(options: Record<string, unknown>): PacewrightOptions {
  return Object.assign({ ...defaultOptions }, options);
}

describe('readOptions', () => {
  test('the defaults', () => {
    expect(readOptions(defaultOptions)).toMatchObject({
      samples: null,
      cache: 'cold',
      cpuThrottling: 1,
      network: null,
      heap: 'flow',
      stepTimeout: 30_000,
      settleTimeout: 10_000,
      settleQuiet: 100,
      noiseGate: 'on',
      diagnose: 'all',
      lighthouse: 'on',
    });
  });

  test('a comparison diagnoses failures only, unless it is told what to diagnose', () => {
    const inComparison = { PACEWRIGHT_COMPARE: '{}' };
    expect(readOptions(defaultOptions, inComparison).diagnose).toBe('failures');
    expect(readOptions({ ...defaultOptions, diagnose: 'all' }, inComparison).diagnose).toBe('all');
    expect(readOptions(defaultOptions, { ...inComparison, PACEWRIGHT_DIAGNOSE: 'off' }).diagnose).toBe('off');
    expect(readOptions({ ...defaultOptions, diagnose: 'off' }, { PACEWRIGHT_DIAGNOSE: 'auto' }).diagnose).toBe('all');
  });

  test('networks by name and in numbers', () => {
    expect(readOptions(untyped({ network: '3g' })).network).toEqual({
      name: '3g',
      latency: 150,
      download: 1600,
      upload: 768,
    });
    expect(readOptions(untyped({ network: { latency: 0, download: 100, upload: 50 } })).network).toEqual({
      name: 'custom',
      latency: 0,
      download: 100,
      upload: 50,
    });
  });

  test('settling in parts', () => {
    expect(readOptions(untyped({ settle: { quiet: 0 } }))).toMatchObject({ settleQuiet: 0, settleTimeout: 10_000 });
    expect(readOptions(untyped({ settle: undefined }))).toMatchObject({ settleQuiet: 100, settleTimeout: 10_000 });
  });

  test('the environment goes before the config', () => {
    const fixed = { ...defaultOptions, samples: 3 };
    expect(readOptions(fixed, { PACEWRIGHT_SAMPLES: '7', PACEWRIGHT_NOISE_GATE: 'off' })).toMatchObject({
      samples: 7,
      noiseGate: 'off',
    });
    expect(readOptions(fixed, { PACEWRIGHT_SAMPLES: 'auto' }).samples).toBeNull();
    expect(readOptions(fixed, { PACEWRIGHT_SAMPLES: '' }).samples).toBe(3);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ samples: 0 }, 'use.samples is 0; allowed: a whole number of at least 1.'],
    [{ samples: 2.5 }, 'use.samples is 2.5; allowed: a whole number of at least 1.'],
    [{ samples: '5' }, 'use.samples is "5"; allowed: a whole number of at least 1.'],
    [{ cache: 'hot' }, "use.cache is \"hot\"; allowed: 'cold' or 'warm'."],
    [{ heap: undefined }, "use.heap is undefined; allowed: 'flow' or 'steps'."],
    [{ cpuThrottling: 0.5 }, 'use.cpuThrottling is 0.5; allowed: a number of at least 1.'],
    [{ cpuThrottling: Number.NaN }, 'use.cpuThrottling is NaN; allowed: a number of at least 1.'],
    [
      { network: '5g' },
      'use.network is "5g". Did you mean "4g"? Allowed: lighthouse-mobile, 4g, 3g, 3g-fast, 3g-slow, cable.',
    ],
    [
      { network: 'constructor' },
      'use.network is "constructor". Allowed: lighthouse-mobile, 4g, 3g, 3g-fast, 3g-slow, cable.',
    ],
    [{ network: { latency: 1, download: 100 } }, 'use.network.upload is undefined; allowed: a number of at least 1.'],
    [{ stepTimeout: 0 }, 'use.stepTimeout is 0; allowed: a number of at least 1.'],
    // setTimeout would fire at once.
    [{ stepTimeout: 2 ** 31 }, 'use.stepTimeout is 2147483648; allowed: a number from 1 to 3600000.'],
    [
      { settle: { timeout: Number.POSITIVE_INFINITY } },
      'use.settle.timeout is Infinity; allowed: a number of at least 1.',
    ],
    [{ settle: { quiet: -1 } }, 'use.settle.quiet is -1; allowed: a number of at least 0.'],
    [{ noiseGate: true }, "use.noiseGate is true; allowed: 'on' or 'off'."],
    [{ diagnose: 'some' }, "use.diagnose is \"some\"; allowed: 'auto' or 'all' or 'failures' or 'off'."],
    [{ lighthouse: false }, "use.lighthouse is false; allowed: 'on' or 'off'."],
    [{ inconclusive: 'error' }, "use.inconclusive is \"error\"; allowed: 'warn' or 'fail'."],
  ])('%o', (options, message) => {
    expect(() => readOptions(untyped(options))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', exitCode: 2, message }),
    );
  });

  test.each(['none', '0', '-1', '2.5', '1e3', '0x10', ' '])('PACEWRIGHT_SAMPLES="%s"', (text) => {
    expect(() => readOptions(defaultOptions, { PACEWRIGHT_SAMPLES: text })).toThrow(
      `PACEWRIGHT_SAMPLES is "${text}"; allowed: a whole number of at least 1, or auto.`,
    );
  });
});

describe('defineConfig', () => {
  test('sets what measuring needs, and keeps the rest', () => {
    expect(defineConfig({ use: { baseURL: 'http://shop.test', trace: 'on', samples: 5 }, timeout: 7 })).toMatchObject({
      testDir: 'scenarios',
      timeout: 7,
      workers: 1,
      retries: 0,
      fullyParallel: false,
      reporter: [[reporterPath]],
      use: { baseURL: 'http://shop.test', samples: 5, trace: 'off', video: 'off', screenshot: 'off' },
    });
  });

  test('in projects as well', () => {
    const config = defineConfig({
      projects: [{ name: 'phone', testDir: 'phone', use: { trace: 'on', isMobile: true } }],
    });
    expect(config.projects).toMatchObject([
      { name: 'phone', testDir: 'phone', use: { isMobile: true, trace: 'off', video: 'off', screenshot: 'off' } },
    ]);
  });

  test.each<[string, PacewrightConfig['reporter'], unknown[]]>([
    ['a name', 'list', [['list'], [reporterPath]]],
    ['a list with options', [['json', { outputFile: 'a.json' }]], [['json', { outputFile: 'a.json' }], [reporterPath]]],
    [
      'ours by its name, with options',
      [['pacewright/reporter', { outputFolder: 'out' }], ['list']],
      [[reporterPath, { outputFolder: 'out' }], ['list']],
    ],
  ])('our reporter stands beside others: %s', (_name, reporter, all) => {
    expect(defineConfig(reporter === undefined ? {} : { reporter }).reporter).toEqual(all);
  });

  test.each<[string, PacewrightConfig]>([
    ['workers', { workers: 2 }],
    ['workers', { workers: '50%' }],
    ['fullyParallel', { fullyParallel: true }],
    ['retries', { retries: 1 }],
    ['projects["phone"].retries', { projects: [{ name: 'phone', retries: 2 }] }],
    ['projects["phone"].fullyParallel', { projects: [{ name: 'phone', fullyParallel: true }] }],
  ])('%s cannot be set', (key, config) => {
    expect(() => defineConfig(config)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(`${key} cannot be set`) }),
    );
  });

  test('what says the same as ours is no error', () => {
    expect(() => defineConfig({ workers: 1, retries: 0, fullyParallel: false })).not.toThrow();
  });
});

describe('chromeFlags', () => {
  test('one --disable-features with all features: Chrome reads the last only', () => {
    const flags = chromeFlags({ headless: true, extra: ['--disable-features=Ours,Translate'] });
    const features = flags.filter((flag) => flag.startsWith('--disable-features='));
    expect(features).toHaveLength(1);
    const names = features[0]?.split('=')[1]?.split(',') ?? [];
    expect(names).toEqual(expect.arrayContaining(['CalculateNativeWinOcclusion', 'Translate', 'Ours']));
    expect(new Set(names).size).toBe(names.length);
  });

  test('headless or not, each flag once, those of the config too', () => {
    const flags = chromeFlags({ headless: true, extra: ['--lang=de', '--disable-gpu'] });
    expect(flags).toEqual(expect.arrayContaining(['--headless=new', '--lang=de', '--disable-gpu']));
    expect(new Set(flags).size).toBe(flags.length);
    expect(chromeFlags({ headless: false })).not.toContain('--headless=new');
  });
});
