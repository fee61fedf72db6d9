/**
 * From recordings to facts and findings. Runs in a thread of its own, since it may take seconds and much memory; asked
 * step by step, so that one that cannot be read costs no other.
 */
import { bundleBytes } from '../analyse/bundle-bytes.ts';
import { findBundleFindings, type StepFinding } from '../analyse/bundle-findings.ts';
import { measureBundles } from '../analyse/measure-bundles.ts';
import type { Diagnosis, StepDiagnosis } from '../core/diagnosis.ts';
import type { ConsoleEvent, ScenarioRecording, StepRecording } from '../core/recording.ts';
import { redactText, redactUrl } from '../core/text.ts';
import { readTraceFile } from './trace-file.ts';
import type { RecordedSide, RecordedStep } from './recorded.ts';

export interface InterpretationInput {
  readonly head: RecordedSide;
  /** Null outside of comparisons. */
  readonly base: RecordedSide | null;
  /** Budgeted globs of bundles: `src/**`. */
  readonly globs: readonly string[];
}

export interface ScenarioFacts extends Pick<Diagnosis, 'bundles' | 'values'> {
  readonly findings: readonly StepFinding[];
}

export class Interpreter {
  private readonly input: InterpretationInput;

  constructor(input: InterpretationInput) {
    this.input = input;
  }

  /** What belongs to no step alone; asked once. */
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
  async step(name: string): Promise<StepDiagnosis> {
    const recorded = this.input.head.steps.filter((step) => step.name === name);
    const [first] = recorded;
    return {
      name,
      passes: recorded.length,
      profile: null,
      baseProfile: null,
      waterfall: null,
      findings: [],
      functions: [],
      console: (first?.console ?? []).map(toConsoleLine),
      notes: [...new Set(recorded.flatMap(({ cut }) => cut ?? []))],
    };
  }
}

function firstPass({ steps }: RecordedSide): readonly RecordedStep[] {
  return steps.filter(({ pass }) => pass === 0);
}

function toRecording(step: RecordedStep): StepRecording {
  return { ...step, trace: () => readTraceFile(step.file) };
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

function toConsoleLine({ level, text, place }: ConsoleEvent): StepDiagnosis['console'][number] {
  const script = place === null ? '' : redactUrl(place.url);
  return {
    level,
    text: redactText(text),
    location: place && {
      function: null,
      file: script,
      line: place.line + 1,
      column: place.column + 1,
      mapped: false,
      script,
      origin: 'application',
    },
  };
}
