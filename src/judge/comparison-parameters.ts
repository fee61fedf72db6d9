/** Every number that the verdict of a comparison depends on, each with its reason. */
import type { ComparisonParameters, Extent } from '../core/comparison.ts';
import type { MetricDefinition } from '../core/metrics.ts';

/**
 * A run may raise a false alarm with this chance, over all its scenarios and metrics together: a gate that cries wolf
 * once in a hundred unchanged commits gets switched off, one that does so once in a few hundred is believed.
 */
const runFalseAlarms = 0.01;

const defaults: Omit<ComparisonParameters, 'confirmAlpha'> = {
  // At 5 pairs no sign-flip test reaches 1 % (2⁻⁵ is 3 %), so that look may only pass. 24 pairs of a flow of a second
  // take a minute; twice as many would find changes only 1.4 times smaller.
  // At 10 an unchanged commit passes that varies by 3 %, half of the time; an alarm there would cost the later looks.
  // A commit that needs more bytes or requests has failed after 5 already. It is measured up to the next look that could
  // raise an alarm of times (8), since a reviewer asks for them next, and what they show is often the same cause; then
  // it ends, for 16 pairs more would not make it less red. An alarm is confirmed first.
  looks: [5, 8, 10, 12, 16, 24],
  alphas: [0, 0.01, 0, 0.01, 0.01, 0.02],
  // 95 % that a change called unchanged is below its margin. At 99 % half of the unchanged runs of recorded pairs took 16
  // pairs or more and a third stayed undecided; at 95 % it is 10 pairs, and 1 in 13.
  beta: 0.05,
  // A confirmation looks at the alarmed metrics alone, so 10 pairs see what 24 saw among many.
  confirmPairs: 10,
  // A second alarm after a refuted one deserves its confirmation; a third says that the machine is at odds with itself.
  mostConfirmations: 2,
  // The smallest p of 9,999 flips is 1e-4: a hundredth of the smallest alpha.
  flips: 9999,
  exhaustivePairs: 13,
  exactPairs: 3,
  // Fewer pairs know too little of their own spread.
  futilityPairs: 8,
  quantised: 0.5,
  trim: 0.2,
  bootstraps: 1999,
  // What is printed as visible shall be found in 95 of 100 runs.
  power: 0.95,
  informationalRate: 0.05,
  // What a start of Chrome does to the numbers averages out over several; each costs about a second.
  pairsPerLaunch: 5,
  // Where the system can do it; browser/cores.ts has the figures.
  oneCore: true,
  fixed: false,
  inconclusive: 'warn',
};

/**
 * The parameters of one scenario among several: an alarm of the screening (5 % at most) and its confirmation are
 * independent, so their chances multiply; what is left of the run's limit is shared out over its scenarios.
 */
export function comparisonParametersFor(scenarios: number): ComparisonParameters {
  const screening = defaults.alphas.reduce((sum, alpha) => sum + alpha, 0);
  const confirmAlpha = Math.min(0.1, runFalseAlarms / Math.max(1, scenarios) / screening);
  // 10 pairs have no p below 2⁻¹⁰: with hundreds of scenarios it takes more of them, and two more than just enough.
  const confirmPairs = Math.max(defaults.confirmPairs, Math.ceil(-Math.log2(confirmAlpha)) + 2);
  return { ...defaults, confirmAlpha, confirmPairs };
}

/** Below so many pairs of a fixed number no time can fail: the smallest p of n sign flips is 2⁻ⁿ. */
export function leastFixedPairs({ alphas, confirmAlpha }: ComparisonParameters): number {
  return Math.ceil(-Math.log2(alphas.reduce((sum, alpha) => sum + alpha, 0) * confirmAlpha));
}

/** What is tolerated of a metric by default, and what it must surely stay under to be called unchanged. */
export interface ChangeRule {
  /** Ratios where a value can never be 0, differences elsewhere. */
  readonly scale: 'ratio' | 'difference';
  readonly floor: Extent;
  readonly margin: Extent;
  /** Whether it fails a run by default, where the step has it. */
  readonly gates: boolean;
}

const difference = (absolute: number, margin: number, gates = false): ChangeRule => ({
  scale: 'difference',
  floor: { share: 0, absolute },
  margin: { share: 0, absolute: margin },
  gates,
});

// Below 5 ms nobody notices CPU time, and a step of 40 ms varies by as much; 3 % is what 24 pairs show at a spread of
// 4 %. The margin is the change that has to be found, so it lies above the floor by what the estimate varies.
const cpu: ChangeRule = {
  scale: 'ratio',
  floor: { share: 0.03, absolute: 5 },
  margin: { share: 0.05, absolute: 9 },
  gates: false,
};
// One frame at 60 Hz is 17 ms: a paint cannot be later by less.
const paint: ChangeRule = {
  scale: 'ratio',
  floor: { share: 0.05, absolute: 17 },
  margin: { share: 0.1, absolute: 30 },
  gates: false,
};
const bytes = (gates: boolean): ChangeRule => ({
  scale: 'difference',
  floor: { share: 0.01, absolute: 1000 },
  margin: { share: 0.02, absolute: 2000 },
  gates,
});

/** By metric id; what is not named goes by its nature and unit. */
const rules: Readonly<Record<string, ChangeRule>> = {
  'cpu.main': { ...cpu, gates: true },
  LCP: { ...paint, gates: true },
  // Event Timing rounds to 8 ms: one of its steps may be rounding, two are not.
  INP: difference(12, 24, true),
  TBT: difference(50, 85, true),
  CLS: difference(0.01, 0.02, true),
  'longtasks.count': difference(0, 1),
  'longtasks.longest': difference(50, 85),
  'bytes.script': bytes(true),
  'bytes.total': bytes(true),
  'requests.total': difference(0, 1, true),
  // Two forced collections leave some tens of kB standing.
  heap: {
    scale: 'ratio',
    floor: { share: 0.02, absolute: 100_000 },
    margin: { share: 0.04, absolute: 200_000 },
    gates: false,
  },
};

/** The default rule of a metric. */
export function changeRule(metric: MetricDefinition): ChangeRule {
  const own = Object.hasOwn(rules, metric.id) ? rules[metric.id] : undefined;
  if (own) return own;
  if (metric.nature === 'cpu') return cpu;
  if (metric.nature === 'wall') return metric.unit === 'ms' ? paint : difference(0, 1);
  return metric.unit === 'bytes' ? bytes(false) : difference(0, metric.unit === 'score' ? 0.01 : 1);
}
