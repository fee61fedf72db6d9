/** Artefacts of diagnoses on their way into the run folder, from this machine or from a blob of another. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { type ArtifactRecord, artifactMediaType, type Diagnosis } from '../core/diagnosis.ts';
import type { RunDocument, ScenarioDocument, Warning } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { isArtifactPath, placeArtifact } from '../store/artifacts.ts';
import type { Attachment } from './assemble.ts';

/** Copies what is attached as an artefact to its place in the run folder. What cannot be copied is missing there. */
export function placeArtifacts(attachments: readonly (Attachment & { readonly name: string })[], folder: string): void {
  for (const { name, contentType, path: file } of attachments) {
    if (contentType !== artifactMediaType || file === undefined || !isArtifactPath(name)) continue;
    try {
      placeArtifact(file, folder, name);
    } catch {
      // listArtifacts finds that it is not there, and says so
    }
  }
}

function isThere(file: string, folder: string): boolean {
  return isArtifactPath(file) && statSync(path.join(folder, file), { throwIfNoEntry: false })?.isFile() === true;
}

function lostSnapshot(file: string): Warning {
  return {
    code: 'ARTIFACT_LOST',
    message: `${cleanText(file)} did not reach the run folder.`,
    advice: 'where shards are merged, hand over their blob reports whole; else look for room on the disk',
  };
}

/** The run with those artefacts in its list that are in its folder; the others become notes. */
export function listArtifacts(run: RunDocument, folder: string): RunDocument {
  const confirm = (artifact: ArtifactRecord): ArtifactRecord | undefined => {
    if (!isArtifactPath(artifact.path)) return undefined;
    const about = statSync(path.join(folder, artifact.path), { throwIfNoEntry: false });
    return about?.isFile() ? { ...artifact, bytes: about.size } : undefined;
  };
  const check = (diagnosis: Diagnosis): Diagnosis => {
    const artifacts = diagnosis.artifacts.map((artifact) => ({ artifact, there: confirm(artifact) }));
    const missing = artifacts.filter(({ there }) => there === undefined);
    return {
      ...diagnosis,
      artifacts: artifacts.flatMap(({ there }) => there ?? []),
      notes: [
        ...diagnosis.notes,
        ...missing.map(({ artifact }) => `${cleanText(artifact.path)} did not reach the run folder.`),
      ],
    };
  };
  const scenarios = run.scenarios.map((scenario): ScenarioDocument => {
    const { memory } = scenario;
    const snapshots = memory?.snapshots.filter(({ file }) => isThere(file, folder)) ?? [];
    const lost = memory?.snapshots.filter((each) => !snapshots.includes(each)) ?? [];
    return {
      ...scenario,
      diagnosis: scenario.diagnosis && check(scenario.diagnosis),
      memory: memory && { ...memory, snapshots },
      warnings: [...scenario.warnings, ...lost.map(({ file }) => lostSnapshot(file))],
    };
  });
  return { ...run, scenarios };
}
