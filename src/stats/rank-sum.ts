/**
 * The distribution of the rank-sum statistic U of two samples without a difference: how many of the n·m pairs have
 * the value of the second sample below that of the first. Source: Mann and Whitney, "On a Test of Whether one of Two
 * Random Variables is Stochastically Larger than the Other", 1947.
 */

/** P(U <= u) by u, kept by n and m: every function of every step asks again. */
const known = new Map<string, Float64Array>();

function cumulative(n: number, m: number): Float64Array {
  const key = `${n} ${m}`;
  let table = known.get(key);
  if (!table) {
    table = rankSumDistribution(n, m);
    for (let u = 1; u < table.length; u += 1) table[u] = (table[u] ?? 0) + (table[u - 1] ?? 0);
    known.set(key, table);
  }
  return table;
}

/** P(U = 0), P(U = 1), … for samples of n and m values, by the recursion of their paper, in probabilities. */
function rankSumDistribution(n: number, m: number): Float64Array {
  // rows[j] is the distribution for i and j values; the largest value of all is of either sample, by their sizes.
  let rows = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i += 1) {
    const next = [Float64Array.of(1)];
    for (let j = 1; j <= m; j += 1) {
      const ofFirst = rows[j] ?? new Float64Array(0);
      const ofSecond = next[j - 1] ?? new Float64Array(0);
      const row = new Float64Array(i * j + 1);
      for (let u = 0; u < row.length; u += 1) {
        row[u] = (i * (ofFirst[u - j] ?? 0) + j * (ofSecond[u] ?? 0)) / (i + j);
      }
      next.push(row);
    }
    rows = next;
  }
  return rows[m] ?? Float64Array.of(1);
}

/** P(U <= u) for samples of n and m values. */
export function rankSumAtMost(u: number, n: number, m: number): number {
  const table = cumulative(n, m);
  return u < 0 ? 0 : (table[Math.min(Math.floor(u), table.length - 1)] ?? 1);
}

/** The largest u with P(U <= u) <= alpha, one-sided; -1 where even U = 0 is likelier, as for few values. */
export function rankSumCritical(n: number, m: number, alpha: number): number {
  const table = cumulative(n, m);
  let u = -1;
  // Sums of probabilities miss what they add up to by some 1e-16.
  while (u + 1 < table.length && (table[u + 1] ?? 1) <= alpha * (1 + 1e-12)) u += 1;
  return u;
}
