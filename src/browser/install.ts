/** Installing Chrome where there is none. Only the set-up of this repository does that; a run never installs anything. */
import { fileURLToPath } from 'node:url';
import { PacewrightError } from '../core/errors.ts';
import type { FoundChrome } from './find.ts';

/** What installing does to the world. */
export interface InstallIo {
  readonly find: () => Promise<FoundChrome | undefined>;
  /** Runs a command with its output kept back and progress shown; `silence` in ms ends one that hangs. */
  readonly run: (
    label: string,
    command: string,
    args: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string | undefined>>; readonly silence?: number },
  ) => Promise<{ readonly ok: boolean; readonly output: string }>;
  /** Whether there is apt-get, and we are root. */
  readonly mayUseApt: boolean;
}

/** A proxy that swallows packets must not hold the set-up for minutes. Milliseconds. */
const connectTimeout = 10_000;
/** Playwright prints a line every tenth of the download; a tenth in this time is 1.5 Mbit/s. Milliseconds. */
const downloadSilence = 90_000;
/** apt-get prints as it goes, but unpacking is quiet on a slow disk. Milliseconds. */
const aptSilence = 180_000;

/** The line of a command's output that says why it failed. */
function reasonOf(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /^(E|Error|Ended):/i.test(line)) ?? lines.at(-1) ?? 'no output';
}

/**
 * Installs Chrome: Playwright's Chromium, with the libraries it needs; else, as root on Debian and its kin, the
 * distribution's package.
 *
 * @throws PacewrightError CHROME_NOT_FOUND with what was tried and what to install by hand
 */
export async function installChrome(io: InstallIo): Promise<FoundChrome> {
  const tried: string[] = [];
  const attempt = async (
    label: string,
    command: string,
    args: readonly string[],
    options: { env?: Record<string, string>; silence: number },
  ): Promise<boolean> => {
    const { ok, output } = await io.run(label, command, args, {
      silence: options.silence,
      env: { ...process.env, ...options.env },
    });
    if (!ok) tried.push(`${label}: ${reasonOf(output)}`);
    return ok;
  };

  const playwright = fileURLToPath(import.meta.resolve('@playwright/test/cli'));
  const downloaded = await attempt(
    'Downloading Chromium (playwright install)',
    process.execPath,
    // We start the full browser in its new headless mode; the separate headless shell would be downloaded in vain.
    [playwright, 'install', '--no-shell', 'chromium'],
    { env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(connectTimeout) }, silence: downloadSilence },
  );
  if (downloaded) {
    const found = await io.find();
    if (found) return found;
    tried.push('Playwright’s Chromium does not start: libraries are missing');
  }

  if (io.mayUseApt) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const options = ['-o', 'Acquire::http::Timeout=20', '-o', 'DPkg::Lock::Timeout=60'];
    await attempt('Reading package lists (apt-get update)', 'apt-get', [...options, 'update'], {
      env,
      silence: aptSilence,
    });
    if (downloaded) {
      await attempt(
        'Installing libraries (playwright install-deps)',
        process.execPath,
        [playwright, 'install-deps', 'chromium'],
        {
          env,
          silence: aptSilence,
        },
      );
      const found = await io.find();
      if (found) return found;
    }
    const installed = await attempt(
      'Installing Chromium (apt-get install)',
      'apt-get',
      // Without any font there is no text to paint, hence no FCP; Chromium only recommends one.
      [...options, 'install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation'],
      { env, silence: aptSilence },
    );
    const found = await io.find();
    if (found) return found;
    if (installed) tried.push('apt-get has installed a chromium that does not start');
  }
  throw new PacewrightError(
    'CHROME_NOT_FOUND',
    `No Chrome found, and none could be installed.\n  ${tried.join('\n  ')}`,
    {
      next: adviseInstallation(process.platform),
    },
  );
}

/** How to get Chrome by hand. */
export function adviseInstallation(platform: NodeJS.Platform): string {
  const otherwise = 'or set CHROME_PATH to a Chrome that you have';
  switch (platform) {
    case 'darwin':
      return `install Google Chrome (brew install --cask google-chrome), ${otherwise}.`;
    case 'win32':
      return `install Google Chrome (winget install Google.Chrome), ${otherwise}.`;
    default:
      return `install Google Chrome or Chromium (Debian: sudo apt-get install chromium fonts-liberation; Ubuntu: npx playwright install --with-deps chromium), ${otherwise}.`;
  }
}
