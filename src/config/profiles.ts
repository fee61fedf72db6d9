/** Device profiles for Playwright projects, with the screens that Lighthouse uses, so that numbers are comparable. */
import type { PacewrightConfig } from './define.ts';

type Profile = NonNullable<PacewrightConfig['use']>;

// A Moto G Power, as Lighthouse 13 emulates it; Chrome's version in it is frozen like that of the desktop.
const mobileAgent =
  'Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36';

const mobile: Profile = {
  viewport: { width: 412, height: 823 },
  deviceScaleFactor: 1.75,
  isMobile: true,
  hasTouch: true,
  userAgent: mobileAgent,
};

/**
 * `desktop` and `mobile` are screens only: their times compare well, also on a busy machine. `slowMobile` adds
 * Lighthouse's slow 4G and a CPU four times slower, for absolute budgets of a slow device; CPU times are not judged
 * then, since throttling is made of pauses.
 */
export const profiles = {
  desktop: { viewport: { width: 1350, height: 940 }, deviceScaleFactor: 1 },
  mobile,
  slowMobile: { ...mobile, network: 'lighthouse-mobile', cpuThrottling: 4 },
} satisfies Record<string, Profile>;
