/** The verdict for a terminal or a CI log: ASCII but for names, worst first, and what to type next. */
import pc from 'picocolors';
import type { RunDocument, ScenarioDocument } from '../core/document.ts';
import { metricOrder } from '../core/metrics.ts';
import { cleanText } from '../core/text.ts';
import { median } from '../stats/quantile.ts';
import { alignColumns } from './terminal-table.ts';
import { count, lines, listed, metricOf, name, placeText, quantity, range, shortMargin } from './view-format.ts';
import {
  distanceWords,
  intervalText,
  type JudgedLine,
  judgedLines,
  limitText,
  type LineStatus,
  lineStatuses,
  type Outcome,
  reasonGroups,
  runOutcome,
  scenarioName,
} from './view-lines.ts';
import { seriesOf, stepNames } from './view-series.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** Where the HTML report is, as the reader can open it. */
  readonly reportPath: string;
}

/** Passing lines fill the table up to this many rows; the rest is one sentence. */
const mostRows = 12;
const mostReasons = 10;
const indent = '  ';

const words: Record<LineStatus, string> = {
  fail: 'FAIL',
  warn: 'WARN',
  inconclusive: 'UNSURE',
  'not measured': 'NO VALUE',
  pass: 'pass',
};

const heads = ['', 'step', 'metric', 'limit', 'value', 'interval', 'margin'];
const alignments = ['left', 'left', 'left', 'right', 'right', 'right', 'right'] as const;
const stepColumn = 1;

type Colors = ReturnType<typeof pc.createColors>;

function statusColor(status: LineStatus, colors: Colors): (text: string) => string {
  if (status === 'fail') return (text) => colors.bold(colors.red(text));
  if (status === 'warn' || status === 'inconclusive' || status === 'not measured') return colors.yellow;
  return colors.green;
}

function ascii(text: string): string {
  return text.replaceAll('–', '-').replaceAll('−', '-').replaceAll('…', '...');
}

function cells(line: JudgedLine): string[] {
  const { verdict, metric } = line;
  const { unit } = metric;
  return [
    words[line.status],
    line.step,
    `${metric.id} ${verdict.statistic}`,
    quantity(verdict.allowed, unit),
    quantity(verdict.value, unit),
    intervalText(verdict, metric, '..'),
    shortMargin(verdict.margin, unit, '-'),
  ].map(ascii);
}

/** The lines shown, and how many passing ones are left out. */
function chooseLines(judged: readonly JudgedLine[]): { shown: JudgedLine[]; hidden: number } {
  const open = judged.filter((line) => line.status !== 'pass');
  const passed = judged.filter((line) => line.status === 'pass');
  const room = Math.max(0, mostRows - open.length);
  // when one more row would do, a sentence in its place saves nothing
  const kept = passed.length <= room + 1 ? passed : passed.slice(0, room);
  return { shown: [...open, ...kept], hidden: passed.length - kept.length };
}

/** Rows under a heading a group, groups in the order of their worst line; `stepped` has the step in a column. */
function layOut(shown: readonly JudgedLine[], stepped: boolean, colors: Colors): { lines: string[]; width: number } {
  const groups = Map.groupBy(shown, (line) => (stepped ? line.scenarioName : `${line.scenarioName} > ${line.step}`));
  const ordered = [...groups.values()].flat();
  const pick = <Cell>(row: readonly Cell[]): Cell[] => row.filter((_, column) => stepped || column !== stepColumn);
  const { lines: laid, width } = alignColumns(
    [heads, ...ordered.map(cells)].map(pick),
    pick(alignments),
    (cell, row, column) => {
      const line = ordered[row - 1];
      if (!line) return colors.dim(cell);
      return column === 0 ? statusColor(line.status, colors)(cell) : cell;
    },
  );
  const grouped = [...groups].flatMap(([heading, group]) => [
    colors.bold(heading),
    ...group.map((line) => indent + (laid[ordered.indexOf(line) + 1] ?? '')),
  ]);
  return { lines: [indent + (laid[0] ?? ''), ...grouped], width: width + indent.length };
}

