/** What simulations ask of a rule: to judge one run of base against head. */
import type { Draw, Labels } from './draw.ts';

export interface RunOutcome {
  /** Positions of the series called worse; the run fails if there is one. */
  readonly worse: readonly number[];
  /** Page loads it took, rejected ones included; pairs count twice. */
  readonly loads: number;
  readonly inconclusive: boolean;
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

/**
 * Which series the rules of other tools are given: those that are above 0 throughout, since shares of 0 say nothing,
 * and Total Blocking Time and CLS are 0 in most samples. Fewer metrics mean fewer false alarms, so this is in their
 * favour.
 */
export function positiveSeries(
  columns: readonly (readonly number[])[],
  others: readonly (readonly number[])[],
): number[] {
  const positive = (column: readonly number[] | undefined): boolean => column?.every((value) => value > 0) ?? false;
  return columns.flatMap((column, at) => (positive(column) && positive(others[at]) ? [at] : []));
}
