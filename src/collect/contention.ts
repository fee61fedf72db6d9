/** How much the machine got in the way of one sample, read outside the page: it costs the page nothing. */
import type { CDPSession } from '@playwright/test';
import { readPressure, readSchedstat, readSteal } from '../browser/machine.ts';
import type { Contention } from '../core/sample.ts';

interface Reading {
  readonly at: number;
  readonly renderers: ReadonlyMap<number, { run: number; delay: number }>;
  readonly steal: ReturnType<typeof readSteal>;
  readonly pressure: ReturnType<typeof readPressure>;
}

async function readMachine(browser: CDPSession): Promise<Reading> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const renderers = new Map<number, { run: number; delay: number }>();
  for (const process of processInfo) {
    if (process.type !== 'renderer') continue;
    const reading = readSchedstat(process.id);
    if (reading) renderers.set(process.id, reading);
  }
  return { at: performance.now(), renderers, steal: readSteal(), pressure: readPressure() };
}

// The protocol does not say which process draws a page. Its main thread's CPU time does: the renderer whose run time
// grew by what ThreadTime reports is the one. Within 25 % or 15 ms, since the readings are not taken at one instant; a
// renderer that was started during the sample ran some 20 to 80 ms more before the page's counters began.
const tolerance = { share: 0.25, least: 15, start: 80 };

function pickRenderer(before: Reading, after: Reading, cpuMain: number): { run: number; delay: number } | null {
  let best: { run: number; delay: number; error: number } | null = null;
  for (const [pid, end] of after.renderers) {
    const known = before.renderers.get(pid);
    const start = known ?? { run: 0, delay: 0 };
    const run = end.run - start.run;
    const error = Math.abs(run - cpuMain);
    const most = Math.max(tolerance.least, cpuMain * tolerance.share) + (known || run < cpuMain ? 0 : tolerance.start);
    if (error <= most && (!best || error < best.error)) best = { run, delay: end.delay - start.delay, error };
  }
  return best && { run: best.run, delay: best.delay };
}

/** Starts reading; the returned function ends it, given the sample's main-thread CPU time in ms. */
export async function watchContention(browser: CDPSession): Promise<(cpuMain: number) => Promise<Contention>> {
  const before = await readMachine(browser);
  return async (cpuMain) => {
    const after = await readMachine(browser);
    const renderer = pickRenderer(before, after, cpuMain);
    const ticks = before.steal && after.steal ? after.steal.total - before.steal.total : 0;
    return {
      run: renderer?.run ?? null,
      delay: renderer?.delay ?? null,
      steal: before.steal && after.steal && ticks > 0 ? (after.steal.steal - before.steal.steal) / ticks : null,
      pressure:
        before.pressure !== undefined && after.pressure !== undefined && after.at > before.at
          ? Math.min(1, (after.pressure - before.pressure) / (after.at - before.at))
          : null,
    };
  };
}
