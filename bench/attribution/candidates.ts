/** Functions of the demo shop that run in a step of one of its flows, and the shop with a change in some of them. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from '@playwright/test';
import type { Flow } from 'pacewright';
import { buyBoots, checkOut } from '../../examples/shop/flows.ts';
import type { StepFunction } from '../../src/scenario/flow.ts';
import { counting, insert, keyOf, type Place } from './inject.ts';
import type { ShopCopy } from './shop-copy.ts';

export const viewport = { width: 1350, height: 940 };
/** A function called more often gets its share of the loop in each call. */
export const fewCalls = 3;

export interface Candidate {
  readonly flow: Flow;
  readonly place: Place;
  readonly step: string;
  readonly calls: number;
}

/** The shop with a statement in some functions, served while the work goes on. */
export async function withSources<Result>(
  shop: ShopCopy,
  places: readonly Place[],
  statement: (place: Place) => string,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const originals = new Map<string, string>();
  for (const file of new Set(places.map((place) => place.file))) {
    const name = path.join(shop.sources, file);
    const text = await readFile(name, 'utf8');
    originals.set(name, text);
    const own = places.filter((place) => place.file === file);
    await writeFile(name, insert(text, own, statement));
  }
  try {
    const server = await shop.serve();
    try {
      return await work(server.url);
    } finally {
      await server.close();
    }
  } finally {
    for (const [name, text] of originals) await writeFile(name, text);
  }
}

/** Which functions run in which step, and how often, from a build that counts. */
export async function findCandidates(browser: Browser, shop: ShopCopy, places: readonly Place[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  await withSources(shop, places, counting, async (url) => {
    for (const flow of [buyBoots, checkOut]) {
      const context = await browser.newContext({ baseURL: url, viewport });
      const page = await context.newPage();
      const read = (): Promise<Record<string, number>> =>
        page.evaluate(() => (globalThis as unknown as { ran?: Record<string, number> }).ran ?? {});
      const step: StepFunction = async (name, actions) => {
        const before = page.url() === 'about:blank' ? {} : await read();
        const value = await actions();
        await page.waitForLoadState('networkidle');
        const after = await read();
        for (const place of places) {
          const calls = (after[keyOf(place)] ?? 0) - (before[keyOf(place)] ?? 0);
          if (calls > 0) candidates.push({ flow, place, step: name, calls });
        }
        return value;
      };
      await flow({ page, context, step, sample: { index: 0, warmUp: false } });
      await context.close();
    }
  });
  return candidates;
}
