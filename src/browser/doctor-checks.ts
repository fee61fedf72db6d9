/** From readings of the machine to what they mean for measuring. No reading is done here. */
import type { Environment } from '../core/document.ts';
import type { FoundChrome } from './find.ts';

export interface DoctorCheck {
  readonly id: string;
  readonly label: string;
  /** `fail`: nothing can be measured. `warn`: it can, but with a limit the reader should know. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly advice: string | null;
}

const ok = (id: string, label: string, detail: string): DoctorCheck => ({
  id,
  label,
  status: 'ok',
  detail,
  advice: null,
});

/** The oldest Node the package supports: `engines` in package.json. */
const oldestNode = [22, 19] as const;
/** The oldest Playwright: `peerDependencies` in package.json. */
const oldestPlaywright = [1, 60] as const;

function isOlder(version: string, oldest: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

export function checkNode(version: string): DoctorCheck {
  const label = 'Node';
  if (!isOlder(version, oldestNode)) return ok('node', label, version);
  const detail = `${version} is older than ${oldestNode.join('.')}`;
  return { id: 'node', label, status: 'fail', detail, advice: `Install Node ${oldestNode.join('.')} or later.` };
}

/** `version` is undefined when the project has no @playwright/test. */
export function checkPlaywright(version: string | undefined): DoctorCheck {
  const [id, label, needed] = ['playwright', 'Playwright', oldestPlaywright.join('.')];
  const advice = `npm install --save-dev @playwright/test (${needed} or later).`;
  if (version === undefined) return { id, label, status: 'fail', detail: '@playwright/test is not installed', advice };
  if (!isOlder(version, oldestPlaywright)) return ok(id, label, version);
  return { id, label, status: 'fail', detail: `${version} is older than ${needed}`, advice };
}

/** `found` is a message when looking for Chrome ended in an error, undefined when there is none. */
export function checkChrome(found: FoundChrome | string | undefined, howToInstall: string): DoctorCheck {
  const [id, label] = ['chrome', 'Chrome'];
  if (found === undefined) return { id, label, status: 'fail', detail: 'not found', advice: howToInstall };
  if (typeof found === 'string') return { id, label, status: 'fail', detail: found, advice: howToInstall };
  return ok(id, label, `${found.version} at ${found.path} (${found.source})`);
}

/** What came of starting Chrome: the version it gives over HTTP and the time that took, or why it did not start. */
export type StartReading = { readonly browser: string; readonly ms: number } | { readonly error: string };

/** A start takes under a second on a quiet machine; one that takes this long says that the machine is not. In ms. */
const slowStart = 5000;

export function checkStart(start: StartReading): DoctorCheck {
  const [id, label] = ['start', 'Chrome starts'];
  if ('error' in start) {
    const advice = 'Start Chrome by hand with --headless=new to see what it misses (libraries, sandbox, disk).';
    return { id, label, status: 'fail', detail: start.error, advice };
  }
  const detail = `${start.browser}, new headless mode, in ${Math.round(start.ms)} ms`;
  if (start.ms < slowStart) return ok(id, label, detail);
  return { id, label, status: 'warn', detail, advice: 'The machine is busy or its disk is slow: expect noisy times.' };
}

export interface SandboxReading {
  readonly platform: NodeJS.Platform;
  readonly root: boolean;
  /** kernel.unprivileged_userns_clone (Debian), user.max_user_namespaces, and Ubuntu's AppArmor switch (23.10 on). */
  readonly userNamespaces: string | undefined;
  readonly maxUserNamespaces: string | undefined;
  readonly apparmorRestricts: string | undefined;
}

export function checkSandbox(reading: SandboxReading): DoctorCheck {
  const [id, label] = ['sandbox', 'Sandbox'];
  if (reading.platform !== 'linux') return ok(id, label, `Chrome's own, on ${reading.platform}`);
  if (reading.root) {
    const detail = 'running as root, so Chrome is started with --no-sandbox';
    return { id, label, status: 'warn', detail, advice: 'Measure only pages you trust, or run as an ordinary user.' };
  }
  if (reading.userNamespaces?.trim() === '0' || reading.maxUserNamespaces?.trim() === '0') {
    const detail = 'unprivileged user namespaces are off';
    const advice = 'sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000';
    return { id, label, status: 'warn', detail, advice };
  }
  if (reading.apparmorRestricts?.trim() === '1') {
    const detail = 'AppArmor lets only programs with a profile use user namespaces (Ubuntu 23.10 and later)';
    const advice =
      "Google Chrome's package brings its profile; for another Chrome: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0";
    return { id, label, status: 'warn', detail, advice };
  }
  return ok(id, label, 'user namespaces can be used');
}

export function checkCores(cores: number, load: number): DoctorCheck {
  const [id, label] = ['cores', 'Cores and load'];
  const detail = `${cores} ${cores === 1 ? 'core' : 'cores'}, load ${load.toFixed(1)} over the last minute`;
  if (cores < 2) {
    const advice = 'Chrome, the server and the test share one core: judge CPU times and exact metrics, not wall times.';
    return { id, label, status: 'warn', detail, advice };
  }
  if (load > cores / 2) {
    return {
      id,
      label,
      status: 'warn',
      detail,
      advice: 'Something else is running: end it, or samples will be rejected.',
    };
  }
  return ok(id, label, detail);
}

export function checkNoiseGate(gate: Environment['noiseGate'], platform: NodeJS.Platform): DoctorCheck {
  const [id, label] = ['noise-gate', 'Noise gate'];
  const sources = [
    ['/proc/<pid>/task/<tid>/schedstat', gate.schedstat],
    ['steal in /proc/stat', gate.steal],
    ['/proc/pressure/cpu', gate.pressure],
  ] as const;
  const names = (readable: boolean) =>
    sources
      .filter(([, state]) => state === readable)
      .map(([name]) => name)
      .join(', ');
  if (names(false) === '') return ok(id, label, `reads ${names(true)}`);
  const detail = `cannot read ${names(false)}`;
  if (platform !== 'linux') {
    const advice = `There is no such file on ${platform}: samples disturbed by other programs are not rejected.`;
    return { id, label, status: 'warn', detail, advice };
  }
  const advice = 'Disturbed samples may go unseen. Containers hide these files at times; the host has them.';
  return { id, label, status: 'warn', detail, advice };
}

/** What happened in a second in which we did nothing but wait. */
export interface QuietReading {
  /** The latest that a 10 ms timer came, ms. */
  readonly worstDelay: number;
  /** Share of CPU time that the hypervisor took, 0 to 1; undefined where it cannot be read. */
  readonly steal: number | undefined;
  /** Share of time in which some task waited for a core, 0 to 1; undefined where it cannot be read. */
  readonly pressure: number | undefined;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Above 2 % of steal the noise gate rejects a sample; a timer late by a frame would make a frame late as well. */
export function checkQuiet(reading: QuietReading): DoctorCheck {
  const [id, label] = ['quiet', 'Quiet for a second'];
  const parts = [`timers up to ${reading.worstDelay.toFixed(1)} ms late`];
  if (reading.steal !== undefined) parts.push(`steal ${percent(reading.steal)}`);
  if (reading.pressure !== undefined) parts.push(`waiting for a core ${percent(reading.pressure)} of the time`);
  const detail = parts.join(', ');
  if ((reading.steal ?? 0) > 0.02) {
    const advice = 'The hypervisor gives this machine away: use a runner with dedicated cores.';
    return { id, label, status: 'warn', detail, advice };
  }
  if (reading.worstDelay > 17 || (reading.pressure ?? 0) > 0.2) {
    return {
      id,
      label,
      status: 'warn',
      detail,
      advice: 'Something else is running: end it, or samples will be rejected.',
    };
  }
  return ok(id, label, detail);
}

const megabyte = 1_000_000;

/** A run with its artifacts takes some 10 MB, a Chrome profile some 30 MB; a full disk loses the report. */
export function checkDisk(id: string, label: string, folder: string, free: number | undefined): DoctorCheck {
  if (free === undefined) {
    const advice = 'Create the folder, or make it readable.';
    return { id, label, status: 'warn', detail: `cannot read the free space of ${folder}`, advice };
  }
  const size =
    free >= 1000 * megabyte ? `${(free / 1000 / megabyte).toFixed(1)} GB` : `${Math.round(free / megabyte)} MB`;
  const detail = `${size} free in ${folder}`;
  if (free < 100 * megabyte) return { id, label, status: 'fail', detail, advice: 'Free at least 1 GB.' };
  if (free < 1000 * megabyte) return { id, label, status: 'warn', detail, advice: 'Free at least 1 GB.' };
  return ok(id, label, detail);
}

/** `size` in bytes, undefined where there is none; `avoided`: Chrome is told not to use it. */
export function checkSharedMemory(size: number | undefined, avoided: boolean): DoctorCheck {
  const [id, label] = ['shm', 'Shared memory'];
  if (size === undefined) return ok(id, label, 'no /dev/shm; Chrome uses the temporary folder');
  const detail = `${Math.round(size / megabyte)} MB in /dev/shm${avoided ? ', not used by Chrome' : ''}`;
  if (avoided || size >= 256 * megabyte) return ok(id, label, detail);
  return {
    id,
    label,
    status: 'warn',
    detail,
    advice: 'Pages may crash: docker run --shm-size=1g, or --disable-dev-shm-usage.',
  };
}
