/** The share of false discoveries among many tests. */

/**
 * Adjusted p-values: calling those up to q discoveries makes a share of q of them false at most, on average.
 * Source: Benjamini and Hochberg, "Controlling the False Discovery Rate", 1995; as R's p.adjust(method = "BH").
 */
export function adjustForDiscovery(pValues: readonly number[]): number[] {
  const m = pValues.length;
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[b] ?? 0) - (pValues[a] ?? 0));
  const adjusted = pValues.map(() => 1);
  let least = 1;
  for (const [position, index] of order.entries()) {
    least = Math.min(least, ((pValues[index] ?? 1) * m) / (m - position));
    adjusted[index] = least;
  }
  return adjusted;
}
