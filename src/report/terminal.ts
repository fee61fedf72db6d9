/** The verdict for a terminal or a CI log: ASCII but for names, worst first, and what to type next. */
import pc from 'picocolors';
import type { RunDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { type Outcome, runOutcome } from './run-outcome.ts';
import { comparisonLines } from './terminal-comparison.ts';
import { reasonText } from './leak-text.ts';
import { leakSections } from './terminal-leaks.ts';
import { failures, notices, unjudged } from './terminal-notices.ts';
import { alignColumns, ascii, type Colors, indent } from './terminal-table.ts';
import { verdictWhy } from './terminal-why.ts';
import { count, limit, listed, quantity, shortMargin } from './view-format.ts';
import {
  distanceWords,
  intervalText,
  isUnbudgeted,
  type JudgedLine,
  judgedLines,
  limitText,
  type LineStatus,
  lineStatuses,
  reasonGroups,
  scenarioName,
} from './view-lines.ts';

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

function statusColor(status: LineStatus, colors: Colors): (text: string) => string {
  if (status === 'fail') return (text) => colors.bold(colors.red(text));
  if (status === 'warn' || status === 'inconclusive' || status === 'not measured') return colors.yellow;
  return colors.green;
}

function cells(line: JudgedLine): string[] {
  const { verdict, metric } = line;
  const { unit } = metric;
  return [
    words[line.status],
    line.step,
    line.subject,
    limit(verdict.allowed, metric),
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
function reasons(run: RunDocument, judged: readonly JudgedLine[], colors: Colors): string[] {
  const several = run.scenarios.length > 1;
  const groups = reasonGroups(judged);
  if (groups.length === 0) return [];
  const shown = groups.slice(0, mostReasons).flatMap((group) => {
    const [line] = group;
    if (!line) return [];
    const { verdict } = line;
    const scenario = run.scenarios[line.scenario];
    const place = `${cleanText(verdict.source.file, 120)}:${verdict.source.line}`;
    const gate = verdict.gates ? 'fails the gate' : 'does not fail the gate';
    const more = group.length > 1 ? `, and ${count(group.length - 1, 'more line')}` : '';
    return [
      `  ${statusColor(line.status, colors)(words[line.status])} ${several ? `${line.scenarioName} > ` : ''}${sentence(line)}${more}`,
      `    ${ascii(scenario ? reasonText(scenario, verdict) : cleanText(verdict.reason))}${verdict.rule === 'none' ? '' : ` (${verdict.rule})`}; ${gate}; ${place}`,
      ...verdictWhy(run, line),
    ];
  });
  const more = groups.length - mostReasons;
  return [colors.bold('Why'), ...shown, ...(more > 0 ? [`  and ${more} more in the report`] : []), ''];
}

function sentence(line: JudgedLine): string {
  const { verdict, metric } = line;
  const what = `${line.step}, ${line.subject}`;
  if (verdict.value === null) return `${what}: no value, limit ${limitText(verdict, metric)}`;
  const interval = verdict.interval
    ? `interval ${intervalText(verdict, metric, '..')}`
    : verdict.rule === 'exact' || verdict.rule === 'one value'
      ? verdict.rule
      : 'no interval';
  return ascii(
    `${what}: ${quantity(verdict.value, metric.unit)}, limit ${limitText(verdict, metric)}, ${distanceWords(line)}, ${interval}`,
  );
}

/** The whole text, lines separated by `\n`, without one at the end. */
export function renderTerminal(run: RunDocument, options: TerminalOptions): string {
  const colors = pc.createColors(options.color);
  const judged = judgedLines(run);
  const outcome = runOutcome(run, judged);
  const tone = { fail: colors.red, unsure: colors.yellow, pass: colors.green, none: colors.yellow }[outcome.tone];
  const without = run.scenarios.filter(isUnbudgeted);
  const counts = lineStatuses
    .filter((status) => outcome.counts[status] > 0)
    .map((status) => `${outcome.counts[status]} ${status}`);
  return [
    '',
    ...failures(run, colors),
    ...comparisonLines(run, options.width, colors),
    ...table(judged, options, colors),
    ...reasons(run, judged, colors),
    ...leakSections(run, options.width, colors),
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
    colors.bold(tone(run.comparison ? outcome.headline : outcome.short)) +
      (outcome.counts.fail > 0 ? ` (${counts.join(', ')})` : ''),
    ...[outcome.comparison?.worst ?? ''].filter((worst) => worst !== '').map(ascii),
    `Report: ${options.reportPath}`,
    ...next(run, outcome.tone, options),
  ].join('\n');
}

/** The folder that the lines of this run stand in; that of the first file, where there are several. */
function budgetsPlace({ scenarios }: RunDocument): string {
  const file = scenarios.flatMap(({ budgets }) => budgets).at(0)?.source.file ?? '';
  const folder = cleanText(file, 120).replace(/[/\\]?[^/\\]*$/, '');
  return folder === '' ? 'budgets' : /\s/.test(folder) ? `"${folder}"` : folder;
}

function next(run: RunDocument, tone: Outcome['tone'], { reportPath }: TerminalOptions): string[] {
  const open = `Next:   open ${reportPath}`;
  if (tone === 'pass' || run.scenarios.length === 0) return [open];
  const folder = reportPath.replace(/[/\\][^/\\]*$/, '');
  return [
    open,
    `        npx pacewright judge ${folder} --budgets ${budgetsPlace(run)}   (judges these samples again, after a change of the budgets in that folder)`,
  ];
}
