/** One command on the way to a running side, with its progress and what it said when it failed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Variant } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { startProcess } from './process-group.ts';
import { withoutGit } from './repository.ts';
import type { Session } from './session.ts';

const shownLines = 30;
// What takes longer than this is worth a line; a build of minutes gets one a quarter of a minute.
const worthSaying = 2000;
const reminder = 15_000;

/** The last lines that a command wrote, indented; empty where it said nothing. */
export function lastLines(log: string): string {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-shownLines);
  return lines.join('').trim() === '' ? '    (it wrote nothing)' : lines.map((line) => `    ${line}`).join('\n');
}

export function seconds(since: number): string {
  return `${Math.round((performance.now() - since) / 1000)} s`;
}

/** The environment of commands of the user's: without what npm set for the script that we may have been started by. */
export function commandEnv(session: Session, variant: Variant): NodeJS.ProcessEnv {
  const own = /^(INIT_CWD|npm_(package|lifecycle)_.*|npm_config_local_prefix|PACEWRIGHT_COMPARE)$/;
  const kept = Object.entries(withoutGit(session.env)).filter(([name]) => !own.test(name));
  return { ...Object.fromEntries(kept), PACEWRIGHT_VARIANT: variant };
}

interface Step {
  readonly variant: Variant;
  /** `installing`, `building`, … */
  readonly doing: string;
  readonly words: readonly string[];
  /** The command as a reader knows it. */
  readonly command: string;
  readonly folder: string;
  /** What to do when it fails. */
  readonly next: string;
}

/** @throws PacewrightError COMPARE_PREPARE_FAILED with the last lines of the command */
export async function runStep(session: Session, step: Step): Promise<void> {
  const { variant, doing, command } = step;
  const started = performance.now();
  session.say(`${variant}  ${doing}: ${command}`);
  const log = path.join(session.ledger.folder, `${variant}-${doing.replaceAll(' ', '-')}.log`);
  const timer = setInterval(() => session.say(`${variant}  still ${doing}: ${seconds(started)}`), reminder);
  try {
    const { pid, ended } = startProcess(session.ledger, step.words, {
      cwd: step.folder,
      env: commandEnv(session, variant),
      role: 'other',
      log,
    });
    const code = await ended;
    session.ledger.removeProcess(pid);
    if (code !== 0) {
      const how = code === null ? 'was killed' : `ended with exit code ${code}`;
      throw new PacewrightError(
        'COMPARE_PREPARE_FAILED',
        `${variant}: \`${command}\` in ${step.folder} ${how}. Its last lines:\n${lastLines(log)}`,
        { next: step.next },
      );
    }
  } finally {
    clearInterval(timer);
  }
  if (performance.now() - started > worthSaying) session.say(`${variant}  done ${doing}: ${seconds(started)}`);
}
