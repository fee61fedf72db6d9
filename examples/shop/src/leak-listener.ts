/** Leaks `count` listeners on the window, each with a closure; nothing ever removes them. */
export function watchWindow(count: number): void {
  for (let at = 0; at < count; at++) {
    window.addEventListener('resize', () => document.body.style.setProperty('--cart-watch', String(at)));
  }
}
