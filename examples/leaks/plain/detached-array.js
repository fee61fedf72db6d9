import { panel, repaired } from './panel.js';

const closedPanels = []; // mend

panel(
  (section) => {
    for (let at = 0; at < 20; at += 1) section.append(document.createElement('p'));
  },
  (section) => {
    closedPanels.push(section); // mend
    if (repaired) closedPanels.length = 0;
  },
);
