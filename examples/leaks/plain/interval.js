import { loadRows, panel, repaired } from './panel.js';

let timer = 0;

panel(
  (section) => {
    const rows = loadRows();
    timer = setInterval(function tick() {
      // mend
      section.dataset.price = String(rows[0].price);
    }, 20_000);
  },
  () => {
    if (repaired) clearInterval(timer);
  },
);
