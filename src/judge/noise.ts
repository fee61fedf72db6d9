/** The noise gate: which samples the machine spoiled. It sees contention only, never a metric, so it cannot bias one. */
import { formatPercent } from '../core/units.ts';
import type { Contention } from '../core/sample.ts';
import { mad, median } from '../stats/quantile.ts';
import { noiseGate } from './parameters.ts';

/** Share of the time the main thread was ready and had to wait for a core, 0 to 1; null where it cannot be read. */
function waitShare(contention: Contention): number | null {
  const { run, delay } = contention;
  if (run === null || delay === null || run + delay <= 0) return null;
  return delay / (run + delay);
}

/**
 * Why a sample is to be rejected, or null. What cannot be read rejects nothing.
 * @param previous contention of the samples accepted before, for what is usual on this machine
 * @param oneCore whether Chrome's processes shared one core, and so waited for each other
 */
export function gateSample(
  contention: Contention,
  previous: readonly Contention[],
  { oneCore }: { oneCore: boolean } = { oneCore: false },
): string | null {
  if (contention.steal !== null && contention.steal > noiseGate.steal) {
    return `the hypervisor took ${share(contention.steal)} of the CPU time, ${share(noiseGate.steal)} is the limit`;
  }
  const waited = waitShare(contention);
  if (waited === null) return null;
  const usual = previous.map(waitShare).filter((value) => value !== null);
  const bound = oneCore
    ? waitBound(usual, noiseGate.waitOnOneCore, noiseGate.mostOnOneCore)
    : waitBound(usual, noiseGate.wait, noiseGate.most);
  if (waited <= bound) return null;
  return `the main thread waited for a core in ${share(waited)} of its time, ${share(bound)} is the limit`;
}

/** The share of waiting above which a sample is rejected; without samples before, only the absolute bound holds. */
function waitBound(usual: readonly number[], least: number, most: number): number {
  if (usual.length === 0) return most;
  const spread = Math.max(mad(usual), noiseGate.leastDeviation);
  return Math.min(most, Math.max(least, median(usual) + noiseGate.deviations * spread));
}

/** How many rejected samples may be repeated when `n` accepted ones are wanted; then the machine is too noisy. */
export function extraAllowed(n: number): number {
  return Math.max(noiseGate.leastExtra, Math.ceil(n * noiseGate.extra));
}

function share(value: number): string {
  return formatPercent(value).replace('+', '');
}
