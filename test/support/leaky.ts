/** A page whose button leaves something behind with every click, or takes away what the click before left. */
import { html } from './pages.ts';

export function leakyPage(leaks: boolean): string {
  return html(`<button id="go">go</button><main></main><script>
    class CartItem { constructor(at) { this.at = at; this.rows = new Array(200).fill(at); } }
    (() => {
      const cache = new Map(), keep = ${leaks};
      let clicks = 0, onResize = null;
      document.getElementById('go').onclick = () => {
        clicks += 1;
        if (!keep) { cache.clear(); removeEventListener('resize', onResize); }
        cache.set('key ' + clicks, new CartItem(clicks));
        onResize = function onResize() { return clicks; };
        addEventListener('resize', onResize);
      };
      globalThis.hold = () => cache;
    })();
  </script>`);
}
