import { panel, repaired } from './panel.js';

let frame;

panel(
  async () => {
    frame = document.createElement('iframe'); // mend
    frame.srcdoc = '<p>Preview</p>';
    frame.hidden = true;
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame); // mend
    await loaded;
  },
  () => {
    if (repaired) frame.remove();
    frame = undefined;
  },
);
