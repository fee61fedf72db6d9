/** Ranks and the two rank tests of SciPy that other tools' rules are built on. */
import jstat from 'jstat';
import { signedRankAtMost } from '../../src/stats/signed-rank.ts';

/** Ranks from 1, ties sharing their mean; `ties` is Σ(t³ − t) over groups of t equal values. */
export function rankValues(values: readonly number[]): { ranks: number[]; ties: number } {
  const order = values.map((_, at) => at).toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = Array.from<number>({ length: values.length }).fill(0);
  let ties = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let at = from; at < to; at += 1) ranks[order[at] ?? 0] = (from + 1 + to) / 2;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  return { ranks, ties };
}

const upperTail = (z: number): number => jstat.normal.cdf(-z, 0, 1);

/**
 * One-sided p-value of the Mann–Whitney U test for `one` being larger than `other`: normal approximation with ties,
 * without continuity correction. scipy.stats.mannwhitneyu(one, other, use_continuity=False, alternative='greater'),
 * which is what its method 'auto' does for more than 8 values on both sides. NaN where all values are equal.
 */
export function testMannWhitney(one: readonly number[], other: readonly number[]): number {
  const n = one.length;
  const m = other.length;
  const { ranks, ties } = rankValues([...one, ...other]);
  const sum = ranks.slice(0, n).reduce((total, rank) => total + rank, 0);
  const u = sum - (n * (n + 1)) / 2;
  const deviation = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  return upperTail((u - (n * m) / 2) / deviation);
}

export interface SignedRanks {
  /** Sum of the ranks of positive differences; differences of 0 count half where they are split. */
  readonly plus: number;
  readonly n: number;
  readonly ties: number;
  /** Whether the exact distribution holds: no ties, no zeros, 50 differences at most. */
  readonly exact: boolean;
}

/** Signed ranks of differences, zeros dropped (`wilcox`) or split between both signs (`zsplit`). */
export function signRanks(differences: readonly number[], zeros: 'wilcox' | 'zsplit'): SignedRanks {
  const kept = zeros === 'wilcox' ? differences.filter((d) => d !== 0) : differences;
  const { ranks, ties } = rankValues(kept.map(Math.abs));
  let plus = 0;
  for (const [at, d] of kept.entries()) plus += d > 0 ? (ranks[at] ?? 0) : d === 0 ? (ranks[at] ?? 0) / 2 : 0;
  const exact = ties === 0 && kept.length <= 50 && !kept.includes(0);
  return { plus, n: kept.length, ties, exact };
}

/** z of a signed-rank sum by the normal approximation with ties. */
export function signedRankZ({ plus, n, ties }: SignedRanks, continuity = 0): number {
  const mean = (n * (n + 1)) / 4;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  return (plus - mean + continuity) / deviation;
}

/**
 * One-sided p-value of Wilcoxon's signed-rank test for positive differences, zeros split, no continuity correction:
 * scipy.stats.wilcoxon(one, other, zero_method='zsplit', correction=False, alternative='greater') above 13 pairs.
 */
export function testSignedRanks(differences: readonly number[]): number {
  const ranks = signRanks(differences, 'zsplit');
  if (!ranks.exact) return upperTail(signedRankZ(ranks));
  // P(W ≥ w) = P(W ≤ most − w), by symmetry.
  return signedRankAtMost((ranks.n * (ranks.n + 1)) / 2 - ranks.plus, ranks.n);
}
