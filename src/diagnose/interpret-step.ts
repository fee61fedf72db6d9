/** From the recordings of one step to its facts and findings. */
import { writeFileSync } from 'node:fs';
import { buildProfile } from '../analyse/build-profile.ts';
import { buildWaterfall } from '../analyse/build-waterfall.ts';
import { compareProfiles } from '../analyse/compare-profiles.ts';
import { findInsights } from '../analyse/engine-insights.ts';
import { countCalls } from '../analyse/count-calls.ts';
import { toCpuProfile } from '../analyse/export-profile.ts';
import { findFindings } from '../analyse/find-findings.ts';
import { mergeProfiles } from '../analyse/merge-profiles.ts';
import { findNetworkFindings } from '../analyse/network-findings.ts';
import { packProfile } from '../analyse/pack-profile.ts';
import type { SourceResolver } from '../analyse/source-maps.ts';
import type { TraceData } from '../analyse/trace-data.ts';
import type { StepDiagnosis } from '../core/diagnosis.ts';
import type { Profile } from '../core/profile.ts';
import type { ConsoleEvent, StepRecording } from '../core/recording.ts';
import { redactText } from '../core/text.ts';
import { placeCallSites } from './call-sites.ts';
import { describeError } from './describe-error.ts';
import type { RecordedSide, RecordedStep } from './recorded.ts';
import type { TraceCache } from './trace-cache.ts';
import { readTraceFile } from './trace-file.ts';

/** A file that is worth keeping. */
export interface MadeFile {
  readonly file: string;
  /** Name among the artefacts: `profile.cpuprofile`. */
  readonly name: string;
  readonly title: string;
}

export interface StepFacts {
  readonly step: StepDiagnosis;
  readonly files: readonly MadeFile[];
}

export interface Side {
  readonly recorded: RecordedSide;
  readonly resolver: SourceResolver;
}

/** Head of the first pass, with what was read of it. */
interface First {
  readonly recording: StepRecording;
  readonly trace: TraceData;
}

export function toRecording(step: RecordedStep): StepRecording {
  const { file, cut: _cut, ...recording } = step;
  return { ...recording, trace: () => readTraceFile(file) };
}

export class StepInterpreter {
  private readonly name: string;
  private readonly head: Side;
  private readonly base: Side | null;
  private readonly traces: TraceCache;
  private readonly newFile: () => string;
  private readonly files: MadeFile[] = [];
  private readonly step: StepDiagnosis;
  private first: First | null = null;

  /** @param newFile a path at which a file may be written */
  constructor(
    name: string,
    { traces, newFile, ...sides }: { head: Side; base: Side | null; traces: TraceCache; newFile: () => string },
  ) {
    this.name = name;
    this.traces = traces;
    this.head = sides.head;
    this.base = sides.base;
    this.newFile = newFile;
    this.step = {
      name,
      passes: 0,
      profile: null,
      baseProfile: null,
      waterfall: null,
      findings: [],
      functions: [],
      console: [],
      notes: [],
    };
  }

  /** The recording of the first pass, once the step was interpreted. */
  recording(): StepRecording | null {
    return this.first?.recording ?? null;
  }

  /** What could not be made of the recordings is in the notes. */
  async run(): Promise<StepFacts> {
    const { step } = this;
    const recorded = this.head.recorded.steps.filter(({ name }) => name === this.name);
    step.notes.push(...new Set(recorded.flatMap(({ cut }) => cut ?? [])));
    step.console = (recorded.find(({ pass }) => pass === 0)?.console ?? []).map((line) => this.toConsoleLine(line));
    const profiles = await this.readProfiles(this.head);
    step.passes = profiles.length;
    const before = this.base ? await this.readProfiles(this.base) : [];
    if (before.length > 0) {
      await this.attempt('The profile of base', () => {
        step.baseProfile = packProfile(mergeProfiles(before));
      });
      await this.attempt('The comparison of functions', () => {
        step.functions = compareProfiles(before, profiles);
      });
    }
    const { first } = this;
    if (first) {
      await this.attempt('The waterfall', () => {
        const { resolver, recorded: side } = this.head;
        step.waterfall = buildWaterfall(first.recording, { trace: first.trace, resolver, pageUrl: side.pageUrl });
      });
    }
    if (profiles.length > 0) await this.useProfile(this.countCalls(mergeProfiles(profiles)), profiles);
    if (first) await this.useFirst(first);
    return { step, files: this.files };
  }

