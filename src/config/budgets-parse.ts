/** One budget file, as text, to budget lines; each problem with its line and column. */
import { getNodeValue, type JSONPath } from 'jsonc-parser';
import type * as z from 'zod';
import type { PacewrightError } from '../core/errors.ts';
import { JsonText } from '../core/json-text.ts';
import {
  familyMembers,
  findMetric,
  hasOneValue,
  isOfMemory,
  type MetricDefinition,
  metricTable,
} from '../core/metrics.ts';
import { suggest } from '../core/nearest.ts';
import { statistics } from '../core/verdict.ts';
import { type ParsedLines, toLines } from './budgets-lines.ts';
import { budgetFile, budgetKeys, describeQuantity, isScore } from './schema.ts';

/** @param file the name that stands in messages and in the lines' sources */
export function parseBudget(text: string, file: string): ParsedLines & { problems: PacewrightError[] } {
  const source = new JsonText(text, file, { syntax: 'BUDGET_SYNTAX', invalid: 'BUDGET_INVALID' });
  const lines = readLines(source);
  const at = ({ place }: PacewrightError): [number, number] => [place?.line ?? 0, place?.column ?? 0];
  return { ...lines, problems: source.problems.toSorted((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]) };
}

function readLines(source: JsonText): ParsedLines {
  const none: ParsedLines = { lines: [], regressions: [] };
  if (source.problems.some(({ code }) => code === 'BUDGET_SYNTAX')) return none;
  const value: unknown = source.root ? getNodeValue(source.root) : undefined;
  const unknown = checkMetrics(value, source);
  const parsed = budgetFile.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) reportIssue(issue, [], source, unknown);
  }
  if (!parsed.success || source.problems.length > 0) return none;

  const lines = toLines(parsed.data, source);
  if (lines.lines.length + lines.regressions.length === 0) {
    const message = 'The file has no limits: nothing under "flow", "steps" or "projects".';
    source.report('BUDGET_INVALID', message, 'add a limit, or remove the file', source.offset([]));
  }
  if (parsed.data.project !== undefined && parsed.data.projects !== undefined) {
    const message = `The file is for the project "${parsed.data.project}" only, so "projects" has no meaning in it.`;
    source.report('BUDGET_INVALID', message, 'remove "project" or "projects"', source.offset(['projects'], true));
  }
  return lines;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** Reports metrics that do not exist, or not in the place where they stand; gives their paths, joined. */
function checkMetrics(file: unknown, source: JsonText): ReadonlySet<string> {
  const bad = new Set<string>();
  const check = (limits: unknown, path: JSONPath, isFlow: boolean): void => {
    for (const [id, written] of entriesOf(limits)) {
      const metric = findMetric(id);
      const misplaced = metric?.flow === (isFlow ? 'none' : 'own');
      if (metric && !misplaced) {
        if (hasOneValue(metric) && !checkLimitOfOne(metric, written, [...path, id], source))
          bad.add(JSON.stringify([...path, id]));
        continue;
      }
      bad.add(JSON.stringify([...path, id]));
      const offset = source.offset([...path, id], true);
      if (metric) {
        const [message, next] = isFlow
          ? [
              `A flow has no ${id}: it belongs to one step.`,
              'move it under "steps", to the step that is meant or to "*"',
            ]
          : [`A step has no ${id}: it belongs to the whole flow.`, 'move it under "flow"'];
        source.report('BUDGET_INVALID', message, next, offset);
      } else {
        const family = Object.entries(familyMembers).find(([name]) => id.startsWith(name.slice(0, -1)));
        const rows = metricTable.filter((row) => row.flow !== (isFlow ? 'none' : 'own')).map((row) => row.id);
        const known = family?.[1] ?? rows;
        const message = `There is no metric "${id}". ${suggest(id, known)}`;
        source.report('BUDGET_UNKNOWN_METRIC', message, 'correct the name; the README lists all metrics', offset);
      }
    }
  };
  const checkParts = (parts: unknown, path: JSONPath): void => {
    for (const [key, value] of entriesOf(parts)) {
      if (key === 'flow') check(value, [...path, key], true);
      if (key === 'steps') for (const [step, limits] of entriesOf(value)) check(limits, [...path, key, step], false);
    }
  };
  checkParts(file, []);
  const projects = entriesOf(file).find(([key]) => key === 'projects')?.[1];
  for (const [project, parts] of entriesOf(projects)) checkParts(parts, ['projects', project]);
  return bad;
}

