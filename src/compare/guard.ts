/**
 * A process of its own that outlives a command killed without warning: its input is a pipe from the command, which
 * the system closes when the command ends, however that came about. What the command has not undone by then, it does.
 */
import { existsSync } from 'node:fs';
import { undo } from './ledger.ts';

const [folder] = process.argv.slice(2);
process.stdin.resume();
process.stdin.once('close', () => {
  if (folder !== undefined && existsSync(folder)) void undo(folder);
});
