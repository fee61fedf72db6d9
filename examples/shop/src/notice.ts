// Chrome counts a change of the viewport's size as input for 500 ms, and with the emulation of a phone each document
// begins with one (seen in Chrome 156): an earlier shift would be reported with hadRecentInput.
const delay = 700;

/**
 * Fetches a notice and inserts it above the page, which causes one layout shift of `score`, at any size of the viewport.
 *
 * A shift scores impact fraction × distance fraction (Layout Instability API). The notice is as wide as the page and
 * `#root` is at least as tall as the viewport, so all of the viewport is impacted: the fraction is 1. Everything moves
 * down by the notice's height, so the distance fraction is height / max(viewport width, viewport height). The height
 * is thus score × max(width, height), as long as that is less than the viewport's height.
 *
 * Call it after the first paint: a shift is one only of what has been painted.
 */
export async function insertNotice(score: number): Promise<void> {
  const response = await fetch(`/api/notice?delay=${delay}`);
  const { text }: { text: string } = await response.json();
  const notice = document.createElement('aside');
  notice.className = 'notice';
  notice.setAttribute('aria-label', 'Notice');
  notice.textContent = text;
  notice.style.height = `${Math.round(score * Math.max(innerWidth, innerHeight))}px`;
  document.body.prepend(notice);
}
