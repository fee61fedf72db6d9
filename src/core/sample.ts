/**
 * What one sample says: the flow once, in a fresh browser context, light collectors only.
 * Times in ms, sizes in bytes unless a name says otherwise.
 */
import * as z from 'zod';
import { stepKinds } from './metrics.ts';

const number = z.number();

/** The four parts of LCP; they sum to the metric (web-vitals attribution). */
const lcpAttribution = z.strictObject({
  element: z.string(),
  url: z.string().nullable(),
  parts: z.strictObject({ ttfb: number, loadDelay: number, loadDuration: number, renderDelay: number }),
});

/** The three parts of INP; they sum to the metric. */
const inpAttribution = z.strictObject({
  target: z.string(),
  type: z.string(),
  parts: z.strictObject({ inputDelay: number, processing: number, presentation: number }),
});

/** A layout shift of the worst session window, with the nodes that moved most. */
const shiftAttribution = z.strictObject({
  score: number,
  at: number.describe('ms since the navigation started'),
  nodes: z.array(z.string()),
});

export const requestRecord = z.strictObject({
  url: z.string(),
  method: z.string(),
  type: z.string().describe('a resource type of the metric table'),
  party: z.enum(['first-party', 'third-party']),
  status: z.number().nullable(),
  bytes: number,
  fromCache: z.boolean(),
  failed: z.string().nullable().describe('why it failed, or null'),
});
export type RequestRecord = z.infer<typeof requestRecord>;

const settleRecord = z.strictObject({
  waited: number.describe("ms between the end of the step's actions and quiet"),
  timedOut: z.boolean(),
  waitingFor: z.array(z.string()).describe('what was still going on when the wait was given up'),
});

export const attribution = z.strictObject({
  lcp: lcpAttribution.nullable(),
  inp: inpAttribution.nullable(),
  shifts: z.array(shiftAttribution),
  longTasks: z.array(z.strictObject({ start: number, duration: number })),
});
export type Attribution = z.infer<typeof attribution>;

export const stepSample = z.strictObject({
  name: z.string(),
  kind: z.enum(stepKinds),
  url: z.string(),
  metrics: z.record(z.string(), number).describe("metric id to value, in the metric's base unit"),
  missing: z.record(z.string(), z.string()).describe('metric id to the reason why there is no value'),
  attribution,
  settle: settleRecord,
  pageErrors: z.array(z.string()),
  requests: z
    .array(requestRecord)
    .describe('every request in the first sample of each variant; only failed ones later'),
});
export type StepSample = z.infer<typeof stepSample>;

/** How much the machine got in the way of one sample; null where it cannot be read. */
export const contention = z.strictObject({
  run: number.nullable().describe("ms the page's main thread ran"),
  delay: number.nullable().describe('ms it was ready but waited for a core'),
  steal: number.nullable().describe('share of CPU time taken by the hypervisor, 0 to 1'),
  pressure: number.nullable().describe('share of time in which some task waited for a core, 0 to 1'),
});
export type Contention = z.infer<typeof contention>;

export const sampleSchema = z.strictObject({
  index: z.number().int().describe('position in the order of execution, from 0, warm-ups and rejected ones included'),
  role: z.enum(['warm-up', 'measured']),
  variant: z.enum(['base', 'head']),
  pair: z.number().int().nullable().describe('which pair of a comparison it belongs to, from 0; null outside of pairs'),
  phase: z
    .enum(['screening', 'confirmation'])
    .nullable()
    .describe('whether its pair looks for changes or confirms an alarm; null outside of pairs'),
  launch: z.number().int().describe('which start of Chrome it ran in, from 0'),
  startedAt: z.string(),
  wall: number.describe('ms from creating the context to closing it'),
  own: number.describe('ms of the flow itself: the sum of its steps from start to settled'),
  accepted: z.boolean(),
  rejection: z.string().nullable().describe('why the noise gate rejected it, or how Chrome died'),
  contention,
  steps: z.array(stepSample),
  flow: z.record(z.string(), number).describe('metric id to the value of the whole flow'),
});
export type Sample = z.infer<typeof sampleSchema>;
