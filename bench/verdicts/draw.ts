/** Draws simulated runs from a pool. */
import { findMetric } from '../../src/core/metrics.ts';
import type { Variant } from '../../src/core/comparison.ts';
import { resolutionOf } from '../../src/judge/resolution.ts';
import type { Random } from '../../src/stats/random.ts';
import type { Pool, SeriesKey } from './pool.ts';

/** One pair; values one a series. */
export interface Row {
  readonly base: readonly number[];
  readonly head: readonly number[];
  readonly first: Variant;
  /** The start of Chrome it was recorded in. */
  readonly launch: number;
  readonly accepted: boolean;
}

/** A pool as simulations use it: without the series that some sample has no value of. */
export interface Source {
  readonly pool: Pool;
  readonly series: readonly SeriesKey[];
  readonly dropped: readonly SeriesKey[];
  readonly rows: readonly Row[];
  /** Whether both sides are the same, so that any labelling of them is as good as another. */
  readonly equal: boolean;
}

export function readSource(pool: Pool): Source {
  const has = (side: readonly (number | null)[], at: number): boolean => typeof side[at] === 'number';
  const whole = pool.series.map((_, at) => pool.pairs.every(({ base, head }) => has(base, at) && has(head, at)));
  const pick = <Value>(list: readonly Value[]): NonNullable<Value>[] =>
    list.filter((_, at) => whole[at]).map((value) => value as NonNullable<Value>);
  return {
    pool,
    series: pick(pool.series),
    dropped: pool.series.filter((_, at) => !whole[at]),
    rows: pool.pairs.map(({ base, head, first, launch, accepted }) => ({
      base: pick(base),
      head: pick(head),
      first,
      launch,
      accepted,
    })),
    equal: pool.about.effect === null,
  };
}

/** Which side a value counts as, in a pool of equal sides. */
export type Labels =
  /** A fair coin for each pair, as our sampling does. */
  | 'coin'
  /** As recorded: by a fair coin as well, tossed once. */
  | 'recorded'
  /** Base is always measured first. */
  | 'base first';

/** Head is worse by a share in one series, and by the same amount in that of the whole flow. */
export interface Worsening {
  readonly share: number;
  readonly target: SeriesKey;
}

export interface DrawOptions {
  readonly labels: Labels;
  /** Pairs taken together, so that drift and what a start of Chrome does stay as they were. */
  readonly block: number;
  readonly worsening?: Worsening | undefined;
}

/** Loads of one side after the other: values one array a series. */
export interface Blocks {
  readonly base: readonly (readonly number[])[];
  readonly head: readonly (readonly number[])[];
}

export interface Draw {
  readonly series: readonly SeriesKey[];
  /** The next pair of the run: moving-block bootstrap (Künsch 1989). */
  readonly nextPair: () => Row;
  /**
   * `count` loads of base, then `count` of head, one right after the other as recorded.
   * @throws RangeError when the pool is too small
   */
  readonly blocks: (count: number) => Blocks;
}

export function findSeries(series: readonly SeriesKey[], key: SeriesKey): number {
  return series.findIndex(({ step, metric }) => step === key.step && metric === key.metric);
}

/** Makes head's values worse; the same array where there is nothing to do. */
function worsen(source: Source, worsening: Worsening | undefined): (head: readonly number[]) => readonly number[] {
  if (!worsening) return (head) => head;
  const { share, target } = worsening;
  const at = findSeries(source.series, target);
  if (at < 0) throw new RangeError(`${source.pool.about.name} has no ${target.metric} of "${target.step}"`);
  const whole = target.step === null ? -1 : findSeries(source.series, { step: null, metric: target.metric });
  // A metric that comes in steps (INP: 8 ms) would show no finer change here either.
  const metric = findMetric(target.metric);
  const step = metric ? resolutionOf(metric) : 0;
  return (head) => {
    const worse = [...head];
    const value = head[at] ?? 0;
    worse[at] = step >= 1 ? Math.round((value * (1 + share)) / step) * step : value * (1 + share);
    if (whole >= 0) worse[whole] = (head[whole] ?? 0) + value * share;
    return worse;
  };
}

function transpose(rows: readonly (readonly number[])[], width: number): number[][] {
  return Array.from({ length: width }, (_, at) => rows.map((row) => row[at] ?? 0));
}

/** Starts one simulated run. */
export function startDraw(source: Source, random: Random, { labels, block, worsening }: DrawOptions): Draw {
  const { rows, equal, series } = source;
  const length = Math.min(block, rows.length);
  const change = worsen(source, worsening);
  let at = 0;
  let left = 0;

  const label = (row: Row): Row => {
    let { base, head, first } = row;
    if (equal && labels !== 'recorded') {
      const turn = labels === 'coin' ? random() < 0.5 : first === 'head';
      if (turn) [base, head, first] = [head, base, first === 'base' ? 'head' : 'base'];
    }
    return { ...row, base, head: change(head), first };
  };

  const start = (room: number): number => {
    if (room < 0) {
      throw new RangeError(`${source.pool.about.name} has ${rows.length} pairs, too few for blocks of loads`);
    }
    return Math.floor(random() * (room + 1));
  };

  return {
    series,
    nextPair: () => {
      if (left === 0) {
        at = start(rows.length - length);
        left = length;
      }
      const row = rows[at] as Row;
      at += 1;
      left -= 1;
      return label(row);
    },
    blocks: (count) => {
      if (equal) {
        const loads = rows.flatMap(({ base, head, first }) => (first === 'base' ? [base, head] : [head, base]));
        const from = start(loads.length - 2 * count);
        const base = loads.slice(from, from + count);
        const head = loads.slice(from + count, from + 2 * count).map(change);
        return { base: transpose(base, series.length), head: transpose(head, series.length) };
      }
      const from = start(rows.length - 2 * count);
      const base = rows.slice(from, from + count).map((row) => row.base);
      const head = rows.slice(from + count, from + 2 * count).map((row) => change(row.head));
      return { base: transpose(base, series.length), head: transpose(head, series.length) };
    },
  };
}
