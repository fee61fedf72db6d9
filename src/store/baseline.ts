/** The file of a baseline: read with the place of each problem, written so that its diffs can be reviewed. */
import { existsSync, readFileSync } from 'node:fs';
import { getNodeValue, type JSONPath } from 'jsonc-parser';
import { type Baseline, baselineDocument, baselineScenario, storableAdvice, whyNotStorable } from '../core/baseline.ts';
import { PacewrightError } from '../core/errors.ts';
import { JsonText, throwAll } from '../core/json-text.ts';
import { suggest } from '../core/nearest.ts';
import { writeWhole } from './run-folder.ts';

export const baselineFileName = 'pacewright-baseline.json';

const codes = { syntax: 'BASELINE_INVALID', invalid: 'BASELINE_INVALID' } as const;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortKeys<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => compareText(a, b)));
}

/** One value a line, scenarios, steps and metrics in the order of their names: a diff shows what changed and no more. */
export function formatBaseline(baseline: Baseline): string {
  const scenarios = baseline.scenarios
    .map(({ scenario, project, flow, steps }) => ({
      scenario,
      project,
      flow: sortKeys(flow),
      steps: sortKeys(Object.fromEntries(Object.entries(steps).map(([step, values]) => [step, sortKeys(values)]))),
    }))
    .toSorted((a, b) => compareText(a.scenario, b.scenario) || compareText(a.project, b.project));
  const { schemaVersion, commit, dirty, chrome, only } = baseline;
  return `${JSON.stringify({ schemaVersion, commit, dirty, chrome, only, scenarios }, null, 2)}\n`;
}

/** @throws PacewrightError WRITE_FAILED */
export function writeBaseline(file: string, baseline: Baseline): void {
  writeWhole(file, formatBaseline(baseline));
}

/**
 * @param name as it stands in messages
 * @throws PacewrightError BASELINE_NOT_FOUND, BASELINE_INVALID
 */
export function readBaseline(file: string, name: string): Baseline {
  if (!existsSync(file)) {
    throw new PacewrightError('BASELINE_NOT_FOUND', `There is no baseline ${name}.`, {
      next: 'write one with `npx pacewright baseline save`, or name it with `--file`',
    });
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw new PacewrightError('BASELINE_NOT_FOUND', `The baseline ${name} cannot be read.`, {
      next: 'name a file with `--file`',
      cause: error,
    });
  }
  return parseBaseline(text, name);
}

/**
 * @param name as it stands in messages
 * @throws PacewrightError BASELINE_INVALID, with all problems in its message
 */
export function parseBaseline(text: string, name: string): Baseline {
  const source = new JsonText(text, name, codes);
  throwAll(source.problems);
  const value: unknown = source.root ? getNodeValue(source.root) : undefined;
  const parsed = baselineDocument.safeParse(value);
  if (!parsed.success) for (const issue of parsed.error.issues) reportIssue(issue, source);
  else checkMetrics(parsed.data, source);
  throwAll(source.problems);
  if (parsed.success) return parsed.data;
  throw new PacewrightError('BASELINE_INVALID', 'This is no baseline.', { next: advice, place: { file: name } });
}

const advice = 'correct the file, or remove it and write it again with `npx pacewright baseline save`';

type Issue = NonNullable<ReturnType<typeof baselineDocument.safeParse>['error']>['issues'][number];

function reportIssue(issue: Issue, source: JsonText): void {
  const path: JSONPath = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    const allowed = Object.keys(path.length === 0 ? baselineDocument.shape : baselineScenario.shape);
    for (const key of issue.keys) {
      const offset = source.offset([...path, key], true);
      source.report(codes.invalid, `Unknown key "${key}". ${suggest(key, allowed)}`, advice, offset);
    }
    return;
  }
  const node = source.nodeAt(path);
  const where = path.length === 0 ? 'The file' : path.map((part) => `"${part}"`).join(' › ');
  if (path[0] === 'schemaVersion' && typeof node?.value === 'number') {
    const message = `Its schemaVersion is ${node.value}; this version reads 1.`;
    source.report(
      codes.invalid,
      message,
      'remove it and write it again with `npx pacewright baseline save`',
      source.offset(path),
    );
    return;
  }
  const message = !node
    ? `${where} is missing.`
    : path.length === (path[2] === 'flow' ? 4 : 5)
      ? `${where} is ${JSON.stringify(getNodeValue(node))}. Allowed: a number (0 or more), "not exact".`
      : `${where}: ${issue.message}.`;
  source.report(codes.invalid, message, advice, source.offset(path));
}

function checkMetrics(baseline: Baseline, source: JsonText): void {
  const check = (pattern: string, path: JSONPath, key: boolean): void => {
    const reason = whyNotStorable(pattern);
    if (reason !== null) source.report(codes.invalid, reason, `remove it: ${storableAdvice}`, source.offset(path, key));
  };
  for (const [index, pattern] of (baseline.only ?? []).entries()) check(pattern, ['only', index], false);
  const seen = new Set<string>();
  for (const [index, { scenario, project, flow, steps }] of baseline.scenarios.entries()) {
    const path: JSONPath = ['scenarios', index];
    const id = JSON.stringify([scenario, project]);
    if (seen.has(id)) {
      const message = `The scenario "${scenario}" stands here twice for the project "${project}".`;
      source.report(codes.invalid, message, 'remove one of the two', source.offset(path));
    }
    seen.add(id);
    for (const metric of Object.keys(flow)) check(metric, [...path, 'flow', metric], true);
    for (const [step, values] of Object.entries(steps))
      for (const metric of Object.keys(values)) check(metric, [...path, 'steps', step, metric], true);
  }
}
