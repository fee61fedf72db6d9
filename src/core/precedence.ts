/**
 * Names and globs in budgets, and which line counts when several are meant for the same number.
 * The order: the more exact scenario, then the line for one project, then the more exact step. What is named in
 * full beats a glob, and any other glob beats a lone `*`.
 */
import picomatch from 'picomatch';
import type { RegressionLine } from './comparison.ts';
import { formatPlace, PacewrightError } from './errors.ts';
import { type BudgetLine, nameSubject } from './verdict.ts';

/** A line of a budget: an absolute limit, or one against base. Both are chosen by the same rules, each among its own. */
export type AnyLine = BudgetLine | RegressionLine;

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

function ranks(line: AnyLine, step: string | undefined): readonly number[] {
  return [exactness(line.scenario), line.project === null ? 0 : 1, line.step === null ? 2 : exactness(line.step, step)];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, rank] of a.entries()) {
    const difference = rank - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What a line limits, of the step that it is for: lines with the same text are rivals. */
export function lineSubject(line: AnyLine): string {
  return 'statistic' in line ? nameSubject(line) : `${line.metric} regression`;
}

/** What a line demands of its subject, as text. */
function demandOf(line: AnyLine): string {
  const bound = 'limit' in line ? line.tolerance : line.allowed;
  return JSON.stringify(['limit' in line ? line.limit : null, bound?.kind, bound?.value, line.level]);
}

/**
 * The most exact line for each group of lines that `key` gives the same text, in the order of first appearance.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things.
 */
export function mostExact<Line extends AnyLine>(
  lines: readonly Line[],
  key: (line: Line) => string,
  step?: string,
): Line[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groups.get(key(line));
    if (group) group.push(line);
    else groups.set(key(line), [line]);
  }
  const kept: Line[] = [];
  for (const group of groups.values()) {
    // A stable sort: of equal lines the first in the files is the one that is kept.
    const [best, ...rest] = group.toSorted((a, b) => compareRanks(ranks(b, step), ranks(a, step)));
    if (!best) continue;
    const rival = rest.find(
      (line) => compareRanks(ranks(line, step), ranks(best, step)) === 0 && demandOf(line) !== demandOf(best),
    );
    if (rival) throw conflict(best, rival, step ?? best.step);
    kept.push(best);
  }
  return kept;
}

function conflict(best: AnyLine, rival: AnyLine, step: string | null): PacewrightError {
  return new PacewrightError(
    'BUDGET_CONFLICT',
    `${lineSubject(best)} of ${step === null ? 'the flow' : `step "${step}"`} has two ` +
      `different limits of equal rank: ${formatPlace(best.source)} and ${formatPlace(rival.source)}.`,
    { next: 'Remove one of the two, or name scenario, project or step more exactly in one.', place: rival.source },
  );
}

function meantFor<Line extends AnyLine>(lines: readonly Line[], step: string | null): Line[] {
  const meant = lines.filter((line) =>
    step === null || line.step === null ? step === line.step : matchesName(line.step, step),
  );
  return mostExact(meant, lineSubject, step ?? undefined);
}

/**
 * The lines that count for one step (or for the flow: null), one for each metric and statistic.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things.
 */
export function linesForStep(lines: readonly BudgetLine[], step: string | null): BudgetLine[] {
  return meantFor(lines, step);
}

/**
 * The budgets against base that count for one step (or for the flow: null), one for each metric.
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things.
 */
export function regressionLinesForStep(lines: readonly RegressionLine[], step: string | null): RegressionLine[] {
  return meantFor(lines, step);
}
