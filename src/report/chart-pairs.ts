/** The pairs of one metric in the order of time: the change of each, and below it both sides' values. */
import type { Unit } from '../core/metrics.ts';
import type { Interval } from '../core/verdict.ts';
import { crosses, linearScale, niceTicks, type Scale } from './chart-scale.ts';
import { count, quantity } from './view-format.ts';

export interface PairPoint {
  readonly number: number;
  readonly phase: 'screening' | 'confirmation';
  readonly launch: number;
  /** Null where a side has no value. */
  readonly base: number | null;
  readonly head: number | null;
  /** On the scale of the change. */
  readonly change: number | null;
  /** Why the pair does not count; empty where it does. */
  readonly rejection: string;
}

/** What all charts of a scenario have in common; drawn once, and used by each. */
export interface PairsFrame {
  /** Left edges of pairs that ran in a new Chrome, as one path. */
  readonly launches: string;
  /** Where fresh pairs begin; null without any. */
  readonly fresh: { readonly x: number; readonly width: number } | null;
  readonly rejected: ReadonlyArray<{ readonly d: string; readonly label: string }>;
}

export interface PairsChart {
  /** Id of the frame. */
  readonly frame: string;
  readonly description: string;
  /** Lines across at round amounts, and their labels. */
  readonly ticks: ReadonlyArray<{ readonly y: number; readonly label: string }>;
  readonly zero: { readonly y: number; readonly label: string };
  readonly limit: { readonly y: number; readonly label: string } | null;
  readonly band: { readonly y: number; readonly height: number } | null;
  /** Pairs whose change stays within the limit, and those beyond it. */
  readonly within: string;
  readonly beyond: string;
  readonly base: string;
  readonly head: string;
}

export interface PairsChartInput {
  readonly points: readonly PairPoint[];
  readonly unit: Unit;
  readonly limit: number;
  readonly interval: Pick<Interval, 'low' | 'high'> | null;
  readonly amount: (value: number) => string;
  readonly frame: string;
}

const plot = { left: 62, right: 396, top: 6, bottom: 92, stripTop: 108, stripBottom: 158 };

function extent(values: readonly number[], least: number): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const padding = Math.max((high - low) * 0.08, (least - (high - low)) / 2);
  return [low - padding, high + padding];
}

/** Dots as relative moves in whole pixels: half the bytes of absolute ones. */
function dotPath(places: ReadonlyArray<readonly [number, number]>): string {
  let [atX, atY] = [0, 0];
  return places
    .map(([x, y], index) => {
      const [dx, dy] = [Math.round(x) - atX, Math.round(y) - atY];
      [atX, atY] = [Math.round(x), Math.round(y)];
      // a path of a single dot without any length would not be printed, see `dots`
      return `${index === 0 ? 'M' : 'm'}${dx}${dy < 0 ? '' : ' '}${dy}${places.length > 1 ? 'z' : 'h.01'}`;
    })
    .join('');
}

function tick(value: number, scale: Scale, label: string): { y: number; label: string } {
  return { y: Math.round(scale.at(value)), label };
}

function placesOf(amount: number): { readonly pitch: number; at(place: number): number } {
  const pitch = (plot.right - plot.left) / Math.max(1, amount);
  return { pitch, at: (place) => plot.left + (place + 0.5) * pitch };
}

export function pairsFrame(
  pairs: ReadonlyArray<Pick<PairPoint, 'number' | 'phase' | 'launch' | 'rejection'>>,
): PairsFrame {
  const x = placesOf(pairs.length);
  const edge = (place: number): number => Math.round(x.at(place) - x.pitch / 2);
  const fresh = pairs.findIndex(({ phase }) => phase === 'confirmation');
  return {
    launches: pairs
      .map(({ launch }, place) =>
        place > 0 && pairs[place - 1]?.launch !== launch ? `M${edge(place)} ${plot.top}V${plot.stripBottom}` : '',
      )
      .join(''),
    fresh: fresh < 0 ? null : { x: edge(fresh), width: plot.right - edge(fresh) },
    rejected: pairs.flatMap(({ number, rejection }, place) =>
      rejection === ''
        ? []
        : { d: crosses([[Math.round(x.at(place)), plot.bottom + 8]], 3), label: `Pair ${number}: ${rejection}` },
    ),
  };
}

