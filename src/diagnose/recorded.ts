/** What the passes recorded, as it travels to the thread that reads it: plain data and paths of files. */
import { type FlowTrace, toTraceClock } from '../collect/trace.ts';
import type { Variant } from '../core/comparison.ts';
import type { ScriptSource, StepRecording } from '../core/recording.ts';
import type { RequestRecord } from '../core/sample.ts';
import type { CountedStep, CoveragePass } from './coverage-pass.ts';
import type { TracePass } from './trace-passes.ts';

/** One step in one trace pass. */
export interface RecordedStep extends Omit<StepRecording, 'trace'> {
  /** That of the whole pass; null where it could not be taken. */
  readonly flowTrace: FlowTrace | null;
}

export interface RecordedSide {
  readonly variant: Variant;
  /** Origin of the pages under test. */
  readonly pageUrl: string;
  readonly steps: readonly RecordedStep[];
  /** All steps of the first pass, also those that were not traced. */
  readonly flow: readonly { readonly name: string; readonly requests: readonly RequestRecord[] }[];
  readonly counted: readonly CountedStep[];
  readonly scripts: readonly ScriptSource[];
}

/** One side of a scenario: base or head. */
export function toRecordedSide(
  variant: Variant,
  passes: readonly TracePass[],
  coverage: CoveragePass | null,
): RecordedSide {
  const own = passes.filter((pass) => pass.variant === variant);
  const [first = ''] = own.flatMap(({ visited }) => visited);
  return {
    variant,
    pageUrl: URL.canParse(first) ? new URL(first).origin : '',
    steps: own.flatMap(({ pass, steps, trace, network, console }) =>
      steps.map(({ name, start, end, sample }): RecordedStep => {
        const { kind } = sample;
        return {
          name,
          kind,
          variant,
          pass,
          start: toTraceClock(start),
          end: toTraceClock(end),
          sample,
          flowTrace: trace,
          network: network(name),
          console: console(name),
        };
      }),
    ),
    flow: own[0]?.sample.steps.map(({ name, requests }) => ({ name, requests })) ?? [],
    counted: coverage?.steps ?? [],
    scripts: coverage?.scripts ?? [],
  };
}
