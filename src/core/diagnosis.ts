/**
 * The diagnosis of one scenario: facts and findings from passes that run after all measured samples and share no
 * number with them. Kept in the result document, so that a report can be rendered from it alone.
 */
import * as z from 'zod';
import { bundlesSchema } from './bundles.ts';
import { findingSchema } from './finding.ts';
import { lighthouseSchema } from './lighthouse.ts';
import { sourceLocation } from './source.ts';
import { waterfallSchema } from './waterfall.ts';

/** The name under which an artefact is attached tells where it lies: `artifacts/SCENARIO/STEP/trace.json.gz`. */
export const artifactMediaType = 'application/vnd.pacewright.artifact';

/** A function whose time differs between base and head, from repeated profiles of both. Times in ms a pass. */
export const functionChange = z.strictObject({
  location: sourceLocation,
  kind: z.enum(['self', 'total']).describe('which time is compared'),
  base: z.number().nullable().describe('median over passes; null where base has no such function'),
  head: z.number().nullable(),
  change: z.number(),
  interval: z.strictObject({ low: z.number(), high: z.number(), confidence: z.number() }).nullable(),
  passes: z.number().int().describe('of each side'),
});
export type FunctionChange = z.infer<typeof functionChange>;

const packedProfile = z.string().describe('Profile of core/profile.ts as JSON, raw deflate, base64');

export const stepDiagnosis = z.strictObject({
  name: z.string(),
  passes: z.number().int().describe('traces that were merged'),
  profile: packedProfile.nullable(),
  baseProfile: packedProfile.nullable().describe('of base, in a comparison'),
  waterfall: waterfallSchema.nullable(),
  findings: z.array(findingSchema).describe('in no particular order; the report ranks them by what failed'),
  traced: z
    .record(z.string(), z.number())
    .default({})
    .describe('metric id to its value in the pass that findings are of, which runs slower than a sample'),
  functions: z.array(functionChange).describe('in a comparison: by how much slower, slowest first'),
  console: z.array(
    z.strictObject({
      level: z.enum(['error', 'warning', 'info']),
      text: z.string(),
      location: sourceLocation.nullable(),
    }),
  ),
  notes: z.array(z.string()).describe('what was cut, missing or failed'),
});
export type StepDiagnosis = z.infer<typeof stepDiagnosis>;

export const artifactRecord = z.strictObject({
  path: z.string().describe('relative to the run folder, forward slashes'),
  step: z.string().nullable(),
  title: z.string(),
  bytes: z.number(),
});
export type ArtifactRecord = z.infer<typeof artifactRecord>;

export const diagnosisSchema = z.strictObject({
  status: z.enum(['done', 'partial', 'failed']),
  wall: z.number().describe('ms of all passes and their interpretation'),
  passes: z.array(
    z.strictObject({
      kind: z.enum(['trace', 'coverage', 'lighthouse']),
      variant: z.enum(['base', 'head']),
      wall: z.number().describe('ms'),
      problem: z.string().nullable(),
    }),
  ),
  steps: z.array(stepDiagnosis),
  bundles: bundlesSchema.nullable(),
  lighthouse: lighthouseSchema.nullable(),
  values: z
    .array(z.strictObject({ step: z.string().nullable(), metric: z.string(), value: z.number() }))
    .describe('what budgets may name and only the diagnosis knows: Lighthouse scores, bytes of bundles'),
  artifacts: z.array(artifactRecord),
  notes: z.array(z.string()),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

/** A diagnosis that came to nothing. @param note why, for the reader */
export function failedDiagnosis(note: string): Diagnosis {
  return {
    status: 'failed',
    wall: 0,
    passes: [],
    steps: [],
    bundles: null,
    lighthouse: null,
    values: [],
    artifacts: [],
    notes: [note],
  };
}
