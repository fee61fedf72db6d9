import { panel } from './panel.js';

const pool = [];

panel(
  (section) => {
    for (let at = 0; at < 10; at += 1) section.append(pool.pop() ?? document.createElement('p'));
  },
  (section) => {
    pool.push(...section.querySelectorAll('p'));
    for (const row of pool) row.remove();
  },
);
