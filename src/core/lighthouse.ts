/** What Lighthouse says of a scenario: one user flow, in the diagnosis pass. */
import * as z from 'zod';

const lighthouseAudit = z.strictObject({
  id: z.string(),
  title: z.string(),
  score: z.number().nullable().describe('0 to 1; null where it only informs or could not be told'),
  display: z.string().nullable(),
  value: z.number().nullable(),
  unit: z.string().nullable().describe("Lighthouse's numericUnit"),
  description: z.string(),
  group: z.enum(['metric', 'insight', 'diagnostic', 'other']),
  problem: z.string().nullable().describe('why the audit failed'),
});

const lighthouseStep = z.strictObject({
  step: z.string(),
  mode: z.enum(['navigation', 'timespan', 'snapshot']),
  scores: z.array(z.strictObject({ category: z.string(), title: z.string(), score: z.number().nullable() })),
  audits: z.array(lighthouseAudit),
  problem: z.string().nullable(),
});

export const lighthouseSchema = z.strictObject({
  version: z.string(),
  wall: z.number().describe('ms the flow took'),
  throttling: z.string().describe('in words'),
  steps: z.array(lighthouseStep),
  problem: z.string().nullable().describe('why there is nothing, or not all'),
});
export type LighthouseFacts = z.infer<typeof lighthouseSchema>;
