/**
 * An e-process for a quantile: evidence that may be looked at after every value, whatever the distribution.
 * Each value above the limit multiplies the evidence by p/p0, each other by (1 − p)/(1 − p0), where p0 = 1 − q is the
 * share above the limit that is just allowed and p is the share one bets on: half of the stake on none (or all),
 * half spread evenly over all shares on that side. By Ville's inequality it reaches 1/α with chance α at most.
 * Source: Ramdas, Grünwald, Vovk and Shafer, "Game-Theoretic Statistics and Safe Anytime-Valid Inference", 2023.
 */
import jStat from 'jstat';

/**
 * Evidence that the share above the limit is below p0, so that the q-quantile keeps the limit.
 * @param above how many of the n values lie above the limit
 */
export function evidenceForPass(above: number, n: number, q: number): number {
  return evidence(above, n, 1 - q);
}

/** Evidence that the share above the limit is over p0, so that the q-quantile breaks the limit. */
export function evidenceForFail(above: number, n: number, q: number): number {
  // The mirror image: values within the limit are what is rare, and 1 − p0 = q is the share allowed of them.
  return evidence(n - above, n, q);
}

function evidence(rare: number, n: number, p0: number): number {
  if (rare < 0 || rare > n) throw new RangeError(`${rare} of ${n} values`);
  const none = rare === 0 ? Math.exp(-n * Math.log1p(-p0)) : 0;
  // (1/p0) ∫ p^rare (1 − p)^(n − rare) dp from 0 to p0, over p0^rare (1 − p0)^(n − rare); logs, for large n.
  const spread = Math.exp(
    jStat.betaln(rare + 1, n - rare + 1) - (rare + 1) * Math.log(p0) - (n - rare) * Math.log1p(-p0),
  );
  return (none + spread * jStat.ibeta(p0, rare + 1, n - rare + 1)) / 2;
}
