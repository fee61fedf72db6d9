import { panel } from './panel.js';

let opened = 0;

panel(() => {
  opened += 1;
  const visited = history.state?.visited ?? [];
  // The last three, in a state of its own for each change.
  history.replaceState({ visited: [...visited, { view: opened, text: 'x'.repeat(500) }].slice(-3) }, '');
});
