/**
 * Inserts a notice above the page, which causes one layout shift of `score`, at any size of the viewport.
 *
 * A shift scores impact fraction × distance fraction (Layout Instability API). The notice is as wide as the page and
 * `#root` is at least as tall as the viewport, so all of the viewport is impacted: the fraction is 1. Everything moves
 * down by the notice's height, so the distance fraction is height / max(viewport width, viewport height). The height
 * is thus score × max(width, height), as long as that is less than the viewport's height.
 */
export function insertNotice(score: number): void {
  const notice = document.createElement('aside');
  notice.className = 'notice';
  notice.setAttribute('aria-label', 'Notice');
  notice.textContent = 'Free returns until the end of the month.';
  notice.style.height = `${Math.round(score * Math.max(innerWidth, innerHeight))}px`;
  document.body.prepend(notice);
}
