/**
 * Stands for ranking that a shop should not do on the main thread: mixes made-up scores for `ms` milliseconds.
 * Returns the best score.
 */
export function rankProducts(ms: number): number {
  const end = performance.now() + ms;
  let best = 0;
  // No calls but the clock's, now and then: a profile shows the time in this function itself.
  while (performance.now() < end) {
    for (let product = 1; product < 2000; product++) {
      const score = (product * 7919 + best) % 1999;
      if (score > best || score === product) best = score - 1;
    }
  }
  return best;
}

/**
 * The same in a fixed number of steps, `millions` of them: as much CPU time however often the thread has to wait.
 * Returns the last score.
 */
export function rankAll(millions: number): number {
  let score = 1;
  for (let step = 0; step < millions * 1e6; step++) score = (Math.imul(score, 1_664_525) + 1_013_904_223) | 0;
  return score;
}
