import { loadRows, panel, repaired } from './panel.js';

const worker = { postMessage() {} };
let calls = 0;
const pending = new Map(); // mend

/** A call whose answer never comes: its `resolve` waits in the map for good. */
function call(rows) {
  return new Promise((resolve) => {
    // mend
    calls += 1;
    pending.set(calls, resolve); // mend
    worker.postMessage({ id: calls });
    if (repaired) pending.delete(calls);
  }).then(() => rows.length);
}

panel(() => {
  void call(loadRows());
});
