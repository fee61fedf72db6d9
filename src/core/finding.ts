/** What the diagnosis found: what, how much it costs, where in the source, what to try. */
import * as z from 'zod';
import { sourceLocation } from './source.ts';

const findingUnits = ['ms', 'bytes', 'count', 'score'] as const;

/** Every rule that can raise a finding; the report groups and explains by it. */
export const findingRules = [
  'hot-function',
  'wide-tower',
  'library-cost',
  'many-small-calls',
  'long-task',
  'long-animation-frame',
  'slow-interaction',
  'forced-reflow',
  'large-style-recalculation',
  'large-layout',
  'slow-selector',
  'large-json',
  'timers',
  'listeners',
  'memory-kept',
  'garbage-collection',
  'render-blocking',
  'late-lcp-image',
  'slow-lcp-resource',
  'slow-response',
  'layout-shift',
  'third-party',
  'unused-script',
  'unused-style',
  'duplicate-module',
  'legacy-script',
  'large-script',
  'image-size',
  'uncompressed',
  'not-cached',
  'large-response',
  'request-chain',
  'many-requests',
  'failed-request',
  'large-dom',
  'font-display',
  'viewport',
  'page-error',
] as const;
export type FindingRule = (typeof findingRules)[number];

export const findingSchema = z.strictObject({
  rule: z.enum(findingRules),
  title: z.string().describe('one sentence: what, where, how much'),
  cost: z.strictObject({ value: z.number(), unit: z.enum(findingUnits) }).describe('of one run of the step'),
  explains: z
    .record(z.string(), z.number())
    .describe('metric id to how much of its value this accounts for, in the base unit of the metric'),
  location: sourceLocation.nullable(),
  details: z.array(z.string()).describe('further facts, a line each: callers, nodes, URLs'),
  advice: z.string().describe('what to try'),
  evidence: z
    .enum(['flame', 'waterfall', 'filmstrip', 'bundles', 'lighthouse', 'metrics', 'console'])
    .nullable()
    .describe('the part of the report that shows it'),
  source: z.enum(['trace', 'profile', 'network', 'coverage', 'trace engine', 'lighthouse', 'page']),
});
export type Finding = z.infer<typeof findingSchema>;
