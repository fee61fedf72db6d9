/**
 * What a comparison has started and made so far, kept in a file in its temporary folder, so that whoever outlives it
 * can undo it: the command itself, its guard, or the next run.
 */
import { mkdtempSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { isAlive, processStart, removeAbandoned, removeFolder } from '../browser/abandoned.ts';
import { discardBuild } from './base-cache.ts';
import { endGroup, endStrays } from './process-group.ts';

const prefix = 'pacewright-compare-';
const noteName = 'ledger.json';

/** A process by id and start time (see `processStart`), so that another one with the same id is never taken for it. */
const processNote = z.strictObject({ pid: z.number().int(), start: z.string() });

const noteSchema = z.strictObject({
  owner: processNote,
  guard: processNote.nullable(),
  /** Each leads a process group; `measuring` is Playwright, which gets time to write its report. */
  processes: z.array(processNote.extend({ role: z.enum(['measuring', 'other']) })),
  /** Builds of base that are not complete yet, with the repository they are a worktree of. */
  builds: z.array(z.strictObject({ folder: z.string(), repository: z.string() })),
});
type Note = z.infer<typeof noteSchema>;
type Role = Note['processes'][number]['role'];

// Playwright ends its tests and writes its report within seconds; a server that ignores SIGTERM gets less.
const reportGrace = 60_000;
const serverGrace = 5000;

export class Ledger {
  /** A temporary folder that is removed with everything else. */
  readonly folder: string;
  private note: Note;
  private closed = false;

  constructor() {
    this.folder = mkdtempSync(path.join(tmpdir(), prefix));
    this.note = { owner: identify(process.pid), guard: null, processes: [], builds: [] };
    this.save();
  }

  private save(): void {
    // Written beside and renamed: a reader sees the old note or the new one, never half of one.
    const file = path.join(this.folder, noteName);
    writeFileSync(`${file}.new`, JSON.stringify(this.note));
    renameSync(`${file}.new`, file);
  }

  private change(part: Partial<Note>): void {
    this.checkOpen();
    this.note = { ...this.note, ...part };
    this.save();
  }

  /** Undoes all that is in it; nothing can be added any more. Whether or not its file is still there. */
  async close(): Promise<void> {
    this.closed = true;
    await undo(this.folder, this.note);
  }

  /** @throws Error where the run is being ended: whoever is still at work on it stops there */
  checkOpen(): void {
    if (this.closed) throw new Error('The comparison is being ended; nothing new is started.');
  }

  setGuard(pid: number): void {
    this.change({ guard: identify(pid) });
  }

  addProcess(pid: number, role: Role): void {
    this.change({ processes: [...this.note.processes, { ...identify(pid), role }] });
  }

  /** Leaders of the groups that serve base and head. */
  servers(): number[] {
    return this.note.processes.filter(({ role }) => role === 'other').map(({ pid }) => pid);
  }

  removeProcess(pid: number): void {
    if (this.closed) return;
    this.change({ processes: this.note.processes.filter((each) => each.pid !== pid) });
  }

  addBuild(folder: string, repository: string): void {
    this.change({ builds: [...this.note.builds, { folder, repository }] });
  }

  /** The build is complete, or gone: it stays as it is. */
  removeBuild(folder: string): void {
    this.change({ builds: this.note.builds.filter((each) => each.folder !== folder) });
  }
}

function identify(pid: number): z.infer<typeof processNote> {
  return { pid, start: processStart(pid) };
}

function isSame(note: z.infer<typeof processNote>): boolean {
  return note.pid > 1 && isAlive(note.pid) && processStart(note.pid) === note.start;
}

function readNote(folder: string): Note | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(path.join(folder, noteName), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Ends what a run that is gone started and removes what it left unfinished, its temporary folder last. */
export async function undo(folder: string, note = readNote(folder)): Promise<void> {
  if (note) {
    const end = (role: Role, signal: NodeJS.Signals, grace: number): Promise<unknown> =>
      Promise.all(
        note.processes
          .filter((each) => each.role === role)
          .map((each) => endGroup({ ...each, mark: folder }, signal, grace)),
      );
    await end('measuring', 'SIGINT', reportGrace);
    await end('other', 'SIGTERM', serverGrace);
    await endStrays(folder, serverGrace);
    for (const build of note.builds) discardBuild(build.folder, build.repository);
    if (note.processes.some((each) => each.role === 'measuring')) removeAbandoned();
  }
  removeFolder(folder);
}

/** Undoes the runs whose command and guard are both gone. Returns how many. */
export async function undoAbandoned(): Promise<number> {
  let undone = 0;
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(tmpdir(), name);
    const note = readNote(folder);
    if (note ? isSame(note.owner) || (note.guard !== null && isSame(note.guard)) : isFresh(folder)) continue;
    await undo(folder);
    undone += 1;
  }
  return undone;
}

/** Whether a folder without a note may still get one from a command that has just made it. */
function isFresh(folder: string): boolean {
  try {
    return Date.now() - statSync(folder).mtimeMs < 60_000;
  } catch {
    return true;
  }
}
