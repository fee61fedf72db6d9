import { loadRows, panel, repaired } from './panel.js';

const undoSteps = []; // mend

function remember(section) {
  const before = loadRows(5000);
  const count = before.length;
  // Uses a number alone; but another closure of the same function shares its context, and with it the rows.
  section.restore = () => before.slice();
  undoSteps.push(function undo() {
    // mend
    return count;
  });
}

panel(remember, () => {
  if (repaired) undoSteps.pop();
});
