/** Every sample of a metric in order, with the limit, the interval and the distribution beside it. */
import type { Unit } from '../core/metrics.ts';
import type { Interval } from '../core/verdict.ts';
import { crosses, dots, linearScale, niceTicks, pixel, type Scale } from './chart-scale.ts';
import { count, quantity } from './view-format.ts';
import type { Point } from './view-series.ts';

export interface SampleChart {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly description: string;
  /** The metric alone: what stands above the picture. */
  readonly caption: string;
  /** `labels` is where the words of the axis end. */
  readonly plot: Readonly<Record<'left' | 'right' | 'top' | 'bottom' | 'labels' | 'width', number>>;
  readonly ticks: ReadonlyArray<{ readonly y: number; readonly labelY: number; readonly label: string }>;
  readonly band: { readonly y: number; readonly height: number } | null;
  readonly limits: ReadonlyArray<{ readonly y: number; readonly labelY: number; readonly label: string }>;
  /** Limits too far off to be drawn, in words. */
  readonly beyond: readonly string[];
  /** Left edges of samples that ran in a new Chrome. */
  readonly launches: readonly number[];
  readonly marks: ReadonlyArray<{
    readonly kind: string;
    readonly places: ReadonlyArray<{ readonly d: string; readonly label: string }>;
  }>;
  /** The distribution, as one path. */
  readonly bars: string;
}

export interface SampleChartInput {
  readonly label: string;
  readonly unit: Unit;
  readonly points: readonly Point[];
  readonly limits: ReadonlyArray<{ readonly label: string; readonly value: number }>;
  readonly interval: Pick<Interval, 'low' | 'high'> | null;
}

const width = 300;
const height = 112;
const plot = { left: 60, right: 240, top: 8, bottom: 100, labels: 54, width: 180 };
const histogram = { left: 248, right: 298, bins: 11 };

/**
 * The values shown. A limit joins when it does not squeeze the samples into less than a fifth of the height; a
 * spread under 4 % of the value is not magnified, since noise would then look like news.
 */
