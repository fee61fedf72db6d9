import { panel, repaired } from './panel.js';

const previews = []; // mend
let frame;

panel(
  async (section) => {
    // mend
    frame = document.createElement('iframe');
    frame.srcdoc = '<p>Preview</p>';
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    document.body.append(frame);
    await loaded;
    // The frame goes; its window, and all that is in it, stays.
    previews.push(frame.contentWindow); // mend
    section.dataset.previews = String(previews.length);
  },
  () => {
    frame.remove();
    frame = undefined;
    if (repaired) previews.length = 0;
  },
);
