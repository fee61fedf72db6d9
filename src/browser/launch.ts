import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Launcher } from 'chrome-launcher';
import { PacewrightError } from '../core/errors.ts';
import { createProfileFolder, killGroup, noteChrome, removeFolder } from './abandoned.ts';
import { chromeFlags } from './flags.ts';

/** A running Chrome of ours. */
export interface Chrome {
  readonly pid: number;
  /** Port of the DevTools protocol on 127.0.0.1. */
  readonly port: number;
  readonly path: string;
  readonly flags: readonly string[];
  /** For temporary files of Chrome and of whoever drives it; it goes with the profile, whoever removes that. */
  readonly temporary: string;
  /** Whether the process has ended, by itself or by `kill`. */
  readonly ended: () => boolean;
  /** Ends Chrome and all its children, and removes its profile; safe to call twice. */
  readonly kill: () => Promise<void>;
}

// A cold start on a busy 2-core machine took up to 4 s; a broken one is seen by its exit, at once.
const pollInterval = 25;
const startTimeout = 30_000;

const running = new Map<number, string>();
// The last resort, for exits that run no teardown: synchronous, since nothing else is allowed in 'exit'.
process.on('exit', () => {
  for (const [pid, profile] of running) {
    killGroup(pid);
    removeFolder(profile);
  }
});

function lastWords(profile: string): string {
  try {
    const text = readFileSync(path.join(profile, 'chrome-err.log'), 'utf8').trim();
    return text.split('\n').slice(-5).join('\n    ');
  } catch {
    return '';
  }
}

function startFailed(chromePath: string, profile: string, reason: string): PacewrightError {
  const words = lastWords(profile);
  return new PacewrightError(
    'CHROME_START_FAILED',
    `Chrome (${chromePath}) ${reason}.${words ? ` Its last words:\n    ${words}` : ''}`,
    { next: 'run `npx pacewright doctor`: it starts Chrome and says what is missing' },
  );
}

/**
 * Starts a Chrome with a fresh profile in the temporary folder, TMPDIR included, so that nothing stays behind.
 * @throws PacewrightError CHROME_START_FAILED with what Chrome printed
 */
export async function launchChrome(options: {
  path: string;
  headless: boolean;
  extraFlags?: readonly string[];
  /** The core that it has to keep to, as taskset(1) takes it. */
  core?: string | undefined;
}): Promise<Chrome> {
  const profile = createProfileFolder();
  const temporary = path.join(profile, 'tmp');
  mkdirSync(temporary);
  const flags = chromeFlags({ headless: options.headless, extra: options.extraFlags ?? [] });
  let child: ChildProcess | undefined;
  let ended = false;
  let reportExit: (reason: string) => void = () => {};
  const exited = new Promise<string>((resolve) => (reportExit = resolve));
  const launcher = new Launcher(
    {
      chromePath: options.path,
      chromeFlags: flags,
      ignoreDefaultFlags: true,
      userDataDir: profile,
      connectionPollInterval: pollInterval,
      maxConnectionRetries: startTimeout / pollInterval,
      envVars: { ...process.env, TMPDIR: temporary },
    },
    {
      spawn: ((command: string, args: string[], spawnOptions: object) => {
        // taskset becomes the program that it starts, so the process id is Chrome's.
        child =
          options.core === undefined
            ? spawn(command, args, spawnOptions)
            : spawn('taskset', ['-c', options.core, command, ...args], spawnOptions);
        if (child.pid !== undefined) {
          running.set(child.pid, profile);
          noteChrome(profile, child.pid);
        }
        child.once('error', (error) => reportExit(`could not be started: ${error.message}`));
        child.once('exit', (code, signal) => {
          ended = true;
          reportExit(`ended while starting (${signal ?? `exit code ${code}`})`);
        });
        return child;
      }) as typeof spawn,
    },
  );
  const kill = async (): Promise<void> => {
    if (child?.pid !== undefined) {
      killGroup(child.pid);
      if (!ended) await exited;
      running.delete(child.pid);
    }
    removeFolder(profile);
  };
  try {
    const failure = await Promise.race([launcher.launch().then(() => undefined), exited]);
    if (failure !== undefined) throw startFailed(options.path, profile, failure);
  } catch (error) {
    const failure =
      error instanceof PacewrightError
        ? error
        : startFailed(options.path, profile, `did not open its port within ${startTimeout / 1000} s`);
    await kill();
    throw failure;
  }
  return {
    pid: child?.pid ?? 0,
    port: launcher.port ?? 0,
    path: options.path,
    flags,
    temporary,
    ended: () => ended,
    kill,
  };
}
