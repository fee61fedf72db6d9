/** From what the passes recorded of one step to its facts and findings. */
import { writeFileSync } from 'node:fs';
import { buildWaterfall } from '../analyse/build-waterfall.ts';
import { compareProfiles } from '../analyse/compare-profiles.ts';
import { countCalls } from '../analyse/count-calls.ts';
import { findInsights } from '../analyse/engine-insights.ts';
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
import type { RecordedSide } from './recorded.ts';

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

export interface StepInput {
  readonly name: string;
  /** Of each pass that could be read. */
  readonly profiles: readonly Profile[];
  /** Of base, in a comparison. */
  readonly before: readonly Profile[];
  /** Of head, in the first pass; null where that failed. */
  readonly recording: StepRecording | null;
  /** Of the same pass; null where it could not be taken or read. */
  readonly trace: TraceData | null;
  readonly head: RecordedSide;
  readonly resolver: SourceResolver;
  /** What passes could not be read, and what of them was cut. */
  readonly notes: readonly string[];
  /** A path at which a file may be written. */
  readonly newFile: () => string;
}

const noTrace = { names: [], threads: [], select: () => [] };

/** What could not be made of the recordings is in the notes. */
export async function interpretStep(input: StepInput): Promise<StepFacts> {
  const { name, profiles, before, recording, trace, head, resolver, newFile } = input;
  const step: StepDiagnosis = {
    name,
    passes: profiles.length,
    profile: null,
    baseProfile: null,
    waterfall: null,
    findings: [],
    traced: {},
    functions: [],
    console: (recording?.console ?? []).map((line) => toConsoleLine(line, resolver)),
    notes: [...new Set(input.notes)],
  };
  const files: MadeFile[] = [];
  const attempt = <Made>(what: string, make: () => Made): Made | null => {
    try {
      return make();
    } catch (error) {
      step.notes.push(`${what} could not be made: ${describeError(error)}`);
      return null;
    }
  };
  const counted = head.counted.find((each) => each.name === name);
  const merged = profiles.length === 0 ? null : mergeProfiles(profiles);
  const withCalls =
    merged &&
    counted &&
    attempt('Counts of calls', () => countCalls(merged, counted.scripts, { scripts: head.scripts, resolver }));
  const profile = withCalls ?? merged;
  step.profile = profile && attempt('The flame graph', () => packProfile(profile));
  if (profile) {
    attempt('The file of the profile', () => {
      const file = newFile();
      writeFileSync(file, JSON.stringify(toCpuProfile(profile)));
      files.push({ file, name: 'profile.cpuprofile', title: 'CPU profile of the main thread, all passes' });
    });
  }
  if (before.length > 0) {
    step.baseProfile = attempt('The profile of base', () => packProfile(mergeProfiles(before)));
    step.functions = attempt('The comparison of functions', () => compareProfiles(before, profiles)) ?? [];
  }
  if (!recording) return { step, files };
  const waterfall = attempt('The waterfall', () =>
    buildWaterfall(recording, { trace: trace ?? noTrace, resolver, pageUrl: head.pageUrl }),
  );
  step.waterfall = waterfall;
  const coverage = counted
    ? { ...counted, sites: attempt('Call sites', () => placeCallSites(counted.stacks, resolver)) ?? [] }
    : null;
  const { scripts } = head;
  const found = [
    profile &&
      trace &&
      attempt('Findings in the profile', () =>
        findFindings({ profile, profiles, trace, recording, coverage, resolver, scripts }),
      ),
    waterfall &&
      attempt('Findings in the network', () => findNetworkFindings({ recording, waterfall, texts: textsOf(head) })),
  ];
  const insights = trace ? await findInsights(recording) : { findings: [], notes: [] };
  step.findings = [...found.flatMap((findings) => findings ?? []), ...insights.findings];
  const explained = new Set(step.findings.flatMap(({ explains }) => Object.keys(explains)));
  step.traced = Object.fromEntries(Object.entries(recording.sample.metrics).filter(([id]) => explained.has(id)));
  step.notes.push(...insights.notes);
  return { step, files };
}

function textsOf({ scripts, counted }: RecordedSide): { url: string; text: string }[] {
  const styles = counted.flatMap((step) => step.styles.map(({ url, text }) => ({ url, text })));
  return [...scripts.map(({ url, source }) => ({ url, text: source })), ...styles];
}

function toConsoleLine(
  { level, text, place }: ConsoleEvent,
  resolver: SourceResolver,
): StepDiagnosis['console'][number] {
  return { level, text: redactText(text), location: place && resolver.resolve(place.url, place.line, place.column) };
}
