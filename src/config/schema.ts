/** The shape of a budget file. The JSON Schema for editors is generated from it (scripts/generate-schema.ts). */
import * as z from 'zod';
import { type MetricDefinition, metricTable, type Unit } from '../core/metrics.ts';
import { unitSuffixes } from '../core/units.ts';
import { type Statistic, statistics } from '../core/verdict.ts';

const unitNames: Record<Unit, string> = { ms: 'ms', bytes: 'bytes', count: 'a count', score: 'a score' };
const decimal = String.raw`(\d+(\.\d+)?|\.\d+)`;

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

function limitOf(unit: Unit) {
  const amount = z.number().nonnegative();
  const text = z.string().regex(quantityPattern(unit));
  const quantity = z.union([amount, text]);
  const quantityOrPercent = z.string().regex(new RegExp(`${quantityPattern(unit).source}|${percentPattern.source}`));
  const detailed = z
    .strictObject({
      p50: quantity.describe('limit of the median').optional(),
      p75: quantity.describe('limit of the 75th percentile').optional(),
      p95: quantity
        .describe('limit of the 95th percentile; a metric with several modes cannot pass it within 20 samples')
        .optional(),
      max: quantity.describe('limit of every single sample').optional(),
      level: z.enum(['warn', 'error']).describe('"error", the default, fails the run; "warn" is only shown').optional(),
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

const percentPattern = new RegExp(String.raw`^\s*${decimal}\s*%\s*$`);

const limits = { ms: limitOf('ms'), bytes: limitOf('bytes'), count: limitOf('count'), score: limitOf('score') };
export type WrittenLimit = z.infer<(typeof limits)['ms']>;

function limitsOf(metrics: readonly MetricDefinition[]) {
  return Object.fromEntries(
    metrics.map((metric) => [
      metric.id,
      limits[metric.unit].meta({ description: `${metric.label}. ${metric.description}` }).optional(),
    ]),
  );
}

const plain = metricTable.filter((metric) => !metric.id.endsWith('.*'));

/** Metrics of a step. The members of families (`timing.NAME`) are what is left over; their names are checked apart. */
const stepLimits = z
  .object(limitsOf(plain))
  .catchall(limits.ms)
  .meta({ id: 'step-limits', additionalProperties: false });

const flowLimits = z
  .strictObject(limitsOf(plain.filter((metric) => metric.flow !== 'none')))
  .meta({ id: 'flow-limits', description: 'Limits of the flow as a whole: sums, worst and last values of its steps.' });

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
} as const;

/** The JSON Schema of a budget file, draft 2020-12. */
export function budgetJsonSchema(): Record<string, unknown> {
  const families = metricTable.filter((metric) => metric.id.endsWith('.*'));
  return z.toJSONSchema(budgetFile, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== stepLimits) return;
      jsonSchema.patternProperties = Object.fromEntries(
        families.map(({ id, unit, label, description }) => [
          `^${id.slice(0, -1).replaceAll('.', String.raw`\.`)}.+$`,
          { $ref: `#/$defs/limit-${unit}`, description: `${label}. ${description}` },
        ]),
      );
    },
  });
}
