/** The network of one step as it went in the first diagnosis pass. Times in ms from the start of the step. */
import * as z from 'zod';
import { sourceLocation } from './source.ts';

const number = z.number();

export const waterfallRequest = z.strictObject({
  url: z.string().describe('redacted'),
  method: z.string(),
  type: z.string().describe('a resource type of the metric table'),
  party: z.enum(['first-party', 'third-party']),
  status: number.nullable(),
  failed: z.string().nullable(),
  protocol: z.string().nullable(),
  mime: z.string().nullable(),
  priority: z.string().nullable(),
  initialPriority: z.string().nullable(),
  initiator: z.strictObject({
    kind: z.string().describe('parser, script, preload, …, as the protocol names it'),
    url: z.string().nullable(),
    location: sourceLocation.nullable(),
    callers: z.array(z.string()).describe('functions of the application that called for it, innermost first'),
    request: z.number().int().nullable().describe('position of the request that led to this one'),
  }),
  renderBlocking: z.boolean().nullable().describe('null where the trace does not say'),
  cache: z.enum(['network', 'memory', 'disk', 'service worker', 'prefetch']),
  start: number.describe('when it was asked for'),
  end: number.nullable().describe('null where it had not ended with the step'),
  phases: z
    .strictObject({
      queued: number,
      dns: number,
      connect: number,
      tls: number,
      send: number,
      wait: number,
      receive: number,
    })
    .nullable()
    .describe('they sum to end - start; null where the protocol gave no timing'),
  bytes: number.describe('on the wire, headers included, as the metric counts them'),
  decoded: number.nullable().describe('body after decompression'),
  encoding: z.string().nullable().describe('content-encoding'),
  cacheControl: z.string().nullable(),
  lcp: z.boolean().describe('the resource of the largest contentful paint'),
});
export type WaterfallRequest = z.infer<typeof waterfallRequest>;

export const waterfallSchema = z.strictObject({
  requests: z.array(waterfallRequest),
  marks: z.array(z.strictObject({ id: z.string().describe('FCP, LCP, DOMContentLoaded, load, INP …'), at: number })),
  shots: z.array(z.strictObject({ at: number, image: z.string().describe('JPEG, base64') })),
  tasks: z.array(z.strictObject({ start: number, duration: number })).describe('long tasks of the main thread'),
  length: number.describe('of the step in that pass'),
  notes: z.array(z.string()),
});
export type Waterfall = z.infer<typeof waterfallSchema>;
