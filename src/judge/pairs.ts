/** The pairs of a comparison, as they are judged. */
import type { Sample } from '../core/sample.ts';

export interface Pair {
  /** Of the document: rejected pairs have numbers, too. */
  readonly number: number;
  readonly phase: NonNullable<Sample['phase']>;
  readonly base: Sample;
  readonly head: Sample;
}

/** The pairs of which both samples were accepted, in the order in which they were taken. */
export function readPairs(samples: readonly Sample[]): Pair[] {
  const halves = new Map<number, { base?: Sample; head?: Sample }>();
  for (const sample of samples) {
    if (sample.pair === null || sample.role !== 'measured' || !sample.accepted) continue;
    const half = halves.get(sample.pair) ?? {};
    half[sample.variant] ??= sample;
    halves.set(sample.pair, half);
  }
  const pairs: Pair[] = [];
  for (const [number, { base, head }] of halves) {
    if (base && head) pairs.push({ number, phase: head.phase ?? 'screening', base, head });
  }
  return pairs.sort((a, b) => a.number - b.number);
}
