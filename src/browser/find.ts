/** Where Chrome is. Nothing is installed here: `install.ts` does that. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Launcher } from 'chrome-launcher';
import { PacewrightError } from '../core/errors.ts';

export type ChromeSource = 'CHROME_PATH' | 'system' | 'Playwright';

export interface FoundChrome {
  /** The executable, or the wrapper script that starts it. */
  readonly path: string;
  readonly source: ChromeSource;
  /** Four numbers, as in `156.0.8078.79`. */
  readonly version: string;
}

/** The world that is searched; tests give their own. */
export interface ChromeWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is installed on the machine, best first. */
  readonly system: () => readonly string[];
  /** Playwright's own Chromium, if it was downloaded. */
  readonly playwright: () => Promise<string | undefined>;
  /** The version of an executable, or undefined when it is not a Chrome that starts. */
  readonly version: (path: string) => Promise<ChromeVersion | undefined>;
}

export interface ChromeVersion {
  readonly number: string;
  /** Confined by snap: it sees another /tmp, and cannot use a profile folder there. */
  readonly snap: boolean;
}

const run = promisify(execFile);
/** Cold disks and busy machines make the first start slow; a hanging wrapper must not hang us. Milliseconds. */
const versionTimeout = 20_000;

/** Reads `Chromium 156.0.8078.79 snap` and the like; undefined when there is no version in it. */
export function parseChromeVersion(output: string): ChromeVersion | undefined {
  const match = /\b(?:Chrom(?:e|ium)|HeadlessChrome)\b[^\d\n]*(\d+\.\d+\.\d+\.\d+)(.*)/i.exec(output);
  return match?.[1] === undefined ? undefined : { number: match[1], snap: /\bsnap\b/.test(match[2] ?? '') };
}

/**
 * Asks an executable for its version. A stub that only tells to install a snap, a broken binary and one whose
 * libraries are missing fail here, which is why existence alone is not enough.
 */
export async function readChromeVersion(path: string): Promise<ChromeVersion | undefined> {
  if (!existsSync(path)) return undefined;
  if (process.platform === 'win32') return windowsVersion(path);
  try {
    const { stdout } = await run(path, ['--version'], { timeout: versionTimeout, killSignal: 'SIGKILL' });
    return parseChromeVersion(stdout);
  } catch {
    return undefined;
  }
}

/** `chrome.exe --version` opens a window instead of printing; but its folder holds one named by the version. */
function windowsVersion(path: string): ChromeVersion | undefined {
  const number = readdirSync(dirname(path)).find((name) => /^\d+\.\d+\.\d+\.\d+$/.test(name));
  return { number: number ?? 'unknown', snap: false };
}

/** chrome-launcher throws when there is none, and its full search on macOS takes seconds. */
function systemInstallations(): readonly string[] {
  try {
    if (process.platform !== 'darwin') return Launcher.getInstallations();
    const first = Launcher.getFirstInstallation();
    return first === undefined ? [] : [first];
  } catch {
    return [];
  }
}

/** Loaded only when asked for: Playwright takes a quarter of a second to start. */
async function playwrightChromium(): Promise<string | undefined> {
  try {
    const { chromium } = await import('@playwright/test');
    const path = chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

const machine: ChromeWorld = {
  env: process.env,
  system: systemInstallations,
  playwright: playwrightChromium,
  version: readChromeVersion,
};

/**
 * Finds a Chrome that starts: `CHROME_PATH`, what is installed on the machine, Playwright's own Chromium, and last a
 * Chromium confined by snap. Undefined when there is none.
 *
 * @throws PacewrightError CHROME_NOT_FOUND when `CHROME_PATH` names something that is no Chrome: measuring another
 * browser than the one asked for would be worse than stopping.
 */
export async function findChrome(world: Partial<ChromeWorld> = {}): Promise<FoundChrome | undefined> {
  const { env, system, playwright, version } = { ...machine, ...world };
  const asked = env['CHROME_PATH'];
  if (asked !== undefined && asked !== '') {
    const found = await version(asked);
    if (found) return { path: asked, source: 'CHROME_PATH', version: found.number };
    throw new PacewrightError('CHROME_NOT_FOUND', `CHROME_PATH is ${asked}, which is no Chrome that starts.`, {
      next: 'Set CHROME_PATH to the executable of Chrome or Chromium, or unset it to have one found.',
    });
  }
  let confined: FoundChrome | undefined;
  for (const path of system()) {
    const found = await version(path);
    if (found && !found.snap) return { path, source: 'system', version: found.number };
    if (found) confined ??= { path, source: 'system', version: found.number };
  }
  const own = await playwright();
  const found = own === undefined ? undefined : await version(own);
  return own !== undefined && found ? { path: own, source: 'Playwright', version: found.number } : confined;
}
