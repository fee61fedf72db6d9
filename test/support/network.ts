/** The recorded site of test/fixtures/network, as the passes of a diagnosis hand it over. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PlaceResolver } from '../../src/analyse/network-initiators.ts';
import type { WaterfallTrace } from '../../src/analyse/network-trace.ts';
import type { TraceEvent } from '../../src/analyse/trace-data.ts';
import type { StepRecording } from '../../src/core/recording.ts';
import type { RecordedStep } from '../fixtures/network/measure.ts';
import type { LogEntry } from '../fixtures/network/site.ts';

export interface RecordedSite {
  readonly site: string;
  readonly other: string;
  readonly steps: readonly RecordedStep[];
  readonly log: readonly LogEntry[];
}

let read: RecordedSite | undefined;

export function recordedSite(): RecordedSite {
  const file = new URL('../fixtures/network/site.json.gz', import.meta.url);
  read ??= JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as RecordedSite;
  return read;
}

/** Fails where the recording has no such step. */
export function recordedStep(name: string): RecordedStep {
  const step = recordedSite().steps.find((each) => each.name === name);
  if (!step) throw new Error(`no step ${name}`);
  return step;
}

export function toRecording(step: RecordedStep): StepRecording {
  return { ...step, trace: async function* () {} };
}

/** Events of a trace as the reader of traces gives them; its long tasks are all of one main thread. */
export function traceOf(step: RecordedStep): WaterfallTrace {
  const events = step.traceEvents as unknown as TraceEvent[];
  const tasks = events.filter(({ name }) => name === 'RunTask');
  const column = (values: readonly number[]): Float64Array => Float64Array.from(values);
  return {
    select: (names) => events.filter(({ name }) => names.includes(name)).toSorted((a, b) => a.ts - b.ts),
    names: ['RunTask'],
    threads: [
      {
        pid: 1,
        tid: 1,
        kind: 'main',
        url: '',
        stacks: null,
        slices: {
          start: column(tasks.map(({ ts }) => ts)),
          end: column(tasks.map(({ ts, dur }) => ts + (dur ?? 0))),
          name: new Int32Array(tasks.length),
          detail: new Int32Array(tasks.length).fill(-1),
          sample: column(tasks.map(() => Number.NaN)),
          text: new Int32Array(tasks.length).fill(-1),
        },
      },
    ],
  };
}

/** Without source maps: the place in the delivered script; the other site is a third party. */
export const plainResolver: PlaceResolver = {
  resolve: (url, line, column) => ({
    function: null,
    file: url,
    line: line + 1,
    column: column + 1,
    mapped: false,
    script: url,
    origin: url.startsWith(recordedSite().site) ? 'application' : 'third-party',
  }),
};
