/** Budget files to budget lines, the lines of a scenario, and names in budgets that nothing has. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { RegressionLine } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { throwAll } from '../core/json-text.ts';
import { suggest } from '../core/nearest.ts';
import { type AnyLine, isPattern, lineSubject, matchesName, mostExact } from '../core/precedence.ts';
import type { BudgetLine } from '../core/verdict.ts';
import { placeOfName } from './budgets-lines.ts';
import { parseBudget } from './budgets-parse.ts';

export interface BudgetLines {
  /** The absolute limits. */
  readonly lines: readonly BudgetLine[];
  /** The limits against base. */
  readonly regressions: readonly RegressionLine[];
}

export interface Budgets extends BudgetLines {
  /** The files that were read, relative to the root, in the order of their names. */
  readonly files: readonly string[];
}

/**
 * Reads one budget file, or every `*.json` and `*.jsonc` directly in a folder (which may have none).
 * @param root what file names in lines and messages are relative to
 * @throws PacewrightError BUDGETS_NOT_FOUND; or, with all problems of all files in its message, BUDGET_SYNTAX,
 * BUDGET_INVALID, BUDGET_UNKNOWN_METRIC, BUDGET_BAD_UNIT
 */
export function readBudgets(from: string, root = process.cwd()): Budgets {
  const files = findFiles(from, root);
  const lines: BudgetLine[] = [];
  const regressions: RegressionLine[] = [];
  const problems: PacewrightError[] = [];
  for (const file of files) {
    const parsed = parseBudget(readText(file, root), display(file, root));
    lines.push(...parsed.lines);
    regressions.push(...parsed.regressions);
    problems.push(...parsed.problems);
  }
  throwAll(problems);
  return { files: files.map((file) => display(file, root)), lines, regressions };
}

function findFiles(from: string, root: string): string[] {
  try {
    if (!statSync(from).isDirectory()) return [from];
    return readdirSync(from, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && /\.jsonc?$/.test(entry.name))
      .map((entry) => path.join(from, entry.name))
      .toSorted();
  } catch (error) {
    throw unreadable(from, root, error);
  }
}

function readText(file: string, root: string): string {
  try {
    // Editors on Windows begin a file with a byte order mark, which is not JSON.
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw unreadable(file, root, error);
  }
}

function unreadable(file: string, root: string, cause: unknown): PacewrightError {
  const why =
    cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'does not exist' : 'cannot be read';
  return new PacewrightError('BUDGETS_NOT_FOUND', `The budget folder or file ${display(file, root)} ${why}.`, {
    next: 'give a folder with budget files, or one budget file',
    cause,
  });
}

/** A path as it stands in documents: relative to the root, with slashes. */
function display(file: string, root: string): string {
  const relative = path.relative(root, file) || '.';
  return relative.split(path.sep).join('/');
}

/** What stands between the parts of a title path in a budget: `describe › title`. */
const titleSeparator = ' › ';

/** All names of a scenario: its title, and its title with one or more of what it stands in. */
function namesOf(titlePath: readonly string[]): string[] {
  return titlePath.map((_, from) => titlePath.slice(from).join(titleSeparator));
}

/**
 * The lines for one scenario in one project, absolute limits or those against base. Of lines for the same step name,
 * metric and statistic only the most exact is kept (core/precedence.ts); between different step names the choice is
 * made step by step (`linesForStep`, `regressionLinesForStep`).
 * @param scenario.titlePath describe titles and title; the title last
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things
 */
export function resolveBudgets<Line extends AnyLine>(
  lines: readonly Line[],
  scenario: { readonly titlePath: readonly string[]; readonly project: string },
): Line[] {
  const names = namesOf(scenario.titlePath);
  const meant = lines.filter(
    (line) =>
      (line.project === null || line.project === scenario.project) &&
      names.some((name) => matchesName(line.scenario, name)),
  );
  return mostExact(meant, (line) => JSON.stringify([line.step, lineSubject(line)]));
}

type Named = 'scenario' | 'project' | 'step';

const unknownCodes = {
  scenario: 'BUDGET_UNKNOWN_SCENARIO',
  project: 'BUDGET_UNKNOWN_PROJECT',
  step: 'BUDGET_UNKNOWN_STEP',
} as const;

/** A problem for each name that `isKnown` denies, at the first place of each file that uses it. */
function findUnknown(
  lines: readonly AnyLine[],
  what: Named,
  isKnown: (name: string) => boolean,
  known: readonly string[],
): PacewrightError[] {
  const seen = new Set<string>();
  const problems: PacewrightError[] = [];
  for (const line of lines) {
    const name = line[what];
    const key = `${line.source.file} ${name}`;
    if (name === null || name === '*' || seen.has(key)) continue;
    seen.add(key);
    if (isKnown(name)) continue;
    const kind = isPattern(name) ? `No ${what} matches` : `There is no ${what}`;
    problems.push(
      new PacewrightError(unknownCodes[what], `${kind} "${name}". ${suggest(name, known)}`, {
        next: `correct the name of the ${what} in the budget, or remove it`,
        place: placeOfName(line, what),
      }),
    );
  }
  return problems;
}

/**
 * Checks the scenario and project names of all lines against those of the whole suite. Not to be asked with a part
 * of it (`--grep`, one shard): the rest would seem unknown. A lone `*` is never wrong.
 * @param titles title, or title path joined by ` › `, of every scenario
 * @throws PacewrightError BUDGET_UNKNOWN_SCENARIO, BUDGET_UNKNOWN_PROJECT
 */
export function checkScenarioNames(
  lines: readonly AnyLine[],
  titles: readonly string[],
  projects: readonly string[],
): void {
  const names = titles.flatMap((title) => namesOf(title.split(titleSeparator)));
  const own = [...new Set(titles.map((title) => title.split(titleSeparator).at(-1) ?? title))];
  throwAll([
    ...findUnknown(lines, 'scenario', (name) => names.some((each) => matchesName(name, each)), own),
    ...findUnknown(lines, 'project', (name) => projects.includes(name), projects),
  ]);
}

/**
 * Checks the step names of a scenario's lines against the steps that it has. Lines for a glob of scenarios are left
 * out, since their step may be another scenario's; `checkSharedStepNames` looks at those.
 * @throws PacewrightError BUDGET_UNKNOWN_STEP
 */
export function checkStepNames(lines: readonly AnyLine[], steps: readonly string[]): void {
  throwUnknownSteps(
    lines.filter((line) => !isPattern(line.scenario)),
    steps,
  );
}

/**
 * Checks the step names of lines for globs of scenarios against all steps of all scenarios of a run.
 * @throws PacewrightError BUDGET_UNKNOWN_STEP
 */
export function checkSharedStepNames(lines: readonly AnyLine[], steps: readonly string[]): void {
  throwUnknownSteps(
    lines.filter((line) => isPattern(line.scenario)),
    steps,
  );
}

function throwUnknownSteps(lines: readonly AnyLine[], steps: readonly string[]): void {
  throwAll(findUnknown(lines, 'step', (name) => steps.some((step) => matchesName(name, step)), steps));
}
