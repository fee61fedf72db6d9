/** Samples for tests of the judge, with no more in them than the test plans. */
import type { StepKind } from '../../src/core/metrics.ts';
import type { Contention, Sample } from '../../src/core/sample.ts';

export const quietMachine: Contention = { run: 100, delay: 5, steal: 0, pressure: 0.1 };

export interface PlannedStep {
  readonly name: string;
  readonly kind?: StepKind;
  readonly metrics?: Record<string, number>;
  readonly missing?: Record<string, string>;
}

/** One accepted sample of head. */
export function makeSample(index: number, steps: readonly PlannedStep[], more: Partial<Sample> = {}): Sample {
  return {
    index,
    role: 'measured',
    variant: 'head',
    pair: null,
    phase: null,
    launch: 0,
    startedAt: '2026-11-20T09:00:00.000Z',
    wall: 500,
    own: 400,
    accepted: true,
    rejection: null,
    contention: quietMachine,
    flow: {},
    steps: steps.map(({ name, kind = 'navigation', metrics = {}, missing = {} }) => ({
      name,
      kind,
      url: 'http://127.0.0.1/',
      metrics,
      missing,
      attribution: { lcp: null, inp: null, shifts: [], longTasks: [] },
      settle: { waited: 0, timedOut: false, waitingFor: [] },
      pageErrors: [],
      requests: [],
    })),
    ...more,
  };
}