function table(judged: readonly JudgedLine[], options: TerminalOptions, colors: Colors): string[] {
  const { shown, hidden } = chooseLines(judged);
  if (shown.length === 0) return [];
  const wide = layOut(shown, true, colors);
  // too wide: the step moves from its column to the headings
  const { lines: laid } = wide.width <= options.width ? wide : layOut(shown, false, colors);
  const rest = hidden === 1 ? 'and 1 more line that passes' : `and ${hidden} more lines that pass`;
  return [...laid, ...(hidden > 0 ? [colors.dim(`${indent}${rest}, with more room than these`)] : []), ''];
}

/** What each line that does not pass means, whole on one line for whoever searches a log, and why. */
function reasons(judged: readonly JudgedLine[], several: boolean, colors: Colors): string[] {
  const groups = reasonGroups(judged);
  if (groups.length === 0) return [];
  const shown = groups.slice(0, mostReasons).flatMap((group) => {
    const [line] = group;
    if (!line) return [];
    const { verdict } = line;
    const place = `${cleanText(verdict.source.file, 120)}:${verdict.source.line}`;
    const gate = verdict.gates ? 'fails the gate' : 'does not fail the gate';
    const more = group.length > 1 ? `, and ${count(group.length - 1, 'more line')}` : '';
    return [
      `  ${statusColor(line.status, colors)(words[line.status])} ${several ? `${line.scenarioName} > ` : ''}${sentence(line)}${more}`,
      `    ${ascii(cleanText(verdict.reason))}${verdict.rule === 'none' ? '' : ` (${verdict.rule})`}; ${gate}; ${place}`,
    ];
  });
  const more = groups.length - mostReasons;
  return [colors.bold('Why'), ...shown, ...(more > 0 ? [`  and ${more} more in the report`] : []), ''];
}

function sentence(line: JudgedLine): string {
  const { verdict, metric } = line;
  const what = `${line.step}, ${metric.id} ${verdict.statistic}`;
  if (verdict.value === null) return `${what}: no value, limit ${limitText(verdict, metric)}`;
  const interval = verdict.interval
    ? `interval ${intervalText(verdict, metric, '..')}`
    : verdict.rule === 'exact'
      ? 'exact'
      : 'no interval';
  return ascii(
    `${what}: ${quantity(verdict.value, metric.unit)}, limit ${limitText(verdict, metric)}, ${distanceWords(line)}, ${interval}`,
  );
}

function failures(run: RunDocument, colors: Colors): string[] {
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
function unjudged(run: RunDocument, scenario: ScenarioDocument, colors: Colors): string[] {
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

function notices(run: RunDocument, colors: Colors): string[] {
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

/** The whole text, lines separated by `\n`, without one at the end. */
export function renderTerminal(run: RunDocument, options: TerminalOptions): string {
  const colors = pc.createColors(options.color);
  const judged = judgedLines(run);
  const outcome = runOutcome(run, judged);
  const tone = { fail: colors.red, unsure: colors.yellow, pass: colors.green, none: colors.yellow }[outcome.tone];
  const without = run.scenarios.filter((scenario) => scenario.verdicts.length === 0 && scenario.failure === null);
  const counts = lineStatuses
    .filter((status) => outcome.counts[status] > 0)
    .map((status) => `${outcome.counts[status]} ${status}`);
  return [
    '',
    ...failures(run, colors),
    ...table(judged, options, colors),
    ...reasons(judged, run.scenarios.length > 1, colors),
    ...without.slice(0, 3).flatMap((scenario) => unjudged(run, scenario, colors)),
    ...(without.length > 3
      ? [
          `No budget matches ${listed(
            without.slice(3).map((scenario) => scenarioName(scenario, run)),
            6,
          )} either.`,
          '',
        ]
      : []),
    ...notices(run, colors),
    colors.bold(tone(outcome.headline)) + (outcome.counts.fail > 0 ? ` (${counts.join(', ')})` : ''),
    `Report: ${options.reportPath}`,
    ...next(run, outcome.tone, options),
  ].join('\n');
}

function next(run: RunDocument, tone: Outcome['tone'], { reportPath }: TerminalOptions): string[] {
  const open = `Next:   open ${reportPath}`;
  if (tone === 'pass' || run.scenarios.length === 0) return [open];
  const folder = reportPath.replace(/[/\\][^/\\]*$/, '');
  return [
    open,
    `        npx pacewright judge ${folder} --budgets budgets   (judges these samples again, after a change of the budgets in that folder)`,
  ];
}
