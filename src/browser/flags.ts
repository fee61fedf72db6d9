import { Launcher } from 'chrome-launcher';

/**
 * Chrome's flags, the same for every sample and every variant, recorded in the result.
 * On top of chrome-launcher's defaults (first run, background work and throttling off):
 */
const ours = [
  '--disable-gpu', // no GPU on CI machines; with one, drivers would differ from machine to machine
  '--disable-quic', // QUIC keeps connections alive over contexts
  '--enable-benchmarking', // field trials off: two starts of the same Chrome run the same code
  '--disable-dev-shm-usage', // /dev/shm is 64 MB in containers; a full one crashes the renderer
  '--disable-features=CalculateNativeWinOcclusion', // a covered window stops painting, and there is no FCP
  // Chrome 156 loads the address bar's popup (chrome://omnibox-popup.top-chrome) beside every new window: half a second
  // of CPU in a renderer of its own, in the middle of what is measured. It takes both features off to end that.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,PreloadTopChromeWebUI',
  '--disable-back-forward-cache', // a page brought back from it starts no navigation, and Playwright loses it
  '--disable-search-engine-choice-screen',
  '--no-pings',
  '--force-color-profile=srgb',
  '--hide-scrollbars', // as Playwright's headless does: a scroll bar changes the layout width
];

const featureFlag = '--disable-features=';

function mergeFeatures(flags: readonly string[]): string[] {
  // Chrome reads the last --disable-features only, so that several must become one.
  const features = flags
    .filter((flag) => flag.startsWith(featureFlag))
    .flatMap((flag) => flag.slice(featureFlag.length).split(','));
  const others = flags.filter((flag) => !flag.startsWith(featureFlag));
  return [...new Set(others), featureFlag + [...new Set(features)].join(',')];
}

/** Whether Chrome refuses to start with its sandbox: as root on Linux it does. */
function needsNoSandbox(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** All flags except the port and the profile folder, which differ from start to start. */
export function chromeFlags(options: { headless: boolean; extra?: readonly string[] }): string[] {
  return mergeFeatures([
    ...Launcher.defaultFlags(),
    ...ours,
    ...(options.headless ? ['--headless=new'] : []),
    ...(needsNoSandbox() ? ['--no-sandbox'] : []),
    ...(options.extra ?? []),
  ]);
}
