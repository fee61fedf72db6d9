import { loadRows, panel, repaired } from './panel.js';

class Emitter {
  // mend
  handlers = new Set(); // mend
  on(handler) {
    this.handlers.add(handler); // mend
    return () => this.handlers.delete(handler);
  }
}

const prices = new Emitter(); // mend
let off;

panel(
  (section) => {
    const rows = loadRows();
    off = prices.on(function onPrice() {
      // mend
      section.textContent = String(rows.length);
    });
  },
  () => {
    if (repaired) off();
  },
);
