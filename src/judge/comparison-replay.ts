/**
 * The looks of a comparison, one after the other, each with the pairs there were at the time. Pure and seeded, so the
 * same pairs give the same decisions, and more pairs leave the earlier looks as they were.
 *
 * - Screening: at each planned number of screening pairs, the sign-flip max-T test over all gating metrics that vary.
 *   A metric raises an alarm when its adjusted p is at most the alpha spent at this look and the estimate over all
 *   pairs lies beyond its limit.
 * - Confirmation: after an alarm, fresh pairs, on which the alarmed metrics alone are tested again.
 * - The end: a confirmed alarm; no alarm, and every upper bound under its margin or no hope that it will be; a look that
 *   could raise an alarm and did not, after an exact metric has regressed; or the last look. What regressed at level
 *   warn ends nothing: the run may still fail.
 */
import type { Change, ComparisonParameters, ScenarioComparison } from '../core/comparison.ts';
import type { Sample } from '../core/sample.ts';
import { clipAboutZero } from '../stats/clip.ts';
import { testSignFlips } from '../stats/sign-flip.ts';
import { type Survey, surveySeries } from './comparison-survey.ts';
import { estimateView, exceeds, testColumn, type ValueSeries, type View } from './comparison-view.ts';

export type Phase = NonNullable<Sample['phase']>;

/** What became of one series so far; `change` on the scale of its differences. */
export interface Track {
  p: number | null;
  alarm: Change['alarm'];
  confirmation: Change['confirmation'];
  regressed: boolean;
}

export interface Replay {
  readonly looks: ScenarioComparison['looks'];
  readonly tracks: readonly Track[];
  readonly next: Phase | 'done';
  /** Whether sampling ended with looks left, since a metric that fails the scenario has regressed for certain. */
  readonly cut: boolean;
  /** How many of the pairs were looked at: all of them, unless there are more than the rule asked for. */
  readonly used: number;
}

export interface ReplayRule {
  readonly parameters: ComparisonParameters;
  readonly seed: number;
}

/** The order within pairs comes from the same seed; its numbers must not be those of the flips. */
const flipStream = 0x2545f491;

/** The sign-flip test with the parameters of a comparison, of differences that one bad moment cannot dominate. */
export function testColumns(columns: readonly ArrayLike<number>[], { parameters, seed }: ReplayRule) {
  const { exhaustivePairs, flips } = parameters;
  return testSignFlips(columns.map(clipAboutZero), { exhaustivePairs, flips, seed: seed ^ flipStream });
}

/**
 * @param series all with as many values as there are pairs
 * @param phases of the pairs, in order; `as asked` takes each pair for what the rule wants next (in simulations)
 * @param final no more pairs will come
 */
export function replayLooks(
  series: readonly ValueSeries[],
  phases: readonly Phase[] | { readonly pairs: number },
  rule: ReplayRule,
  final: boolean,
): Replay {
  const walk = new Walk(series, rule);
  const total = 'pairs' in phases ? phases.pairs : phases.length;
  for (let at = 0; at < total && !walk.done; at += 1) {
    walk.take('pairs' in phases ? walk.wanted : (phases[at] ?? 'screening'));
  }
  if (final) walk.finish();
  const { looks, tracks, cut, position: used } = walk;
  return { looks, tracks, used, cut, next: walk.done || final ? 'done' : walk.wanted };
}

class Walk {
  readonly looks: ScenarioComparison['looks'] = [];
  readonly tracks: Track[];
  position = 0;
  done = false;
  cut = false;
  private readonly series: readonly ValueSeries[];
  private readonly rule: ReplayRule;
  private readonly screening: number[] = [];
  /** The pairs of the confirmation that is open, and the series it is about. */
  private fresh: number[] | null = null;
  private alarmed: number[] = [];
  private confirmations = 0;
  private nextLook = 0;

  constructor(series: readonly ValueSeries[], rule: ReplayRule) {
    this.series = series;
    this.rule = rule;
    this.tracks = series.map(() => ({ p: null, alarm: null, confirmation: null, regressed: false }));
  }

  get wanted(): Phase {
    return this.fresh ? 'confirmation' : 'screening';
  }

  take(phase: Phase): void {
    const at = this.position;
    this.position += 1;
    if (phase === 'screening') this.screening.push(at);
    else this.fresh?.push(at);
    this.decide();
  }

  /** Sampling is over: a fixed number of pairs has its look now. */
  finish(): void {
    const { fixed } = this.rule.parameters;
    if (fixed && !this.done && this.looks.length === 0 && this.screening.length > 0) this.look(this.screening.length);
    if (!this.fresh) return;
    for (const index of this.alarmed) {
      const { confirmation } = this.tracks[index] ?? {};
      if (confirmation) confirmation.pairs = this.fresh.length;
    }
  }

