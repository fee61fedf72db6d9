/** What a terminal shows beside verdicts: failed flows, problems, warnings, and the numbers of what was not judged. */
import type { RunDocument, ScenarioDocument } from '../core/document.ts';
import { metricOrder } from '../core/metrics.ts';
import { cleanText } from '../core/text.ts';
import { median } from '../stats/quantile.ts';
import { alignColumns, ascii, type Colors, indent } from './terminal-table.ts';
import { lines, metricOf, name, placeText, quantity, range } from './view-format.ts';
import { scenarioName } from './view-lines.ts';
import { seriesOf, stepNames } from './view-series.ts';

/** What went wrong in flows that did not finish. */
export function failures(run: RunDocument, colors: Colors): string[] {
  return run.scenarios.flatMap((scenario) => {
    const { failure } = scenario;
    if (!failure) return [];
    const step = failure.step === null ? '' : `, step "${name(failure.step)}"`;
    const sample = failure.sample === null ? '' : `, sample ${failure.sample}`;
    return [
      `${colors.bold(colors.red('FAILED'))} ${scenarioName(scenario, run)}${step}${sample} (${name(failure.code)})`,
      ...lines(failure.message).map((line) => `  ${line}`),
      `  Next: ${cleanText(failure.next)}`,
      '',
    ];
  });
}

/** A scenario without verdicts: its numbers all the same, and how to judge them. */
export function unjudged(run: RunDocument, scenario: ScenarioDocument, colors: Colors): string[] {
  const rows = stepNames(scenario).flatMap((step) =>
    ['LCP', 'INP', 'CLS', 'duration', 'cpu.main', 'bytes.total']
      .toSorted((a, b) => metricOrder(a) - metricOrder(b))
      .flatMap((id) => {
        const points = seriesOf(scenario, step, id).filter((point) => point.role === 'accepted');
        if (points.length === 0) return [];
        const values = points.map((point) => point.value);
        const { unit } = metricOf(id);
        return [
          [name(step), id, quantity(median(values), unit), range(Math.min(...values), Math.max(...values), unit, '..')],
        ];
      }),
  );
  const first = stepNames(scenario)[0];
  const example = `{ "scenario": ${JSON.stringify(name(scenario.title))}, "steps": { ${JSON.stringify(name(first ?? '*'))}: { "LCP": "2.5 s" } } }`;
  const { lines: laid } = alignColumns(
    [['step', 'metric', 'median', 'least to most'], ...rows],
    ['left', 'left', 'right', 'right'],
    (cell, row) => (row === 0 ? colors.dim(cell) : cell),
  );
  return [
    colors.bold(scenarioName(scenario, run)),
    ...(rows.length > 0 ? laid.map((line) => indent + ascii(line)) : []),
    colors.yellow(`No budget matches scenario "${scenarioName(scenario, run)}": nothing was judged.`),
    '  To judge it, write for example budgets/first.json:',
    `  ${example}`,
    '',
  ];
}

/** Problems, other tests and warnings, each with what to do. */
export function notices(run: RunDocument, colors: Colors): string[] {
  const out: string[] = [];
  for (const problem of run.problems) {
    const place = problem.place ? ` ${placeText(problem.place)}` : '';
    out.push(
      `${colors.bold(colors.red(name(problem.code)))}${place}`,
      ...lines(problem.message).map((line) => `  ${line}`),
      `  Next: ${cleanText(problem.next)}`,
    );
  }
  for (const other of run.otherFailures)
    out.push(`${colors.red('did not pass')} ${name(other.title)}: ${cleanText(other.message)}`);
  for (const scenario of run.scenarios) {
    for (const warning of scenario.warnings) {
      out.push(
        `${colors.yellow('warning')} ${scenarioName(scenario, run)}: ${cleanText(warning.message)}`,
        `  ${cleanText(warning.advice)}`,
      );
    }
  }
  return out.length > 0 ? [...out, ''] : [];
}
