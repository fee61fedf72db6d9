import { loadRows, panel } from './panel.js';

/** Timers that have fired, promises that are settled, an observer that looked at the panel alone. */
panel(async (section) => {
  const rows = loadRows();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([Promise.resolve(rows), Promise.race([Promise.resolve(1), Promise.resolve(2)])]);
  new ResizeObserver(() => rows.length).observe(section);
  requestAnimationFrame(() => section.animate([{ opacity: 0.5 }, { opacity: 1 }], 20));
});
