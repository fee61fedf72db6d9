/**
 * What a comparison needs of the configuration: the commands that bring up a build, the sides that the command hands
 * to workers, and which web servers and base URLs give way to them.
 */
import type { PlaywrightTestConfig } from '@playwright/test';
import { comparisonSides, type ComparisonSides } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { suggest } from '../core/nearest.ts';

/**
 * How `pacewright compare <ref>` installs, builds and starts base and head. All are optional; texts are commands for
 * the shell, run in the project's folder with `PACEWRIGHT_VARIANT=base` or `head` in the environment. An empty text
 * skips `install` or `build`.
 */
export interface CompareSettings {
  /** Installs packages; by default the lock file decides (`npm ci`, `pnpm install --frozen-lockfile`, …). */
  install?: string;
  /** Builds; by default the script `build` of package.json, where there is one. */
  build?: string;
  /**
   * Starts a server that listens on the port of the environment variable `PORT`; `{port}` is replaced by it, too.
   * By default the command of `webServer` with its port replaced, else the script `preview` or `start`.
   */
  start?: string;
  /** Where that server answers; by default `http://127.0.0.1:{port}` with the path of `use.baseURL`. */
  url?: string;
  /** ms in which the server has to answer; 60000 by default. */
  timeout?: number;
}

type WebServers = Extract<NonNullable<PlaywrightTestConfig['webServer']>, readonly unknown[]>;
export type WebServer = WebServers[number];

/** What `defineConfig` leaves for the command to read: neither Playwright's config nor its report knows it. */
export interface RememberedConfig {
  readonly compare: CompareSettings;
  readonly webServers: readonly WebServer[];
  /** `use.baseURL` of the config, then those of projects. */
  readonly baseUrls: readonly string[];
}

export const rememberedKey = Symbol.for('pacewright.compare');

const settingKeys = ['install', 'build', 'start', 'url', 'timeout'] as const;

/**
 * Checks the key `compare` of the config.
 * @throws PacewrightError CONFIG_INVALID naming the key and what is allowed
 */
export function checkCompareSettings(settings: unknown): CompareSettings {
  const refuse = (message: string): PacewrightError =>
    new PacewrightError('CONFIG_INVALID', message, { next: 'correct `compare` in playwright.config.ts' });
  if (settings === undefined) return {};
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw refuse(`compare is no object. Allowed keys: ${settingKeys.join(', ')}.`);
  for (const [key, value] of Object.entries(settings)) {
    if (!settingKeys.some((known) => known === key))
      throw refuse(`There is no option "compare.${key}". ${suggest(key, settingKeys)}`);
    if (value === undefined) continue;
    if (key === 'timeout') {
      if (typeof value !== 'number' || !(value >= 1 && value <= 3_600_000))
        throw refuse(`compare.timeout is ${JSON.stringify(value)}; allowed: a number from 1 to 3600000.`);
    } else if (typeof value !== 'string') {
      throw refuse(`compare.${key} is ${JSON.stringify(value)}; allowed: a text.`);
    } else if (key === 'url' && !/^https?:$/.test(parseUrl(value.replaceAll('{port}', '1'))?.protocol ?? '')) {
      throw refuse(`compare.url is "${value}"; allowed: an http or https URL, for example http://127.0.0.1:{port}/.`);
    }
  }
  return settings;
}

/**
 * The sides of the comparison that this process is part of; null outside of one.
 * @throws PacewrightError ARGUMENT_INVALID where PACEWRIGHT_COMPARE holds anything but what the command wrote
 */
export function readComparisonSides(env: NodeJS.ProcessEnv): ComparisonSides | null {
  const text = env['PACEWRIGHT_COMPARE'];
  if (!text) return null;
  try {
    return comparisonSides.parse(JSON.parse(text));
  } catch (error) {
    throw new PacewrightError('ARGUMENT_INVALID', 'PACEWRIGHT_COMPARE does not hold the sides of a comparison.', {
      next: 'remove it from the environment; `npx pacewright compare` sets it for itself',
      cause: error,
    });
  }
}

/** A URL, or undefined for what is none. */
export function parseUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * A configured base URL on the server of one side: the side's origin, and its path where it has one of its own, else
 * the configured path.
 */
export function rebaseUrl(configured: string | undefined, side: string): string {
  const target = new URL(side);
  const from = parseUrl(configured);
  if (target.pathname === '/' && from) {
    target.pathname = from.pathname;
    target.search = from.search;
  }
  return target.href;
}

/** Names of this machine for itself: a server started under one is meant by any other. */
const loopback = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

export function isLoopback(url: URL): boolean {
  return loopback.test(url.hostname);
}

/** Scheme, host and port; the same for every name of this machine. */
function originOf(url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return isLoopback(url) ? `this machine:${port}` : `${url.hostname}:${port}`;
}

/** The URL at which a configured web server answers; undefined where it names neither URL nor port. */
export function serverUrl(server: WebServer): URL | undefined {
  return parseUrl(server.url ?? (server.port === undefined ? undefined : `http://localhost:${server.port}`));
}

/**
 * Whether a web server serves the application under test, which each side of a comparison starts for itself, rather
 * than something that both use (a mock of an API, say).
 */
export function servesApplication(
  server: WebServer,
  config: { webServers: readonly WebServer[]; baseUrls: readonly string[] },
): boolean {
  const url = serverUrl(server);
  // Nothing else than the application can be meant by the only server.
  if (!url || config.baseUrls.length === 0) return config.webServers.length === 1;
  return config.baseUrls.some((each) => {
    const base = parseUrl(each);
    return base !== undefined && originOf(base) === originOf(url);
  });
}

/** The config for measuring the sides of a comparison: without the application's server, on head's URL. */
export function applyComparison(config: PlaywrightTestConfig, sides: ComparisonSides): PlaywrightTestConfig {
  const remembered = rememberConfig(config, {});
  const shared = remembered.webServers.filter((server) => !servesApplication(server, remembered));
  const { webServer: _servers, ...rest } = config;
  const configured = config.use?.baseURL ?? remembered.baseUrls[0];
  return {
    ...rest,
    ...(shared.length > 0 ? { webServer: shared } : {}),
    use: { ...config.use, baseURL: rebaseUrl(configured, sides.head.url) },
    ...(config.projects
      ? {
          projects: config.projects.map((project) =>
            project.use?.baseURL === undefined
              ? project
              : { ...project, use: { ...project.use, baseURL: rebaseUrl(project.use.baseURL, sides.head.url) } },
          ),
        }
      : {}),
  };
}

/** What of a config the command needs to know. */
export function rememberConfig(config: PlaywrightTestConfig, compare: CompareSettings): RememberedConfig {
  const { webServer } = config;
  const webServers: WebServer[] = webServer === undefined ? [] : Array.isArray(webServer) ? webServer : [webServer];
  const uses = [config.use, ...(config.projects ?? []).map((project) => project.use)];
  const baseUrls = uses.flatMap((use) => (use?.baseURL === undefined ? [] : [use.baseURL]));
  // Playwright itself takes the port of a single server for the base URL.
  const [only] = webServers;
  if (baseUrls.length === 0 && webServers.length === 1 && only?.port !== undefined)
    baseUrls.push(`http://localhost:${only.port}`);
  return { compare, webServers, baseUrls };
}