function domain(input: SampleChartInput): { low: number; high: number } {
  const accepted = input.points.filter((point) => point.role === 'accepted').map((point) => point.value);
  // rejected samples do not set the scale, unless there is hardly anything else to see
  const values = accepted.length > 2 ? accepted : input.points.map((point) => point.value);
  let low = Math.min(...values);
  let high = Math.max(...values);
  const least = Math.max(Math.abs(high) * 0.04, Number.EPSILON);
  if (high - low < least) [low, high] = [(low + high - least) / 2, (low + high + least) / 2];
  const spread = high - low;
  for (const { value } of input.limits) {
    if (Math.max(high, value) - Math.min(low, value) <= 5 * spread)
      [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  const padding = (high - low) * 0.06;
  return { low: low >= 0 ? Math.max(0, low - padding) : low - padding, high: high + padding };
}

function bars(values: readonly number[], y: Scale): string {
  const size = (plot.bottom - plot.top) / histogram.bins;
  const counts = Array.from({ length: histogram.bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(histogram.bins - 1, Math.floor((y.at(value) - plot.top) / size));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  return counts
    .map((amount, bin) => {
      if (amount === 0) return '';
      const length = pixel((amount / most) * (histogram.right - histogram.left));
      return `M${histogram.left} ${pixel(plot.top + bin * size + 0.5)}h${length}v${pixel(size - 1)}h${-length}z`;
    })
    .join('');
}

/** A line across the plot, and the baseline of its label beside it. */
function axisMark(value: number, y: Scale): { y: number; labelY: number } {
  return { y: pixel(y.at(value)), labelY: pixel(y.at(value) + 4) };
}

function describe(input: SampleChartInput): string {
  const accepted = input.points.filter((point) => point.role === 'accepted').map((point) => point.value);
  if (accepted.length === 0) return 'No accepted sample.';
  const rejected = input.points.filter((point) => point.role === 'rejected').length;
  const low = quantity(Math.min(...accepted), input.unit);
  const high = quantity(Math.max(...accepted), input.unit);
  const limits = input.limits.map(({ label, value }) => {
    const beyond = accepted.filter((sample) => sample > value).length;
    return ` ${beyond} of them above the ${label}.`;
  });
  const noise = rejected > 0 ? ` ${count(rejected, 'more sample')} rejected by the noise gate.` : '';
  return `${count(accepted.length, 'sample')} from ${low} to ${high}.${limits.join('')}${noise}`;
}

export function sampleChart(input: SampleChartInput): SampleChart {
  const range = domain(input);
  const y = linearScale(range.low, range.high, plot.bottom, plot.top);
  const drawn = (value: number): boolean => value >= range.low && value <= range.high;
  const limits = input.limits
    .filter((limit) => drawn(limit.value))
    .map(({ value }) => ({ ...axisMark(value, y), label: `≤ ${quantity(value, input.unit)}` }));
  const indices = input.points.map((point) => point.index);
  const x = linearScale(Math.min(...indices), Math.max(...indices), plot.left + 8, plot.right - 8);
  const strictest = Math.min(...input.limits.map((limit) => limit.value));
  const marks = input.points.map((point) => {
    const place = [[x.at(point.index), y.at(point.value)]] as const;
    const note = point.role === 'accepted' ? '' : `, ${point.role}`;
    return {
      kind: point.role === 'accepted' ? (point.value > strictest ? 'over' : 'kept') : point.role,
      d: point.role === 'rejected' ? crosses(place, 3) : dots(place),
      label: `${point.index}: ${quantity(point.value, input.unit)}${note}`,
    };
  });
  const launches = input.points
    .filter((point, place) => place > 0 && input.points[place - 1]?.launch !== point.launch)
    .map((point) => pixel(x.at(point.index - 0.5)));
  const band = input.interval && {
    y: pixel(y.at(input.interval.high)),
    height: Math.max(1, pixel(y.at(input.interval.low) - y.at(input.interval.high))),
  };
  return {
    width,
    height,
    caption: input.label,
    title: `${input.label}, every sample in order`,
    description: describe(input),
    plot,
    ticks: niceTicks(range.low, range.high, 4)
      .map((value) => ({ ...axisMark(value, y), label: quantity(value, input.unit) }))
      // the limit's own label is more useful than a tick's under it
      .filter((tick) => limits.every((limit) => Math.abs(limit.y - tick.y) > 11)),
    band,
    limits,
    beyond: input.limits
      .filter((limit) => !drawn(limit.value))
      .map(({ label, value }) => `${label} lies ${value > range.high ? 'above' : 'below'}`),
    launches,
    marks: [...Map.groupBy(marks, (mark) => mark.kind)].map(([kind, places]) => ({ kind, places })),
    bars: bars(
      input.points.filter((point) => point.role === 'accepted').map((point) => point.value),
      y,
    ),
  };
}

export interface Sparkline {
  readonly kept: string;
  readonly rejected: string;
}

/** The same in 96 × 18 pixels without words, for table rows; null when all accepted samples have one value. */
export function sparkline(points: readonly Point[]): Sparkline | null {
  const accepted = points.filter((point) => point.role === 'accepted');
  const values = accepted.map((point) => point.value);
  if (new Set(values).size < 2) return null;
  const indices = points.map((point) => point.index);
  const x = linearScale(Math.min(...indices), Math.max(...indices), 3, 93);
  const y = linearScale(Math.min(...values), Math.max(...values), 15, 3);
  const place = (point: Point): readonly [number, number] => [
    Math.round(x.at(point.index)),
    Math.round(y.at(point.value)),
  ];
  return {
    kept: dots(accepted.map(place)),
    rejected: crosses(points.filter((point) => point.role === 'rejected').map(place), 2),
  };
}
