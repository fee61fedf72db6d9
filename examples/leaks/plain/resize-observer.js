import { loadRows, panel, repaired } from './panel.js';

let observer;

panel(
  (section) => {
    const rows = loadRows();
    observer = new ResizeObserver(function onSize() {
      // mend
      section.dataset.rows = String(rows.length);
    });
    observer.observe(document.body); // mend
  },
  () => {
    if (repaired) observer.disconnect();
    observer = undefined;
  },
);
