import { loadRows, panel, repaired } from './panel.js';

/** What each entry of the history showed, to restore it on the way back. */
const restored = new Map(); // mend

panel(
  () => {
    const key = crypto.randomUUID();
    history.pushState({ key }, '');
    restored.set(key, { scroll: scrollY, rows: loadRows() }); // mend
  },
  () => {
    if (repaired) restored.delete(history.state.key);
    const back = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }));
    history.back();
    return back;
  },
);
