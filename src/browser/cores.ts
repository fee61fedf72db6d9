/**
 * A core for Chrome alone. On few cores Chrome's own processes, the server and the test runner take turns in another
 * order each time, which makes two loads of the same page differ; with one core to itself they take turns in much the
 * same order. Seen on 2 cores, 30 loads of the demo shop each way, in blocks of 6 (Chromium 156): the median difference
 * of neighbours fell from 3.5 to 2.3 % for main-thread CPU of a load, from 14 to 6 % for that of a search, and from 12 to
 * 5.5 % for LCP, while a load took 19 % longer.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cores {
  /** Lists as taskset(1) takes them. */
  readonly chrome: string;
  readonly others: string;
  readonly all: string;
}

/** `0-2,5` to 0, 1, 2, 5: the form of Cpus_allowed_list in proc(5). */
export function parseCores(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((part) => {
      const [from = Number.NaN, to = from] = part.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    })
    .filter((core) => Number.isInteger(core));
}

/** The last core for Chrome: the first ones serve more of the system's interrupts. */
export function divideCores(list: string): Cores | null {
  const cores = parseCores(list);
  const last = cores.at(-1);
  if (last === undefined || cores.length < 2) return null;
  return { chrome: String(last), others: cores.slice(0, -1).join(','), all: cores.join(',') };
}

let known: Cores | null | undefined;

/** How cores are divided here; null with a single one, without taskset, and on other systems than Linux. */
export function readCores(): Cores | null {
  // Read once, before this process gives up a core itself; a child of a process that did finds it in the environment.
  known ??= findCores();
  return known;
}

const inherited = 'PACEWRIGHT_CORES';

function findCores(): Cores | null {
  if (process.platform !== 'linux') return null;
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const list = process.env[inherited] ?? /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
    const cores = divideCores(list);
    // The same list again changes nothing, and shows that it may be set.
    if (cores) execFileSync('taskset', ['-apc', cores.all, String(process.pid)], { stdio: 'ignore' });
    if (cores) process.env[inherited] = cores.all;
    return cores;
  } catch {
    return null;
  }
}

/** Lets a process, with all its threads, run on these cores only; what it starts later inherits that. */
export function keepToCores(pid: number, list: string): void {
  try {
    execFileSync('taskset', ['-apc', list, String(pid)], { stdio: 'ignore' });
  } catch {
    // it ended a moment ago, or belongs to somebody else: it runs where it ran
  }
}
