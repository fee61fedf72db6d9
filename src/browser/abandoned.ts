/**
 * Nothing may outlive us. Every Chrome of ours has its profile in a folder of its own, with a note of who started it,
 * and so has what a diagnosis records on the way; whoever comes later (the reporter, the next run) ends those whose owner is gone, by id and only if the process still
 * is the one of the note.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const prefix = 'pacewright-chrome-';
const workPrefix = 'pacewright-diagnosis-';
const noteName = 'owner.json';

interface OwnerNote {
  owner: number;
  ownerStart: string;
  chrome: number | null;
}

/** The fields of /proc/PID/stat behind the command, from state (0) on; empty where they cannot be read. */
export function processFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** When a process started, in clock ticks since boot: with the id it names a process for good. Empty where unknown. */
export function processStart(pid: number): string {
  return processFields(pid)[19] ?? '';
}

/** Whether a process runs; one that has ended and was not waited for (in a container without init, say) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return processFields(pid)[0] !== 'Z';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function writeNote(folder: string, chrome: number | null): void {
  const note: OwnerNote = { owner: process.pid, ownerStart: processStart(process.pid), chrome };
  writeFileSync(path.join(folder, noteName), JSON.stringify(note));
}

/** A new profile folder that says whose it is. */
export function createProfileFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  writeNote(folder, null);
  return folder;
}

const inUse = new Set<string>();
// The last resort, for exits that run no teardown.
process.on('exit', () => {
  for (const folder of inUse) removeFolder(folder);
});

/** A folder for what is big and temporary; `remove` takes it away with all that is in it. */
export function createWorkFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), workPrefix));
  inUse.add(folder);
  writeNote(folder, null);
  return {
    folder,
    remove: () => {
      removeFolder(folder);
      inUse.delete(folder);
    },
  };
}

export function noteChrome(folder: string, chrome: number): void {
  writeNote(folder, chrome);
}

/** Ends a Chrome with all its children (it leads a process group of its own). */
export function killGroup(pid: number): void {
  // To kill(2), -1 is every process there is, and 0 our own group: no id that a broken note holds may become one.
  if (!Number.isInteger(pid) || pid <= 1) return;
  for (const target of process.platform === 'win32' ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // already gone
    }
  }
}

/** Removes a folder that a dying Chrome may still be writing into. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch {
    // left for the next run, which removes what is abandoned
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function readNote(folder: string): OwnerNote | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, noteName), 'utf8')) as OwnerNote;
  } catch {
    return undefined;
  }
}

/** Folders of ours with their notes: profiles of Chrome, and what diagnoses record. */
function ownFolders(): { folder: string; note: OwnerNote }[] {
  return readdirSync(tmpdir()).flatMap((name) => {
    if (!name.startsWith(prefix) && !name.startsWith(workPrefix)) return [];
    const folder = path.join(tmpdir(), name);
    const note = readNote(folder);
    return note ? [{ folder, note }] : [];
  });
}

function isOwned({ owner, ownerStart }: OwnerNote): boolean {
  return isAlive(owner) && processStart(owner) === ownerStart;
}

/** The other processes that run a Chrome of ours at this moment, as far as they share the temporary folder. */
export function findOtherOwners(): number[] {
  const owners = ownFolders().flatMap(({ note }) => (note.chrome !== null && isOwned(note) ? note.owner : []));
  return [...new Set(owners)].filter((owner) => owner !== process.pid);
}

/** Ends and removes what dead owners left behind. Returns how many folders were removed. */
export function removeAbandoned(): number {
  let removed = 0;
  for (const { folder, note } of ownFolders()) {
    if (isOwned(note)) continue;
    if (note.chrome !== null && commandLine(note.chrome).includes(folder)) killGroup(note.chrome);
    removeFolder(folder);
    removed += 1;
  }
  return removed;
}
