import { loadRows, panel } from './panel.js';

let theme = { name: 'light', rows: loadRows() };

/** Each opening changes the theme: a new object in the place of the old one. */
panel((section) => {
  theme = { name: theme.name === 'light' ? 'dark' : 'light', rows: loadRows(theme.name === 'light' ? 400 : 200) };
  section.dataset.theme = theme.name;
});
