/** The journal of a recording: one line a pair, appended as it was measured, so that an interruption loses nothing. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { findMetric, metricOrder } from '../../src/core/metrics.ts';
import type { Sample } from '../../src/core/sample.ts';
import { changeRule } from '../../src/judge/comparison-parameters.ts';
import { median } from '../../src/stats/quantile.ts';
import { poolPair, poolSchema, seriesKey, type Pool, type SeriesKey } from './pool.ts';

const sideValues = z.array(z.tuple([seriesKey, z.number()]));

export const journalHead = poolSchema.shape.about.omit({ secondsPerLoad: true });
export type JournalHead = z.infer<typeof journalHead>;

const journalPair = poolPair
  .omit({ base: true, head: true })
  .extend({ base: sideValues, head: sideValues, walls: z.array(z.number()).describe('ms of either sample') });
export type JournalPair = z.infer<typeof journalPair>;

/** ms to three places, counts as they are: more digits say nothing and double the file. */
const shorten = (value: number): number => Math.round(value * 1000) / 1000;

/** What a sample says of the metrics that gate by default: those of its steps, and the main-thread CPU of the flow. */
export function readGatingValues(sample: Sample): z.infer<typeof sideValues> {
  const gates = (id: string): boolean => {
    const metric = findMetric(id);
    return metric !== undefined && changeRule(metric).gates;
  };
  const values: z.infer<typeof sideValues> = [];
  for (const { name, metrics } of sample.steps) {
    for (const [metric, value] of Object.entries(metrics)) {
      if (gates(metric)) values.push([{ step: name, metric }, shorten(value)]);
    }
  }
  const cpu = sample.flow['cpu.main'];
  if (cpu !== undefined) values.push([{ step: null, metric: 'cpu.main' }, shorten(cpu)]);
  return values;
}

export function readContention({ contention }: Sample): (number | null)[] {
  const { run, delay, steal, pressure } = contention;
  return [run, delay, steal, pressure].map((value) => value && shorten(value));
}

export function startJournal(path: string, head: JournalHead): void {
  writeFileSync(path, `${JSON.stringify(head)}\n`);
}

export function appendPair(path: string, pair: JournalPair): void {
  appendFileSync(path, `${JSON.stringify(pair)}\n`);
}

/** What a journal holds; null where there is none. A last line that was cut off is left out. */
export function readJournal(path: string): { head: JournalHead; pairs: JournalPair[] } | null {
  if (!existsSync(path)) return null;
  const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  // What follows the last line break is empty, or a line that was not finished.
  const pairs = rest.slice(0, -1).map((line) => journalPair.parse(JSON.parse(line)));
  return { head: journalHead.parse(JSON.parse(first)), pairs };
}

const keyOf = ({ step, metric }: SeriesKey): string => JSON.stringify([step, metric]);

/** The journal as a pool: a column for each step and metric that some sample has. */
export function packJournal({ head, pairs }: { head: JournalHead; pairs: readonly JournalPair[] }): Pool {
  const keys = new Map<string, SeriesKey>();
  for (const { base, head: other } of pairs) for (const [key] of [...base, ...other]) keys.set(keyOf(key), key);
  const steps = [...new Set([...keys.values()].map(({ step }) => step))];
  // The flow as a whole comes last.
  const stepOrder = (step: string | null): number => (step === null ? steps.length : steps.indexOf(step));
  const series = [...keys.values()].toSorted(
    (one, other) => stepOrder(one.step) - stepOrder(other.step) || metricOrder(one.metric) - metricOrder(other.metric),
  );
  const column = (side: z.infer<typeof sideValues>): (number | null)[] => {
    const found = new Map(side.map(([key, value]) => [keyOf(key), value]));
    return series.map((key) => found.get(keyOf(key)) ?? null);
  };
  const walls = pairs.flatMap((pair) => pair.walls);
  return {
    about: { ...head, secondsPerLoad: walls.length > 0 ? Math.round(median(walls)) / 1000 : 0 },
    series,
    pairs: pairs.map(({ launch, first, accepted, base, head: other, contention }) => ({
      launch,
      first,
      accepted,
      base: column(base),
      head: column(other),
      contention,
    })),
  };
}
