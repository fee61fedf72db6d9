/** Runs a tool as its users do, in a process, and tells how long it took and how much memory its own processes had. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ToolRun {
  readonly code: number | null;
  readonly output: string;
  readonly seconds: number;
  /** Bytes: the most that the process and those it started had at once, Chrome's not counted. Linux only; else 0. */
  readonly peak: number;
}

export interface ToolCommand {
  readonly command: string;
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const kilobyte = 1024;
const lookEvery = 100;
const timeout = 15 * 60_000;

/** Bytes that a process and its descendants have in memory, those of Chrome left out. */
function readMemory(root: number): number {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name, in brackets, may have blanks and brackets in it.
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const family = [root];
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  return family.reduce((total, pid) => {
    try {
      if (/chrom/.test(readlinkSync(`/proc/${pid}/exe`))) return total;
      const rss = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return total + Number(rss ?? 0) * kilobyte;
    } catch {
      return total;
    }
  }, 0);
}

/** Waits until the tool has ended; one that does not within a quarter of an hour is ended. */
export async function runTool({ command, words, cwd, env }: ToolCommand): Promise<ToolRun> {
  const start = performance.now();
  const child = spawn(command, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  let peak = 0;
  const look =
    process.platform === 'linux'
      ? setInterval(() => (peak = Math.max(peak, readMemory(child.pid ?? 0))), lookEvery)
      : undefined;
  const late = setTimeout(() => child.kill(), timeout);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    clearInterval(look);
    clearTimeout(late);
  });
  return { code, output, seconds: (performance.now() - start) / 1000, peak };
}
