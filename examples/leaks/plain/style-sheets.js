import { panel, repaired } from './panel.js';

/** As a CSS-in-JS library does that knows nothing of closing. */
function addStyle() {
  // mend
  const style = document.createElement('style'); // mend
  style.textContent = '#panel { color: #123; }';
  document.head.append(style); // mend
  return style;
}

let style;

panel(
  () => {
    style = addStyle();
  },
  () => {
    if (repaired) style.remove();
    style = undefined;
  },
);
