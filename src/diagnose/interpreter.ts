/**
 * From recordings to facts and findings. Runs in a thread of its own, since it may take seconds and much memory; asked
 * step by step, so that one that cannot be read costs no other.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildHar, type HarStep } from '../analyse/build-har.ts';
import { buildWaterfall } from '../analyse/build-waterfall.ts';
import { bundleBytes } from '../analyse/bundle-bytes.ts';
import { findBundleFindings, type StepFinding } from '../analyse/bundle-findings.ts';
import { measureBundles } from '../analyse/measure-bundles.ts';
import { readTrace } from '../analyse/read-trace.ts';
import { createResolver, type SourceResolver } from '../analyse/source-maps.ts';
import type { Diagnosis, StepDiagnosis } from '../core/diagnosis.ts';
import type { ConsoleEvent, ScenarioRecording, StepRecording } from '../core/recording.ts';
import { redactText } from '../core/text.ts';
import { toolVersion } from '../store/tool.ts';
import { describeError } from './describe-error.ts';
import type { RecordedSide, RecordedStep } from './recorded.ts';
import { redactTrace } from './redact-trace.ts';
import { readTraceFile } from './trace-file.ts';

export interface InterpretationInput {
  readonly head: RecordedSide;
  /** Null outside of comparisons. */
  readonly base: RecordedSide | null;
  /** Budgeted globs of bundles: `src/**`. */
  readonly globs: readonly string[];
  /** Where it may write files, which the caller removes. */
  readonly folder: string;
}

/** A file that is worth keeping. */
export interface MadeFile {
  readonly file: string;
  /** Name among the artefacts: `trace.json.gz`. */
  readonly name: string;
  readonly title: string;
}

export interface ScenarioFacts extends Pick<Diagnosis, 'bundles' | 'values'> {
  readonly findings: readonly StepFinding[];
}

export interface StepFacts {
  readonly step: StepDiagnosis;
  readonly files: readonly MadeFile[];
}

export class Interpreter {
  private readonly input: InterpretationInput;
  private readonly resolver: SourceResolver;
  /** Steps of the first pass, as far as they were asked for. */
  private readonly har: HarStep[] = [];
  private files = 0;

  constructor(input: InterpretationInput) {
    this.input = input;
    this.resolver = createResolver(input.head.scripts, input.head.pageUrl);
  }

  /** What belongs to no step alone. */
  scenario(): ScenarioFacts {
    const { head, base, globs } = this.input;
    if (head.counted.length === 0) return { bundles: null, values: [], findings: [] };
    const steps = firstPass(head).map(({ name, sample }) => ({ name, requests: sample.requests }));
    const bundles = measure(head);
    return {
      bundles,
      values: globs.flatMap((glob) => {
        const value = bundleBytes(bundles, glob);
        return value === null ? [] : { step: null, metric: `bundle.${glob}`, value };
      }),
      findings: findBundleFindings({
        bundles,
        base: base && base.counted.length > 0 ? { bundles: measure(base), pageUrl: base.pageUrl } : null,
        scripts: head.scripts,
        steps,
        pageUrl: head.pageUrl,
      }),
    };
  }

  /** Facts of one step; what could not be made of it is in its notes. */
  async step(name: string): Promise<StepFacts> {
    const { head } = this.input;
    const recorded = head.steps.filter((step) => step.name === name);
    const [first] = recorded;
    const step: StepDiagnosis = {
      name,
      passes: recorded.length,
      profile: null,
      baseProfile: null,
      waterfall: null,
      findings: [],
      functions: [],
      console: (first?.console ?? []).map((line) => this.toConsoleLine(line)),
      notes: [...new Set(recorded.flatMap(({ cut }) => cut ?? []))],
    };
    const files: MadeFile[] = [];
    const attempt = async (what: string, work: () => void | Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        step.notes.push(`${what} could not be made: ${describeError(error)}`);
      }
    };
    for (const each of recorded) {
      const recording = toRecording(each);
      const trace = await readTrace(recording.trace());
      if (each.pass !== 0) continue;
      step.notes.push(...trace.notes);
      await attempt('The waterfall', () => {
        step.waterfall = buildWaterfall(recording, { trace, resolver: this.resolver, pageUrl: head.pageUrl });
      });
      this.har.push({ recording, waterfall: step.waterfall });
      await attempt('The file of the trace', async () => {
        const file = this.newFile();
        await redactTrace(each.file, file);
        files.push({ file, name: 'trace.json.gz', title: 'Trace, for DevTools or Perfetto' });
      });
    }
    return { step, files };
  }

  /** What is made of all steps that were asked for. */
  flow(): readonly MadeFile[] {
    if (this.har.length === 0) return [];
    const about = { version: toolVersion(), instant: (ms: number) => new Date(ms).toISOString() };
    const file = this.newFile();
    writeFileSync(file, JSON.stringify(buildHar(this.har, about)));
    return [{ file, name: 'network.har', title: 'Requests as HTTP Archive' }];
  }

  private newFile(): string {
    this.files += 1;
    return path.join(this.input.folder, `made-${this.files}`);
  }

  private toConsoleLine({ level, text, place }: ConsoleEvent): StepDiagnosis['console'][number] {
    const location = place && this.resolver.resolve(place.url, place.line, place.column);
    return { level, text: redactText(text), location };
  }
}

function firstPass({ steps }: RecordedSide): readonly RecordedStep[] {
  return steps.filter(({ pass }) => pass === 0);
}

function toRecording(step: RecordedStep): StepRecording {
  const { file, cut: _cut, ...recording } = step;
  return { ...recording, trace: () => readTraceFile(file) };
}

function measure(side: RecordedSide): NonNullable<Diagnosis['bundles']> {
  const recording: ScenarioRecording = {
    variant: side.variant,
    steps: side.steps.map(toRecording),
    coverage: side.counted.map(({ name, scripts, styles }) => ({ name, scripts, styles, sites: [] })),
    scripts: side.scripts,
    pageUrl: side.pageUrl,
  };
  return measureBundles(
    recording,
    firstPass(side).flatMap(({ sample }) => sample.requests),
  );
}
