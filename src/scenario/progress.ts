/** What a live line says between two samples: which sample, the line nearest to its limit, time left. Pure. */
import { findMetric } from '../core/metrics.ts';
import { formatQuantity } from '../core/units.ts';
import { nameSubject, type Verdict } from '../core/verdict.ts';

/** The verdict to watch: a time before a count, an undecided one before a decided one, then the nearest to its limit. */
function mostInteresting(verdicts: readonly Verdict[]): Verdict | undefined {
  const rank = (verdict: Verdict): number =>
    (findMetric(verdict.metric)?.nature === 'counted' ? 2 : 0) + (verdict.status === 'inconclusive' ? 0 : 1);
  const closeness = (verdict: Verdict): number => Math.abs((verdict.margin ?? 0) / (verdict.allowed || 1));
  return verdicts
    .filter((verdict) => verdict.value !== null && verdict.margin !== null)
    .toSorted((a, b) => rank(a) - rank(b) || closeness(a) - closeness(b))[0];
}

function describeVerdict(verdict: Verdict): string {
  const unit = findMetric(verdict.metric)?.unit ?? 'count';
  const show = (value: number): string => formatQuantity(value, unit);
  const range = verdict.interval ? ` (${show(verdict.interval.low)} to ${show(verdict.interval.high)})` : '';
  const where = verdict.step === null ? 'flow' : `"${verdict.step}"`;
  return `${where} ${nameSubject(verdict)} ${show(verdict.value ?? 0)}${range}, limit ${show(verdict.allowed)}`;
}

export interface ProgressInput {
  readonly role: 'warm-up' | 'measured';
  /** Accepted samples so far. */
  readonly accepted: number;
  /** The most samples there can be, and the next number at which a decision may fall. */
  readonly most: number;
  readonly nextLook: number;
  /** Mean wall time of a sample so far in ms; undefined before the first. */
  readonly perSample: number | undefined;
  readonly verdicts: readonly Verdict[];
}

/** `sample 6 of 8 to 20 · "open the shop" LCP p75 512 ms (498 ms to 530 ms), limit 2.5 s · 3 s to 22 s left` */
export function describeProgress(input: ProgressInput): string {
  const left = (count: number): string => `${Math.max(1, Math.ceil((count * (input.perSample ?? 0)) / 1000))} s`;
  const parts: string[] = [];
  if (input.role === 'warm-up') parts.push('warm-up');
  else {
    const range = input.nextLook === input.most ? `${input.most}` : `${input.nextLook} to ${input.most}`;
    parts.push(`sample ${input.accepted + 1} of ${range}`);
  }
  const nearest = mostInteresting(input.verdicts);
  if (nearest) parts.push(describeVerdict(nearest));
  if (input.perSample !== undefined && input.role === 'measured') {
    const soonest = left(input.nextLook - input.accepted);
    const latest = left(input.most - input.accepted);
    parts.push(soonest === latest ? `${soonest} left` : `${soonest} to ${latest} left`);
  }
  return parts.join(' · ');
}
