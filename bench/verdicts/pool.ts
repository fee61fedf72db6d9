/**
 * A pool: base/head pairs of one flow under one load, as they were measured, in time order. Simulated runs are drawn
 * from it, so that a rule meets the spread, drift and correlation of real measurements.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { variants } from '../../src/core/comparison.ts';

export const conditions = ['idle', 'one busy core', 'bursts'] as const;
export const loadCondition = z.enum(conditions);
export type LoadCondition = z.infer<typeof loadCondition>;

const number = z.number();

const about = z.strictObject({
  name: z.string().describe('of its file'),
  flow: z.string(),
  condition: loadCondition.describe('what else ran on the machine'),
  effect: z
    .strictObject({
      fault: z.string().describe('name of a fault of the shop'),
      size: number.describe('in the unit of the fault'),
      aim: number.nullable().describe('the share of the main-thread CPU of `step` that the size was chosen for'),
      step: z.string().nullable(),
    })
    .nullable()
    .describe('what head has and base has not; null for two equal sides'),
  chrome: z.string(),
  cpu: z.string(),
  cores: z.number().int(),
  date: z.string().describe('of the first pair'),
  secondsPerLoad: number.describe('median wall time of one sample'),
  seed: z.number().int().describe('of the coin that says which side goes first'),
  recipe: z.string().describe('the command that records it again'),
});

export const seriesKey = z.strictObject({
  step: z.string().nullable().describe('null for the flow as a whole'),
  metric: z.string(),
});
export type SeriesKey = z.infer<typeof seriesKey>;

const values = z.array(number.nullable()).describe('one a series; null where the sample has none');

export const poolPair = z.strictObject({
  launch: z.number().int().describe('which start of Chrome, from 0'),
  first: z.enum(variants),
  accepted: z.boolean().describe('by the noise gate'),
  base: values,
  head: values,
  contention: z
    .strictObject({ base: z.array(number.nullable()), head: z.array(number.nullable()) })
    .describe('run ms, delay ms, steal, pressure of either sample'),
});
export type PoolPair = z.infer<typeof poolPair>;

export const poolSchema = z
  .strictObject({ about, series: z.array(seriesKey), pairs: z.array(poolPair) })
  .refine(
    ({ series, pairs }) =>
      pairs.every(({ base, head }) => base.length === series.length && head.length === series.length),
    'every side of every pair needs one value a series',
  );
export type Pool = z.infer<typeof poolSchema>;

/** One pair a line, so that a pool can be read and its changes reviewed. */
export function formatPool({ about: head, series, pairs }: Pool): string {
  const rows = (list: readonly unknown[]): string => list.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  return `{\n  "about": ${JSON.stringify(head, null, 2).replaceAll('\n', '\n  ')},\n  "series": [\n${rows(series)}\n  ],\n  "pairs": [\n${rows(pairs)}\n  ]\n}\n`;
}

/**
 * Reads a pool, `.json` or `.json.gz`.
 * @throws ZodError or SyntaxError when the file does not hold one
 */
export function readPool(path: string): Pool {
  const raw = readFileSync(path);
  const text = path.endsWith('.gz') ? gunzipSync(raw).toString('utf8') : raw.toString('utf8');
  return poolSchema.parse(JSON.parse(text));
}

// Above this a diff is not read any more, so compressing loses nothing.
const mostPlainBytes = 200_000;

/** Writes a pool without a suffix given: `.json`, or `.json.gz` when it is large. Returns the path. */
export function writePool(stem: string, pool: Pool): string {
  const text = formatPool(poolSchema.parse(pool));
  const large = Buffer.byteLength(text) > mostPlainBytes;
  const path = `${stem}.json${large ? '.gz' : ''}`;
  writeFileSync(path, large ? gzipSync(text, { level: 9 }) : text);
  return path;
}

/** A part of a pool, for quick checks: its first pairs, in whole launches of Chrome. */
export function reducePool(pool: Pool, most: number): Pool {
  const cut = pool.pairs.findIndex((pair, at) => at >= most && pair.launch !== pool.pairs[at - 1]?.launch);
  return { ...pool, pairs: cut < 0 ? pool.pairs.slice(0, most) : pool.pairs.slice(0, cut) };
}
