/**
 * What a comparison of two builds says: the sides, the rules it was judged by, and the change of each metric.
 * `base` is what is compared against (`main`, say), `head` what is under test.
 */
import * as z from 'zod';
import { budgetLine, interval } from './verdict.ts';

export const variants = ['base', 'head'] as const;
export type Variant = (typeof variants)[number];

/** The rejection of a sample that was fine itself: a pair is rejected as a whole. */
export const partnerRejected = 'the other sample of its pair was rejected';

const side = z.strictObject({
  label: z.string().describe('as the user named it: a branch, a tag, a URL, a folder'),
  url: z.string().describe('where its pages are served; the origin takes the place of that of `baseURL`'),
  commit: z.string().nullable(),
  dirty: z.boolean().describe('uncommitted changes count as part of it'),
});

/** How base and head came to be; travels from the command to the workers, and is kept in the result. */
export const comparisonSides = z.strictObject({
  how: z.enum(['ref', 'urls', 'folders']),
  base: side,
  head: side,
  budgets: z.boolean().describe("whether head's samples are judged against absolute limits, too"),
  identical: z.enum(['skip', 'measure']).describe('what to do where both sides serve the same bytes'),
  pairs: z.number().int().nullable().describe('a fixed number of pairs, or null for the schedule'),
});
export type ComparisonSides = z.infer<typeof comparisonSides>;

/** A change counts only beyond both: a share of the base (0.05 is 5 %) and an amount in the metric's base unit. */
const extent = z.strictObject({ share: z.number(), absolute: z.number() });
export type Extent = z.infer<typeof extent>;

/** A budget against base: how much worse a metric of a step may become. */
export const regressionLine = z.strictObject({
  scenario: z.string().describe('name or glob'),
  project: z.string().nullable(),
  step: z.string().nullable().describe('name or glob; null for the flow as a whole'),
  metric: z.string(),
  allowed: z
    .strictObject({ kind: z.enum(['share', 'absolute']), value: z.number() })
    .nullable()
    .describe('null: the metric is compared, and never fails'),
  level: z.enum(['warn', 'error']),
  source: budgetLine.shape.source,
});
export type RegressionLine = z.infer<typeof regressionLine>;

/** Every number that the decision depends on; judge/comparison-parameters.ts has the defaults and their reasons. */
export const comparisonParameters = z.strictObject({
  looks: z.array(z.number().int()).describe('accepted pairs at which a decision may fall'),
  alphas: z.array(z.number()).describe('chance of a false alarm spent at each look; 0: it may only pass'),
  beta: z.number().describe('chance to call a change of the margin unchanged, per look and metric'),
  confirmPairs: z.number().int(),
  confirmAlpha: z.number(),
  mostConfirmations: z.number().int(),
  flips: z.number().int().describe('random sign flips where not all are tried'),
  exhaustivePairs: z.number().int().describe('up to so many pairs all sign flips are tried'),
  exactPairs: z.number().int(),
  futilityPairs: z
    .number()
    .int()
    .describe('from so many pairs on, a metric whose noise hides what more pairs could show holds up nothing'),
  quantised: z.number().describe('share of distinct differences below which a metric counts as quantised'),
  trim: z.number(),
  bootstraps: z.number().int(),
  power: z.number().describe('of the smallest visible change'),
  informationalRate: z.number().describe('false discovery rate among metrics that do not gate'),
  pairsPerLaunch: z.number().int(),
  oneCore: z.boolean().describe('whether Chrome had a core to itself'),
  fixed: z.boolean().describe('a fixed number of pairs: one look at the end'),
  inconclusive: z.enum(['warn', 'fail']),
});
export type ComparisonParameters = z.infer<typeof comparisonParameters>;

const changeStatuses = [
  'regressed',
  'different',
  'inconclusive',
  'not measured',
  'improved',
  'new',
  'gone',
  'unchanged',
] as const;
export const changeStatus = z.enum(changeStatuses);
export type ChangeStatus = z.infer<typeof changeStatus>;

export const changeSchema = z.strictObject({
  step: z.string().nullable().describe('null for the flow as a whole'),
  metric: z.string(),
  role: z.enum(['gating', 'informational']),
  level: z.enum(['warn', 'error']),
  status: changeStatus,
  gates: z.boolean().describe('whether this change, as it stands, fails the scenario'),
  scale: z
    .enum(['ratio', 'difference'])
    .describe("unit of change, interval, visible and limits: a share of base, or the metric's base unit"),
  base: z.number().nullable().describe('median of the accepted samples'),
  head: z.number().nullable(),
  change: z.number().nullable().describe('estimate of head against base on its scale: 0.05 is +5 % for a ratio'),
  interval: interval.nullable().describe('of the change'),
  p: z
    .number()
    .nullable()
    .describe(
      'one-sided, for a worse head; adjusted for all gating metrics at the last look. Where it only informs: two-sided, adjusted for the false discovery rate',
    ),
  alarm: z
    .strictObject({
      pairs: z.number().int().describe('accepted screening pairs at the look that raised it'),
      p: z.number(),
      alpha: z.number(),
    })
    .nullable()
    .describe('the last look at which the metric looked regressed'),
  confirmation: z
    .strictObject({
      pairs: z.number().int().describe('fresh pairs so far'),
      p: z.number().nullable(),
      change: z.number().nullable(),
      outcome: z.enum(['open', 'confirmed', 'refuted']),
    })
    .nullable(),
  pairs: z.number().int().describe('accepted pairs with a value on both sides'),
  visible: z
    .number()
    .nullable()
    .describe('smallest worsening that the whole schedule finds with the stated power, from the spread seen so far'),
  limit: z.number().describe('a worsening up to this is tolerated'),
  margin: z.number().describe('unchanged means: surely less worse than this'),
  rule: z.enum(['exact', 'signed-rank', 'trimmed mean', 'none']).describe('how change and interval were estimated'),
  reason: z.string(),
  source: budgetLine.shape.source.nullable().describe('the budget line; null for a default'),
});
export type Change = z.infer<typeof changeSchema>;

/** The comparison of one scenario. */
export const scenarioComparison = z.strictObject({
  status: z
    .enum(['compared', 'identical', 'new', 'not compared'])
    .describe(
      'identical: both serve the same bytes; new: base cannot run it; not compared: head could not be measured',
    ),
  note: z.string().describe('why there is no comparison; empty where there is one'),
  parameters: comparisonParameters,
  seed: z.number().int().describe('of the order within pairs, and of random sign flips'),
  lines: z.array(regressionLine).describe('the budgets against base that apply to this scenario'),
  limits: z
    .enum(['in pairs', 'alone'])
    .default('alone')
    .describe('the samples of head that absolute limits are judged on: those of its pairs, or later ones without base'),
  looks: z.array(
    z.strictObject({
      phase: z.enum(['screening', 'confirmation']),
      pairs: z.number().int(),
      alpha: z.number(),
      alarms: z.number().int().describe('gating metrics that looked regressed'),
      open: z.number().int().describe('gating metrics not yet shown unchanged'),
    }),
  ),
  changes: z.array(changeSchema),
});
export type ScenarioComparison = z.infer<typeof scenarioComparison>;
