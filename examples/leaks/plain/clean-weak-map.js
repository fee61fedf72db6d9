import { loadRows, panel } from './panel.js';

const details = new WeakMap();

/** What is known of a panel goes with it. */
panel((section) => details.set(section, { rows: loadRows(), section }));
