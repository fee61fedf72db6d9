/** What a comparison can see at the spread that its pairs have, and when more pairs would not change that. */
import type { ComparisonParameters } from '../core/comparison.ts';
import { moments } from '../stats/moments.ts';
import { deviationMargin, normalQuantile, studentQuantile } from '../stats/student.ts';
import { type Estimate, exceeds, type View } from './comparison-view.ts';

/**
 * Standard deviation of the differences, never below what rounding hides. With outliers and all: the test pulls them in,
 * but what was found of recorded pairs is nearer to what the plain deviation promises.
 */
export function spreadOf({ differences, resolution }: View): number {
  return Math.max(moments(Array.from(differences)).sd, resolution / Math.sqrt(6));
}

/**
 * The smallest worsening that the whole schedule finds with the stated power, from the spread seen so far: it has to
 * raise an alarm at the last look, to be confirmed, and to be estimated beyond the limit; and it is never below the
 * margin, since a smaller one may rightly pass as unchanged at an early look. Alarm and confirmation share
 * the power evenly, since both have to succeed; metrics count as independent, which errs on the side of a larger effect.
 * Source: the usual (z_α + z_power)·σ/√n, with Student's t for z_α, since the spread is estimated from the same pairs.
 */
function smallestVisible(
  view: View,
  metrics: number,
  parameters: ComparisonParameters,
  spread = spreadOf(view),
): number {
  const { looks, alphas, confirmPairs, confirmAlpha, fixed, power } = parameters;
  const last = looks.at(-1) ?? view.pairs;
  const spent = alphas.reduce((sum, each) => sum + each, 0);
  const alpha = (fixed ? spent * confirmAlpha : (alphas.at(-1) ?? spent)) / Math.max(1, metrics);
  const sure = normalQuantile(fixed ? power : Math.sqrt(power));
  const effect = (level: number, pairs: number): number =>
    pairs > 1 ? ((studentQuantile(1 - level, pairs - 1) + sure) * spread) / Math.sqrt(pairs) : 0;
  return Math.max(
    effect(alpha, last),
    fixed ? 0 : effect(confirmAlpha, confirmPairs),
    view.limit + (sure * spread) / Math.sqrt(last),
    view.margin,
  );
}

/**
 * The smallest visible worsening as it is told: with a deviation that the true one exceeds in one case of ten only,
 * since the spread of few pairs is uncertain, and too small a promise is the worse mistake. Null where a fixed number
 * of pairs is too small to find anything.
 */
export function promisedVisible(view: View, metrics: number, parameters: ComparisonParameters): number | null {
  const { looks, alphas, confirmAlpha, fixed } = parameters;
  // All signs alike in n pairs has a chance of 2⁻ⁿ: of too few pairs no test can be sure enough, whatever the change.
  const asked = alphas.reduce((sum, each) => sum + each, 0) * confirmAlpha;
  if (fixed && 2 ** -(looks.at(-1) ?? 0) > asked) return null;
  return smallestVisible(view, metrics, parameters, spreadOf(view) * deviationMargin(0.1, view.pairs));
}

/**
 * Whether more pairs would be in vain: a worsening that the whole schedule could find is ruled out already, and at this
 * estimate and spread the last look would still not show it unchanged. An estimate beyond what is tolerated
 * deserves more pairs in any case. Noise then ends sampling as soon as it has said
 * all it can, instead of after the last pair. It raises no false alarms, and misses what is
 * visible with chance beta; a worsening of two thirds of that is seldom low enough by chance to be missed here.
 */
export function isHopeless(
  view: View,
  { estimate, high }: Estimate,
  metrics: number,
  parameters: ComparisonParameters,
): boolean {
  if (parameters.fixed || view.pairs < parameters.futilityPairs || exceeds(estimate, view.limit)) return false;
  if (!(high < smallestVisible(view, metrics, parameters))) return false;
  const last = parameters.looks.at(-1) ?? view.pairs;
  // An estimate below 0 is mostly chance, and will be nearer to 0 after more pairs.
  return (
    Math.max(0, estimate) + (normalQuantile(1 - parameters.beta) * spreadOf(view)) / Math.sqrt(last) >= view.margin
  );
}
