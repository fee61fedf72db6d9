/**
 * A test of paired differences that needs no distribution, only that base and head were put in order by a fair coin:
 * where nothing changed, each pair's differences could as well have had the other sign. One sign a pair is flipped for
 * all metrics together, which keeps their correlation, and each metric is held against the largest of all statistics,
 * which bounds the chance of any false alarm. Source: Westfall and Young, "Resampling-Based Multiple Testing", 1993,
 * algorithm 2.8 and section 4; steps as in Ge, Dudoit and Speed, "Resampling-based multiple testing for microarray
 * data analysis", 2003, box 4.
 */
import { seededRandom } from './random.ts';

export interface SignFlips {
  /** Up to so many pairs all 2ⁿ flips are tried; at most 30. */
  readonly exhaustivePairs: number;
  /** Random flips where not all are tried. */
  readonly flips: number;
  readonly seed: number;
}

export interface SignFlipResult {
  /** One p-value a column, for that column alone. */
  readonly raw: Float64Array;
  /** One p-value a column, adjusted for all columns (step-down); never below the raw one. */
  readonly adjusted: Float64Array;
}

/**
 * Sums of the same numbers in another order differ in their last digits. What is this close counts as equal; the
 * statistics are at most √n.
 */
const tolerance = 1e-9;

/**
 * One-sided sign-flip max-T test: small p-values where differences are mostly positive.
 * T_j = Σ d_ij / √Σ d_ij², 0 where all differences are 0. With all 2ⁿ flips p = #{T* ≥ T} / 2ⁿ, the data as they are
 * included; with R random flips p = (1 + #) / (R + 1) (Phipson and Smyth 2010).
 * @param columns one a metric, each with the differences of all pairs in the same order
 */
export function testSignFlips(columns: readonly ArrayLike<number>[], flips: SignFlips): SignFlipResult {
  const m = columns.length;
  const raw = new Float64Array(m);
  const adjusted = new Float64Array(m);
  const n = columns[0]?.length ?? 0;
  if (m === 0) return { raw, adjusted };
  if (columns.some((column) => column.length !== n)) throw new RangeError('columns of different lengths');

  const { rows, observed, order } = arrange(columns, n);
  const sums = new Float64Array(m);
  const rawCounts = new Float64Array(m);
  const counts = new Float64Array(m);
  /** Compares one flip; `sums` is in the order of falling observed statistics. */
  const compare = (): void => {
    let largest = Number.NEGATIVE_INFINITY;
    // From the smallest statistic up: column k is held against the largest of itself and those below it.
    for (let k = m - 1; k >= 0; k -= 1) {
      const sum = sums[k] as number;
      const least = (observed[k] as number) - tolerance;
      if (sum >= least) rawCounts[k] = (rawCounts[k] as number) + 1;
      if (sum > largest) largest = sum;
      if (largest >= least) counts[k] = (counts[k] as number) + 1;
    }
  };

  const exhaustive = n <= Math.min(30, flips.exhaustivePairs);
  if (exhaustive) flipAll(rows, n, sums, compare);
  else flipSome(rows, n, sums, compare, flips);

  const own = exhaustive ? 0 : 1;
  const total = exhaustive ? 2 ** n : flips.flips + 1;
  let largest = 0;
  for (let k = 0; k < m; k += 1) {
    const column = order[k] as number;
    raw[column] = (own + (rawCounts[k] as number)) / total;
    largest = Math.max(largest, (own + (counts[k] as number)) / total);
    adjusted[column] = largest;
  }
  return { raw, adjusted };
}

/** Differences divided by √Σd², a row a pair, columns by falling statistic, so that a flip is a sum of ± rows. */
function arrange(columns: readonly ArrayLike<number>[], n: number) {
  const m = columns.length;
  const scales = columns.map((column) => {
    let squares = 0;
    for (let i = 0; i < n; i += 1) squares += (column[i] ?? 0) ** 2;
    return squares > 0 ? 1 / Math.sqrt(squares) : 0;
  });
  const statistics = columns.map((column, j) => {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += (column[i] ?? 0) * (scales[j] ?? 0);
    return sum;
  });
  const order = columns.map((_, j) => j).sort((a, b) => (statistics[b] ?? 0) - (statistics[a] ?? 0) || a - b);
  const rows = new Float64Array(n * m);
  for (const [k, j] of order.entries()) {
    for (let i = 0; i < n; i += 1) rows[i * m + k] = (columns[j]?.[i] ?? 0) * (scales[j] ?? 0);
  }
  return { rows, order, observed: Float64Array.from(order, (j) => statistics[j] ?? 0) };
}

/** All flips in the order of a Gray code: one pair changes its sign from one to the next. */
function flipAll(rows: Float64Array, n: number, sums: Float64Array, compare: () => void): void {
  const m = sums.length;
  for (let i = 0; i < n; i += 1)
    for (let k = 0; k < m; k += 1) sums[k] = (sums[k] as number) + (rows[i * m + k] as number);
  compare();
  let negative = 0;
  for (let step = 1; step < 2 ** n; step += 1) {
    const i = 31 - Math.clz32(step & -step);
    negative ^= 1 << i;
    const twice = (negative & (1 << i)) === 0 ? 2 : -2;
    for (let k = 0; k < m; k += 1) sums[k] = (sums[k] as number) + twice * (rows[i * m + k] as number);
    compare();
  }
}

function flipSome(
  rows: Float64Array,
  n: number,
  sums: Float64Array,
  compare: () => void,
  { flips, seed }: SignFlips,
): void {
  const m = sums.length;
  const random = seededRandom(seed);
  for (let flip = 0; flip < flips; flip += 1) {
    sums.fill(0);
    let bits = 0;
    for (let i = 0; i < n; i += 1) {
      // 32 signs from one number.
      if (i % 32 === 0) bits = (random() * 2 ** 32) | 0;
      const start = i * m;
      if ((bits & 1) === 0) for (let k = 0; k < m; k += 1) sums[k] = (sums[k] as number) + (rows[start + k] as number);
      else for (let k = 0; k < m; k += 1) sums[k] = (sums[k] as number) - (rows[start + k] as number);
      bits >>>= 1;
    }
    compare();
  }
}
