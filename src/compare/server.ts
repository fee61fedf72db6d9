/** The application's server of one side, from its start to its first answer. */
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Variant } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { askServer } from './answer.ts';
import type { StartCommand } from './commands.ts';
import { shellWords, startProcess } from './process-group.ts';
import type { Session } from './session.ts';
import { commandEnv, lastLines } from './step.ts';
import { seconds } from './waiting.ts';

interface HeldPort {
  readonly port: number;
  readonly release: () => Promise<void>;
}

async function holdPort(): Promise<HeldPort> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/**
 * Two ports that nothing listens on, of as many digits: the port is part of URLs in requests and answers, and a digit
 * more would be a byte more.
 */
export async function findFreePorts(): Promise<{ base: number; head: number }> {
  const held: HeldPort[] = [];
  try {
    for (;;) {
      const next = await holdPort();
      const other = held.find(({ port }) => String(port).length === String(next.port).length);
      held.push(next);
      if (other) return { base: other.port, head: next.port };
    }
  } finally {
    await Promise.all(held.map(({ release }) => release()));
  }
}

/**
 * Starts a server and waits until it answers with a status below 500.
 * @param timeout ms
 * @throws PacewrightError COMPARE_PREPARE_FAILED where it ends or stays silent
 */
export async function startServer(
  session: Session,
  variant: Variant,
  { start, port, timeout }: { start: StartCommand; port: number; timeout: number },
): Promise<void> {
  const log = path.join(session.ledger.folder, `${variant}-server.log`);
  const { ended } = startProcess(session.ledger, shellWords(start.command), {
    cwd: start.folder,
    env: { ...commandEnv(session, variant), ...start.env, PORT: String(port) },
    role: 'other',
    log,
  });
  let exit: { code: number | null } | undefined;
  ended.then(
    (code) => (exit = { code }),
    () => (exit = { code: null }),
  );
  const since = performance.now();
  let sayAt = since + 2000;
  let last = 'nothing listens there';
  const fail = (what: string): PacewrightError =>
    new PacewrightError(
      'COMPARE_PREPARE_FAILED',
      `The server of ${variant} ${what}: \`${start.command}\` in ${start.folder}, with PORT=${port} in its environment. Its last lines:\n${lastLines(log)}`,
      {
        next: "let it listen on the port it is given, in playwright.config.ts: compare: { start: 'npm run preview -- --port {port}' }; `compare.url` says where it answers, `compare.timeout` how long it may take",
      },
    );
  while (performance.now() - since < timeout) {
    session.ledger.checkOpen();
    if (exit) throw fail(`ended with ${exit.code === null ? 'a signal' : `exit code ${exit.code}`}`);
    const answer = await askServer(start.ready, Math.max(1, timeout - (performance.now() - since)));
    if ('status' in answer && answer.status < 500) return;
    last = 'status' in answer ? `status ${answer.status}` : answer.failure;
    if (performance.now() > sayAt) {
      sayAt = performance.now() + 15_000;
      session.say(`${variant}  waiting for ${start.ready}: ${seconds(since)} (${last})`);
    }
    await delay(50);
  }
  throw fail(`did not answer at ${start.ready} within ${timeout / 1000} s (${last})`);
}
