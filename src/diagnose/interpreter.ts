/**
 * From recordings to facts and findings. Runs in a thread of its own, since it may take seconds and much memory. First
 * it reads the passes, one trace at a time, then tells of each step; what cannot be read costs nothing else.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildHar, type HarStep } from '../analyse/build-har.ts';
import { buildProfile } from '../analyse/build-profile.ts';
import { bundleBytes } from '../analyse/bundle-bytes.ts';
import { findBundleFindings, type StepFinding } from '../analyse/bundle-findings.ts';
import type { BundleSide } from '../analyse/bundle-growth.ts';
import type { LoadedStep } from '../analyse/bundle-places.ts';
import { measureBundles } from '../analyse/measure-bundles.ts';
import { readTrace } from '../analyse/read-trace.ts';
import { createResolver, type SourceResolver } from '../analyse/source-maps.ts';
import type { TraceData } from '../analyse/trace-data.ts';
import type { Bundles } from '../core/bundles.ts';
import type { Variant } from '../core/comparison.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { Profile } from '../core/profile.ts';
import type { StepRecording } from '../core/recording.ts';
import { cleanText } from '../core/text.ts';
import { toolVersion } from '../store/tool.ts';
import { interpretStep, type MadeFile, type StepFacts } from './interpret-step.ts';
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

export interface ScenarioFacts extends Pick<Diagnosis, 'bundles' | 'values'> {
  readonly findings: readonly StepFinding[];
  readonly files: readonly MadeFile[];
}

/** What was read of one step in one pass. */
interface Read {
  readonly variant: Variant;
  readonly name: string;
  readonly profile: Profile | null;
  readonly notes: readonly string[];
}

export class Interpreter {
  private readonly input: InterpretationInput;
  private readonly resolvers: Readonly<Record<Variant, SourceResolver>>;
  private readonly read: Read[] = [];
  /** Head's first that did not fail: it has the network, the console and pictures. */
  private readonly firstPass: number;
  private first: TraceData | null = null;
  /** Of the first pass, as far as steps were asked for. */
  private readonly har: HarStep[] = [];
  private made = 0;

  constructor(input: InterpretationInput) {
    const { head, base } = input;
    this.input = input;
    this.firstPass = Math.min(...head.steps.map(({ pass }) => pass));
    const resolverOf = ({ scripts, pageUrl }: RecordedSide): SourceResolver => createResolver(scripts, pageUrl);
    this.resolvers = { head: resolverOf(head), base: resolverOf(base ?? head) };
  }

  /** Reads the trace of one pass: the profiles of all its steps. Of head's first pass also what is kept of the trace. */
  async pass(variant: Variant, pass: number): Promise<readonly MadeFile[]> {
    const side = variant === 'head' ? this.input.head : this.input.base;
    const steps = side?.steps.filter((step) => step.pass === pass) ?? [];
    const flowTrace = steps[0]?.flowTrace;
    if (!flowTrace) return [];
    const { file, cut } = flowTrace;
    const trace = await readTrace(readTraceFile(file));
    const whole = trace.threads.length > 0;
    for (const { name, start, end } of steps) {
      const profile = whole ? buildProfile(trace, { start, end, resolver: this.resolvers[variant] }) : null;
      // Those of a trace that could be read travel with its profiles.
      const notes = [...(cut === null ? [] : [cut]), ...(whole ? [] : trace.notes)];
      this.read.push({ variant, name, profile, notes });
    }
    if (variant === 'base' || pass > this.firstPass || !whole) return [];
    this.first = trace;
    const target = this.newFile();
    await redactTrace(file, target, markSteps(trace, steps));
    return [{ file: target, name: 'trace.json.gz', title: 'Trace of the first pass, for DevTools or Perfetto' }];
  }

  async step(name: string): Promise<StepFacts> {
    const { head } = this.input;
    const of = (variant: Variant): Read[] => this.read.filter((each) => each.variant === variant && each.name === name);
    const profiles = (variant: Variant): Profile[] => of(variant).flatMap(({ profile }) => profile ?? []);
    const recorded = head.steps.find((step) => step.name === name && step.pass === this.firstPass);
    const recording = recorded ? toRecording(recorded) : null;
    const facts = await interpretStep({
      name,
      profiles: profiles('head'),
      before: profiles('base'),
      recording,
      trace: this.first,
      head,
      resolver: this.resolvers.head,
      notes: of('head').flatMap(({ notes }) => notes),
      newFile: () => this.newFile(),
    });
    if (recording) this.har.push({ recording, waterfall: facts.step.waterfall });
    return facts;
  }

  /** What belongs to no step alone; of those that were asked for it has the decoded sizes of requests. */
  scenario(): ScenarioFacts {
    const files = this.har.length > 0 ? [this.writeHar()] : [];
    const { head, base, globs } = this.input;
    if (head.counted.length === 0) return { bundles: null, values: [], findings: [], files };
    const steps = this.loadedSteps();
    const baseBundles =
      base && base.counted.length > 0 ? { bundles: measure(base, base.flow, null), pageUrl: base.pageUrl } : null;
    const bundles = measure(head, steps, baseBundles);
    return {
      bundles,
      values: globs.flatMap((glob) => {
        const value = bundleBytes(bundles, glob);
        return value === null ? [] : { step: null, metric: `bundle.${glob}`, value };
      }),
      findings: findBundleFindings({
        bundles,
        base: baseBundles,
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
    const file = this.newFile();
    writeFileSync(file, JSON.stringify(buildHar(this.har, about)));
    return { file, name: 'network.har', title: 'Requests of the first pass, as HTTP Archive' };
  }

  private newFile(): string {
    this.made += 1;
    return path.join(this.input.folder, `made-${this.made}`);
  }
}

/** Steps as measures of the page's user timings, which every viewer of traces shows. */
function markSteps({ threads }: TraceData, steps: readonly RecordedStep[]): string[] {
  const main = threads.find(({ kind }) => kind === 'main');
  if (!main) return [];
  const { pid, tid } = main;
  return steps.flatMap(({ name, start, end }, position) => {
    const shown = `step: ${cleanText(name)}`;
    const about = { cat: 'blink.user_timing', id2: { local: `0x5e${position}` }, name: shown, pid, tid, args: {} };
    return [
      JSON.stringify({ ...about, ph: 'b', ts: Math.round(start) }),
      JSON.stringify({ ...about, ph: 'e', ts: Math.round(end) }),
    ];
  });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function toRecording(step: RecordedStep): StepRecording {
  const { flowTrace, ...recording } = step;
  return { ...recording, trace: () => (flowTrace ? readTraceFile(flowTrace.file) : nothing()) };
}

function measure(side: RecordedSide, steps: readonly LoadedStep[], base: BundleSide | null): Bundles {
  const recording = {
    variant: side.variant,
    steps: side.steps.map(toRecording),
    coverage: side.counted.map((step) => ({ ...step, sites: [] })),
    scripts: side.scripts,
    pageUrl: side.pageUrl,
  };
  return measureBundles(
    recording,
    steps.flatMap(({ requests }) => requests),
    base,
  );
}
