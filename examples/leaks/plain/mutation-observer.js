import { loadRows, panel, repaired } from './panel.js';

let observer;

panel(
  (section) => {
    const rows = loadRows();
    observer = new MutationObserver(function onMutation() {
      // mend
      section.dataset.rows = String(rows.length);
    });
    observer.observe(document.documentElement, { attributes: true }); // mend
  },
  () => {
    if (repaired) observer.disconnect();
    observer = undefined;
  },
);
