import { loadRows, panel } from './panel.js';

/** Listeners of the panel's own, which go with it, one that fires once, and one with a signal. */
let controller;
panel(
  (section) => {
    const rows = loadRows();
    controller = new AbortController();
    section.addEventListener('pointermove', () => rows.reverse());
    addEventListener('click', () => rows.length, { once: true });
    addEventListener('resize', () => rows.length, { signal: controller.signal });
  },
  () => controller.abort(),
);
