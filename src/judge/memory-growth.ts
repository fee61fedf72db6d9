/** How the counters of a memory scenario go with the iterations: growth that goes on, and growth that comes to an end. */
import type { CounterGrowth, MemoryCounters } from '../core/leaks.ts';
import { formatQuantity } from '../core/units.ts';
import { theilSen } from '../stats/theil-sen.ts';

export type Counter = keyof MemoryCounters;

/** In the order of tables. */
const counterNames: readonly Counter[] = [
  ...(['heap', 'nodes', 'detached', 'listeners', 'documents', 'frames', 'workers'] as const),
  ...(['state', 'entries', 'sheets', 'rules'] as const),
];

const confidence = 0.95;

/**
 * Growth per iteration below which nothing is said to grow. A count that one iteration in four raises by one is no leak
 * of each; what a heap after collection holds of the page's alone moved by less than 100 bytes (Chromium 156). A number
 * in the history's state takes some bytes more when it gets large.
 */
export function resolutionOf(counter: Counter): number {
  return counter === 'heap' ? 300 : counter === 'state' ? 4 : 0.25;
}

/** Of the pace before, what is left of it where growth levels off, and where it goes on. */
const pace = { levelsOff: 0.2, goesOn: 0.5 };

/** Fewest measured iterations that say anything of growth. */
export const fewestIterations = 3;

/** A line for each counter that is known after every iteration; none where there are too few iterations. */
export function describeGrowth(counters: readonly MemoryCounters[]): CounterGrowth[] {
  if (counters.length <= fewestIterations) return [];
  return counterNames.flatMap((counter) => {
    const values = counters.map((each) => each[counter]).filter((value) => typeof value === 'number');
    return values.length < counters.length ? [] : growthOf(counter, values);
  });
}

/** Whether more iterations could tell what these cannot. */
export function isUnclear(growth: readonly CounterGrowth[]): boolean {
  return growth.some(({ trend }) => trend === 'unclear');
}

/** @param values before the first iteration and after each one, at least four */
function growthOf(counter: Counter, values: readonly number[]): CounterGrowth {
  const show = (value: number): string =>
    `${value > 0 ? '+' : ''}${formatQuantity(value, counter === 'heap' || counter === 'state' ? 'bytes' : 'count')}`;
  const steps = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  const first = steps[0] ?? 0;
  if (steps.every((step) => step === first)) {
    const trend = first > 0 ? 'grows' : first < 0 ? 'falls' : 'flat';
    const note = first === 0 ? `the same after all ${steps.length} iterations` : `${show(first)} in every iteration`;
    return { counter, perIteration: first, interval: null, trend, note };
  }
  const whole = theilSen(values, confidence);
  const middle = Math.ceil(steps.length / 2);
  const from = values[0] ?? 0;
  const between = values[middle] ?? 0;
  const to = values.at(-1) ?? 0;
  const early = (between - from) / middle;
  const lateValues = values.slice(middle);
  const late = (to - between) / (lateValues.length - 1);
  const halves = `${show(between - from)} in the first ${middle} iterations, ${show(to - between)} in the ${steps.length - middle} after them`;
  const line = ({
    slope,
    low,
    high,
    confidence: reached,
  }: typeof whole): Pick<CounterGrowth, 'perIteration' | 'interval'> => ({
    perIteration: slope,
    interval: { low, high, confidence: reached, method: 'Theil–Sen' },
  });
  const least = resolutionOf(counter);
  if (whole.high < 0) return { counter, ...line(whole), trend: 'falls', note: halves };
  if (early > least && late <= Math.max(least, early * pace.levelsOff)) {
    // What it comes to in the long run is the pace of its end.
    return {
      counter,
      ...line(theilSen(lateValues, confidence)),
      trend: 'levels off',
      note: `${halves}: it comes to an end`,
    };
  }
  // What grows reaches a new height sooner or later.
  const climbs = Math.max(...lateValues) > Math.max(...values.slice(0, middle + 1));
  if (!climbs || whole.high <= least)
    return { counter, ...line(whole), trend: 'flat', note: `${halves}: no growth that can be told from none` };
  if (whole.low > 0 && whole.slope > least && late >= early * pace.goesOn)
    return { counter, ...line(whole), trend: 'grows', note: `${halves}: it goes on` };
  if (whole.low > 0 && whole.slope <= least)
    return { counter, ...line(whole), trend: 'flat', note: `${halves}: less than can be told from none` };
  return { counter, ...line(whole), trend: 'unclear', note: `${halves}: more iterations would tell` };
}