  private decide(): void {
    const { parameters } = this.rule;
    for (;;) {
      if (this.fresh) {
        if (this.fresh.length < parameters.confirmPairs) return;
        this.confirm(this.fresh);
      } else {
        const planned = parameters.fixed ? parameters.looks.slice(-1) : parameters.looks;
        const pairs = planned[this.nextLook];
        if (pairs === undefined || this.screening.length < pairs) return;
        this.look(pairs);
      }
      if (this.done) return;
    }
  }

  private survey(): Survey {
    const confirmed = (index: number): boolean => this.tracks[index]?.regressed ?? false;
    return surveySeries(this.series, this.position, this.rule, { alarmed: this.alarmed, confirmed });
  }

  private look(pairs: number): void {
    const { fixed, alphas, mostConfirmations, looks, confirmAlpha } = this.rule.parameters;
    const spent = alphas.reduce((sum, each) => sum + each, 0);
    const alpha = fixed ? spent : (alphas[this.nextLook] ?? 0);
    this.nextLook += 1;
    this.alarmed = [];
    const { views, gating, estimates, open, failed } = this.survey();
    const family = [...estimates.keys()].filter((index) => gating[index]);
    const chosen = this.screening.slice(0, pairs);
    const { adjusted } = testColumns(
      family.map((index) => testColumn(views[index], chosen)),
      this.rule,
    );
    for (const [at, index] of family.entries()) {
      const track = this.tracks[index];
      const p = adjusted[at] ?? 1;
      if (!track) continue;
      track.p = p;
      // One that was confirmed at level warn has been told.
      if (track.regressed || p > alpha || !exceeds(estimates.get(index)?.estimate ?? 0, views[index]?.limit ?? 0))
        continue;
      this.alarmed.push(index);
      track.alarm = { pairs, p, alpha };
      track.confirmation = null;
    }
    this.looks.push({ phase: 'screening', pairs, alpha, alarms: this.alarmed.length, open: open.length });
    const last = fixed || this.nextLook >= looks.length;
    if (fixed) {
      // No fresh pairs will come. The chance that an alarm and its confirmation have together is asked of one test.
      for (const index of this.alarmed) {
        const track = this.tracks[index];
        if (track) track.regressed = (track.p ?? 1) <= spent * confirmAlpha;
      }
    } else if (this.alarmed.length > 0 && this.confirmations < mostConfirmations) {
      this.confirmations += 1;
      this.fresh = [];
      for (const index of this.alarmed) {
        const track = this.tracks[index];
        if (track) track.confirmation = { pairs: 0, p: null, change: null, outcome: 'open' };
      }
      return;
    }
    const settled = this.alarmed.length === 0 && open.length === 0;
    this.end({ over: last || settled, failed: failed && alpha > 0 });
  }

  private end({ over, failed }: { over: boolean; failed: boolean }): void {
    this.cut = failed && !over;
    this.done = over || failed;
  }

  private confirm(fresh: readonly number[]): void {
    const { parameters, seed } = this.rule;
    const { views, estimates, open, failed } = this.survey();
    const family = this.alarmed.filter((index) => estimates.has(index));
    const columns = family.map((index) => testColumn(views[index], fresh));
    const { adjusted } = testColumns(columns, this.rule);
    const confirmed: number[] = [];
    for (const index of this.alarmed) {
      const track = this.tracks[index];
      const view = views[index];
      const at = family.indexOf(index);
      const column = columns[at];
      if (!track || !view) continue;
      const p = column ? (adjusted[at] ?? 1) : null;
      const known = column ? knownOf(view, fresh) : null;
      const change = known?.length ? estimateView({ ...view, differences: known }, parameters, seed).estimate : null;
      const beyond = exceeds(estimates.get(index)?.estimate ?? 0, view.limit);
      // What has lost its values since the alarm is neither.
      const outcome = p === null ? 'open' : p <= parameters.confirmAlpha && beyond ? 'confirmed' : 'refuted';
      if (outcome === 'confirmed') confirmed.push(index);
      track.regressed = outcome === 'confirmed';
      track.confirmation = { pairs: fresh.length, p, change, outcome };
    }
    this.looks.push({
      phase: 'confirmation',
      pairs: fresh.length,
      alpha: parameters.confirmAlpha,
      alarms: confirmed.length,
      open: open.length,
    });
    this.fresh = null;
    const settled = confirmed.length > 0 && open.every((index) => confirmed.includes(index));
    this.end({
      over: settled || this.nextLook >= parameters.looks.length,
      failed: failed || confirmed.some((index) => this.series[index]?.level === 'error'),
    });
  }
}

/** Of these pairs, the differences there are. */
function knownOf({ paired }: View, pairs: readonly number[]): Float64Array {
  return Float64Array.from(
    pairs.map((at) => paired[at] ?? Number.NaN).filter((difference) => !Number.isNaN(difference)),
  );
}
