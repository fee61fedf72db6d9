import { panel, repaired } from './panel.js';

panel(
  () => {
    // mend
    const sheet = new CSSStyleSheet(); // mend
    sheet.replaceSync('#panel { color: #123; }');
    document.adoptedStyleSheets.push(sheet); // mend
  },
  () => {
    if (repaired) document.adoptedStyleSheets.pop();
  },
);
