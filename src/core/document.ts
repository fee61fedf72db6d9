/**
 * The result document, `run.json`: all that is needed to judge and to render again, without Chrome.
 * Scenario documents travel from worker to reporter as Playwright attachments of our own media type.
 */
import * as z from 'zod';
import { comparisonSides, scenarioComparison } from './comparison.ts';
import { diagnosisSchema } from './diagnosis.ts';
import { memorySchema } from './leaks.ts';
import { sampleSchema } from './sample.ts';
import { budgetLine, judgeParameters, verdictSchema } from './verdict.ts';

/** 2 added comparisons, 3 the diagnosis; older results are read as runs without them. */
export const schemaVersion = 3;
export const scenarioMediaType = 'application/vnd.pacewright.scenario+json';
export const environmentMediaType = 'application/vnd.pacewright.environment+json';
export const comparisonMediaType = 'application/vnd.pacewright.comparison+json';
export const problemMediaType = 'application/vnd.pacewright.problem+json';

/** Something a reader must know beside the numbers; `advice` fits the case. */
export const warningSchema = z.strictObject({ code: z.string(), message: z.string(), advice: z.string() });
export type Warning = z.infer<typeof warningSchema>;

/** An error with a code, as it is kept in documents. */
export const problemSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  next: z.string(),
  place: z.strictObject({ file: z.string(), line: z.number().optional(), column: z.number().optional() }).nullable(),
  exitCode: z.number().int(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Why a flow did not finish: the step, the sample, the error, and what the page looked like. */
export const failureSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  next: z.string(),
  step: z.string().nullable(),
  sample: z.number().int().nullable(),
  screenshot: z.string().nullable().describe('JPEG, base64'),
});
export type Failure = z.infer<typeof failureSchema>;

export const networkSchema = z.strictObject({
  name: z.string(),
  latency: z.number().describe('added to each request, ms'),
  download: z.number().describe('kbit/s'),
  upload: z.number().describe('kbit/s'),
});
export type NetworkConditions = z.infer<typeof networkSchema>;

export const measureOptionsSchema = z.strictObject({
  samples: z.number().int().nullable().describe('fixed number of samples, or null for the schedule'),
  cache: z.enum(['cold', 'warm']),
  cpuThrottling: z.number().describe('1 is none'),
  network: networkSchema.nullable(),
  heap: z.enum(['flow', 'steps']),
  stepTimeout: z.number(),
  settleTimeout: z.number(),
  settleQuiet: z.number(),
  settleIgnore: z.array(z.string()),
  noiseGate: z.enum(['on', 'off']),
  diagnose: z.enum(['all', 'failures', 'off']).describe('which steps are run again to find causes'),
  lighthouse: z.enum(['on', 'off']),
});
export type MeasureOptions = z.infer<typeof measureOptionsSchema>;

export const scenarioDocument = z.strictObject({
  id: z.string().describe('stable over runs: from file, title path, project'),
  title: z.string(),
  titlePath: z.array(z.string()),
  tags: z.array(z.string()),
  file: z.string(),
  line: z.number().int(),
  project: z.string(),
  device: z.strictObject({
    viewport: z.string(),
    scale: z.number(),
    mobile: z.boolean(),
    userAgent: z.string(),
  }),
  options: measureOptionsSchema,
  parameters: judgeParameters,
  seed: z.number().int(),
  status: z.enum(['measured', 'failed', 'interrupted', 'too noisy']),
  failure: failureSchema.nullable(),
  samples: z.array(sampleSchema),
  chrome: z.strictObject({ version: z.string(), path: z.string(), flags: z.array(z.string()) }),
  budgets: z.array(budgetLine).describe('the lines that apply to this scenario'),
  verdicts: z.array(verdictSchema),
  comparison: scenarioComparison.nullable().describe('null where head alone was measured'),
  diagnosis: diagnosisSchema.nullable().describe('null where none was asked for, or nothing was measured'),
  memory: memorySchema.nullable().default(null).describe('null where the scenario has no `detectLeaks`'),
  warnings: z.array(warningSchema),
  startedAt: z.string(),
  wall: z.number(),
});
export type ScenarioDocument = z.infer<typeof scenarioDocument>;

export const environmentSchema = z.strictObject({
  node: z.string(),
  platform: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: z.number().int(),
  memory: z.number().describe('bytes'),
  load: z.array(z.number()).describe('1, 5 and 15 minutes, at the start'),
  ci: z.string().nullable(),
  noiseGate: z.strictObject({ schedstat: z.boolean(), steal: z.boolean(), pressure: z.boolean() }),
  calibration: z.strictObject({
    start: z.number().describe('ms of a fixed CPU loop before the first sample'),
    end: z.number().nullable(),
  }),
});
export type Environment = z.infer<typeof environmentSchema>;

export const runDocument = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  tool: z.strictObject({ name: z.literal('pacewright'), version: z.string() }),
  id: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  status: z.enum(['complete', 'interrupted']),
  command: z.string().describe('how to run it again'),
  git: z.strictObject({ commit: z.string(), branch: z.string().nullable(), dirty: z.boolean() }).nullable(),
  comparison: comparisonSides.nullable(),
  environments: z.array(environmentSchema).describe('one a machine: several after a merge of shards'),
  scenarios: z.array(scenarioDocument),
  problems: z.array(problemSchema),
  /** Titles of tests that did not run, or failed outside of what we measure. */
  otherFailures: z.array(z.strictObject({ title: z.string(), message: z.string() })),
});
export type RunDocument = z.infer<typeof runDocument>;
