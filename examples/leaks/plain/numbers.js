import { panel, repaired } from './panel.js';

/** Numbers only: no object is born, a list gets longer. */
const frameTimes = []; // mend

panel(
  () => {
    for (let at = 0; at < 2000; at += 1) frameTimes.push(at / 3); // mend
  },
  () => {
    if (repaired) frameTimes.length = 0;
  },
);
