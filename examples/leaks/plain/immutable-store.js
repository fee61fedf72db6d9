import { loadRows, panel, repaired } from './panel.js';

/** A new state object for each change, as Redux does. */
const store = {
  // mend
  state: { open: false, notices: [] }, // mend
  set(change) {
    store.state = { ...store.state, ...change };
  },
};

panel(
  () => store.set({ open: true, notices: [...store.state.notices, { text: 'opened', rows: loadRows() }] }), // mend
  () => store.set({ open: false, ...(repaired && { notices: [] }) }),
);
