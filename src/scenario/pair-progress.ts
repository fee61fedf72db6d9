/** What a live line says between the samples of a comparison. Pure. */
import type { Change, Variant } from '../core/comparison.ts';
import { findMetric } from '../core/metrics.ts';
import { formatPercent, formatQuantity } from '../core/units.ts';

export interface PairProgressInput {
  readonly phase: 'screening' | 'confirmation';
  readonly variant: Variant;
  /** Accepted pairs of this phase so far. */
  readonly accepted: number;
  readonly nextLook: number;
  readonly most: number;
  /** Mean wall time of a pair so far in ms; undefined before the first. */
  readonly perPair: number | undefined;
  readonly changes: readonly Change[];
}

function describeSize(change: Change, value: number): string {
  if (change.scale === 'ratio') return formatPercent(value);
  const text = formatQuantity(value, findMetric(change.metric)?.unit ?? 'count');
  return value > 0 ? `+${text}` : text;
}

/** The change to watch: a regression or alarm before one that is open, then the one that reaches furthest. */
function mostInteresting(changes: readonly Change[]): Change | undefined {
  const rank = (change: Change): number => (change.status === 'regressed' || change.alarm ? 0 : 1);
  const reach = (change: Change): number => (change.interval?.high ?? change.change ?? 0) / (change.margin || 1);
  return changes
    .filter((change) => change.role === 'gating' && change.change !== null)
    .filter((change) => change.interval !== null || change.status === 'regressed')
    .toSorted((a, b) => rank(a) - rank(b) || reach(b) - reach(a))[0];
}

/** `pair 6 of 8 to 24, head · "open the shop" cpu.main +1.2 % (-2.1 % to +4.4 %) · 8 s to 60 s left` */
export function describePairProgress(input: PairProgressInput): string {
  const { phase, accepted, nextLook, most, perPair, variant } = input;
  const range = nextLook === most ? `${most}` : `${nextLook} to ${most}`;
  const parts = [
    `${phase === 'confirmation' ? 'confirming an alarm, pair' : 'pair'} ${accepted + 1} of ${range}, ${variant}`,
  ];
  const watched = mostInteresting(input.changes);
  if (watched) {
    const where = watched.step === null ? 'flow' : `"${watched.step}"`;
    const size = describeSize(watched, watched.change ?? 0);
    const { interval } = watched;
    const sure = interval
      ? `${describeSize(watched, interval.low)} to ${describeSize(watched, interval.high)}`
      : 'exact';
    parts.push(`${where} ${watched.metric} ${size} (${sure})`);
  }
  if (perPair !== undefined) {
    const left = (count: number): string => `${Math.max(1, Math.ceil((count * perPair) / 1000))} s`;
    const soonest = left(nextLook - accepted);
    const latest = left(most - accepted);
    parts.push(soonest === latest ? `${soonest} left` : `${soonest} to ${latest} left`);
  }
  return parts.join(' · ');
}
