/** The recorded site of test/fixtures/network, as the passes of a diagnosis hand it over. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PlaceResolver } from '../../src/analyse/network-initiators.ts';
import { readTrace } from '../../src/analyse/read-trace.ts';
import type { TraceData } from '../../src/analyse/trace-data.ts';
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

/** Its trace, read from its text. */
export function traceOf(step: RecordedStep): Promise<TraceData> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(JSON.stringify({ traceEvents: step.traceEvents }));
  }
  return readTrace(chunks());
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