  private async attempt(what: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.step.notes.push(`${what} could not be made: ${describeError(error)}`);
    }
  }

  /** One at a time: a trace may be large, and its profile is not. */
  private async readProfiles({ recorded, resolver }: Side): Promise<Profile[]> {
    const profiles: Profile[] = [];
    for (const each of recorded.steps.filter(({ name }) => name === this.name)) {
      const recording = toRecording(each);
      await this.attempt(`The profile of pass ${each.pass + 1}`, async () => {
        const trace = await this.traces.read(each.file);
        if (trace.threads.length === 0) {
          this.step.notes.push(...trace.notes);
          return;
        }
        profiles.push(buildProfile(trace, { start: each.start, end: each.end, resolver }));
        if (each.variant === 'head' && each.pass === 0) this.first = { recording, trace };
      });
    }
    return profiles;
  }

  /** Of the coverage pass, which is one more run of the same step. */
  private countCalls(profile: Profile): Profile {
    const { recorded, resolver } = this.head;
    const counted = recorded.counted.find(({ name }) => name === this.name);
    if (!counted) return profile;
    try {
      return countCalls(profile, counted.scripts, { scripts: recorded.scripts, resolver });
    } catch (error) {
      this.step.notes.push(`Calls could not be counted: ${describeError(error)}`);
      return profile;
    }
  }

  private async useProfile(profile: Profile, profiles: readonly Profile[]): Promise<void> {
    const { first, head, step } = this;
    await this.attempt('The flame graph', () => {
      step.profile = packProfile(profile);
    });
    await this.attempt('The file of the profile', () => {
      this.keepJson(toCpuProfile(profile), 'profile.cpuprofile', 'CPU profile of the main thread, merged');
    });
    if (!first) return;
    await this.attempt('Findings in the profile', () => {
      const { recording, trace } = first;
      const counted = head.recorded.counted.find(({ name }) => name === this.name);
      const coverage = counted && {
        name: this.name,
        scripts: counted.scripts,
        styles: counted.styles,
        sites: placeCallSites(counted.stacks, head.resolver),
      };
      const { resolver, recorded } = head;
      const input = {
        profile,
        profiles,
        trace,
        recording,
        coverage: coverage ?? null,
        resolver,
        scripts: recorded.scripts,
      };
      step.findings.push(...findFindings(input));
    });
  }

  private async useFirst({ recording }: First): Promise<void> {
    const { step } = this;
    const { waterfall } = step;
    if (waterfall) {
      await this.attempt('Findings in the network', () => {
        step.findings.push(...findNetworkFindings({ recording, waterfall, texts: this.texts() }));
      });
    }
    const insights = await findInsights(recording);
    step.findings.push(...insights.findings);
    step.notes.push(...insights.notes);
  }

  private texts(): { url: string; text: string }[] {
    const { scripts, counted } = this.head.recorded;
    const styles = counted.flatMap((step) => step.styles.map(({ url, text }) => ({ url, text })));
    return [...scripts.map(({ url, source }) => ({ url, text: source })), ...styles];
  }

  private keepJson(value: object, name: string, title: string): void {
    const file = this.newFile();
    writeFileSync(file, JSON.stringify(value));
    this.files.push({ file, name, title });
  }

  private toConsoleLine({ level, text, place }: ConsoleEvent): StepDiagnosis['console'][number] {
    const location = place && this.head.resolver.resolve(place.url, place.line, place.column);
    return { level, text: redactText(text), location };
  }
}
