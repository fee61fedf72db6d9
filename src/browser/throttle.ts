/** Network and CPU throttling through the DevTools protocol, with a check that it took effect. */
import type { CDPSession } from '@playwright/test';
import type { NetworkConditions } from '../core/document.ts';

function preset(name: string, download: number, upload: number, latency: number): NetworkConditions {
  return { name, download, upload, latency };
}

/**
 * Named conditions: kbit/s down and up, ms added to each request. `lighthouse-mobile` is what Lighthouse applies
 * through DevTools; the others are the usual profiles of lab tools.
 */
export const networkPresets: Record<string, NetworkConditions> = {
  'lighthouse-mobile': preset('lighthouse-mobile', 1474.56, 675, 562.5),
  '4g': preset('4g', 9000, 9000, 85),
  '3g': preset('3g', 1600, 768, 150),
  '3g-fast': preset('3g-fast', 1600, 768, 75),
  '3g-slow': preset('3g-slow', 400, 400, 200),
  cable: preset('cable', 5000, 1000, 14),
};

/** Applies throttling to a page before its first navigation. */
export async function applyThrottling(
  session: CDPSession,
  options: { cpuThrottling: number; network: NetworkConditions | null },
): Promise<void> {
  if (options.cpuThrottling > 1) await session.send('Emulation.setCPUThrottlingRate', { rate: options.cpuThrottling });
  if (options.network) {
    const bytesPerSecond = (kbits: number): number => (kbits * 1000) / 8;
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: options.network.latency,
      downloadThroughput: bytesPerSecond(options.network.download),
      uploadThroughput: bytesPerSecond(options.network.upload),
    });
  }
}

/** A loop of fixed work in the page, in ms: wall time, since throttling is made of pauses. */
async function timeLoop(session: CDPSession): Promise<number> {
  const expression = `(() => {
    let best = Infinity;
    for (let round = 0; round < 3; round++) {
      const start = performance.now();
      let state = 1;
      for (let step = 0; step < 8e6; step++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
      if (state !== 0.5) best = Math.min(best, performance.now() - start);
    }
    return best;
  })()`;
  const reply = await session.send('Runtime.evaluate', { expression, returnByValue: true });
  return Number(reply.result.value);
}

/**
 * By which factor CPU throttling slows a fixed loop in this page: measured, not assumed. Leaves throttling at `rate`.
 * To be asked on a page that is not being measured.
 */
export async function measureCpuSlowdown(session: CDPSession, rate: number): Promise<number> {
  let slowest = 0;
  // On a busy machine one pair of readings may say anything; without throttling none of three says much more than 1.
  for (let round = 0; round < 3 && slowest < rate * 0.75; round += 1) {
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    const plain = await timeLoop(session);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
    slowest = Math.max(slowest, (await timeLoop(session)) / plain);
  }
  return slowest;
}
