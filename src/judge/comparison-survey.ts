/** What all series of a scenario look like after so many pairs: what a look decides from. */
import type { ComparisonParameters } from '../core/comparison.ts';
import {
  chooseGating,
  type Estimate,
  estimateView,
  exceeds,
  isUnchanged,
  type ValueSeries,
  type View,
  viewSeries,
} from './comparison-view.ts';
import { isHopeless } from './comparison-visible.ts';

export interface Survey {
  /** One a series, as is `gating`. */
  readonly views: readonly View[];
  readonly gating: readonly boolean[];
  /** By index, of the statistical ones that gate or raised the alarm which is being confirmed. */
  readonly estimates: ReadonlyMap<number, Estimate>;
  /** Indices of what gates and is not known to be unchanged, nor hopeless, nor confirmed. */
  readonly open: readonly number[];
  /** Whether an exact metric fails the scenario: later pairs would only say so again. */
  readonly failed: boolean;
}

/**
 * @param alarmed indices of the series whose alarm is being confirmed
 * @param confirmed whether the series of that index has regressed on fresh pairs, too
 */
export function surveySeries(
  series: readonly ValueSeries[],
  pairs: number,
  { parameters, seed }: { readonly parameters: ComparisonParameters; readonly seed: number },
  { alarmed, confirmed }: { readonly alarmed: readonly number[]; readonly confirmed: (index: number) => boolean },
): Survey {
  const views = series.map((each) => viewSeries(each, pairs, parameters));
  const gating = chooseGating(series, views);
  const estimates = new Map<number, Estimate>();
  for (const [index, view] of views.entries()) {
    if (view.kind !== 'statistical' || !(gating[index] || alarmed.includes(index))) continue;
    estimates.set(index, estimateView(view, parameters, seed ^ (series[index]?.stream ?? 0)));
  }
  const restless = [...estimates.keys()].filter((index) => gating[index] && views[index]?.varies).length;
  const open = [...estimates].flatMap(([index, estimate]) => {
    const view = views[index];
    if (!view || !gating[index] || confirmed(index) || isUnchanged(view, estimate)) return [];
    return isHopeless(view, estimate, restless, parameters) ? [] : index;
  });
  const failed = views.some(
    (view, index) =>
      view.kind === 'exact' &&
      gating[index] &&
      series[index]?.level === 'error' &&
      exceeds(view.differences[0] ?? 0, view.limit),
  );
  return { views, gating, estimates, open, failed };
}
