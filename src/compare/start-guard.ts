import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ledger } from './ledger.ts';

// `.ts` in the repository, `.js` in the package.
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const guard = fileURLToPath(new URL(`./guard.${ending}`, import.meta.url));

/** Starts the guard of a run, in a session of its own: what ends our terminal or our group leaves it alone. */
export function startGuard(ledger: Ledger): void {
  const child = spawn(process.execPath, [guard, ledger.folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  if (child.pid !== undefined) ledger.setGuard(child.pid);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}
