/** Run folders: `reports/<run>/run.json` and what lies beside it. Writes are whole or not at all. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { type RunDocument, runDocument, schemaVersion } from '../core/document.ts';
import { PacewrightError } from '../core/errors.ts';
import { suggest } from '../core/nearest.ts';

export const runFileName = 'run.json';
export const reportFileName = 'index.html';

/** Folder name of a run: its start in UTC, sortable, and a suffix where the name is taken. */
export function createRunFolder(reports: string, startedAt: Date): { id: string; folder: string } {
  const stamp = startedAt.toISOString().slice(0, 19).replaceAll(':', '-');
  mkdirSync(reports, { recursive: true });
  for (let attempt = 0; ; attempt += 1) {
    const id = attempt === 0 ? stamp : `${stamp}-${attempt + 1}`;
    try {
      mkdirSync(path.join(reports, id));
      return { id, folder: path.join(reports, id) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Half a file on a full disk is of use to nobody. */
function removeHalf(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // its folder is none, so there is no half of it either
  }
}

/**
 * Writes a file beside its name first and renames it: a reader never sees half of it.
 * @throws PacewrightError WRITE_FAILED with the system's reason
 */
export function writeWhole(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    removeHalf(temporary);
    throw new PacewrightError('WRITE_FAILED', `${file} could not be written: ${reason}.`, {
      next: "free disk space or correct the folder's rights; samples up to now are in the journal beside it",
      cause: error,
    });
  }
}

/** Validates and writes `run.json`. */
export function writeRun(folder: string, run: RunDocument): void {
  writeWhole(path.join(folder, runFileName), `${JSON.stringify(runDocument.parse(run))}\n`);
}

function invalidRun(file: string, message: string): PacewrightError {
  return new PacewrightError('RUN_INVALID', message, {
    next: 'run the scenarios again, or read it with the version of pacewright that wrote it',
    place: { file },
  });
}

/** A result of an older version: 1 had no comparisons, 2 no diagnosis. */
function upgrade(value: unknown, version: number): unknown {
  const old = value as { scenarios?: unknown };
  const scenarios = (Array.isArray(old.scenarios) ? old.scenarios : []) as { samples?: unknown; options?: object }[];
  const first = version === 1;
  return {
    ...old,
    schemaVersion,
    ...(first ? { comparison: null } : {}),
    scenarios: scenarios.map((scenario) => ({
      ...scenario,
      options: { ...scenario.options, diagnose: 'off', lighthouse: 'off' },
      diagnosis: null,
      memory: null,
      ...(first ? { comparison: null, samples: withoutPhase(scenario.samples) } : {}),
    })),
  };
}

function withoutPhase(samples: unknown): object[] {
  return (Array.isArray(samples) ? (samples as object[]) : []).map((sample) => ({ ...sample, phase: null }));
}

/**
 * Reads the result of a run from its folder or from `run.json` itself.
 * @throws PacewrightError RUN_NOT_FOUND, RUN_INVALID
 */
export function readRun(place: string): { run: RunDocument; folder: string } {
  const file = existsSync(place) && statSync(place).isDirectory() ? path.join(place, runFileName) : place;
  if (!existsSync(file)) {
    const siblings = listFolders(path.dirname(path.resolve(place)));
    throw new PacewrightError(
      'RUN_NOT_FOUND',
      `There is no run at ${place}.${siblings.length > 0 ? ` ${suggest(path.basename(place), siblings)}` : ''}`,
      {
        next: 'name a folder under reports/ that holds a run.json',
      },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalidRun(file, `This is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const version = z.object({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && [1, 2].includes(version.data.schemaVersion))
    value = upgrade(value, version.data.schemaVersion);
  else if (version.success && version.data.schemaVersion !== schemaVersion) {
    throw invalidRun(file, `Its schemaVersion is ${version.data.schemaVersion}; this version reads ${schemaVersion}.`);
  }
  const parsed = runDocument.safeParse(value);
  if (!parsed.success)
    throw invalidRun(file, `It is not a result of a run: ${z.prettifyError(parsed.error).slice(0, 500)}`);
  return { run: parsed.data, folder: path.dirname(file) };
}

/**
 * The folder of the newest run under `reports`, by the start of the run.
 * @throws PacewrightError RUN_NOT_FOUND where there is none that can be read
 */
export function findNewestRun(reports: string): string {
  let newest: { name: string; startedAt: string } | undefined;
  for (const name of listFolders(reports)) {
    try {
      const { startedAt } = readRun(path.join(reports, name)).run;
      if (!newest || startedAt > newest.startedAt) newest = { name, startedAt };
    } catch {
      // an old or broken run does not hide the others
    }
  }
  if (newest) return path.join(reports, newest.name);
  throw new PacewrightError('RUN_NOT_FOUND', `There is no run under ${reports}.`, {
    next: 'measure first (`npx pacewright run`), or name the folder of a run',
  });
}

function listFolders(reports: string): string[] {
  if (!statSync(reports, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(reports).filter((name) => existsSync(path.join(reports, name, runFileName)));
}

/**
 * What `summarise` keeps of every readable run under `reports`, newest first; what cannot be read is skipped. One run
 * at a time is held in memory.
 */
export function listRuns<Summary extends { readonly startedAt: string }>(
  reports: string,
  summarise: (run: RunDocument) => Summary,
): Summary[] {
  const runs: Summary[] = [];
  for (const name of listFolders(reports)) {
    try {
      runs.push(summarise(readRun(path.join(reports, name)).run));
    } catch {
      // an old or broken run does not hide the others
    }
  }
  return runs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}
