import { loadRows, panel, repaired } from './panel.js';

class Answer {
  rows = loadRows();
}

panel(() => {
  // mend
  const answer = new Answer();
  // While DevTools or a test are attached, an object that was logged lives on.
  // oxlint-disable-next-line no-console
  console.log('opened', repaired ? answer.rows.length : answer); // mend
});
