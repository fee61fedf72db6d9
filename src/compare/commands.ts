/** Which commands install, build and start one side, from the config and from what lies in the project's folder. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isLoopback, parseUrl, type RememberedConfig, serverUrl, servesApplication } from '../config/compare-config.ts';
import { PacewrightError } from '../core/errors.ts';

export interface FolderCommand {
  readonly command: string;
  readonly folder: string;
}

export interface StartCommand extends FolderCommand {
  readonly env: Readonly<Record<string, string>>;
  /** Where the pages are. */
  readonly url: string;
  /** What is asked until it answers. */
  readonly ready: string;
}

interface PackageManager {
  readonly name: string;
  readonly install: string;
  /** Folder of the lock file. */
  readonly folder: string;
}

// Nobody reads an audit here, and it costs requests.
const lockFiles = [
  { file: 'package-lock.json', name: 'npm', install: 'npm ci --no-audit --no-fund' },
  { file: 'npm-shrinkwrap.json', name: 'npm', install: 'npm ci --no-audit --no-fund' },
  { file: 'pnpm-lock.yaml', name: 'pnpm', install: 'pnpm install --frozen-lockfile' },
  { file: 'yarn.lock', name: 'yarn', install: 'yarn install --frozen-lockfile' },
  { file: 'bun.lock', name: 'bun', install: 'bun install --frozen-lockfile' },
  { file: 'bun.lockb', name: 'bun', install: 'bun install --frozen-lockfile' },
] as const;

/** A folder and those above it, up to the root of the checkout. */
export function upwards(folder: string, root: string): string[] {
  const folders = [folder];
  let at = folder;
  while (at !== root && path.dirname(at) !== at) {
    at = path.dirname(at);
    folders.push(at);
  }
  return folders;
}

/** The nearest folder with a package.json, or the folder itself. */
export function findProjectFolder(folder: string, root: string): string {
  return upwards(folder, root).find((each) => existsSync(path.join(each, 'package.json'))) ?? folder;
}

/** By the nearest lock file; undefined where there is none. */
export function findPackageManager(folder: string, root: string): PackageManager | undefined {
  for (const each of upwards(folder, root)) {
    const lock = lockFiles.find(({ file }) => existsSync(path.join(each, file)));
    if (!lock) continue;
    const { name, install } = lock;
    // Yarn from 2 on has another name for the option, and a file of settings of its own.
    const berry = name === 'yarn' && existsSync(path.join(each, '.yarnrc.yml'));
    return { name, install: berry ? 'yarn install --immutable' : install, folder: each };
  }
  return undefined;
}

function readScripts(folder: string): Readonly<Record<string, unknown>> {
  try {
    const content = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { scripts?: object };
    return { ...content.scripts };
  } catch {
    return {};
  }
}

function runScript(folder: string, root: string, names: readonly string[]): string | undefined {
  const scripts = readScripts(folder);
  const found = names.find((name) => typeof scripts[name] === 'string');
  return found && `${findPackageManager(folder, root)?.name ?? 'npm'} run ${found}`;
}

/** Commands before the start; undefined for what is not needed. */
export function findBuildCommands(
  folder: string,
  root: string,
  settings: RememberedConfig['compare'],
): { install: FolderCommand | undefined; build: FolderCommand | undefined } {
  const manager = findPackageManager(folder, root);
  const install =
    settings.install === undefined
      ? manager && { command: manager.install, folder: manager.folder }
      : { command: settings.install, folder };
  const build = { command: settings.build ?? runScript(folder, root, ['build']) ?? '', folder };
  // An empty text says that there is nothing to do.
  return { install: install?.command ? install : undefined, build: build.command ? build : undefined };
}

/** A port number as a whole number in a text. */
function replacePort(text: string, from: string, to: number): string {
  return from === '' ? text : text.replaceAll(new RegExp(`(?<![\\d.])${from}(?!\\d)`, 'g'), String(to));
}

interface Side {
  /** Folder of the project in the checkout of this side. */
  readonly folder: string;
  readonly root: string;
  /** Of head, from which the config comes: paths in it are moved to `root`. */
  readonly configRoot: string;
  readonly port: number;
}

/** A path, or a text with paths, of head's checkout as one of this side's. */
function movePaths(text: string, { root, configRoot }: Side): string {
  return text.split(configRoot).reduce((moved, rest) => {
    // Only whole names of folders: not the beginning of a longer one.
    return moved + (/^[\w.-]/.test(rest) ? configRoot : root) + rest;
  });
}

/** Where a side answers on its port. */
function addressOf(config: RememberedConfig, application: URL | undefined, port: number): string {
  const { compare } = config;
  if (compare.url !== undefined) return new URL(compare.url.replaceAll('{port}', String(port))).href;
  const base = parseUrl(config.baseUrls[0]) ?? application;
  const url = new URL(base?.pathname ?? '/', 'http://127.0.0.1');
  const named = application ?? base;
  if (named && isLoopback(named)) {
    url.protocol = named.protocol;
    // A server that was asked to listen on `localhost` may do so on ::1 alone; the other two are no addresses to ask.
    if (!/^(0\.0\.0\.0|\[::\])$/.test(named.hostname)) url.hostname = named.hostname;
  }
  url.port = String(port);
  return url.href;
}

/**
 * How one side is started on a port.
 * @throws PacewrightError CONFIG_INVALID where nothing says how
 */
export function findStartCommand(config: RememberedConfig & { folder: string }, side: Side): StartCommand {
  const { compare } = config;
  const server = config.webServers.find((each) => servesApplication(each, config));
  const known = server && serverUrl(server);
  const url = addressOf(config, known, side.port);
  if (compare.start !== undefined) {
    const command = compare.start.replaceAll('{port}', String(side.port));
    return { command, folder: side.folder, env: {}, url, ready: url };
  }
  if (server) {
    const port = (known ?? parseUrl(config.baseUrls[0]))?.port ?? '';
    const adapt = (text: string): string => movePaths(replacePort(text, port, side.port), side);
    const ready = new URL(url);
    // The path that the config waits for may say more than the page does.
    if (known && compare.url === undefined) ready.pathname = known.pathname;
    return {
      command: adapt(server.command),
      folder: movePaths(path.resolve(config.folder, server.cwd ?? '.'), side),
      env: Object.fromEntries(Object.entries(server.env ?? {}).map(([name, value]) => [name, adapt(value)])),
      url,
      ready: ready.href,
    };
  }
  const command = runScript(side.folder, side.root, ['preview', 'start']);
  if (command !== undefined) return { command, folder: side.folder, env: {}, url, ready: url };
  throw new PacewrightError('CONFIG_INVALID', 'Nothing says how the application is started.', {
    next: "in playwright.config.ts, add `webServer`, or compare: { start: 'npx vite preview --port {port}' }",
  });
}
