class CachedQuote {
  readonly prices: number[];

  constructor(seed: number) {
    this.prices = Array.from({ length: 64 }, (_, at) => seed + at / 7);
  }
}

const quotes = new Map<string, CachedQuote>();

/** Leaks `count` entries, each a CachedQuote of 64 numbers, in a cache whose keys never come again. */
export function cacheQuotes(count: number): void {
  for (let at = 0; at < count; at++) {
    const key = `quote ${quotes.size}`;
    quotes.set(key, new CachedQuote(quotes.size));
  }
}
