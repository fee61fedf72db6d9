/** Budget lines as the judge gets them, and the verdicts it gives. Values in the metric's base unit. */
import * as z from 'zod';

/** Statistics of samples, as budgets name them. */
export const statistics = ['p50', 'p75', 'p95', 'max'] as const;
export type Statistic = (typeof statistics)[number];

/** What a line limits: a statistic of the samples, or the one value of what the diagnosis alone knows. */
const limited = z.enum([...statistics, 'value']);

/** One limit on one statistic of one metric, with the place in the file where it stands. */
export const budgetLine = z.strictObject({
  scenario: z.string().describe('name or glob'),
  project: z.string().nullable().describe('a Playwright project (a device), or null for all'),
  step: z.string().nullable().describe('name or glob; null for the flow as a whole'),
  metric: z.string(),
  statistic: limited,
  limit: z.number(),
  tolerance: z.strictObject({ kind: z.enum(['share', 'absolute']), value: z.number() }).nullable(),
  level: z.enum(['warn', 'error']),
  source: z.strictObject({ file: z.string(), line: z.number(), column: z.number() }),
});
export type BudgetLine = z.infer<typeof budgetLine>;

export const interval = z.strictObject({
  low: z.number(),
  high: z.number(),
  confidence: z.number().describe('0 to 1'),
  method: z.string(),
});
export type Interval = z.infer<typeof interval>;

export const verdictStatus = z.enum(['pass', 'fail', 'inconclusive', 'not measured']);
export type VerdictStatus = z.infer<typeof verdictStatus>;

export const verdictSchema = z.strictObject({
  step: z.string().nullable().describe('null for the flow as a whole'),
  metric: z.string(),
  statistic: limited,
  limit: z.number().describe('as written in the budget'),
  allowed: z.number().describe('the limit with its tolerance'),
  level: z.enum(['warn', 'error']),
  status: verdictStatus,
  value: z.number().nullable().describe('the statistic of the accepted samples'),
  interval: interval.nullable(),
  margin: z.number().nullable().describe('how far within what is allowed: negative beyond the budget'),
  samples: z
    .number()
    .int()
    .describe('accepted samples with a value; 1 for a value of the diagnosis, iterations for growth'),
  rule: z.enum(['exact', 'tolerance factors', 'e-process', 'plain statistic', 'one value', 'trend', 'none']),
  reason: z.string(),
  gates: z.boolean().describe('whether this verdict, as it stands, fails the scenario'),
  source: budgetLine.shape.source,
});
export type Verdict = z.infer<typeof verdictSchema>;

/** A metric and its statistic as text, `LCP p75`; where there is one value, the metric alone. */
export function nameSubject({ metric, statistic }: Pick<BudgetLine, 'metric' | 'statistic'>): string {
  return statistic === 'value' ? metric : `${metric} ${statistic}`;
}

/** The rule's parameters, kept in the result so that a verdict can be replayed. */
export const judgeParameters = z.strictObject({
  looks: z.array(z.number().int()),
  passAlpha: z.number().describe('chance of a false pass, per look'),
  failAlpha: z.number().describe('chance of a false fail, per look'),
  passEvidence: z.number().describe('e-value at which a line passes'),
  failEvidence: z.number().describe('e-value at which a line fails'),
  exactSamples: z.number().int().describe('samples without variance that make a metric exact'),
  fixed: z.boolean().describe('a fixed number of samples: the plain statistic against the limit'),
  inconclusive: z.enum(['warn', 'fail']),
});
export type JudgeParameters = z.infer<typeof judgeParameters>;
