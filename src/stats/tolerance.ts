/**
 * Confidence bounds for a quantile of normal data: mean + k·sd bounds the q-quantile from above with the given
 * confidence when k = t⁻¹(confidence; n − 1, z_q·√n) / √n, t noncentral.
 * Source: Hahn and Meeker, "Statistical Intervals", 1991, section 4.6; NIST/SEMATECH handbook 7.2.6.3.
 */
import jStat from 'jstat';

/** Above this noncentrality jstat's series underflows; the normal approximation is then good to 1 %. */
const largestNoncentrality = 30;

/** Quantile of the noncentral t distribution, by bisection on jstat's cumulative distribution. */
export function noncentralTQuantile(probability: number, degreesOfFreedom: number, noncentrality: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`probability is ${probability}, not between 0 and 1`);
  const cdf = (x: number): number => jStat.noncentralt.cdf(x, degreesOfFreedom, noncentrality);
  let width = 1 + Math.abs(noncentrality);
  let low = noncentrality - width;
  while (cdf(low) > probability) low -= width *= 2;
  width = 1 + Math.abs(noncentrality);
  let high = noncentrality + width;
  while (cdf(high) < probability) high += width *= 2;
  // Until the bounds are neighbouring doubles, or near enough for any factor that is printed.
  while (high - low > 1e-10 * Math.max(1, Math.abs(low))) {
    const middle = (low + high) / 2;
    if (cdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Factors are asked for again at every look of every line; the key is all that they depend on. */
const known = new Map<string, number>();

/**
 * The one-sided tolerance factor k for `n` values: mean + k·sd lies above the `q`-quantile with probability
 * `confidence`. A small `confidence` gives the lower bound.
 * @throws RangeError for n < 2
 */
export function toleranceFactor(n: number, q: number, confidence: number): number {
  if (n < 2) throw new RangeError(`a tolerance factor needs at least 2 values, not ${n}`);
  const key = `${n} ${q} ${confidence}`;
  let factor = known.get(key);
  if (factor === undefined) {
    factor = computeFactor(n, q, confidence);
    known.set(key, factor);
  }
  return factor;
}

function computeFactor(n: number, q: number, confidence: number): number {
  const z = jStat.normal.inv(q, 0, 1);
  const noncentrality = z * Math.sqrt(n);
  if (Math.abs(noncentrality) <= largestNoncentrality) {
    return noncentralTQuantile(confidence, n - 1, noncentrality) / Math.sqrt(n);
  }
  // Natrella 1963, as in the NIST handbook: z_q and z_confidence in place of the noncentral t.
  const c = jStat.normal.inv(confidence, 0, 1);
  const a = 1 - c ** 2 / (2 * (n - 1));
  const b = z ** 2 - c ** 2 / n;
  return (z + Math.sign(c) * Math.sqrt(z ** 2 - a * b)) / a;
}
