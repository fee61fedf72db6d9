/** One run of the command: its ledger, what it prints, and how it is interrupted. */
import { constants } from 'node:os';
import { Ledger, undoAbandoned } from './ledger.ts';
import { startGuard } from './start-guard.ts';
import { sayWhile } from './waiting.ts';

export interface World {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** One line of progress. */
  readonly say: (text: string) => void;
  readonly complain: (text: string) => void;
}

export interface Session extends World {
  readonly ledger: Ledger;
  /** While it is set, signals go to this process, which ends in its own way. */
  measuring: number | undefined;
  /** Called at the end, in addition to what the ledger undoes. */
  readonly closers: (() => Promise<void>)[];
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work` and undoes afterwards whatever it started, however it ends. Resolves to its exit code, or to 128 and the
 * signal's number where it was interrupted before measuring.
 */
export async function inSession(world: World, work: (session: Session) => Promise<number>): Promise<number> {
  await undoAbandoned();
  const ledger = new Ledger();
  const session: Session = { ...world, ledger, measuring: undefined, closers: [] };
  let interrupt: (code: number) => void = () => undefined;
  const interrupted = new Promise<number>((resolve) => (interrupt = resolve));
  const listen = (signal: NodeJS.Signals): void => {
    // Playwright writes its report upon either; a terminal that went away cannot be told to it in another way.
    if (session.measuring !== undefined) sendSignal(session.measuring, signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
    else interrupt(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, listen);
  try {
    startGuard(ledger);
    const working = work(session);
    working.catch(() => undefined);
    return await Promise.race([working, interrupted]);
  } finally {
    await sayWhile(world.say, 'ending what was started', () => ledger.close());
    await Promise.allSettled(session.closers.map((close) => close()));
    for (const signal of signals) process.off(signal, listen);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 1) return;
  try {
    process.kill(pid, signal);
  } catch {
    // ended a moment ago
  }
}
