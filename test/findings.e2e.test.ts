/** Each fault of the demo shop is the first finding of its step, with its place in the source. */
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { buyBoots } from '../examples/shop/flows.ts';
import type { Faults } from '../examples/shop/faults.ts';
import { startShop } from '../examples/shop/server.ts';
import type { RankedFinding } from '../src/analyse/rank-findings.ts';
import type { FindingRule } from '../src/core/finding.ts';
import { stepFindings } from '../src/report/step-findings.ts';
import { diagnoseFlow } from './support/diagnose.ts';
import { createPool } from './support/measure.ts';

interface Expected {
  readonly step: string;
  readonly rules: readonly FindingRule[];
  /** Of the place: function and file; null where the finding has none. */
  readonly place: readonly [name: string, file: string] | null;
  /** What the title has to say. */
  readonly says?: RegExp;
}

/** Faults that act in different steps are switched on at once. */
const cases: readonly (readonly [name: string, faults: Faults, expected: readonly Expected[]])[] = [
  [
    'work on the main thread, layouts, a slow handler, listeners',
    { work: 120, reflow: 60, handler: 80, leak: { listener: 60 } },
    [
      { step: 'open the shop', rules: ['hot-function'], place: ['rankProducts', 'src/rank.ts'] },
      {
        step: 'search',
        rules: ['forced-reflow'],
        place: ['equaliseCards', 'src/equalise.ts'],
        says: /forces 60 layouts/,
      },
      { step: 'add to cart', rules: ['hot-function'], place: ['recalculatePrices', 'src/prices.ts'] },
      {
        step: 'look into the cart',
        rules: ['listeners'],
        place: ['watchWindow', 'src/leak-listener.ts'],
        says: /60 event/,
      },
    ],
  ],
  [
    'arithmetic, detached elements',
    { compute: 80, leak: { detached: 300 } },
    [
      { step: 'open the shop', rules: ['hot-function'], place: ['rankAll', 'src/rank.ts'] },
      { step: 'look into the cart', rules: ['memory-kept'], place: ['keepCartRows', 'src/leak-detached.ts'] },
    ],
  ],
  [
    'one more script, a growing cache',
    { script: 200, leak: { cache: 1000 } },
    [
      {
        step: 'open the shop',
        rules: ['large-script', 'uncompressed', 'unused-script'],
        place: null,
        says: /extra\.js/,
      },
      { step: 'look into the cart', rules: ['memory-kept'], place: ['CachedQuote.constructor', 'src/leak-cache.ts'] },
    ],
  ],
  [
    'a late hero image, closures that are kept',
    { hero: 500, leak: { closure: 1000 } },
    [
      {
        step: 'open the shop',
        rules: ['slow-lcp-resource', 'late-lcp-image', 'slow-response'],
        place: null,
        says: /hero\.png/,
      },
      { step: 'look into the cart', rules: ['memory-kept'], place: ['rememberUndo', 'src/leak-closure.ts'] },
    ],
  ],
  [
    'a layout shift',
    { shift: 0.15 },
    [{ step: 'open the shop', rules: ['layout-shift'], place: ['insertNotice', 'src/notice.ts'] }],
  ],
  [
    'many requests',
    { requests: 40 },
    [{ step: 'open the shop', rules: ['many-requests'], place: ['send', 'src/extra.ts'] }],
  ],
  [
    'unhandled errors',
    { error: 3 },
    [
      {
        step: 'open the shop',
        rules: ['page-error'],
        place: ['throwErrors > setTimeout callback', 'src/extra.ts'],
        says: /3 unhandled/,
      },
    ],
  ],
  [
    'a slow API',
    { api: 500 },
    [{ step: 'search', rules: ['slow-response', 'request-chain'], place: null, says: /api\/products/ }],
  ],
];

const pool = createPool();
afterAll(() => pool.close());

function describeFirst(ranked: readonly RankedFinding[]): string {
  return (
    ranked
      .slice(0, 3)
      .map(({ finding }) => `[${finding.rule}] ${finding.title}`)
      .join('\n') || 'nothing found'
  );
}

describe('the first finding of a step is the fault of the shop:', () => {
  it.each(cases)('%s', async (_name, faults, expected) => {
    const shop = await startShop({ faults });
    onTestFinished(() => shop.close());
    const document = await diagnoseFlow(pool, buyBoots, {
      context: { baseURL: shop.url, viewport: { width: 1350, height: 940 } },
    });
    for (const { step, rules, place, says } of expected) {
      const ranked = stepFindings(document, step);
      const told = `${step}:\n${describeFirst(ranked)}\n${document.diagnosis?.notes.join('\n')}`;
      const first = ranked[0]?.finding;
      expect(rules, told).toContain(first?.rule);
      expect(first?.title, told).toMatch(says ?? /./);
      const found = place === null ? null : [first?.location?.function, first?.location?.file];
      expect(found, told).toEqual(place);
    }
  });
});
