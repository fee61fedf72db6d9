import { loadRows, panel } from './panel.js';

/** Remembers its last answer. */
const select = (() => {
  let last;
  let answer;
  return (rows) => {
    if (rows !== last) answer = rows.filter(({ id }) => id % 2 === 0);
    last = rows;
    return answer;
  };
})();

panel((section) => {
  section.dataset.rows = String(select(loadRows()).length);
});
