import { describe, expect, test } from 'vitest';
import { doctorExitCode, formatDoctor } from '../src/browser/doctor.ts';
import {
  checkChrome,
  checkCores,
  checkDisk,
  checkNode,
  checkNoiseGate,
  checkPlaywright,
  checkQuiet,
  checkSandbox,
  checkSharedMemory,
  checkStart,
  type DoctorCheck,
} from '../src/browser/doctor-checks.ts';

const chrome = { path: '/opt/chrome', source: 'system', version: '156.0.1.2' } as const;
const gate = { schedstat: true, steal: true, pressure: true };
const sandbox = {
  platform: 'linux',
  root: false,
  userNamespaces: '1\n',
  maxUserNamespaces: '100351\n',
  apparmorRestricts: undefined,
} as const;
const quiet = { worstDelay: 0.6, steal: 0, pressure: 0.01 };

describe('each check', () => {
  test.each<[string, DoctorCheck, DoctorCheck['status'], string]>([
    ['a new Node', checkNode('v24.21.0'), 'ok', 'v24.21.0'],
    ['the oldest Node', checkNode('v22.19.0'), 'ok', 'v22.19.0'],
    ['an old minor', checkNode('v22.18.1'), 'fail', 'v22.18.1 is older than 22.19'],
    ['an old major', checkNode('v20.20.2'), 'fail', 'v20.20.2 is older than 22.19'],
    ['Playwright', checkPlaywright('1.65.1'), 'ok', '1.65.1'],
    ['an old Playwright', checkPlaywright('1.59.1'), 'fail', '1.59.1 is older than 1.60'],
    ['no Playwright', checkPlaywright(undefined), 'fail', '@playwright/test is not installed'],
    ['Chrome', checkChrome(chrome, 'install it'), 'ok', '156.0.1.2 at /opt/chrome (system)'],
    ['no Chrome', checkChrome(undefined, 'install it'), 'fail', 'not found'],
    ['a wrong CHROME_PATH', checkChrome('CHROME_PATH is /x', 'install it'), 'fail', 'CHROME_PATH is /x'],
    ['a start', checkStart({ browser: 'Chrome/156', ms: 437.4 }), 'ok', 'Chrome/156, new headless mode, in 437 ms'],
    [
      'a slow start',
      checkStart({ browser: 'Chrome/156', ms: 9000 }),
      'warn',
      'Chrome/156, new headless mode, in 9000 ms',
    ],
    ['a failed start', checkStart({ error: 'ended while starting' }), 'fail', 'ended while starting'],
    ['a usable sandbox', checkSandbox(sandbox), 'ok', 'user namespaces can be used'],
    [
      'root',
      checkSandbox({ ...sandbox, root: true }),
      'warn',
      'running as root, so Chrome is started with --no-sandbox',
    ],
    [
      'no namespaces',
      checkSandbox({ ...sandbox, userNamespaces: '0\n' }),
      'warn',
      'unprivileged user namespaces are off',
    ],
    [
      'no namespaces left',
      checkSandbox({ ...sandbox, maxUserNamespaces: '0' }),
      'warn',
      'unprivileged user namespaces are off',
    ],
    [
      'AppArmor',
      checkSandbox({ ...sandbox, apparmorRestricts: '1\n' }),
      'warn',
      'AppArmor lets only programs with a profile use user namespaces (Ubuntu 23.10 and later)',
    ],
    ['a Mac', checkSandbox({ ...sandbox, platform: 'darwin' }), 'ok', "Chrome's own, on darwin"],
    ['two idle cores', checkCores(2, 0.3), 'ok', '2 cores, load 0.3 over the last minute'],
    ['two busy cores', checkCores(2, 1.2), 'warn', '2 cores, load 1.2 over the last minute'],
    ['one core', checkCores(1, 0), 'warn', '1 core, load 0.0 over the last minute'],
    [
      'a readable gate',
      checkNoiseGate(gate, 'linux'),
      'ok',
      'reads /proc/<pid>/task/<tid>/schedstat, steal in /proc/stat, /proc/pressure/cpu',
    ],
    ['no pressure', checkNoiseGate({ ...gate, pressure: false }, 'linux'), 'warn', 'cannot read /proc/pressure/cpu'],
    [
      'a quiet second',
      checkQuiet(quiet),
      'ok',
      'timers up to 0.6 ms late, steal 0.0 %, waiting for a core 1.0 % of the time',
    ],
    [
      'unreadable counters',
      checkQuiet({ worstDelay: 1, steal: undefined, pressure: undefined }),
      'ok',
      'timers up to 1.0 ms late',
    ],
    [
      'steal',
      checkQuiet({ ...quiet, steal: 0.031 }),
      'warn',
      'timers up to 0.6 ms late, steal 3.1 %, waiting for a core 1.0 % of the time',
    ],
    [
      'late timers',
      checkQuiet({ worstDelay: 40, steal: undefined, pressure: undefined }),
      'warn',
      'timers up to 40.0 ms late',
    ],
    ['room', checkDisk('d', 'Disk', '/r', 84.4e9), 'ok', '84.4 GB free in /r'],
    ['little room', checkDisk('d', 'Disk', '/r', 500e6), 'warn', '500 MB free in /r'],
    ['no room', checkDisk('d', 'Disk', '/r', 3e6), 'fail', '3 MB free in /r'],
    ['an unreadable folder', checkDisk('d', 'Disk', '/r', undefined), 'warn', 'cannot read the free space of /r'],
    ['enough memory', checkSharedMemory(2e9, false), 'ok', '2000 MB in /dev/shm'],
    ['little memory, not used', checkSharedMemory(64e6, true), 'ok', '64 MB in /dev/shm, not used by Chrome'],
    ['little memory', checkSharedMemory(64e6, false), 'warn', '64 MB in /dev/shm'],
  ])('%s', (_, check, status, detail) => {
    expect(check).toMatchObject({ status, detail });
    // Whatever is not as it should be comes with something to do.
    expect(check.advice === null).toBe(status === 'ok');
  });
});

test('the exit code is 3 for a failure, and 0 for what is only to note', () => {
  expect(doctorExitCode([checkNode('v24.0.0'), checkCores(1, 0)])).toBe(0);
  expect(doctorExitCode([checkNode('v24.0.0'), checkNode('v18.0.0')])).toBe(3);
});

test('the printed list', () => {
  const results = [
    checkNode('v24.21.0'),
    checkChrome(undefined, 'install Google Chrome.'),
    checkStart({ error: 'Chrome (/x) ended while starting (exit code 1).\nlibnss3.so: cannot open' }),
    checkCores(2, 3),
  ];
  expect(`\n${formatDoctor(results, { color: false })}\n`).toBe(`
ok    Node            v24.21.0
fail  Chrome          not found
                      -> install Google Chrome.
fail  Chrome starts   Chrome (/x) ended while starting (exit code 1).
                      libnss3.so: cannot open
                      -> Start Chrome by hand with --headless=new to see what it misses (libraries, sandbox, disk).
warn  Cores and load  2 cores, load 3.0 over the last minute
                      -> Something else is running: end it, or samples will be rejected.

1 ok, 1 to note, 2 failed
`);
});
