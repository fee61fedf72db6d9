/** The pairs of a comparison in the order in which they ran, rejected ones included. */
import type { Variant } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import type { Sample } from '../core/sample.ts';
import { ownNumber, stepOf } from './view-series.ts';

export interface MeasuredPair {
  readonly number: number;
  readonly phase: 'screening' | 'confirmation';
  readonly launch: number;
  readonly base: Sample | null;
  readonly head: Sample | null;
  /** Both sides were measured, and the noise gate took both. */
  readonly accepted: boolean;
}

/** A pair that is repeated may keep its number, so a second sample of one variant begins a new pair. */
export function measuredPairs(scenario: ScenarioDocument): MeasuredPair[] {
  const groups: Sample[][] = [];
  const ordered = scenario.samples.toSorted((a, b) => a.index - b.index);
  for (const sample of ordered) {
    if (sample.pair === null || sample.role !== 'measured') continue;
    const last = groups.at(-1);
    const joins = last?.every((other) => other.pair === sample.pair && other.variant !== sample.variant);
    if (last && joins) last.push(sample);
    else groups.push([sample]);
  }
  return groups.map((samples) => {
    const of = (variant: Variant): Sample | null => samples.find((sample) => sample.variant === variant) ?? null;
    return {
      number: samples[0]?.pair ?? 0,
      phase: samples[0]?.phase ?? 'screening',
      launch: samples[0]?.launch ?? 0,
      base: of('base'),
      head: of('head'),
      accepted: samples.length === 2 && samples.every((sample) => sample.accepted),
    };
  });
}

/** A value of the flow (`step` null) or of a step in one sample; undefined where it has none. */
export function valueIn(sample: Sample | null, step: string | null, metric: string): number | undefined {
  if (!sample) return undefined;
  return ownNumber(step === null ? sample.flow : stepOf(sample, step)?.metrics, metric);
}

/** Accepted pairs by phase, and rejected ones. */
export function countPairs(scenario: ScenarioDocument): Readonly<Record<MeasuredPair['phase'] | 'rejected', number>> {
  const pairs = measuredPairs(scenario);
  const accepted = (phase: MeasuredPair['phase']): number =>
    pairs.filter((pair) => pair.accepted && pair.phase === phase).length;
  return {
    screening: accepted('screening'),
    confirmation: accepted('confirmation'),
    rejected: pairs.filter((pair) => !pair.accepted).length,
  };
}
