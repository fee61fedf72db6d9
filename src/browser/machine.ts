/**
 * What the machine does to a sample: time the page's main thread waited for a core, time the hypervisor took, and
 * pressure on the CPU. Linux only; elsewhere, and in containers that hide these files, the readings are null.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { Environment } from '../core/document.ts';

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Run time and run-queue delay of a process's main thread in ms (schedstat fields 1 and 2). */
export function readSchedstat(pid: number): { run: number; delay: number } | undefined {
  const text = readText(`/proc/${pid}/task/${pid}/schedstat`);
  const [run, delay] = (text ?? '').trim().split(' ').map(Number);
  if (run === undefined || delay === undefined || Number.isNaN(run) || Number.isNaN(delay)) return undefined;
  return { run: run / 1e6, delay: delay / 1e6 };
}

/** Steal and total CPU time of the machine in clock ticks (proc(5), /proc/stat). */
export function readSteal(): { steal: number; total: number } | undefined {
  const line = readText('/proc/stat')?.split('\n', 1)[0];
  const fields = line?.trim().split(/\s+/).slice(1, 9).map(Number);
  const steal = fields?.[7];
  if (!fields || steal === undefined || fields.some(Number.isNaN)) return undefined;
  return { steal, total: fields.reduce((sum, ticks) => sum + ticks, 0) };
}

/** ms in which some task waited for a core, since boot (/proc/pressure/cpu, `some total`). */
export function readPressure(): number | undefined {
  const match = /^some .*total=(\d+)/m.exec(readText('/proc/pressure/cpu') ?? '');
  return match ? Number(match[1]) / 1000 : undefined;
}

// 40 million integer steps take some 30 to 60 ms: long enough for the clock, short enough to run twice.
const calibrationSteps = 40_000_000;

/** ms that a fixed CPU loop takes: the best of three, so that one preemption does not count. */
export function calibrate(): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now();
    let state = 1;
    for (let step = 0; step < calibrationSteps; step += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    // The result is used, or the compiler would drop the loop.
    if (state !== 0.5) best = Math.min(best, performance.now() - start);
  }
  return best;
}

function ciName(env: NodeJS.ProcessEnv): string | null {
  if (env['GITHUB_ACTIONS']) return 'GitHub Actions';
  if (env['GITLAB_CI']) return 'GitLab CI';
  return env['CI'] ? 'CI' : null;
}

/** The machine as the result records it; `calibration.end` is filled in at the end of the run. */
export function readEnvironment(): Environment {
  return {
    node: process.version,
    platform: `${os.platform()} ${os.release()}`,
    arch: os.arch(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: os.totalmem(),
    load: os.loadavg(),
    ci: ciName(process.env),
    noiseGate: {
      schedstat: readSchedstat(process.pid) !== undefined,
      steal: readSteal() !== undefined,
      pressure: readPressure() !== undefined,
    },
    calibration: { start: calibrate(), end: null },
  };
}
