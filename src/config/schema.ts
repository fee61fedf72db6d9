/** The shape of a budget file. The JSON Schema for editors is generated from it (scripts/generate-schema.ts). */
import * as z from 'zod';
import { lighthouseAudits } from '../core/lighthouse-ids.ts';
import {
  familyMembers,
  hasOneValue,
  isDiagnosed,
  type MetricDefinition,
  metricTable,
  type Unit,
} from '../core/metrics.ts';
import { unitSuffixes } from '../core/units.ts';
import { type Statistic, statistics } from '../core/verdict.ts';

const unitNames: Record<Unit, string> = { ms: 'ms', bytes: 'bytes', count: 'a count', score: 'a score' };
const decimal = String.raw`(\d+(\.\d+)?|\.\d+)`;
const percentPattern = new RegExp(String.raw`^\s*${decimal}\s*%\s*$`);

/** What may be written for a quantity, in words: `a number (ms) or a text with ms, s, min`. */
export function describeQuantity(unit: Unit): string {
  const suffixes = unitSuffixes(unit);
  return suffixes.length === 0
    ? `a number (${unitNames[unit]}, 0 or more)`
    : `a number (${unitNames[unit]}, 0 or more) or a text with one of the units ${suffixes.join(', ')}`;
}

/** The texts that parseQuantity of core/units.ts takes. */
function quantityPattern(unit: Unit): RegExp {
  const suffixes = unitSuffixes(unit);
  return new RegExp(String.raw`^\s*${decimal}\s*${suffixes.length === 0 ? '' : `(${suffixes.join('|')})?\\s*`}$`);
}

function hasStatistic(limit: { readonly [statistic in Statistic]?: unknown }): boolean {
  return statistics.some((statistic) => limit[statistic] !== undefined);
}

function quantitiesOf(unit: Unit) {
  const amount = z.number().nonnegative();
  const text = z.string().regex(quantityPattern(unit));
  const quantityOrPercent = z.string().regex(new RegExp(`${quantityPattern(unit).source}|${percentPattern.source}`));
  return { amount, text, quantity: z.union([amount, text]), quantityOrPercent };
}

const level = z.enum(['warn', 'error']).describe('"error", the default, fails the run; "warn" is only shown');

function limitOf(unit: Unit) {
  const { amount, text, quantity, quantityOrPercent } = quantitiesOf(unit);
  const detailed = z
    .strictObject({
      p50: quantity.describe('limit of the median').optional(),
      p75: quantity.describe('limit of the 75th percentile').optional(),
      p95: quantity
        .describe('limit of the 95th percentile; a metric with several modes cannot pass it within 20 samples')
        .optional(),
      max: quantity.describe('limit of every single sample').optional(),
      level: level.optional(),
      tolerance: z
        .union([amount, quantityOrPercent])
        .describe('what the limits of the statistics may be exceeded by: a percentage of each, or a quantity')
        .optional(),
      regression: z
        .union([z.literal(false), amount, quantityOrPercent])
        .describe(
          'how much worse than base it may become, in a comparison: a percentage of base, or a quantity; false: compared, never fails',
        )
        .optional(),
    })
    .refine((limit) => hasStatistic(limit) || limit.tolerance !== undefined || limit.regression !== undefined, {
      message: `Name at least one statistic (${statistics.join(', ')}) or "regression"`,
    })
    .refine((limit) => hasStatistic(limit) || limit.tolerance === undefined, {
      message: `"tolerance" is for absolute limits: name a statistic (${statistics.join(', ')}) beside it; what may change against base is "regression"`,
    })
    .meta({
      anyOf: [...statistics, 'regression'].map((key) => ({ required: [key] })),
      dependentSchemas: { tolerance: { anyOf: statistics.map((statistic) => ({ required: [statistic] })) } },
    });
  return z.union([amount, text, detailed]).meta({
    id: `limit-${unit}`,
    description: `Limit of the median: ${describeQuantity(unit)}; or limits by statistic and against base.`,
  });
}

/** Whether a metric is a score of Lighthouse, from 0 to 1: 90 would be a limit that nothing can keep. */
export function isScore(metric: MetricDefinition): boolean {
  return isDiagnosed(metric) && metric.unit === 'score';
}

/** A limit of what there is one value of: no statistics of samples, and nothing to compare with base. */
function limitOfOne(id: string, quantity: z.ZodType<number | string>, tolerance: typeof quantity, words: string) {
  const detailed = z.strictObject({
    limit: quantity,
    level: level.optional(),
    tolerance: tolerance.describe('what the limit may be missed by: a percentage of it, or a quantity').optional(),
  });
  const description = `${words}; or an object with "limit" and "level". There is one value of it, and no samples.`;
  return z.union([quantity, detailed]).meta({ id: `limit-${id}`, description });
}

