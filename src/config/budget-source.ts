/** Where the budgets of a run come from: the command line before `use`, read once a process. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { PacewrightError } from '../core/errors.ts';
import { type BudgetLines, readBudgets } from './budgets.ts';
import { defaultOptions } from './options.ts';

const read = new Map<string, BudgetLines>();

/**
 * The budgets of a folder or file. The default folder may be absent (then there are no budgets, which is said, not
 * failed); one that was asked for may not.
 * @throws PacewrightError BUDGETS_NOT_FOUND, and all that reading budgets throws
 */
export function loadBudgets(from: { budgets: string; root: string; env: NodeJS.ProcessEnv }): BudgetLines {
  const asked = from.env['PACEWRIGHT_BUDGETS'];
  const file = asked ?? path.resolve(from.root, from.budgets);
  if (!existsSync(file)) {
    if (asked === undefined && from.budgets === defaultOptions.budgets) return { lines: [], regressions: [] };
    throw new PacewrightError('BUDGETS_NOT_FOUND', `There is no budget folder or file ${file}.`, {
      next: 'correct `--budgets` or `use.budgets`; a budget is a JSON file, see the README',
    });
  }
  const known = read.get(file);
  if (known) return known;
  const budgets = readBudgets(file, from.root);
  read.set(file, budgets);
  return budgets;
}
