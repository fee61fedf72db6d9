/** What a memory scenario found: counters after every iteration, and the leaks with what holds them. */
import * as z from 'zod';
import { interval } from './verdict.ts';
import { sourceLocation } from './source.ts';

/** What a page holds after collection, cheaply read. */
export const memoryCounters = z.strictObject({
  heap: z.number().describe('bytes of JavaScript in use'),
  nodes: z.number().int().describe('DOM nodes alive, attached or not'),
  detached: z.number().int().nullable().describe('of these outside of any document; null where that is not known'),
  listeners: z.number().int(),
  documents: z.number().int(),
  frames: z.number().int(),
  workers: z.number().int(),
  // Outside of the JavaScript heap; absent in runs of versions that did not look at them, null where it is not known.
  state: z.number().int().nullable().optional().describe('bytes of history.state as Chrome serialises it'),
  entries: z.number().int().nullable().optional().describe('of the history, up to the current one; 50 at most'),
  sheets: z.number().int().nullable().optional().describe('style sheets of the documents, adopted ones included'),
  rules: z
    .number()
    .int()
    .nullable()
    .optional()
    .describe('CSS rules in as many of the first style sheets as there were before the first iteration'),
});
export type MemoryCounters = z.infer<typeof memoryCounters>;

/** How a counter goes with the iterations. */
const trends = ['grows', 'levels off', 'flat', 'falls', 'unclear'] as const;

/** One counter over the iterations. */
export const counterGrowth = z.strictObject({
  counter: memoryCounters.keyof(),
  perIteration: z.number().describe('the trend, in bytes or a count'),
  interval: interval.nullable().describe('of the trend; null where it is the same in every iteration'),
  trend: z.enum(trends),
  note: z.string().describe('what says so, in a sentence'),
});
export type CounterGrowth = z.infer<typeof counterGrowth>;

/** The kinds of leak that the field knows, each with its usual mend; `unknown` where none fits. */
export const leakPatterns = [
  'listener not removed',
  'observer not disconnected',
  'timer never cleared',
  'closure over a large scope',
  'cache without eviction',
  'collection that only grows',
  'detached DOM held by JavaScript',
  'DOM that piles up in the page',
  'promise never settled',
  'held by the console',
  'history state',
  'frame not removed',
  'worker not terminated',
  'connection not closed',
  'style sheets pile up',
  'unknown',
] as const;
export type LeakPattern = (typeof leakPatterns)[number];

/** One link of a retainer path: how the object before it refers to this one, and what this one is. */
export const pathLink = z.strictObject({
  edge: z
    .enum(['root', 'variable', 'property', 'element', 'internal', 'listener', 'timer', 'native'])
    .describe('variable: of a closure; element: of an array, Map, Set or dictionary, which one does not matter'),
  name: z.string().describe('of the variable or property, in the original source where known; empty for elements'),
  what: z
    .string()
    .describe('class, shape or element: `Map`, `CartItem`, `<section>`, `{id, rows}`, `function onResize`'),
  grows: z.boolean().describe('whether there is one more of it with each iteration'),
  location: sourceLocation.nullable().describe('where its function, class or closure stands in the source'),
});
export type PathLink = z.infer<typeof pathLink>;

/** Something that one leak holds besides: folded under it, since it goes when that goes. */
export const heldBesides = z.strictObject({
  what: z.string(),
  count: z.number().describe('per iteration'),
  bytes: z.number().describe('shallow, per iteration'),
});

export type HeldBesides = z.infer<typeof heldBesides>;

export const leakSchema = z.strictObject({
  title: z.string().describe('one sentence: what grows, where it is held, by how much'),
  pattern: z.enum(leakPatterns),
  what: z.string().describe('class or shape of what grows'),
  count: z.number().describe('objects per iteration'),
  births: z.array(z.number().int()).describe('survivors by the iteration in which they were born'),
  shallow: z.number().describe('bytes per iteration'),
  retained: z.number().describe('bytes per iteration that would be free without it'),
  path: z.array(pathLink).describe('from a root of garbage collection to one of the objects'),
  location: sourceLocation.nullable().describe('the place to mend: of the holder, or of what was not removed'),
  advice: z.string(),
  confidence: z.number().describe('0 to 1'),
  signals: z.array(z.string()).describe('what agrees that it leaks, a line each'),
  folded: z.array(heldBesides),
  alike: z.number().int().describe('further groups of objects with the same cause'),
  confirmed: z
    .boolean()
    .optional()
    .describe('whether the second pass, in a fresh Chrome, found it as well; absent where there was none'),
});
export type Leak = z.infer<typeof leakSchema>;

/** Growth that is not the page's: of the test's own handles, or of Chrome's bookkeeping. */
export const outsideGrowth = z.strictObject({
  holder: z.enum(['harness', 'browser']),
  what: z.string(),
  count: z.number().describe('per iteration'),
  bytes: z.number().describe('per iteration, shallow'),
});

export type OutsideGrowth = z.infer<typeof outsideGrowth>;

export const memorySchema = z.strictObject({
  url: z.string().describe('the page at the last iteration, redacted'),
  warmUps: z.number().int(),
  iterations: z.number().int().describe('that were measured'),
  ended: z.enum(['complete', 'stopped early', 'failed']).describe('stopped early: growth threatened the tab'),
  counters: z.array(memoryCounters).describe('before the first iteration, and after each one'),
  growth: z.array(counterGrowth),
  leaks: z.array(leakSchema).describe('the one to mend first comes first'),
  outside: z.array(outsideGrowth),
  returned: z.strictObject({
    same: z.boolean().describe('whether the action ends in the state it began in'),
    how: z.string().describe('what says so'),
  }),
  checked: z.array(z.string()).describe('what was looked for, a line each: it is shown where nothing leaks'),
  snapshots: z.array(z.strictObject({ name: z.string(), file: z.string(), bytes: z.number().describe('unpacked') })),
  analysed: z.number().describe('ms that snapshots and analysis took'),
  confirmation: z
    .strictObject({
      warmUps: z.number().int(),
      iterations: z.number().int(),
      problem: z.string().nullable().describe('why it says nothing; null where it was completed'),
    })
    .optional()
    .describe('the second pass, which runs where the first would fail the scenario; absent where there was none'),
});
export type Memory = z.infer<typeof memorySchema>;
