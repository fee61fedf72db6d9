import { loadRows, panel, repaired } from './panel.js';

let opened = 0;
window.answers = {}; // mend

panel(
  () => {
    opened += 1;
    window.answers[`/api/prices?view=${opened}`] = { rows: loadRows(), at: opened }; // mend
  },
  () => {
    if (repaired) window.answers = {};
  },
);
