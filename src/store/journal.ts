/**
 * The journal of a run: a line of JSON per scenario and per sample, written the moment it is known, so that a crash or
 * Ctrl-C loses nothing that was measured.
 */
import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ScenarioDocument, scenarioDocument } from '../core/document.ts';
import { type Sample, sampleSchema } from '../core/sample.ts';

export const journalName = 'samples.ndjson';

/** Appends one line; throws what the file system throws (ENOSPC, EACCES). */
export function appendJournal(folder: string, line: { scenario: ScenarioDocument } | { id: string; sample: Sample }): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, journalName), `${JSON.stringify(line)}\n`);
}

/**
 * Scenario documents as far as the journal goes: each with the samples whose lines are whole. A line cut short by a
 * crash ends the reading of that line only.
 */
export function readJournal(folder: string): ScenarioDocument[] {
  let text: string;
  try {
    const file = path.join(folder, journalName);
    // A device or a pipe in its place would never end.
    if (!statSync(file).isFile()) return [];
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  const scenarios = new Map<string, ScenarioDocument>();
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (!entry) continue;
    const header = scenarioDocument.safeParse(entry['scenario']);
    if (header.success) scenarios.set(header.data.id, { ...header.data, samples: [] });
    const sample = sampleSchema.safeParse(entry['sample']);
    if (sample.success) scenarios.get(String(entry['id']))?.samples.push(sample.data);
  }
  return [...scenarios.values()];
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
