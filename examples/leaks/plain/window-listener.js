import { loadRows, panel, repaired } from './panel.js';

let stop = () => {};

panel(
  (section) => {
    const rows = loadRows();
    const onResize = () => {
      // mend
      section.style.width = `${innerWidth / rows.length}px`;
    };
    addEventListener('resize', onResize); // mend
    stop = () => removeEventListener('resize', onResize);
  },
  () => {
    if (repaired) stop();
  },
);
