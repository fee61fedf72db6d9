import { loadRows, panel, repaired } from './panel.js';

const narrow = matchMedia('(max-width: 600px)'); // mend
let onNarrow;

panel(
  (section) => {
    const rows = loadRows();
    onNarrow = function switchLayout({ matches }) {
      // mend
      section.dataset.rows = matches ? '1' : String(rows.length);
    };
    narrow.addEventListener('change', onNarrow); // mend
  },
  () => {
    if (repaired) narrow.removeEventListener('change', onNarrow);
  },
);
