/**
 * The null distribution of Wilcoxon's signed-rank statistic without ties: the sum of those ranks 1 to n whose
 * difference is positive, each with probability one half. Source: Wilcoxon, "Individual Comparisons by Ranking
 * Methods", 1945; Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 2014, section 3.1.
 */

/** P(W ≤ w) by w, kept by n: every look of every metric asks again. */
const known = new Map<number, Float64Array>();

/** Exact in doubles up to n = 50, where all probabilities are multiples of 2⁻⁵⁰. */
function cumulative(n: number): Float64Array {
  const kept = known.get(n);
  if (kept) return kept;
  const most = (n * (n + 1)) / 2;
  const mass = new Float64Array(most + 1);
  mass[0] = 1;
  for (let rank = 1; rank <= n; rank += 1) {
    // Downwards, so that mass[w - rank] is still that of the ranks before.
    for (let w = (rank * (rank + 1)) / 2; w >= 0; w -= 1) {
      mass[w] = ((mass[w] ?? 0) + (w >= rank ? (mass[w - rank] ?? 0) : 0)) / 2;
    }
  }
  for (let w = 1; w <= most; w += 1) mass[w] = (mass[w] ?? 0) + (mass[w - 1] ?? 0);
  known.set(n, mass);
  return mass;
}

/** P(W ≤ w) for n differences. */
export function signedRankAtMost(w: number, n: number): number {
  const table = cumulative(n);
  if (w < 0) return 0;
  return table[Math.min(Math.floor(w), table.length - 1)] ?? 1;
}

/** The largest w with P(W ≤ w) ≤ alpha, one-sided; −1 where even W = 0 is more likely, as for small n. */
export function signedRankCritical(n: number, alpha: number): number {
  const table = cumulative(n);
  let w = -1;
  while (w + 1 < table.length && (table[w + 1] ?? 1) <= alpha) w += 1;
  return w;
}
