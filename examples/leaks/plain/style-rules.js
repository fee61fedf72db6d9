import { panel, repaired } from './panel.js';

/** One sheet for all, as CSS-in-JS libraries have in production. */
const style = document.createElement('style');
document.head.append(style);
const { sheet } = style;

let opened = 0;

panel(
  () => {
    opened += 1;
    sheet.insertRule(`.panel-${opened} { color: #123; }`); // mend
  },
  () => {
    if (repaired) sheet.deleteRule(0);
  },
);
