import type { Faults } from '../faults.ts';

function readFaults(): Faults {
  const text = document.getElementById('faults')?.textContent;
  // Written and checked by our own server (routes.ts); opened without it, the page has no faults.
  return text ? JSON.parse(text) : {};
}

/** The faults of this page, read once when it starts. */
export const faults: Faults = readFaults();

/** The query of the first URL; links within the shop carry it on, so that a reload has the same faults. */
export const carriedQuery = location.search;
