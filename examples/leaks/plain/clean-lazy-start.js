import { loadRows, panel } from './panel.js';

let opened = 0;
let dictionary;
const formats = [];

/** Loaded when first needed, which is the third time, and a second part the fifth. */
panel((section) => {
  opened += 1;
  if (opened >= 3) dictionary ??= loadRows(2000);
  if (opened === 5) formats.push(new Intl.NumberFormat('de'), loadRows(500));
  section.dataset.words = String(dictionary?.length ?? 0);
});
