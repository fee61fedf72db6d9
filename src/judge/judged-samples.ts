/** Which samples absolute limits are judged on, and how strictly. */
import type { Sample } from '../core/sample.ts';
import type { JudgeParameters } from '../core/verdict.ts';
import { decide, type Decision, type Demand } from './decide.ts';

export interface SampledScenario {
  readonly samples: readonly Sample[];
  readonly comparison?: {
    readonly limits: 'in pairs' | 'alone';
    readonly parameters: { readonly oneCore: boolean };
  } | null;
}

/**
 * How far within its limit a time must lie in pairs to keep it for certain: with one core the demo shop needs 40 % more
 * until its largest paint, and 12 % less CPU, than with two (Chromium 156).
 */
const oneCoreFactor = 1.5;

/** Whether a sample is one of head outside of pairs, which runs as `run` has it: all cores, CPU throttling. */
export function isAlone(sample: Sample): boolean {
  return sample.accepted && sample.role === 'measured' && sample.variant === 'head' && sample.pair === null;
}

/** The samples that count for absolute limits. */
export function judgedSamples({ samples, comparison }: SampledScenario): Sample[] {
  const inPairs = comparison?.limits === 'in pairs';
  return samples.filter((sample) =>
    inPairs
      ? sample.accepted && sample.role === 'measured' && sample.variant === 'head' && sample.pair !== null
      : isAlone(sample),
  );
}

/** By what a limit is divided before times in pairs are held against it; null where none of that applies. */
export function strictness({ comparison }: SampledScenario): number | null {
  if (comparison?.limits !== 'in pairs') return null;
  return comparison.parameters.oneCore ? oneCoreFactor : 1;
}

/**
 * What pairs can say of an absolute limit: exact counts are as they are anywhere; a time that keeps a much stricter limit
 * keeps this one. All else stays open.
 */
export function decideInPairs(
  values: readonly number[],
  demand: Demand,
  parameters: JudgeParameters,
  strict: number,
): Decision {
  const { metric, allowed } = demand;
  const plain = decide(values, demand, parameters, { final: true });
  if (plain.rule === 'exact') return plain;
  const harder = metric.direction === 'lower' ? allowed / strict : allowed * strict;
  const { status, reason } = decide(values, { ...demand, allowed: harder }, parameters, { final: true });
  if (status === 'pass') return { ...plain, status, reason: `${reason}, in the pairs` };
  const open = 'only a value far within its limit is judged in pairs, where Chrome has one core';
  return { ...plain, status: 'inconclusive', rule: 'none', reason: open };
}
