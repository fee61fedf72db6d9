/** One command on the way to a running side, with its progress and what it said when it failed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Variant } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { startProcess } from './process-group.ts';
import { withoutGit } from './repository.ts';
import type { Session } from './session.ts';
import { sayWhile } from './waiting.ts';

const shownLines = 30;

/** The last lines that a command wrote, indented; empty where it said nothing. */
export function lastLines(log: string): string {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-shownLines);
  return lines.join('').trim() === '' ? '    (it wrote nothing)' : lines.map((line) => `    ${line}`).join('\n');
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
  session.say(`${variant}  ${doing}: ${command}`);
  const log = path.join(session.ledger.folder, `${variant}-${doing.replaceAll(' ', '-')}.log`);
  const { pid, ended } = startProcess(session.ledger, step.words, {
    cwd: step.folder,
    env: commandEnv(session, variant),
    role: 'other',
    log,
  });
  const code = await sayWhile(session.say, `${variant}  ${doing}`, () => ended);
  session.ledger.removeProcess(pid);
  if (code === 0) return;
  const how = code === null ? 'was killed' : `ended with exit code ${code}`;
  throw new PacewrightError(
    'COMPARE_PREPARE_FAILED',
    `${variant}: \`${command}\` in ${step.folder} ${how}. Its last lines:\n${lastLines(log)}`,
    { next: step.next },
  );
}
