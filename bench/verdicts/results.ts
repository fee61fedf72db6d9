/** What the simulations found: the file that the published tables are made from. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { poolSchema, seriesKey } from './pool.ts';

const number = z.number();
const count = z.number().int();

const spread = z.strictObject({ median: number, p90: number });

const tally = z.strictObject({
  runs: count,
  failed: count,
  found: count,
  inconclusive: count,
  tooNoisy: count,
  loads: spread,
  pairs: spread.nullable(),
  visible: number.nullable(),
});

/** `equal`: nothing changed; `recorded`: the same with the sides as recorded; `broken`: a rule that must be noticed. */
const studies = ['equal', 'recorded', 'broken', 'worse', 'visible', 'fault'] as const;

const cell = z.strictObject({
  study: z.enum(studies),
  rule: z.string(),
  label: z.string(),
  target: seriesKey.nullable().describe('the metric that was made worse, or whose change was looked for'),
  share: number.nullable().describe('by how much'),
  tally,
});
export type Cell = z.infer<typeof cell>;

const poolResult = z.strictObject({
  about: poolSchema.shape.about,
  pairs: count,
  accepted: count,
  spreads: z
    .array(z.strictObject({ key: seriesKey, deviation: number }))
    .describe('standard deviation of ln(head / base) over accepted pairs, of the times that gate'),
  measured: z
    .strictObject({ key: seriesKey, scale: z.enum(['ratio', 'difference']), change: number })
    .nullable()
    .describe('how large the fault came out, by the Hodges–Lehmann estimate over all accepted pairs'),
  cells: z.array(cell),
});
export type PoolResult = z.infer<typeof poolResult>;

const resultFile = z.strictObject({ flips: count, pools: z.array(poolResult) });
export type ResultFile = z.infer<typeof resultFile>;

/** @throws ZodError when the file is not one of this version */
export function readResults(path: string): ResultFile {
  return existsSync(path) ? resultFile.parse(JSON.parse(readFileSync(path, 'utf8'))) : { flips: 0, pools: [] };
}

/** Puts the results of one pool in the place of older ones of the same name. */
export function writeResult(path: string, flips: number, result: PoolResult): void {
  const others = readResults(path).pools.filter(({ about }) => about.name !== result.about.name);
  const pools = [...others, result].toSorted((a, b) => a.about.name.localeCompare(b.about.name));
  writeFileSync(path, `${JSON.stringify(resultFile.parse({ flips, pools }), null, 1)}\n`);
}
