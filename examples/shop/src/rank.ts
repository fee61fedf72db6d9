/**
 * Stands for ranking that a shop should not do on the main thread: sorts made-up scores for `ms` milliseconds.
 * Returns how many rounds that were.
 */
export function rankProducts(ms: number): number {
  const end = performance.now() + ms;
  const scores = Array.from({ length: 200 }, (_, at) => (at * 7919) % 199);
  let rounds = 0;
  while (performance.now() < end) {
    scores.sort((a, b) => Math.sin(a + rounds) - Math.sin(b + rounds));
    rounds++;
  }
  return rounds;
}
