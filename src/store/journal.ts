/**
 * The journal of a run: a line of JSON per scenario (at its start and when it is judged) and per sample, written the
 * moment it is known, so that a crash or Ctrl-C loses nothing that was measured.
 */
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ScenarioDocument, scenarioDocument } from '../core/document.ts';
import { type Sample, sampleSchema } from '../core/sample.ts';

export const journalName = 'samples.ndjson';

/** Whether the last line of a file was cut short: its writer died, or the disk was full. */
function endsInMidLine(file: string): boolean {
  const about = statSync(file, { throwIfNoEntry: false });
  if (!about?.isFile() || about.size === 0) return false;
  const last = Buffer.alloc(1);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, last, 0, 1, about.size - 1);
  } finally {
    closeSync(handle);
  }
  return last.toString() !== '\n';
}

/** Appends one line; throws what the file system throws (ENOSPC, EACCES). */
export function appendJournal(
  folder: string,
  line: { scenario: ScenarioDocument } | { id: string; sample: Sample } | { judged: ScenarioDocument },
): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, journalName);
  // Glued to a line cut short, a scenario's first line would be lost, and all its samples with it.
  const separator = 'scenario' in line && endsInMidLine(file) ? '\n' : '';
  appendFileSync(file, `${separator}${JSON.stringify(line)}\n`);
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
    const judged = scenarioDocument.safeParse(entry['judged']);
    if (judged.success) {
      const { samples = [] } = scenarios.get(judged.data.id) ?? {};
      scenarios.set(judged.data.id, { ...judged.data, samples });
    }
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
