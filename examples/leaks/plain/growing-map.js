import { loadRows, panel, repaired } from './panel.js';

class Details {
  rows = loadRows();
}

let opened = 0;
const details = new Map(); // mend

panel(
  () => {
    opened += 1;
    details.set(`view ${opened}`, new Details()); // mend
  },
  () => {
    if (repaired) details.clear();
  },
);