/** Says what is wrong with the keys of a limit of one value, in place of what the schema would say. */
function checkLimitOfOne(metric: MetricDefinition, written: unknown, path: JSONPath, source: JsonText): boolean {
  const { id } = metric;
  const who = isOfMemory(metric) ? 'detectLeaks' : 'the diagnosis';
  const keys = entriesOf(written).map(([key]) => key);
  const write = 'write the limit alone, or { "limit": …, "level": … }';
  if (keys.includes('regression')) {
    const message = `"regression" is not available for ${id}: ${who} takes one value, and compares none.`;
    const other = id.startsWith('bundle.') ? 'what the scripts grew by is "bytes.script"' : 'samples are compared';
    source.report('BUDGET_INVALID', message, `${write}; ${other}`, source.offset([...path, 'regression'], true));
    return false;
  }
  const statistic = statistics.find((each) => keys.includes(each));
  if (statistic !== undefined) {
    const message = `"${statistic}" is not available for ${id}: ${who} takes one value, so there are no statistics.`;
    source.report('BUDGET_INVALID', message, write, source.offset([...path, statistic], true));
    return false;
  }
  const isObject = typeof written === 'object' && written !== null && !Array.isArray(written);
  if (!isObject || keys.includes('limit')) return true;
  source.report('BUDGET_INVALID', `${describePath(path)} names no "limit".`, write, source.offset(path));
  return false;
}

type Issue = z.core.$ZodIssue;

/** What zod found, in words that name what is allowed there. */
function reportIssue(issue: Issue, before: JSONPath, source: JsonText, unknown: ReadonlySet<string>): void {
  const path: JSONPath = [...before, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  const metricAt = path.indexOf('flow') === path.length - 2 || path.at(-3) === 'steps' ? path : path.slice(0, -1);
  if (unknown.has(JSON.stringify(path)) || unknown.has(JSON.stringify(metricAt))) return;
  const node = source.nodeAt(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        if (unknown.has(JSON.stringify([...path, key]))) continue;
        const metric = findMetricOf(path);
        const ofOne = metric !== undefined && hasOneValue(metric);
        const allowed =
          path.length === 0
            ? budgetKeys.file
            : path[0] === 'projects' && path.length === 2
              ? budgetKeys.project
              : ofOne
                ? budgetKeys.limitOfOne
                : budgetKeys.limit;
        source.report(
          'BUDGET_INVALID',
          `Unknown key "${key}". ${suggest(key, allowed)}`,
          'correct or remove the key',
          source.offset([...path, key], true),
        );
      }
      return;
    case 'invalid_union': {
      // The branch for what was written: number, text, or an object with its own issues.
      const branch = node?.type === 'object' ? issue.errors.at(-1) : undefined;
      if (branch && !branch.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type')) {
        for (const inner of branch) reportIssue(inner, path, source, unknown);
        return;
      }
      reportValue(path, source);
      return;
    }
    default:
      if (node && findMetricOf(path)) reportValue(path, source, issue);
      else if (path[0] === 'scenario') reportValue(path, source);
      else
        source.report(
          'BUDGET_INVALID',
          `${describePath(path)}: ${issue.message}.`,
          'correct the value',
          source.offset(path),
        );
  }
}

/** The metric whose limit, or part of whose limit, stands at a path. */
function findMetricOf(path: JSONPath) {
  const inside = path[0] === 'projects' ? path.slice(2) : path;
  const id = inside[0] === 'flow' ? inside[1] : inside[0] === 'steps' ? inside[2] : undefined;
  return typeof id === 'string' ? findMetric(id) : undefined;
}

function reportValue(path: JSONPath, source: JsonText, issue?: Issue): void {
  const node = source.nodeAt(path);
  const written = node ? JSON.stringify(getNodeValue(node)) : 'nothing';
  const metric = findMetricOf(path);
  const offset = source.offset(path);
  const key = path.at(-1);
  if (!metric || key === 'level' || issue?.code === 'custom') {
    const allowed =
      key === 'level' ? 'Allowed: "warn", "error"' : (issue?.message ?? 'Allowed: a name or a list of names');
    source.report('BUDGET_INVALID', `${describePath(path)} is ${written}. ${allowed}.`, 'correct the value', offset);
    return;
  }
  const quantity = isScore(metric) ? 'a number from 0 to 1' : describeQuantity(metric.unit);
  const [what, allowed] =
    key === 'tolerance'
      ? ['tolerance', `a percentage such as "10 %", ${quantity}`]
      : key === 'regression'
        ? ['regression', `a percentage of base such as "5 %", ${quantity}, or false (compared, never fails)`]
        : ['limit', quantity];
  const message = `${written} is not a ${what} for ${metric.id}. Allowed: ${allowed}.`;
  const isText = node?.type === 'string';
  source.report(
    isText ? 'BUDGET_BAD_UNIT' : 'BUDGET_INVALID',
    message,
    isText ? 'correct the number or its unit' : 'correct the value',
    offset,
  );
}

function describePath(path: JSONPath): string {
  return path.length === 0 ? 'The file' : path.map((part) => `"${part}"`).join(' › ');
}
