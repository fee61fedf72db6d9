/**
 * Stands for layout thrashing: writes a card's style, then reads its height, `times` times over, which forces as
 * many layouts. Ends with the styles as they were, so nothing moves. Returns the sum of the heights.
 */
export function equaliseCards(cards: ArrayLike<HTMLElement>, times: number): number {
  let heights = 0;
  for (let at = 0; at < times; at++) {
    const card = cards[at % cards.length];
    if (!card) break;
    card.style.minHeight = card.style.minHeight === '1px' ? '2px' : '1px';
    heights += card.offsetHeight;
  }
  for (const card of Array.from(cards).slice(0, times)) card.style.minHeight = '';
  return heights;
}
