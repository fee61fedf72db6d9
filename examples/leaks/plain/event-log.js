import { loadRows, panel, repaired } from './panel.js';

class Analytics {
  // mend
  queue = []; // mend
  track(name, data) {
    this.queue.push({ name, data, sent: false }); // mend
  }
  flush() {
    this.queue.length = 0;
  }
}

const analytics = new Analytics(); // mend

panel(
  () => analytics.track('opened', loadRows()),
  () => {
    analytics.track('closed', loadRows());
    if (repaired) analytics.flush();
  },
);
