import type { Faults } from '../faults.ts';
import { addScript, sendRequests, throwErrors } from './extra.ts';
import { insertNotice } from './notice.ts';
import { rankAll, rankProducts } from './rank.ts';

function firstPaint(): Promise<void> {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      if (list.getEntriesByName('first-contentful-paint').length === 0) return;
      observer.disconnect();
      resolve();
    });
    observer.observe({ type: 'paint', buffered: true });
  });
}

/** Starts the faults that belong to loading the page; those of the cart, the search and the API start where they act. */
export function startFaults({ work = 0, compute = 0, script = 0, shift = 0, requests = 0, error = 0 }: Faults): void {
  if (script > 0) addScript(script);
  if (requests > 0) void sendRequests(requests);
  if (error > 0) throwErrors(error);
  // After the first paint, and as a task of its own, so that blocking time counts all of it but 50 ms.
  if (work > 0) void firstPaint().then(() => setTimeout(() => rankProducts(work)));
  if (compute > 0) void firstPaint().then(() => setTimeout(() => rankAll(compute)));
  if (shift > 0) void firstPaint().then(() => insertNotice(shift));
}
