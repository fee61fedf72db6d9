/** `pacewright doctor`: can this machine measure, and how well. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pc from 'picocolors';
import * as z from 'zod';
import { exitCodes, isPacewrightError } from '../core/errors.ts';
import * as checks from './doctor-checks.ts';
import type { DoctorCheck, QuietReading, SandboxReading, StartReading } from './doctor-checks.ts';
import { findChrome, type FoundChrome } from './find.ts';
import { chromeFlags } from './flags.ts';
import { adviseInstallation } from './install.ts';
import { launchChrome } from './launch.ts';
import { readPressure, readSchedstat, readSteal } from './machine.ts';

export interface DoctorIo {
  /** Where reports will be written; need not exist yet. */
  readonly reports: string;
  /** The project: its Playwright is the one that runs. */
  readonly project: string;
  readonly find: () => Promise<FoundChrome | undefined>;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function readSandbox(): SandboxReading {
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    userNamespaces: readText('/proc/sys/kernel/unprivileged_userns_clone'),
    maxUserNamespaces: readText('/proc/sys/user/max_user_namespaces'),
    apparmorRestricts: readText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
  };
}

/** Bytes that an ordinary user may still write, of the nearest folder that exists. */
async function readFree(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? undefined : readFree(parent);
  }
}

async function readSharedMemory(): Promise<number | undefined> {
  try {
    const { blocks, bsize } = await statfs('/dev/shm');
    return blocks * bsize;
  } catch {
    return undefined;
  }
}

const packageSchema = z.object({ version: z.string() });

function readPlaywrightVersion(project: string): string | undefined {
  try {
    const file = createRequire(path.join(project, 'package.json')).resolve('@playwright/test/package.json');
    return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
  } catch {
    return undefined;
  }
}

const versionSchema = z.object({ Browser: z.string() });

async function startChrome(found: FoundChrome): Promise<StartReading> {
  const begin = performance.now();
  try {
    const chrome = await launchChrome({ path: found.path, headless: true });
    try {
      const response = await fetch(`http://127.0.0.1:${chrome.port}/json/version`, {
        signal: AbortSignal.timeout(10_000),
      });
      const { Browser } = versionSchema.parse(await response.json());
      return { browser: Browser, ms: performance.now() - begin };
    } finally {
      await chrome.kill();
    }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Waits for a second in steps of 10 ms, and sees how late each came and what the kernel counted meanwhile. */
async function watchQuiet(): Promise<QuietReading> {
  const [steal, pressure, begin] = [readSteal(), readPressure(), performance.now()];
  let worstDelay = 0;
  while (performance.now() - begin < 1000) {
    const before = performance.now();
    await wait(10);
    worstDelay = Math.max(worstDelay, performance.now() - before - 10);
  }
  const [stealAfter, pressureAfter, ms] = [readSteal(), readPressure(), performance.now() - begin];
  const ticks = steal && stealAfter ? stealAfter.total - steal.total : 0;
  return {
    worstDelay,
    steal: steal && stealAfter && ticks > 0 ? (stealAfter.steal - steal.steal) / ticks : undefined,
    pressure: pressure !== undefined && pressureAfter !== undefined ? (pressureAfter - pressure) / ms : undefined,
  };
}

async function find(io: DoctorIo): Promise<FoundChrome | string | undefined> {
  try {
    return await io.find();
  } catch (error) {
    if (isPacewrightError(error)) return error.message;
    throw error;
  }
}

/** Looks at everything that measuring needs; takes some 2 s, and starts Chrome once. */
export async function runDoctor(options: Partial<DoctorIo> = {}): Promise<DoctorCheck[]> {
  const io: DoctorIo = { reports: path.resolve('reports'), project: process.cwd(), find: findChrome, ...options };
  // Before anything is started, or we would hear ourselves.
  const quiet = await watchQuiet();
  const load = os.loadavg()[0] ?? 0;
  const found = await find(io);
  const gate = {
    schedstat: readSchedstat(process.pid) !== undefined,
    steal: readSteal() !== undefined,
    pressure: readPressure() !== undefined,
  };
  return [
    checks.checkNode(process.version),
    checks.checkPlaywright(readPlaywrightVersion(io.project)),
    checks.checkChrome(found, adviseInstallation(process.platform)),
    ...(typeof found === 'object' ? [checks.checkStart(await startChrome(found))] : []),
    checks.checkSandbox(readSandbox()),
    checks.checkCores(os.availableParallelism(), load),
    checks.checkNoiseGate(gate, process.platform),
    checks.checkQuiet(quiet),
    checks.checkDisk('disk-reports', 'Disk for reports', io.reports, await readFree(io.reports)),
    checks.checkDisk('disk-temp', 'Disk for profiles', os.tmpdir(), await readFree(os.tmpdir())),
    checks.checkSharedMemory(
      await readSharedMemory(),
      chromeFlags({ headless: true }).includes('--disable-dev-shm-usage'),
    ),
  ];
}

/** 3 when something makes measuring impossible, else 0. */
export function doctorExitCode(results: readonly DoctorCheck[]): number {
  return results.some((check) => check.status === 'fail') ? exitCodes.notMeasured : exitCodes.pass;
}

/** A line a check, advice below it, and a count at the end; no trailing newline. */
export function formatDoctor(results: readonly DoctorCheck[], options: { color: boolean }): string {
  const colors = pc.createColors(options.color);
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red };
  const width = Math.max(0, ...results.map((check) => check.label.length));
  const indent = ' '.repeat(4 + 2 + width + 2);
  const lines = results.flatMap(({ status, label, detail, advice }) => [
    `${paint[status](status.padEnd(4))}  ${label.padEnd(width)}  ${detail.replaceAll('\n', `\n${indent}`)}`,
    ...(advice === null ? [] : [`${indent}${colors.dim('->')} ${advice}`]),
  ]);
  const count = (status: DoctorCheck['status']): number => results.filter((check) => check.status === status).length;
  return [...lines, '', `${count('ok')} ok, ${count('warn')} to note, ${count('fail')} failed`].join('\n');
}
