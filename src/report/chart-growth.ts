/** One counter after every iteration, as the difference from the start, with its trend and the budget's limit. */
import type { CounterGrowth } from '../core/leaks.ts';
import type { Unit } from '../core/metrics.ts';
import { dots, linearScale, niceTicks, pixel, type Scale } from './chart-scale.ts';
import { signedAmount } from './leak-text.ts';
import { quantity } from './view-format.ts';

export interface GrowthChart {
  readonly width: number;
  readonly height: number;
  readonly description: string;
  readonly plot: Readonly<Record<'left' | 'right' | 'top' | 'bottom' | 'labels' | 'below', number>>;
  readonly ticks: ReadonlyArray<{ readonly y: number; readonly labelY: number; readonly label: string }>;
  readonly iterations: ReadonlyArray<{ readonly x: number; readonly label: string }>;
  /** Where trends within the interval lie; empty without one. */
  readonly band: string;
  readonly trend: string;
  /** Empty without one, and where it is too far off to be drawn. */
  readonly limit: string;
  readonly limitLabel: string;
  readonly line: string;
  readonly dots: string;
}

export interface GrowthChartInput {
  readonly unit: Unit;
  /** Before the first iteration, and after each. */
  readonly values: readonly number[];
  readonly growth: CounterGrowth | null;
  /** What a budget allows an iteration. */
  readonly limit: number | null;
}

/** As many as there are counters stand beside each other: small multiples. */
const [width, height] = [218, 118];
const plot = { left: 56, right: 212, top: 8, bottom: 92, labels: 50, below: 108 };
const mostLabels = 8;
/** What stays flat is not magnified: below this share of the value, noise would look like news. */
const flatShare = 0.01;

/** A line through the points, as a function of the iteration. */
type Line = (iteration: number) => number;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/** The trend's slope, at the height where half of the points lie above it (as with the Theil-Sen estimator). */
function fit(values: readonly number[], slope: number): Line {
  const start = median(values.map((value, iteration) => value - slope * iteration));
  return (iteration) => start + slope * iteration;
}

function linePath(line: Line, last: number, x: Scale, y: Scale): string {
  return `M${pixel(x.at(0))} ${pixel(y.at(line(0)))}L${pixel(x.at(last))} ${pixel(y.at(line(last)))}`;
}

/** Two triangles that meet in the middle of the points, where a trend is best known. */
function bandPath(values: readonly number[], growth: CounterGrowth, x: Scale, y: Scale): string {
  const { interval, perIteration } = growth;
  const last = values.length - 1;
  if (!interval || last < 1) return '';
  const middle = last / 2;
  const height = fit(values, perIteration)(middle);
  const at = (iteration: number, slope: number): string =>
    `${pixel(x.at(iteration))} ${pixel(y.at(height + slope * (iteration - middle)))}`;
  return [0, last].map((end) => `M${at(middle, 0)}L${at(end, interval.low)}L${at(end, interval.high)}z`).join('');
}

interface Domain {
  readonly low: number;
  readonly high: number;
}

function spanOf(values: readonly number[], { growth, unit }: GrowthChartInput, start: number): Domain {
  let low = Math.min(...values);
  let high = Math.max(...values);
  const flat = growth === null || growth.trend === 'flat' || growth.trend === 'unclear';
  const least = Math.max(flat ? start * flatShare : 0, unit === 'count' ? 4 : 1);
  if (high - low < least) {
    const rest = (least - (high - low)) / 2;
    [low, high] = [low - rest, high + rest];
  }
  return { low, high };
}

function fromTo(from: string, to: string): string {
  return from === to ? `${from} at the start and at the end` : `${from} at the start, ${to} at the end`;
}

/** Null where nothing was counted. */
export function growthChart(input: GrowthChartInput): GrowthChart | null {
  const [start] = input.values;
  if (start === undefined) return null;
  const { growth, unit } = input;
  const values = input.values.map((value) => value - start);
  const last = values.length - 1;
  const trend =
    growth && (growth.trend === 'grows' || growth.trend === 'falls') ? fit(values, growth.perIteration) : null;
  const allowed: Line | null = input.limit === null ? null : (iteration) => (input.limit ?? 0) * iteration;
  const span = spanOf(values, input, start);
  const drawn = allowed !== null && allowed(last) - span.low <= 4 * (span.high - span.low);
  const high = Math.max(span.high, drawn ? allowed(last) : 0);
  const low = Math.min(span.low, drawn ? 0 : span.low);
  const padding = (high - low) * 0.07;
  const y = linearScale(low - padding, high + padding, plot.bottom, plot.top);
  const x = linearScale(0, Math.max(1, last), plot.left + 8, plot.right - 8);
  const every = Math.ceil((last + 1) / mostLabels);
  const places = values.map((value, iteration) => [x.at(iteration), y.at(value)] as const);
  const limitText = input.limit === null ? '' : `limit ${signedAmount(input.limit, unit)} an iteration`;
  return {
    width,
    height,
    description: fromTo(quantity(start, unit), quantity(input.values.at(-1) ?? start, unit)),
    plot,
    ticks: niceTicks(low - padding, high + padding, 5)
      .filter((value) => unit !== 'count' || Number.isInteger(value))
      .map((value) => ({
        y: pixel(y.at(value)),
        labelY: pixel(y.at(value) + 4),
        label: value === 0 ? 'start' : signedAmount(value, unit),
      })),
    iterations: values.flatMap((_, iteration) =>
      iteration % every === 0 ? [{ x: pixel(x.at(iteration)), label: String(iteration) }] : [],
    ),
    band: growth && trend ? bandPath(values, growth, x, y) : '',
    trend: trend ? linePath(trend, last, x, y) : '',
    limit: allowed && drawn ? linePath(allowed, last, x, y) : '',
    limitLabel: allowed ? `${limitText}${drawn ? '' : ', far above'}` : '',
    line: places.map(([left, top], place) => `${place === 0 ? 'M' : 'L'}${pixel(left)} ${pixel(top)}`).join(''),
    dots: dots(places),
  };
}
