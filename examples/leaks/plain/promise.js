import { loadRows, panel, repaired } from './panel.js';

/** Settles when the user has signed in, which never happens. */
const signedIn = repaired ? Promise.resolve() : new Promise(() => {}); // mend

async function showPrices(section) {
  // mend
  const rows = loadRows();
  await signedIn; // mend
  section.dataset.rows = String(rows.length);
}

panel((section) => {
  void showPrices(section);
});
