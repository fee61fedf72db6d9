/** Hands this process over to Playwright's command line: its exit code becomes ours through the reporter. */
import { pathToFileURL } from 'node:url';
import { exitCodes } from './core/errors.ts';

/** @param cli path of Playwright's command line @param words after `playwright test` */
export async function becomePlaywright(cli: string, words: readonly string[]): Promise<void> {
  process.argv = [process.argv[0] ?? 'node', cli, 'test', ...words];
  const outcome = Symbol.for('pacewright.outcome');
  process.once('exit', (status) => {
    // Playwright refused to start: its config does not load. Other reporters than ours say nothing of that.
    const silent = words.some((word) => word.startsWith('--reporter'));
    if (status === 1 && !silent && (globalThis as Record<symbol, unknown>)[outcome] === undefined)
      process.exitCode = exitCodes.inputWrong;
  });
  await import(pathToFileURL(cli).href);
}
