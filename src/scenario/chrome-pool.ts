/** The Chrome that samples run in: one at a time, started again at intervals and whenever it died. */
import type { Browser, BrowserType, CDPSession } from '@playwright/test';
import { findChrome } from '../browser/find.ts';
import { keepToCores, readCores } from '../browser/cores.ts';
import { type Chrome, launchChrome } from '../browser/launch.ts';
import { PacewrightError } from '../core/errors.ts';
import { within } from '../browser/limit.ts';

export interface ConnectedChrome {
  readonly browser: Browser;
  readonly session: CDPSession;
  readonly chrome: Chrome;
  /** Which start it is, from 0. */
  readonly launch: number;
  readonly version: string;
  /** Whether it keeps to one core, and we to the others. */
  readonly oneCore: boolean;
  /** Whether V8 leaves code alone once it is compiled. */
  readonly steadyCode: boolean;
}

/** How a Chrome is started; one that was started otherwise is ended first. */
export interface ChromeDemand {
  /** Samples after which it is started again. */
  readonly most?: number | undefined;
  /** Whether it has a core to itself, where the system can do that. */
  readonly oneCore?: boolean | undefined;
  /** Whether functions are compiled whole at their first call and never again: what the heap grows by is the page's then. */
  readonly steadyCode?: boolean | undefined;
}

export interface LaunchOptions {
  readonly executablePath?: string | undefined;
  readonly headless: boolean;
  readonly extraFlags: readonly string[];
}

// What a start of Chrome does to the numbers averages out over several starts; each costs about a second.
const samplesPerLaunch = 10;
const connectTimeout = 30_000;

// Raster threads are for several cores; on one they only add to the orders in which work can be done.
const oneCoreFlags = ['--num-raster-threads=1'];

// Chromium 156, a click through Playwright repeated: V8's feedback, optimised code and code thrown away and compiled
// again move the heap by 10 kB a click; with these by less than 100 bytes.
const steadyCodeFlags = '--no-lazy-feedback-allocation --no-flush-bytecode --no-opt --no-maglev --always-sparkplug';

/** Of several `--js-flags` Chrome reads the last, so that they must become one. */
function withJsFlags(flags: readonly string[], more: string): string[] {
  const name = '--js-flags=';
  const given = flags.filter((flag) => flag.startsWith(name)).map((flag) => flag.slice(name.length));
  return [...flags.filter((flag) => !flag.startsWith(name)), name + [...given, more].join(' ')];
}

export class ChromePool {
  private readonly chromium: BrowserType;
  private readonly options: LaunchOptions;
  private current: ConnectedChrome | undefined;
  private launches = 0;
  private used = 0;
  /** Whether this process keeps off the core of a Chrome that it started. */
  private keepsOff = false;

  constructor(chromium: BrowserType, options: LaunchOptions) {
    this.chromium = chromium;
    this.options = options;
  }

  /**
   * A living Chrome for the next sample.
   * @throws PacewrightError CHROME_NOT_FOUND, CHROME_START_FAILED
   */
  async acquire({
    most = samplesPerLaunch,
    oneCore = false,
    steadyCode = false,
  }: ChromeDemand = {}): Promise<ConnectedChrome> {
    const { current } = this;
    const dead = current && (current.chrome.ended() || !current.browser.isConnected());
    const other =
      current && (current.oneCore !== (oneCore && readCores() !== null) || current.steadyCode !== steadyCode);
    if (dead || other || this.used >= most) await this.close();
    this.current ??= await this.launch(oneCore, steadyCode);
    this.used += 1;
    return this.current;
  }

  /** The Chrome that ran last, if it still is there. */
  peek(): ConnectedChrome | undefined {
    return this.current;
  }

  /** Ends Chrome; the next `acquire` starts a new one. */
  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    this.used = 0;
    if (!current) return;
    await current.chrome.kill();
    await current.browser.close().catch(() => {});
  }

  private async launch(asked: boolean, steadyCode: boolean): Promise<ConnectedChrome> {
    const path = this.options.executablePath ?? (await findChrome())?.path;
    if (path === undefined) {
      throw new PacewrightError('CHROME_NOT_FOUND', 'No Chrome or Chromium was found on this machine.', {
        next: 'set CHROME_PATH, or install one: `npx playwright install chromium`, on Debian and Ubuntu `apt-get install chromium`',
      });
    }
    const { headless, extraFlags } = this.options;
    const cores = asked || this.keepsOff ? readCores() : null;
    const oneCore = asked && cores !== null;
    if (cores) keepToCores(process.pid, oneCore ? cores.others : cores.all);
    this.keepsOff = oneCore;
    const chrome = await launchChrome({
      path,
      headless,
      extraFlags: [
        ...(steadyCode ? withJsFlags(extraFlags, steadyCodeFlags) : extraFlags),
        ...(oneCore ? oneCoreFlags : []),
      ],
      core: oneCore ? cores.chrome : undefined,
    });
    try {
      const browser = await this.chromium.connectOverCDP(`http://127.0.0.1:${chrome.port}`, {
        timeout: connectTimeout,
        // A folder of Playwright's own making would stay behind when we are killed.
        artifactsDir: chrome.temporary,
      });
      const session = await browser.newBrowserCDPSession();
      const launch = this.launches;
      this.launches += 1;
      return { browser, session, chrome, launch, version: browser.version(), oneCore, steadyCode };
    } catch (error) {
      await chrome.kill();
      throw new PacewrightError(
        'CHROME_START_FAILED',
        `Chrome (${path}) started but did not answer: ${String(error)}`,
        {
          next: 'run `npx pacewright doctor`: it starts Chrome and says what is missing',
          cause: error,
        },
      );
    }
  }

  /** Closes a context of a sample; a Chrome that cannot do so in time is ended. */
  async closeContext(close: () => Promise<void>): Promise<void> {
    try {
      await within(5000, close(), () => new Error('late'));
    } catch {
      await this.close();
    }
  }
}
