import { panel, repaired } from './panel.js';

// To come back from the panel with the button of the browser, which nobody does.
panel(() => {
  const state = { open: true, text: 'x'.repeat(500) };
  if (repaired) history.replaceState(state, '');
  else history.pushState(state, ''); // mend
});