const share = z.number().min(0).max(1);
const bytes = quantitiesOf('bytes');
const count = quantitiesOf('count');
const limitsOfOne = {
  score: limitOfOne(
    'one-score',
    share,
    z.union([share, z.string().regex(percentPattern)]),
    'The least it may be, 0 to 1',
  ),
  bytes: limitOfOne(
    'one-bytes',
    bytes.quantity,
    z.union([bytes.amount, bytes.quantityOrPercent]),
    `The most it may be: ${describeQuantity('bytes')}`,
  ),
  count: limitOfOne(
    'one-count',
    count.quantity,
    z.union([count.amount, count.quantityOrPercent]),
    `The most it may be: ${describeQuantity('count')}`,
  ),
};

const limits = { ms: limitOf('ms'), bytes: limitOf('bytes'), count: limitOf('count'), score: limitOf('score') };
export type WrittenLimit = z.infer<(typeof limits)['ms']>;
export type WrittenLimitOfOne = z.infer<(typeof limitsOfOne)['score']>;

function limitsOf(metrics: readonly MetricDefinition[]) {
  return Object.fromEntries(
    metrics.map((metric) => [
      metric.id,
      (hasOneValue(metric) && metric.unit !== 'ms' ? limitsOfOne[metric.unit] : limits[metric.unit])
        .meta({ description: `${metric.label}. ${metric.description}` })
        .optional(),
    ]),
  );
}

const plain = metricTable.filter((metric) => !metric.id.endsWith('.*'));

/** Families whose members are known beforehand have a key for each. */
const scores = Object.fromEntries(
  (familyMembers['lighthouse.*'] ?? []).map((id) => [id, limitsOfOne.score.optional()]),
);

// What is left over are members of families that the page names (`timing.NAME`) or the budget (`bundle.GLOB`); their
// names are checked apart.
const stepLimits = z
  .object({ ...limitsOf(plain.filter((metric) => metric.flow !== 'own')), ...scores })
  .catchall(limits.ms)
  .meta({ id: 'step-limits', additionalProperties: false });

const flowLimits = z
  .object({ ...limitsOf(plain.filter((metric) => metric.flow !== 'none')), ...scores })
  .catchall(limitsOfOne.bytes)
  .meta({
    id: 'flow-limits',
    additionalProperties: false,
    description: 'Limits of the flow as a whole: sums, worst and last values of its steps.',
  });

const parts = {
  flow: flowLimits.optional(),
  steps: z
    .record(z.string().min(1), stepLimits)
    .describe('Limits by step: its name, or a glob such as "*". A name beats a glob.')
    .optional(),
};

const name = z.string().min(1);

export const budgetFile = z.strictObject({
  $schema: z.string().describe('Where this schema is, for editors.').optional(),
  scenario: z
    .union([name, z.array(name).min(1)])
    .describe(
      'The scenario these limits are for: its title, "describe › title", a glob, or several of them; "*" if absent.',
    )
    .optional(),
  project: name.describe('Only for this Playwright project (a device).').optional(),
  ...parts,
  projects: z
    .record(name, z.strictObject(parts))
    .describe('Limits that take the place of the ones above for one Playwright project (a device).')
    .optional(),
});
export type BudgetFile = z.infer<typeof budgetFile>;

/** The keys of a budget file, of one of its `projects`, and of a limit written as an object, for error messages. */
export const budgetKeys = {
  file: Object.keys(budgetFile.shape),
  project: Object.keys(parts),
  limit: [...statistics, 'level', 'tolerance', 'regression'],
  limitOfOne: ['limit', 'level', 'tolerance'],
} as const;

/** What a JSON Schema says of the members of families, by pattern: it needs no list of 120 audits, twice. */
function familyPatterns(isFlow: boolean): Record<string, z.core.JSONSchema.JSONSchema> {
  const escape = (text: string): string => text.replaceAll('.', String.raw`\.`);
  const families = metricTable.filter(
    ({ id, flow, kinds }) => id.endsWith('.*') && (isFlow ? flow !== 'none' : kinds.length > 0),
  );
  return Object.fromEntries(
    families.map((family) => {
      const { id, unit, label, description } = family;
      // The categories have keys of their own, which editors complete.
      const members = id === 'lighthouse.*' ? `(${lighthouseAudits.join('|')})` : '.+';
      const pattern = `^${escape(id.slice(0, -1))}${members}$`;
      const limit = isDiagnosed(family) ? `limit-one-${unit}` : `limit-${unit}`;
      return [pattern, { $ref: `#/$defs/${limit}`, description: `${label}. ${description}` }];
    }),
  );
}

/** The JSON Schema of a budget file, draft 2020-12. */
export function budgetJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(budgetFile, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== stepLimits && zodSchema !== flowLimits) return;
      for (const audit of lighthouseAudits) delete jsonSchema.properties?.[`lighthouse.${audit}`];
      jsonSchema.patternProperties = familyPatterns(zodSchema === flowLimits);
    },
  });
}
