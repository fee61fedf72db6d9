import { loadRows, panel, repaired } from './panel.js';

const footer = document.body.appendChild(document.createElement('footer'));
let observer;

panel(
  (section) => {
    const rows = loadRows();
    observer = new IntersectionObserver(function onSeen() {
      // mend
      section.dataset.rows = String(rows.length);
    });
    observer.observe(footer); // mend
  },
  () => {
    if (repaired) observer.disconnect();
    observer = undefined;
  },
);
