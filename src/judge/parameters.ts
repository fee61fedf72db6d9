/** Every number that the decision rule of budgets depends on, each with its reason. */
import type { JudgeParameters, Statistic } from '../core/verdict.ts';

export const defaultParameters: JudgeParameters = {
  // 5 are enough for what lies far from its limit; 8 and 12 for 20 % at the usual spread; past 20, four times the
  // samples only halve the interval, and the person who waits has left.
  looks: [5, 8, 12, 20],
  // Four looks at 1.25 % make 5 % false passes at most (Bonferroni; the looks share samples, so it is less).
  passAlpha: 0.0125,
  // Four looks at 0.25 % make 1 % false fails at most: a gate that cries wolf gets switched off.
  failAlpha: 0.0025,
  // 1 / 5 % and 1 / 1 %: an e-process may be looked at as often as one likes.
  passEvidence: 20,
  failEvidence: 100,
  // A count that differed in one sample of three or more would show in three with 70 %; and later samples of the
  // same run that differ make the metric statistical again.
  exactSamples: 3,
  fixed: false,
  // A gate that fails what it cannot tell punishes noise.
  inconclusive: 'warn',
};

/** The share of values that has to keep the limit. `max` is no quantile: its rule stands in decide.ts. */
export const quantiles: Readonly<Record<Exclude<Statistic, 'max'>, number>> = { p50: 0.5, p75: 0.75, p95: 0.95 };

/** An early pass of a `max` limit asks this quantile to keep it: the value that 1 sample in 100 exceeds. */
export const maxStandIn = 0.99;

/** Confidence of the intervals that stand beside a value and decide nothing. */
export const shownConfidence = 0.95;

/** Mean of the gap between a value and the step it was rounded to: a uniform error of one step has this deviation. */
export const stepDeviation = 1 / Math.sqrt(12);

/** The noise gate. */
export const noiseGate = {
  /** Share of time waiting for a core that never rejects: at 0.5 a thread took twice the time it ran. */
  wait: 0.5,
  /**
   * Above that, what is usual on this machine: median + 4 MAD of the samples before. It cannot be a fixed number: on
   * 2 cores Chrome's own processes make its main thread wait 0.50 to 0.64 of the time with nothing else running.
   */
  deviations: 4,
  /** The least MAD, for what the first few samples have not shown yet; the samples just mentioned have 0.03. */
  leastDeviation: 0.03,
  /** What always rejects, the first sample too: a thread that waited three times as long as it ran. */
  most: 0.75,
  /**
   * The same where all of Chrome shares one core: there the main thread waits 0.74 to 0.82 of the time for Chrome's
   * other threads, and one more process on that core takes half of what is left.
   */
  mostOnOneCore: 0.92,
  /** Never rejects on one core: what all of Chrome on it makes its main thread wait, and some more. */
  waitOnOneCore: 0.85,
  /** Share of CPU time taken by the hypervisor: what it takes from a 50 ms task at 2 % is within the timer's noise. */
  steal: 0.02,
  /** Repeats for rejected samples, as a share of those wanted: past it the machine is not fit to measure on. */
  extra: 0.25,
  /** Repeats in any case: of three samples, one burst of a second or two on the machine hits two. */
  leastExtra: 3,
} as const;

/** When the first sample is said to lie apart from the rest. */
export const firstStandsOut = {
  samples: 5,
  deviations: 3,
  /**
   * The deviation of few values is uncertain, so it takes 3 × (1 + 8/n) of them. At 3, normal samples of 5, 8 and 12
   * raise the warning in 18, 9 and 5 % of cases; so in 4, 2 and 1 %.
   */
  few: 8,
  /** A difference within a few per cent is no matter, however much the rest agree. */
  share: 0.01,
} as const;
