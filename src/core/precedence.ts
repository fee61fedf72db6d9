/**
 * Names and globs in budgets, and which line counts when several are meant for the same number.
 * The order: the more exact scenario, then the line for one project, then the more exact step. What is named in
 * full beats a glob, and any other glob beats a lone `*`.
 */
import picomatch from 'picomatch';
import { formatPlace, PacewrightError } from './errors.ts';
import type { BudgetLine } from './verdict.ts';

/** Whether a name in a budget is a glob: it holds one of `* ? [ ] { }`. */
export function isPattern(name: string): boolean {
  return /[*?[\]{}]/.test(name);
}

/** Whether a name or glob means `name`. `*` stands for any text, `/` included: names are not paths. */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern === name || pattern === '*') return true;
  // `bash` lets a star cross slashes; `!` and `+(…)` are plain text in names.
  return (
    isPattern(pattern) && picomatch.isMatch(name, pattern, { bash: true, dot: true, nonegate: true, noextglob: true })
  );
}

/** 2 for a name in full, 1 for a glob, 0 for a lone `*`. A name that itself looks like a glob counts as in full. */
export function exactness(pattern: string, name?: string): 0 | 1 | 2 {
  if (pattern === '*') return 0;
  return pattern === name || !isPattern(pattern) ? 2 : 1;
}

function ranks(line: BudgetLine, step: string | undefined): readonly number[] {
  return [exactness(line.scenario), line.project === null ? 0 : 1, line.step === null ? 2 : exactness(line.step, step)];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, rank] of a.entries()) {
    const difference = rank - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function sameDemand(a: BudgetLine, b: BudgetLine): boolean {
  return (
    a.limit === b.limit &&
    a.level === b.level &&
    a.tolerance?.kind === b.tolerance?.kind &&
    a.tolerance?.value === b.tolerance?.value
  );
}

/**
 * The most exact line for each group of lines that `key` gives the same text, in the order of first appearance.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things.
 */
export function mostExact(
  lines: readonly BudgetLine[],
  key: (line: BudgetLine) => string,
  step?: string,
): BudgetLine[] {
  const groups = new Map<string, BudgetLine[]>();
  for (const line of lines) {
    const group = groups.get(key(line));
    if (group) group.push(line);
    else groups.set(key(line), [line]);
  }
  const kept: BudgetLine[] = [];
  for (const group of groups.values()) {
    // A stable sort: of equal lines the first in the files is the one that is kept.
    const [best, ...rest] = group.toSorted((a, b) => compareRanks(ranks(b, step), ranks(a, step)));
    if (!best) continue;
    const rival = rest.find(
      (line) => compareRanks(ranks(line, step), ranks(best, step)) === 0 && !sameDemand(line, best),
    );
    if (rival) {
      const where = step ?? best.step;
      throw new PacewrightError(
        'BUDGET_CONFLICT',
        `${best.metric} ${best.statistic} of ${where === null ? 'the flow' : `step "${where}"`} has two different limits ` +
          `of equal rank: ${formatPlace(best.source)} and ${formatPlace(rival.source)}.`,
        { next: 'Remove one of the two, or name scenario, project or step more exactly in one.', place: rival.source },
      );
    }
    kept.push(best);
  }
  return kept;
}

/**
 * The lines that count for one step (or for the flow: null), one for each metric and statistic.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things.
 */
export function linesForStep(lines: readonly BudgetLine[], step: string | null): BudgetLine[] {
  const meant = lines.filter((line) =>
    step === null || line.step === null ? step === line.step : matchesName(line.step, step),
  );
  return mostExact(meant, (line) => JSON.stringify([line.metric, line.statistic]), step ?? undefined);
}
