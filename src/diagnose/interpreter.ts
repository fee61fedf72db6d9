/**
 * From recordings to facts and findings. Runs in a thread of its own, since it may take seconds and much memory; asked
 * step by step, so that one that cannot be read costs no other.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildHar, type HarStep } from '../analyse/build-har.ts';
import { bundleBytes } from '../analyse/bundle-bytes.ts';
import { findBundleFindings, type StepFinding } from '../analyse/bundle-findings.ts';
import type { LoadedStep } from '../analyse/bundle-places.ts';
import { measureBundles } from '../analyse/measure-bundles.ts';
import { createResolver } from '../analyse/source-maps.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { toolVersion } from '../store/tool.ts';
import { type MadeFile, type Side, type StepFacts, StepInterpreter, toRecording } from './interpret-step.ts';
import type { RecordedSide } from './recorded.ts';
import { redactTrace } from './redact-trace.ts';
import { TraceCache } from './trace-cache.ts';

export interface InterpretationInput {
  readonly head: RecordedSide;
  /** Null outside of comparisons. */
  readonly base: RecordedSide | null;
  /** Budgeted globs of bundles: `src/**`. */
  readonly globs: readonly string[];
  /** Where it may write files, which the caller removes. */
  readonly folder: string;
}

export interface ScenarioFacts extends Pick<Diagnosis, 'bundles' | 'values'> {
  readonly findings: readonly StepFinding[];
  readonly files: readonly MadeFile[];
}

export class Interpreter {
  private readonly input: InterpretationInput;
  private readonly head: Side;
  private readonly base: Side | null;
  /** Of the first pass, as far as steps were asked for. */
  private readonly har: HarStep[] = [];
  private readonly traces = new TraceCache();
  private made = 0;

  constructor(input: InterpretationInput) {
    this.input = input;
    const toSide = (recorded: RecordedSide): Side => ({
      recorded,
      resolver: createResolver(recorded.scripts, recorded.pageUrl),
    });
    this.head = toSide(input.head);
    this.base = input.base && toSide(input.base);
  }

  async step(name: string): Promise<StepFacts> {
    const { head, base, traces } = this;
    const interpreter = new StepInterpreter(name, { head, base, traces, newFile: () => this.newFile() });
    const facts = await interpreter.run();
    const recording = interpreter.recording();
    if (recording) this.har.push({ recording, waterfall: facts.step.waterfall });
    return facts;
  }

  /** What belongs to no step alone; of those that were asked for it has the decoded sizes of requests. */
  async scenario(): Promise<ScenarioFacts> {
    const files = this.har.length > 0 ? [this.writeHar(), ...(await this.writeTrace())] : [];
    const { head, base, globs } = this.input;
    if (head.counted.length === 0) return { bundles: null, values: [], findings: [], files };
    const steps = this.loadedSteps();
    const bundles = measure(head, steps);
    return {
      bundles,
      values: globs.flatMap((glob) => {
        const value = bundleBytes(bundles, glob);
        return value === null ? [] : { step: null, metric: `bundle.${glob}`, value };
      }),
      findings: findBundleFindings({
        bundles,
        base: base && base.counted.length > 0 ? { bundles: measure(base, base.flow), pageUrl: base.pageUrl } : null,
        scripts: head.scripts,
        steps,
        pageUrl: head.pageUrl,
      }),
      files,
    };
  }

  private loadedSteps(): LoadedStep[] {
    return this.input.head.flow.map(({ name, requests }) => {
      const known = this.har.find(({ recording }) => recording.name === name)?.waterfall;
      return { name, requests: known?.requests ?? requests };
    });
  }

  private writeHar(): MadeFile {
    const about = { version: toolVersion(), instant: (ms: number) => new Date(ms).toISOString() };
    const order = this.input.head.flow.map(({ name }) => name);
    const steps = this.har.toSorted((a, b) => order.indexOf(a.recording.name) - order.indexOf(b.recording.name));
    const file = this.newFile();
    writeFileSync(file, JSON.stringify(buildHar(steps, about)));
    return { file, name: 'network.har', title: 'Requests, as HTTP Archive' };
  }

  /** Of the first pass, all steps in one. */
  private async writeTrace(): Promise<MadeFile[]> {
    const first = this.input.head.steps.find(({ pass }) => pass === 0);
    if (!first) return [];
    const file = this.newFile();
    await redactTrace(first.file, file);
    return [{ file, name: 'trace.json.gz', title: 'Trace of the flow, for DevTools or Perfetto' }];
  }

  private newFile(): string {
    this.made += 1;
    return path.join(this.input.folder, `made-${this.made}`);
  }
}

function measure(side: RecordedSide, steps: readonly LoadedStep[]): NonNullable<Diagnosis['bundles']> {
  const recording = {
    variant: side.variant,
    steps: side.steps.map(toRecording),
    coverage: side.counted.map(({ name, scripts, styles }) => ({ name, scripts, styles, sites: [] })),
    scripts: side.scripts,
    pageUrl: side.pageUrl,
  };
  return measureBundles(
    recording,
    steps.flatMap(({ requests }) => requests),
  );
}
