import { panel, repaired } from './panel.js';

let opened = 0;

panel(() => {
  opened += 1;
  const visited = repaired ? [] : (history.state?.visited ?? []);
  // Copied with each change: no object lives longer than until the next one, the list grows all the same.
  history.replaceState({ visited: [...visited, { view: opened, scroll: scrollY, text: 'x'.repeat(500) }] }, ''); // mend
});
