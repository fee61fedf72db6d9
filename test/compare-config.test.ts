import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  checkCompareSettings,
  readComparisonSides,
  rebaseUrl,
  rememberedKey,
  servesApplication,
} from '../src/config/compare-config.ts';
import { defineConfig, type PacewrightConfig } from '../src/config/define.ts';
import type { ComparisonSides } from '../src/core/comparison.ts';

const side = { commit: null, dirty: false };
const sides: ComparisonSides = {
  how: 'urls',
  base: { ...side, label: 'base', url: 'http://127.0.0.1:40001/' },
  head: { ...side, label: 'head', url: 'http://127.0.0.1:40002/' },
  budgets: true,
  identical: 'skip',
  pairs: null,
};

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['http://localhost:4173', 'http://127.0.0.1:40001/', 'http://127.0.0.1:40001/'],
  ['http://localhost:4173/shop/', 'http://127.0.0.1:40001', 'http://127.0.0.1:40001/shop/'],
  ['http://localhost:4173/shop/?theme=dark', 'http://127.0.0.1:40001', 'http://127.0.0.1:40001/shop/?theme=dark'],
  ['http://localhost:4173/shop/', 'https://preview.example/pull/7/', 'https://preview.example/pull/7/'],
  ['/relative', 'http://127.0.0.1:40001', 'http://127.0.0.1:40001/'],
  [undefined, 'http://127.0.0.1:40001', 'http://127.0.0.1:40001/'],
])('%s on %s is %s', (configured, url, expected) => {
  expect(rebaseUrl(configured, url)).toBe(expected);
});

describe('which server serves the application', () => {
  const server = (url: string | undefined, port?: number) => ({
    command: 'x',
    ...(url === undefined ? {} : { url }),
    ...(port === undefined ? {} : { port }),
  });
  const mock = server('http://127.0.0.1:5000');
  test.each([
    ['the same origin', server('http://127.0.0.1:4173/ready'), 'http://127.0.0.1:4173/shop/', true],
    ['another name of this machine', server('http://localhost:4173'), 'http://127.0.0.1:4173', true],
    ['a port alone', server(undefined, 4173), 'http://localhost:4173', true],
    ['another port', server('http://localhost:4174'), 'http://localhost:4173', false],
    ['another host', server('http://api.example:4173'), 'http://localhost:4173', false],
    ['the default ports', server('https://app.example/'), 'https://app.example:443/', true],
    ['two schemes', server('http://app.example/'), 'https://app.example/', false],
  ])('%s', (_what, application, baseUrl, expected) => {
    expect(servesApplication(application, { webServers: [application, mock], baseUrls: [baseUrl] })).toBe(expected);
  });

  test('the only one, where there is nothing to compare its address with', () => {
    const only = server(undefined);
    expect(servesApplication(only, { webServers: [only], baseUrls: ['http://localhost:4173'] })).toBe(true);
    expect(servesApplication(only, { webServers: [only, mock], baseUrls: ['http://localhost:4173'] })).toBe(false);
  });
});

describe('defineConfig', () => {
  const config: PacewrightConfig = {
    use: { baseURL: 'http://localhost:4173/shop/' },
    projects: [{ name: 'own', use: { baseURL: 'http://localhost:4173/admin/' } }, { name: 'plain' }],
    webServer: [
      { command: 'app', url: 'http://localhost:4173/shop/' },
      { command: 'mock', url: 'http://localhost:5000' },
    ],
    compare: { build: 'make', start: 'serve {port}' },
  };

  test('outside of a comparison: as written, and `compare` is left for the command alone', () => {
    const { use, webServer, ...rest } = defineConfig(config);
    expect(use?.baseURL).toBe('http://localhost:4173/shop/');
    expect(webServer).toHaveLength(2);
    expect(rest).not.toHaveProperty('compare');
    expect((globalThis as Record<symbol, unknown>)[rememberedKey]).toEqual({
      compare: { build: 'make', start: 'serve {port}' },
      webServers: config.webServer,
      baseUrls: ['http://localhost:4173/shop/', 'http://localhost:4173/admin/'],
    });
  });

  test("in one: head's URLs, and only the servers that both sides share", () => {
    vi.stubEnv('PACEWRIGHT_COMPARE', JSON.stringify(sides));
    const { use, webServer, projects } = defineConfig(config);
    expect(use?.baseURL).toBe('http://127.0.0.1:40002/shop/');
    expect(projects?.map((project) => project.use?.baseURL)).toEqual(['http://127.0.0.1:40002/admin/', undefined]);
    expect(webServer).toEqual([{ command: 'mock', url: 'http://localhost:5000' }]);
  });

  test('in one, with a port for a base URL, as Playwright has it', () => {
    vi.stubEnv('PACEWRIGHT_COMPARE', JSON.stringify(sides));
    const { use, webServer } = defineConfig({ webServer: { command: 'app', port: 4173 } });
    expect(use?.baseURL).toBe('http://127.0.0.1:40002/');
    expect(webServer).toBeUndefined();
  });
});

test.each([
  [{ biuld: 'x' }, 'Did you mean "build"?'],
  [{ build: 3 }, 'compare.build is 3'],
  [{ timeout: '60 s' }, 'compare.timeout is "60 s"'],
  [{ timeout: 0 }, 'compare.timeout is 0'],
  [{ url: ':{port}' }, 'compare.url is ":{port}"'],
  ['npm start', 'no object'],
])('compare: %j is refused', (settings, message) => {
  expect(() => checkCompareSettings(settings)).toThrow(message);
});

test('the sides come from the environment, or not at all', () => {
  expect(readComparisonSides({})).toBeNull();
  expect(readComparisonSides({ PACEWRIGHT_COMPARE: '' })).toBeNull();
  expect(readComparisonSides({ PACEWRIGHT_COMPARE: JSON.stringify(sides) })).toEqual(sides);
  for (const text of ['1', '{', '{}', JSON.stringify({ ...sides, more: 1 })])
    expect(() => readComparisonSides({ PACEWRIGHT_COMPARE: text })).toThrow('PACEWRIGHT_COMPARE');
});
