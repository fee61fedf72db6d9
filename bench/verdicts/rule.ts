/** What simulations ask of a rule: to judge one run of base against head. */
import { findMetric } from '../../src/core/metrics.ts';
import { resolutionOf } from '../../src/judge/resolution.ts';
import type { Draw, Labels } from './draw.ts';
import type { SeriesKey } from './pool.ts';

export interface RunOutcome {
  /** Positions of the series called worse; the run fails if there is one. */
  readonly worse: readonly number[];
  /** Page loads it took, warm-ups and rejected ones included. */
  readonly loads: number;
  /** Pairs of samples that it judged by; undefined for rules without pairs. */
  readonly pairs?: number;
  readonly inconclusive: boolean;
  /** Given up: the noise gate rejected too many pairs. */
  readonly tooNoisy?: boolean;
  /** Smallest worsening that the run says it would have found, one a series; null where it says none. */
  readonly visible?: readonly (number | null)[];
}

export interface Rule {
  readonly id: string;
  /** Who judges how, in a few words. */
  readonly label: string;
  /** In which order it measures; where it takes blocks of loads, this says nothing. */
  readonly labels: Labels;
  /** Wall time in seconds of a load counts where a rule stops at a time limit. */
  readonly judge: (draw: Draw, run: { readonly secondsPerLoad: number; readonly seed: number }) => RunOutcome;
}

// A metric that comes in steps coarser than this share of its value cannot be held to a few per cent.
const coarse = 0.1;

/**
 * Which series the rules of other tools are given: those above 0 throughout, since shares of 0 say nothing, and in
 * fine steps. That leaves out Total Blocking Time and CLS, 0 in most samples, and INP, 16 or 24 ms. Fewer metrics mean
 * fewer false alarms, so this is in their favour.
 */
export function chooseSeries(
  series: readonly SeriesKey[],
  base: readonly (readonly number[])[],
  head: readonly (readonly number[])[],
): number[] {
  return series.flatMap(({ metric: id }, at) => {
    const metric = findMetric(id);
    const least = Math.min(...(base[at] ?? []), ...(head[at] ?? []));
    return metric && least > 0 && resolutionOf(metric) <= coarse * least ? [at] : [];
  });
}
