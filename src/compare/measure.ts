/** Starts Playwright on both sides and waits for it. */
import { keepToCores, readCores } from '../browser/cores.ts';
import type { ComparisonSides } from '../core/comparison.ts';
import { exitCodes } from '../core/errors.ts';
import { findPlaywright } from './playwright.ts';
import { listMembers, startProcess } from './process-group.ts';
import type { Session } from './session.ts';

/** A side in a line of progress: `main 1a2b3c4, with uncommitted changes  http://127.0.0.1:43121/`. */
export function describeSide(side: ComparisonSides['base']): string {
  if (side.label === side.url || `${side.label}/` === side.url) return side.url;
  return `${nameSide(side)}  ${side.url}`;
}

export function nameSide(side: Omit<ComparisonSides['base'], 'url'>): string {
  const commit = side.commit === null ? '' : side.commit.slice(0, 7);
  const label = commit !== '' && side.label.startsWith(commit) ? '' : side.label;
  return [label, commit].filter((part) => part !== '').join(' ') + (side.dirty ? ', with uncommitted changes' : '');
}

/** Keeps the servers, and this process, which may be one, off the core that Chrome gets (see browser/cores.ts). */
function leaveCoreToChrome(servers: readonly number[]): void {
  const cores = readCores();
  if (!cores) return;
  for (const leader of servers) for (const pid of listMembers(leader) ?? []) keepToCores(pid, cores.others);
  keepToCores(process.pid, cores.others);
}

/** Resolves to Playwright's exit code, which is that of the reporter. */
export async function measureSides(
  session: Session,
  sides: ComparisonSides,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const command = [process.execPath, findPlaywright(session.cwd), 'test', ...words];
  const { pid, ended } = startProcess(session.ledger, command, {
    cwd: session.cwd,
    env: { ...session.env, ...env, PACEWRIGHT_COMPARE: JSON.stringify(sides) },
    role: 'measuring',
  });
  session.measuring = pid;
  leaveCoreToChrome(session.ledger.servers());
  try {
    const code = await ended;
    if (code !== null) return code;
    session.complain(
      'Playwright was killed and wrote no report.\nNext: run it again; with too little memory, say, the system kills.',
    );
    return exitCodes.notMeasured;
  } finally {
    session.measuring = undefined;
  }
}
