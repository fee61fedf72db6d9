/** The status of every series after the looks, on plain numbers: simulations judge thousands of runs with it. */
import type { ChangeStatus } from '../core/comparison.ts';
import { adjustForDiscovery } from '../stats/false-discovery.ts';
import { moments } from '../stats/moments.ts';
import { studentTwoSided } from '../stats/student.ts';
import { type Phase, type Replay, replayLooks, type ReplayRule, testColumns, type Track } from './comparison-replay.ts';
import {
  chooseGating,
  type Estimate,
  estimateView,
  exceeds,
  fewPairs,
  isUnchanged,
  testColumn,
  type ValueSeries,
  type View,
  viewSeries,
} from './comparison-view.ts';
import { promisedVisible, spreadOf } from './comparison-visible.ts';

export interface SeriesOutcome {
  readonly status: ChangeStatus;
  readonly gating: boolean;
  readonly view: View;
  readonly estimate: Estimate | null;
  readonly track: Track;
  /** One-sided and adjusted for all gating metrics; for the others two-sided, adjusted for the rate of discoveries. */
  readonly p: number | null;
  /** On the scale of the differences. */
  readonly visible: number | null;
}

export interface SeriesJudgement {
  readonly looks: Replay['looks'];
  readonly next: Replay['next'];
  readonly cut: Replay['cut'];
  readonly used: number;
  readonly outcomes: readonly SeriesOutcome[];
}

/** Three differences or less have no spread to speak of: t with two degrees of freedom sees thousands of per cent. */
export const leastPairs = 4;

/** An improvement only informs, so it takes no more than a single test at the usual 5 %. */
const improvedAlpha = 0.05;

/**
 * All series of one scenario: the looks, then what each series amounts to after the pairs that were used. Metrics that
 * only inform are not tested before the end.
 * @param phases of the pairs in order, or how many there are, each to be taken for what the rule wants next
 */
export function judgeSeries(
  series: readonly ValueSeries[],
  phases: readonly Phase[] | { readonly pairs: number },
  rule: ReplayRule,
  final: boolean,
): SeriesJudgement {
  const { parameters, seed } = rule;
  const { looks, tracks, next, cut, used } = replayLooks(series, phases, rule, final);
  const views = series.map((each) => viewSeries(each, used, parameters));
  const gating = chooseGating(series, views).map((each, index) => each || tracks[index]?.alarm !== null);
  const estimates = views.map((view, index) =>
    view.kind === 'absent' ? null : estimateView(view, parameters, seed ^ (series[index]?.stream ?? 0)),
  );
  const tested = (wanted: boolean): number[] =>
    views.flatMap((view, index) => (view.kind === 'statistical' && gating[index] === wanted ? [index] : []));
  const family = tested(true);
  // A metric that does not vary takes nothing from the others.
  const restless = family.filter((index) => views[index]?.varies).length;
  // Before the first look there are too few pairs to say anything of what varies.
  const looked = looks.length > 0;
  const over = next === 'done' && looked;
  // Mostly nothing improved, and then there is nothing to test.
  const improved = family.some((index) => exceeds(-(estimates[index]?.estimate ?? 0), views[index]?.limit ?? 0));
  const better = over && improved ? testBetter(family, views, rule) : new Map<number, number>();
  const discoveries = over ? testBoth(tested(false), views, rule) : new Map<number, number>();

  const outcomes = series.map((each, index): SeriesOutcome => {
    const view = views[index] as View;
    const estimate = estimates[index] ?? null;
    const track = tracks[index] as Track;
    const gates = gating[index] ?? false;
    const about = { view, estimate, track, gating: gates };
    const p = gates ? track.p : (discoveries.get(index) ?? null);
    const visible =
      gates && view.kind === 'statistical' && !view.different && view.pairs >= leastPairs
        ? promisedVisible(view, restless, parameters)
        : null;
    const status = estimate
      ? statusOf(about.view, estimate, {
          undecided: !looked || isSuspected(track),
          regressed: gates ? track.regressed : !view.different && (p ?? 1) <= parameters.informationalRate,
          improved: gates ? (better.get(index) ?? 1) <= improvedAlpha : (p ?? 1) <= parameters.informationalRate,
        })
      : absence(each, used);
    return { ...about, status, p, visible };
  });
  return { looks, next, cut, used, outcomes };
}

/** An alarm that fresh pairs did not refute, since none came. */
function isSuspected({ alarm, confirmation }: Track): boolean {
  return alarm !== null && confirmation?.outcome !== 'refuted';
}

/** @param found whether a test found it worse, or better; nothing passes before the first look or under suspicion */
function statusOf(
  view: View,
  about: Estimate,
  found: { regressed: boolean; improved: boolean; undecided: boolean },
): ChangeStatus {
  const { estimate, rule } = about;
  const worse = exceeds(estimate, view.limit);
  if (view.different) return found.regressed && worse ? 'regressed' : 'different';
  const better = exceeds(-estimate, view.limit);
  if (rule === 'exact') return worse ? 'regressed' : better ? 'improved' : 'unchanged';
  if (found.regressed && worse) return 'regressed';
  if (found.improved && better) return 'improved';
  return isUnchanged(view, about) && !found.undecided ? 'unchanged' : 'inconclusive';
}

function absence({ base, head }: ValueSeries, pairs: number): ChangeStatus {
  let bases = 0;
  let heads = 0;
  for (let i = 0; i < pairs; i += 1) {
    if (!Number.isNaN(base[i] ?? Number.NaN)) bases += 1;
    if (!Number.isNaN(head[i] ?? Number.NaN)) heads += 1;
  }
  if (bases === 0 && heads > 0) return 'new';
  return heads === 0 && bases > 0 ? 'gone' : 'not measured';
}

function columnOf(view: View | undefined): Float64Array {
  return testColumn(
    view,
    Array.from({ length: view?.pairs ?? 0 }, (_, at) => at),
  );
}

/** The mirror image of the screening: adjusted p-values of "head is better", over all pairs. */
function testBetter(family: readonly number[], views: readonly View[], rule: ReplayRule): Map<number, number> {
  const columns = family.map((index) => columnOf(views[index]).map((d) => -d));
  const { adjusted } = testColumns(columns, rule);
  return new Map(family.map((index, at) => [index, adjusted[at] ?? 1]));
}

/**
 * Two-sided, adjusted for the rate of false discoveries. Sign flips of 5 pairs never get below 6 %, so few pairs take
 * Student's t: these metrics fail nothing.
 */
function testBoth(indices: readonly number[], views: readonly View[], rule: ReplayRule): Map<number, number> {
  const chosen = indices.map((index) => views[index] as View);
  const worse = testColumns(
    chosen.map((view) => columnOf(view)),
    rule,
  ).raw;
  const better = testColumns(
    chosen.map((view) => columnOf(view).map((d) => -d)),
    rule,
  ).raw;
  const both = chosen.map((view, at) =>
    view.pairs < fewPairs ? testStudent(view) : Math.min(1, 2 * Math.min(worse[at] ?? 1, better[at] ?? 1)),
  );
  const adjusted = adjustForDiscovery(both);
  return new Map(indices.map((index, at) => [index, adjusted[at] ?? 1]));
}

function testStudent(view: View): number {
  if (view.pairs < 2) return 1;
  const { mean } = moments(Array.from(view.differences));
  const error = spreadOf(view) / Math.sqrt(view.pairs);
  return mean === 0 ? 1 : studentTwoSided(mean / error, view.pairs - 1);
}
