/** What leaves the process group of a comparison ends with the comparison all the same. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive } from '../src/browser/abandoned.ts';
import { Ledger, undo } from '../src/compare/ledger.ts';
import { startProcess } from '../src/compare/process-group.ts';

const usual = process.env['TMPDIR'];
let folder: string;
let daemon = 0;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'strays-test-'));
  process.env['TMPDIR'] = folder;
});
afterEach(() => {
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  if (daemon > 1 && isAlive(daemon)) process.kill(daemon, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a command that starts a daemon and ends, or goes on itself. */
async function startDaemon(ledger: Ledger, daemonScript: string, then: string): Promise<void> {
  const note = path.join(folder, 'pid');
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(daemonScript)}], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', () => {
      require('node:fs').writeFileSync(${JSON.stringify(note)}, String(child.pid));
      ${then}
    });`;
  startProcess(ledger, [process.execPath, '-e', script], {
    cwd: folder,
    env: process.env,
    role: 'other',
    log: path.join(folder, 'log'),
  });
  const read = (): number => {
    try {
      return Number(readFileSync(note, 'utf8'));
    } catch {
      return 0;
    }
  };
  await expect.poll(read, { timeout: 60_000, interval: 50 }).toBeGreaterThan(1);
  daemon = read();
}

const stay = "setInterval(() => {}, 1000); console.log('up');";

// Elsewhere processes are not listed.
describe.runIf(process.platform === 'linux')('a server in a session of its own', () => {
  test('ends with the run, while its starter lives and when that is gone', async () => {
    for (const then of ['setInterval(() => {}, 1000);', 'process.exit();']) {
      const ledger = new Ledger();
      await startDaemon(ledger, stay, then);
      expect(isAlive(daemon)).toBe(true);
      await ledger.close();
      expect(isAlive(daemon)).toBe(false);
      rmSync(path.join(folder, 'pid'));
    }
  });

  test('ends although it ignores SIGTERM', async () => {
    const ledger = new Ledger();
    await startDaemon(ledger, `process.on('SIGTERM', () => {}); ${stay}`, 'process.exit();');
    await ledger.close();
    expect(isAlive(daemon)).toBe(false);
  });

  test("is left alone by the end of another run, also by one whose folder's name is the beginning of this one's", async () => {
    const ledger = new Ledger();
    const other = new Ledger();
    await startDaemon(ledger, stay, 'process.exit();');
    await other.close();
    await undo(ledger.folder.slice(0, -1), {
      owner: { pid: 0, start: '' },
      guard: null,
      processes: [],
      builds: [],
    });
    expect(isAlive(daemon)).toBe(true);
    await ledger.close();
    expect(isAlive(daemon)).toBe(false);
  });
});
