/** A comparison that is killed or interrupted leaves nothing behind, and the next one works. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../src/browser/abandoned.ts';
import { createRepository, type RepositoryProject } from './support/repository.ts';

const phases = ['install', 'build', 'server', 'measuring'] as const;
type Phase = (typeof phases)[number];

// A bound for what hangs.
const patience = { timeout: 60_000, interval: 50 };

function createSite(): RepositoryProject {
  const project = createRepository();
  project.commit('first');
  project.write('index.html', '<h1>second</h1>');
  return project;
}

/** Starts a comparison and waits until it is in a phase. */
async function startUntil(project: RepositoryProject, phase: Phase): Promise<ReturnType<RepositoryProject['start']>> {
  const started = project.start(['compare', 'main', '--pairs', '500', '--no-budgets'], {
    ...project.env,
    BLOCK: phase,
  });
  const note = phase === 'server' ? 'base-server.pid' : `${phase}.pid`;
  await expect.poll(() => project.note(note), patience).not.toBe('');
  return started;
}

/** What is left of a comparison, apart from complete builds. */
function leftovers(project: RepositoryProject): unknown {
  return {
    processes: project.pids().filter(isAlive),
    folders: project.temporary(),
    worktrees: project.git('worktree', 'list').split('\n').length - 1,
    registrations: readdirSync(path.join(project.folder, '.git')).filter((name) => name === 'worktrees'),
    builds: project.cached().filter((name) => !name.endsWith('.json')).length - project.cached().length / 2,
  };
}
const nothing = { processes: [], folders: [], worktrees: 0, registrations: [], builds: 0 };

/** The status of the run, where its report was written and named. */
function reported(project: RepositoryProject, output: string): string | undefined {
  return output.includes('Report:') ? project.lastRun().status : undefined;
}

async function runAgain(project: RepositoryProject): Promise<void> {
  const again = await project.pacewright(['compare', 'main', '--pairs', '2', '--no-budgets'], project.env);
  expect(again.code, again.output).toBe(0);
  expect(leftovers(project)).toEqual(nothing);
}

test.each(phases)('killed without warning while in %s', async (phase) => {
  using project = createSite();
  const { child, finished } = await startUntil(project, phase);
  child.kill('SIGKILL');
  const { output } = await finished;
  await expect.poll(() => leftovers(project), patience).toEqual(nothing);
  expect(project.cached()).toHaveLength(phase === 'install' || phase === 'build' ? 0 : 2);
  expect(reported(project, output)).toBe(phase === 'measuring' ? 'interrupted' : undefined);
  await runAgain(project);
});

test('its guard killed, too: the next comparison ends what is left', async () => {
  using project = createSite();
  const { child } = await startUntil(project, 'server');
  const [folder] = project.temporary();
  const ledger = JSON.parse(readFileSync(path.join(folder ?? '', 'ledger.json'), 'utf8')) as { guard: { pid: number } };
  expect(ledger.guard.pid).toBeGreaterThan(1);
  process.kill(ledger.guard.pid, 'SIGKILL');
  child.kill('SIGKILL');
  expect(project.pids().filter(isAlive)).not.toEqual([]);
  await runAgain(project);
});

test.each([
  ['SIGINT', 'build', 130],
  ['SIGTERM', 'server', 143],
  ['SIGINT', 'measuring', 130],
  ['SIGTERM', 'measuring', 130],
] as const)('%s while in %s', async (signal, phase, code) => {
  using project = createSite();
  const started = await startUntil(project, phase);
  started.child.kill(signal);
  const { output, ...ended } = await started.finished;
  expect(ended, output).toEqual({ code });
  expect(leftovers(project)).toEqual(nothing);
  expect(reported(project, output)).toBe(phase === 'measuring' ? 'interrupted' : undefined);
});

test('Playwright killed: what it started ends with it', async () => {
  using project = createSite();
  const { finished } = await startUntil(project, 'measuring');
  const [folder] = project.temporary().filter((name) => name.includes('compare'));
  const ledger = JSON.parse(readFileSync(path.join(folder ?? '', 'ledger.json'), 'utf8')) as {
    processes: { pid: number; role: string }[];
  };
  const playwright = ledger.processes.find(({ role }) => role === 'measuring')?.pid ?? 0;
  expect(playwright).toBeGreaterThan(1);
  process.kill(playwright, 'SIGKILL');
  expect(await finished).toMatchObject({ code: 3, output: expect.stringContaining('Playwright was killed') });
  expect(leftovers(project)).toEqual(nothing);
});
