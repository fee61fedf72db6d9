/** Processes that lead a group of their own, so that they end together with all that they start. */
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, processFields, processStart } from '../browser/abandoned.ts';
import type { Ledger } from './ledger.ts';

/** Says in the environment of a process which run it belongs to. */
const markName = 'PACEWRIGHT_COMPARE_RUN';

export interface StartedProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when it has ended: the exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
}

export interface ProcessOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly role: 'measuring' | 'other';
  /** File for its output; without one it writes where we write. */
  readonly log?: string;
}

/**
 * Starts a program that is in the ledger before it does anything: a shell waits for our word and then becomes the
 * program. If we die in between, the shell reads the end of the pipe and ends.
 */
export function startProcess(ledger: Ledger, words: readonly string[], options: ProcessOptions): StartedProcess {
  const { cwd, env, role, log } = options;
  const output = log === undefined ? undefined : openSync(log, 'a');
  const stdio: StdioOptions =
    output === undefined ? ['inherit', 'inherit', 'inherit', 'pipe'] : ['ignore', output, output, 'pipe'];
  try {
    const child = spawn('/bin/sh', ['-c', 'read -r _ <&3 && exec 3<&- && exec "$@"', 'sh', ...words], {
      cwd,
      env: { ...env, [markName]: ledger.folder },
      stdio,
      detached: true,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    // Handled by whoever awaits it; until then it must not count as unhandled.
    ended.catch(() => undefined);
    const { pid } = child;
    if (pid !== undefined) ledger.addProcess(pid, role);
    const word = child.stdio[3];
    if (word && 'end' in word) word.on('error', () => undefined).end('go\n');
    return { pid: pid ?? 0, child, ended };
  } finally {
    if (output !== undefined) closeSync(output);
  }
}

/** A command line of the user's, for a shell. */
export function shellWords(command: string): string[] {
  return ['/bin/sh', '-c', command];
}

interface Group {
  readonly pid: number;
  /** Start time of the leader; see `processStart`. */
  readonly start: string;
  /** Temporary folder of the run that started it. */
  readonly mark: string;
}

/** Processes that have not ended; undefined where the system does not list them. */
function listRunning(): { pid: number; group: number }[] | undefined {
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  return names.map(Number).flatMap((pid) => {
    const [state, , group] = processFields(pid);
    return state === undefined || state === 'Z' ? [] : { pid, group: Number(group) };
  });
}

/** Running processes of a group; undefined where the system does not list them. */
export function listMembers(group: number): number[] | undefined {
  return listRunning()
    ?.filter((each) => each.group === group)
    .map(({ pid }) => pid);
}

function isMarked(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${markName}=${mark}`);
  } catch {
    return false;
  }
}

function isGroupAlive(group: number): boolean {
  if (group <= 1) return false;
  try {
    process.kill(-group, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const members = listMembers(group);
  return members === undefined || members.length > 0;
}

/** Whether the group still is the one that was started: its leader lives, or left children of this run behind. */
function isOurs({ pid, start, mark }: Group): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  if (isAlive(pid)) return processStart(pid) === start;
  return isGroupAlive(pid) && (listMembers(pid)?.some((member) => isMarked(member, mark)) ?? true);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  // To kill(2), -1 is every process there is, and 0 our own group.
  if (!Number.isInteger(pid) || pid <= 1) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // already gone
  }
}

/**
 * Ends a group: a signal to all of it (SIGINT to its leader alone, which passes it on as it likes), and SIGKILL to
 * what is left after `grace` ms.
 */
export async function endGroup(group: Group, signal: NodeJS.Signals, grace: number): Promise<void> {
  if (!isOurs(group)) return;
  if (signal === 'SIGINT' && isAlive(group.pid)) process.kill(group.pid, signal);
  else signalGroup(group.pid, signal);
  const until = performance.now() + grace;
  while (isGroupAlive(group.pid) && performance.now() < until) await delay(20);
  signalGroup(group.pid, 'SIGKILL');
  // The kernel ends it at its own pace; what it wrote is removed next.
  while (isGroupAlive(group.pid) && performance.now() < until + 5000) await delay(20);
}

function listMarked(mark: string): number[] {
  const running = listRunning() ?? [];
  return running.map(({ pid }) => pid).filter((pid) => pid > 1 && pid !== process.pid && isMarked(pid, mark));
}

function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // already gone
    }
  }
}

/**
 * Ends what a run started and what then left its group, as a daemon does: SIGTERM, and SIGKILL after `grace` ms. Found
 * by the mark in its environment, so only where the system lists processes.
 * @param mark temporary folder of the run
 */
export async function endStrays(mark: string, grace: number): Promise<void> {
  const until = performance.now() + grace;
  for (const [signal, end] of [
    ['SIGTERM', until],
    ['SIGKILL', until + 5000],
  ] as const) {
    const strays = listMarked(mark);
    signalEach(strays, signal);
    // By their ids: the environment of a process goes before the process does.
    while (strays.some(isAlive) && performance.now() < end) await delay(20);
  }
}
