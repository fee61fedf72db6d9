/** One metric of one step as it looks after so many pairs: what kind of numbers, their differences, what is tolerated. */
import type { Change, ComparisonParameters, Extent, RegressionLine } from '../core/comparison.ts';
import { hodgesLehmann, signedRankBounds, walshAverages } from '../stats/hodges-lehmann.ts';
import { moments } from '../stats/moments.ts';
import { distinctCount, median } from '../stats/quantile.ts';
import { studentQuantile } from '../stats/student.ts';
import { trimmedMeanBounds } from '../stats/trimmed-mean.ts';
import { findDifference } from './comparison-lcp.ts';

/** The values of a metric in all accepted pairs, and the rule it is judged by. Plain numbers: simulations use it. */
export interface ValueSeries {
  /** In the metric's base unit, one a pair; NaN where there is no value. */
  readonly base: ArrayLike<number>;
  readonly head: ArrayLike<number>;
  /** −1 where more is better. Differences are turned so that more is worse. */
  readonly sign: 1 | -1;
  /** May be exact: bytes, requests, layouts. */
  readonly counted: boolean;
  /** Ratios only as long as all values are positive. */
  readonly scale: Change['scale'];
  /** The step in which values come, base unit; 0 for none. */
  readonly resolution: number;
  readonly floor: Extent;
  readonly margin: Extent;
  /** Of a budget against base; it takes the place of floor and margin. */
  readonly allowed: RegressionLine['allowed'];
  /** `default` gates where not too many of its group do. */
  readonly gates: 'always' | 'default' | 'never';
  /** At level warn a regression fails nothing, and ends no sampling. */
  readonly level: RegressionLine['level'];
  /** The step: limits how many metrics of it gate by default. */
  readonly group: number;
  /** Tells its random numbers apart from those of other series; the same whatever else is measured. */
  readonly stream: number;
  /** What was measured, for LCP: one a pair and side. */
  readonly identities?: { readonly base: readonly string[]; readonly head: readonly string[] } | undefined;
}

export interface View {
  /** `absent`: too many values are missing, so it is not tested. */
  readonly kind: 'statistical' | 'exact' | 'absent';
  /** Base and head measured different things: only what is far worse counts. */
  readonly different: boolean;
  readonly pairs: number;
  readonly scale: Change['scale'];
  /** Worse is positive. Logarithms of head / base on the ratio scale, base units on the other. Of pairs with both values. */
  readonly differences: Float64Array;
  /** The same, one for every pair: NaN where a value is missing. */
  readonly paired: Float64Array;
  /** On the scale of the differences, so logarithms for ratios. */
  readonly limit: number;
  readonly margin: number;
  readonly resolution: number;
  /** Whether any value of either side differs from another of its side. */
  readonly varies: boolean;
}

/** A difference, worse being positive, as it is told: head against base, a share of base on the ratio scale. */
export function fromDifference(difference: number, scale: Change['scale'], sign: 1 | -1): number {
  return scale === 'ratio' ? Math.expm1(sign * difference) : sign * difference;
}

/**
 * The time of another element is another measurement, so what is tolerated of one does not bind the other. But to a
 * visitor the page is complete that much later: beyond twice the usual margin (20 % and 60 ms of LCP) it is a regression
 * whatever was painted.
 */
const farWorse = 2;

/** What is left over in the last digit of sums, products and logarithms. */
const rounding = 1e-9;

/** Whether a change goes beyond a limit, by more than the rounding of the numbers. */
export function exceeds(change: number, limit: number): boolean {
  return change > limit + rounding * Math.abs(limit);
}

/**
 * A limit is the larger of share and amount, so that a change has to exceed both; the margin lies above it by what an
 * estimate varies, or a metric at its limit could never be told from one that is unchanged.
 */
const leastMargin = 5 / 3;

function limitsOf(series: ValueSeries, scale: Change['scale'], middle: number): { limit: number; margin: number } {
  const convert = ({ share, absolute }: Extent): number =>
    scale === 'ratio' ? Math.max(share, absolute / middle) : Math.max(share * Math.abs(middle), absolute);
  const { allowed } = series;
  const byDefault = { limit: convert(series.floor), margin: convert(series.margin) };
  const limit =
    allowed === null
      ? byDefault.limit
      : convert(
          allowed.kind === 'share' ? { share: allowed.value, absolute: 0 } : { share: 0, absolute: allowed.value },
        );
  // A budget of 0 tolerates nothing, yet no number of pairs shows a change to be less than nothing.
  const margin = allowed !== null && limit > 0 ? limit * leastMargin : Math.max(byDefault.margin, limit * leastMargin);
  return { limit, margin };
}

/**
 * A value may be missing now and then (Chrome reported no paint); such a pair says nothing, whichever way its sign is
 * flipped, so the test stays exact without it. Where more are missing, what is left is a choice.
 */
const mostMissing = 0.2;

