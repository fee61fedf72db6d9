/** What Lighthouse says of a scenario: one user flow, in the diagnosis pass. */
import * as z from 'zod';

const lighthouseAudit = z.strictObject({
  id: z.string(),
  title: z.string(),
  score: z.number().nullable().describe('0 to 1; null where it only informs or could not be told'),
  display: z.string().nullable(),
  value: z.number().nullable(),
  unit: z.string().nullable().describe("Lighthouse's numericUnit"),
  description: z.string().describe('Markdown links may be in it'),
  group: z.enum(['metric', 'insight', 'diagnostic', 'other']),
  category: z.string().describe('id of the first category it belongs to'),
  savings: z
    .record(z.string(), z.number())
    .describe(
      "metric to how much of it Lighthouse thinks could be saved: ms, for CLS its score; Lighthouse's estimate",
    ),
  problem: z.string().nullable().describe('why the audit failed'),
});
export type LighthouseAudit = z.infer<typeof lighthouseAudit>;

const lighthouseStep = z.strictObject({
  step: z.string().describe('its name in the samples'),
  mode: z.enum(['navigation', 'timespan', 'snapshot']),
  scores: z.array(z.strictObject({ category: z.string(), title: z.string(), score: z.number().nullable() })),
  audits: z
    .array(lighthouseAudit)
    .describe('metrics; then what did not pass: insights by what they could save, diagnostics, the rest by weight'),
  passed: z.number().int().describe('audits that passed, which are not listed'),
  warnings: z.array(z.string()).describe('what Lighthouse says of its own run'),
  problem: z.string().nullable(),
});
export type LighthouseStep = z.infer<typeof lighthouseStep>;

export const lighthouseSchema = z.strictObject({
  version: z.string(),
  wall: z.number().describe('ms the flow took, audits and report included'),
  throttling: z.string().describe('in words'),
  steps: z.array(lighthouseStep).describe('several with one name where a step has more than one mode'),
  problem: z.string().nullable().describe('why there is nothing, or not all'),
});
export type LighthouseFacts = z.infer<typeof lighthouseSchema>;
