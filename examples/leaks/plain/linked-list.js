import { loadRows, panel, repaired } from './panel.js';

let newest = null; // mend

panel(
  () => {
    newest = { rows: loadRows(), previous: newest }; // mend
  },
  () => {
    if (repaired) newest = null;
  },
);