/** Null where no accepted pair has a change, or where all values of each side are the same: a sentence says that. */
export function pairsChart({ points, unit, limit, interval, amount, frame }: PairsChartInput): PairsChart | null {
  const kept = points.filter((point) => point.rejection === '' && point.change !== null);
  const values = kept.flatMap(({ base, head }) => [base ?? 0, head ?? 0]);
  const varies = (['base', 'head'] as const).some((side) => new Set(kept.map((point) => point[side])).size > 1);
  if (!varies) return null;
  const changes = kept.map(({ change }) => change ?? 0);
  const span = Math.max(...changes, 0) - Math.min(...changes, 0);
  // a limit that is far off would squeeze the dots
  const near = limit > 0 && limit <= Math.max(...changes, 0) + span;
  const [low, high] = extent([...changes, 0, ...(near ? [limit] : [])], 1e-9);
  const y = linearScale(low, high, plot.bottom, plot.top);
  const strip = linearScale(
    ...extent(values, 0.04 * Math.max(...values.map(Math.abs))),
    plot.stripBottom,
    plot.stripTop,
  );
  const x = placesOf(points.length);
  const placed = points.map((point, place) => ({ point, x: x.at(place) }));
  const good = placed.filter(({ point }) => point.rejection === '' && point.change !== null);
  const spot = ({ point, x: at }: (typeof placed)[number]): readonly [number, number] => [at, y.at(point.change ?? 0)];
  const bounds = interval && { top: y.at(interval.high), bottom: y.at(interval.low) };
  return {
    frame,
    description: describe(kept, points, limit, amount, unit),
    ticks: [
      ...niceTicks(low, high, 3)
        .filter((value) => Math.abs(y.at(value) - y.at(0)) > 11 && (!near || Math.abs(y.at(value) - y.at(limit)) > 11))
        .map((value) => tick(value, y, amount(value))),
      ...niceTicks(strip.low, strip.high, 2).map((value) => tick(value, strip, quantity(value, unit))),
    ],
    // the limit's own label is more useful than a 0 under it
    zero: tick(0, y, near && Math.abs(y.at(0) - y.at(limit)) <= 11 ? '' : '0'),
    limit: near ? tick(limit, y, amount(limit)) : null,
    band: bounds && { y: Math.round(bounds.top), height: Math.max(1, Math.round(bounds.bottom - bounds.top)) },
    within: dotPath(good.filter(({ point }) => (point.change ?? 0) <= limit).map(spot)),
    beyond: dotPath(good.filter(({ point }) => (point.change ?? 0) > limit).map(spot)),
    base: dotPath(good.map(({ point, x: at }) => [at, strip.at(point.base ?? 0)])),
    head: dotPath(good.map(({ point, x: at }) => [at, strip.at(point.head ?? 0)])),
  };
}

function describe(
  kept: readonly PairPoint[],
  points: readonly PairPoint[],
  limit: number,
  amount: (value: number) => string,
  unit: Unit,
): string {
  const changes = kept.map(({ change }) => change ?? 0);
  const worse = changes.filter((change) => change > 0).length;
  const beyond = changes.filter((change) => change > limit).length;
  const rejected = points.filter(({ rejection }) => rejection !== '').length;
  const fresh = kept.filter(({ phase }) => phase === 'confirmation').length;
  const bases = kept.map(({ base }) => base ?? 0);
  const heads = kept.map(({ head }) => head ?? 0);
  const side = (values: readonly number[]): string =>
    `${quantity(Math.min(...values), unit)} to ${quantity(Math.max(...values), unit)}`;
  return [
    `${count(kept.length, 'pair')}${fresh > 0 ? `, ${fresh} of them to confirm` : ''}: head is worse in ${worse}, beyond the limit in ${beyond};`,
    `changes from ${amount(Math.min(...changes))} to ${amount(Math.max(...changes))}.`,
    `Base ${side(bases)}, head ${side(heads)}.`,
    rejected > 0 ? `${count(rejected, 'more pair')} rejected for noise.` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

export interface ForestMark {
  /** The interval as a line; empty without one. */
  readonly line: string;
  readonly dot: string;
}

/** The same in every row: 0 at 44, the limit (or 0.6 of the margin where nothing is tolerated) at 64, of 120 pixels. */
const forest = { zero: 44, unit: 20, least: 4, most: 116 };

/** Change and interval in units of the limit, so that rows of different metrics line up; ends beyond are arrows. */
export function forestMark(
  change: number | null,
  interval: Pick<Interval, 'low' | 'high'> | null,
  unit: number,
): ForestMark | null {
  if (change === null) return null;
  const at = (value: number): number =>
    Math.min(forest.most, Math.max(forest.least, Math.round(forest.zero + (value / unit) * forest.unit)));
  if (!interval) return { line: '', dot: `M${at(change)} 8h.01` };
  const [low, high] = [at(interval.low), at(interval.high)];
  const left = low === forest.least ? `M${low + 4} 4l-4 4l4 4` : `M${low} 5v6`;
  const right = high === forest.most ? `M${high - 4} 4l4 4l-4 4` : `M${high} 5v6`;
  return { line: `M${low} 8H${high}${left}${right}`, dot: `M${at(change)} 8h.01` };
}
