/**
 * Stands for a price calculation that blocks a click: adds up rounded interest for `ms` milliseconds. Returns the sum.
 */
export function recalculatePrices(ms: number): number {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) {
    for (let cents = 1; cents < 500; cents++) sum += Math.round(cents * 1.19) % 7;
  }
  return sum;
}