/** The first `pairs` pairs. Later ones must not matter: a look is judged again as it was. */
export function viewSeries(series: ValueSeries, pairs: number, parameters: ComparisonParameters): View {
  const { base, head, sign } = series;
  const known: number[] = [];
  for (let i = 0; i < pairs; i += 1)
    if (!Number.isNaN((base[i] ?? Number.NaN) + (head[i] ?? Number.NaN))) known.push(i);
  const [first] = known;
  const constant = known.every((i) => base[i] === base[first ?? 0] && head[i] === head[first ?? 0]);
  const about = { pairs, varies: pairs === 0 || known.length < pairs || !constant };
  if (first === undefined || pairs - known.length > mostMissing * pairs) {
    const { scale } = series;
    const nothing = { differences: empty, paired: empty, limit: 0, margin: 0, resolution: 0 };
    return { ...about, ...nothing, kind: 'absent', different: false, scale };
  }
  const positive = known.every((i) => (base[i] ?? 0) > 0 && (head[i] ?? 0) > 0);
  const exact = series.counted && constant && known.length >= parameters.exactPairs;
  const scale = exact || !positive ? 'difference' : series.scale;
  const middle = median(known.map((i) => base[i] ?? 0));
  const usual = limitsOf(series, scale, middle);
  const different = isDifferent(series, pairs, parameters);
  const limit = different ? farWorse * usual.margin : usual.limit;
  const margin = different ? limit * leastMargin : usual.margin;
  const ratio = scale === 'ratio';
  const paired = new Float64Array(pairs).fill(Number.NaN);
  for (const i of known) {
    const b = base[i] ?? 0;
    const h = head[i] ?? 0;
    paired[i] = sign * (ratio ? Math.log(h / b) : h - b);
  }
  return {
    ...about,
    kind: exact ? 'exact' : 'statistical',
    different,
    scale,
    differences: Float64Array.from(known, (i) => paired[i] ?? 0),
    paired,
    limit: ratio ? Math.log1p(limit) : limit,
    margin: ratio ? Math.log1p(margin) : margin,
    resolution: ratio ? series.resolution / middle : series.resolution,
  };
}

/** What a view brings to a test over several metrics: one number for each of these pairs, 0 where it has none. */
export function testColumn(view: View | undefined, pairs: readonly number[]): Float64Array {
  return Float64Array.from(pairs, (at) => {
    const difference = view?.paired[at] ?? 0;
    return Number.isNaN(difference) ? 0 : difference;
  });
}

const empty = new Float64Array(0);

function isDifferent({ identities }: ValueSeries, pairs: number, parameters: ComparisonParameters): boolean {
  if (!identities || pairs < parameters.exactPairs) return false;
  return findDifference(identities.base.slice(0, pairs), identities.head.slice(0, pairs)) !== null;
}

/** On the scale of the differences; worse is positive. */
export interface Estimate {
  readonly rule: Change['rule'];
  readonly estimate: number;
  /** Each bound is wrong with chance beta at most; infinite where there is none. */
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly method: string;
}

/** Below so many pairs a bound must hold for the largest difference, too: t believes in the bell curve. */
export const fewPairs = 7;

/** Estimate and bounds of a view with differences. */
export function estimateView(
  { differences, resolution, kind }: View,
  parameters: ComparisonParameters,
  seed: number,
): Estimate {
  const n = differences.length;
  const first = differences[0] ?? 0;
  if (kind === 'exact')
    return { rule: 'exact', estimate: first, low: first, high: first, confidence: 1, method: 'exact' };
  const { beta } = parameters;
  if (n < 2) return { rule: 'none', estimate: first, low: -Infinity, high: Infinity, confidence: 0, method: 'none' };
  if (distinctCount(Array.from(differences)) / n < parameters.quantised) {
    const { trim, bootstraps } = parameters;
    const trimmed = trimmedMeanBounds(differences, beta, { trim, bootstraps, seed, resolution });
    const bounds = n < fewPairs ? widen(trimmed, differences) : trimmed;
    return {
      ...bounds,
      rule: 'trimmed mean',
      confidence: 1 - 2 * beta,
      method: 'bootstrap-t of the 20 % trimmed mean',
    };
  }
  const walsh = walshAverages(differences);
  const estimate = hodgesLehmann(walsh);
  const ranks = signedRankBounds(walsh, n, beta);
  const about = { rule: 'signed-rank', estimate } as const;
  if (ranks) {
    const { low, high, alpha } = ranks;
    return { ...about, low, high, confidence: 1 - 2 * alpha, method: 'Hodges–Lehmann, exact signed ranks' };
  }
  const { mean, sd } = moments(Array.from(differences));
  const width = (studentQuantile(1 - beta, n - 1) * sd) / Math.sqrt(n);
  const bounds = widen({ low: mean - width, high: mean + width }, differences);
  return { ...about, ...bounds, confidence: 1 - 2 * beta, method: "Student's t, and the range of the differences" };
}

/**
 * Whether a change is within what is tolerated, and with confidence below the margin. The first alone would call noise
 * unchanged, the second alone a worsening as large as the margin one time in twenty.
 */
export function isUnchanged(view: View, { estimate, high }: Estimate): boolean {
  return high < view.margin && !exceeds(estimate, view.limit);
}

function widen<Bounds extends { low: number; high: number }>(bounds: Bounds, differences: Float64Array): Bounds {
  return { ...bounds, low: Math.min(bounds.low, ...differences), high: Math.max(bounds.high, ...differences) };
}

/** By default at most so many metrics of a step gate whose values vary: each one more makes all others less sharp. */
const mostByDefault = 5;

/** Which series gate, in their order. Metrics that do not vary cost the others nothing. */
export function chooseGating(series: readonly ValueSeries[], views: readonly View[]): boolean[] {
  const varying = new Map<number, number>();
  return series.map(({ gates, group }, index) => {
    if (gates !== 'default') return gates === 'always';
    const view = views[index];
    if (!view || view.kind !== 'statistical' || !view.varies) return true;
    const count = (varying.get(group) ?? 0) + 1;
    varying.set(group, count);
    return count <= mostByDefault;
  });
}
