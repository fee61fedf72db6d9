/** A comparison for a terminal: its outcome, what changed, worst first, and why. */
import type { RunDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { comparisonSentences } from './comparison-outcome.ts';
import { alignColumns, ascii, type Colors, indent } from './terminal-table.ts';
import { changeWhy } from './terminal-why.ts';
import {
  amountText,
  changeChance,
  changeInterval,
  type ChangeKind,
  changeText,
  type ComparedChange,
  type ChangeParts,
  comparedChanges,
  informationalText,
  isTestedApart,
  oneSidedTexts,
  partChanges,
  testedApartText,
  unchangedText,
  valuesText,
} from './view-changes.ts';
import { count, name, nothing, quantity } from './view-format.ts';
import { scenarioName } from './view-lines.ts';

/** About a screen; the report has the rest. */
const mostRows = 20;
const mostReasons = 10;
const mostInformational = 6;

const words: Record<ChangeKind, string> = {
  regressed: 'REGRESSED',
  worse: 'WORSE',
  different: 'DIFFERENT',
  inconclusive: 'UNSURE',
  'not measured': 'NO VALUE',
  gone: 'gone',
  new: 'new',
  improved: 'improved',
  unchanged: 'unchanged',
};

const heads = ['', 'step', 'metric', 'base', 'head', 'change', 'interval', 'p', 'pairs'];
const alignments = ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'] as const;

/** Columns in the order in which a narrow terminal loses them: the step moves to the headings, the others go. */
const expendable = ['step', 'p', 'pairs', 'interval'];

function kindColor(kind: ChangeKind, colors: Colors): (text: string) => string {
  if (kind === 'regressed') return (text) => colors.bold(colors.red(text));
  if (kind === 'improved') return colors.green;
  return kind === 'unchanged' || kind === 'new' || kind === 'gone' ? (text) => text : colors.yellow;
}

function cells(compared: ComparedChange): string[] {
  const { change, metric } = compared;
  return [
    words[compared.kind],
    compared.step,
    metric.id,
    quantity(change.base, metric.unit),
    quantity(change.head, metric.unit),
    changeText(compared, '-'),
    changeInterval(compared, '..', '-'),
    changeChance(compared) || nothing,
    change.pairs === 0 ? nothing : String(change.pairs),
  ].map(ascii);
}

function layOut(
  changes: readonly ComparedChange[],
  dropped: readonly string[],
  several: boolean,
  colors: Colors,
): { lines: string[]; width: number } {
  const stepped = !dropped.includes('step');
  const pick = <Cell>(row: readonly Cell[]): Cell[] =>
    row.filter((_, column) => !dropped.includes(heads[column] ?? ''));
  const heading = ({ scenarioName: title, step }: ComparedChange): string =>
    [several ? title : '', stepped ? '' : step].filter((part) => part !== '').join(' > ');
  const groups = Map.groupBy(changes, heading);
  const ordered = [...groups.values()].flat();
  const { lines, width } = alignColumns(
    [heads, ...ordered.map(cells)].map(pick),
    pick(alignments),
    (cell, row, column) => {
      const compared = ordered[row - 1];
      if (!compared) return colors.dim(cell);
      return column === 0 ? kindColor(compared.kind, colors)(cell) : cell;
    },
  );
  const grouped = [...groups].flatMap(([title, group]) => [
    ...(title === '' ? [] : [colors.bold(title)]),
    ...group.map((compared) => indent + (lines[ordered.indexOf(compared) + 1] ?? '')),
  ]);
  return { lines: [indent + (lines[0] ?? ''), ...grouped], width: width + indent.length };
}

/** The widest of the layouts that fits. */
function table(changes: readonly ComparedChange[], several: boolean, width: number, colors: Colors): string[] {
  if (changes.length === 0) return [];
  const layouts = expendable.map((_, amount) => expendable.slice(0, amount));
  for (const dropped of layouts) {
    const laid = layOut(changes, dropped, several, colors);
    const note = isTestedApart(changes) && !dropped.includes('p') ? [colors.dim(indent + testedApartText)] : [];
    if (laid.width <= width) return [...laid.lines, ...note];
  }
  return layOut(changes, expendable, several, colors).lines;
}

function reason(run: RunDocument, compared: ComparedChange, several: boolean, colors: Colors): string[] {
  const { change, metric, kind } = compared;
  const place = change.source ? `${cleanText(change.source.file, 120)}:${change.source.line}` : 'default';
  const facts = [
    change.change === null ? '' : `${valuesText(compared, 'to')}, ${changeText(compared, '-')}`,
    change.interval ? `interval ${changeInterval(compared, '..', '-')}` : '',
  ].filter((part) => part !== '');
  const limit = `limit ${amountText(compared, change.limit, '-')}`;
  const gate = change.gates ? 'fails the gate' : 'does not fail the gate';
  const what = `${several ? `${compared.scenarioName} > ` : ''}${compared.step}, ${metric.id}`;
  return [
    `  ${kindColor(kind, colors)(words[kind])} ${ascii(`${what}: ${facts.length > 0 ? facts.join(', ') : 'no value'}`)}`,
    `    ${ascii(`${cleanText(change.reason)}; ${limit} (${place}); ${gate}`)}`,
    ...changeWhy(run, compared),
  ];
}

function reasons(run: RunDocument, changes: readonly ComparedChange[], several: boolean, colors: Colors): string[] {
  const open = changes.filter(({ kind }) => kind !== 'improved');
  if (open.length === 0) return [];
  const more = open.length - mostReasons;
  return [
    colors.bold('Why'),
    ...open.slice(0, mostReasons).flatMap((compared) => reason(run, compared, several, colors)),
    ...(more > 0 ? [`  and ${more} more in the report`] : []),
    '',
  ];
}

/** Metrics that do not gate: those that moved, without a verdict of the run. */
function informational(parts: ChangeParts['informational'], several: boolean, width: number, colors: Colors): string[] {
  if (parts.all.length === 0) return [];
  return [
    colors.bold('Informational, does not gate'),
    ...table(parts.moved.slice(0, mostInformational), several, width, colors),
    colors.dim(`  ${informationalText(parts, mostInformational)}`),
    '',
  ];
}

/** Why a scenario has no comparison, one sentence each. */
function apart(run: RunDocument, colors: Colors): string[] {
  const words = { identical: 'IDENTICAL', new: 'new', 'not compared': 'NOT COMPARED' } as const;
  const lines = run.scenarios.flatMap((scenario) => {
    const { comparison } = scenario;
    if (!comparison || comparison.status === 'compared') return [];
    const word = scenario.memory ? 'head alone' : words[comparison.status];
    const judged =
      scenario.verdicts.length > 0 ? `judged against ${count(scenario.verdicts.length, 'budget line')}` : 'not judged';
    const text = `${scenarioName(scenario, run)}: ${ascii(name(comparison.note || nothing))}; head was ${judged}`;
    return [`${comparison.status === 'not compared' && !scenario.memory ? colors.yellow(word) : word} ${text}`];
  });
  return lines.length > 0 ? [...lines, ''] : [];
}

/** What stands above the verdict. Empty for a run without a comparison; else ends with an empty line. */
export function comparisonLines(run: RunDocument, width: number, colors: Colors): string[] {
  if (!run.comparison) return [];
  const parts = partChanges(comparedChanges(run));
  const { gating, moved, unchanged } = parts;
  const several = run.scenarios.length > 1;
  const hidden = moved.length - mostRows;
  return [
    ...comparisonSentences(run).map(ascii),
    '',
    ...table(moved.slice(0, mostRows), several, width, colors),
    ...(hidden > 0 ? [colors.dim(`  and ${hidden} more in the report`)] : []),
    ...(unchanged.length > 0 ? [ascii(`  ${unchanged.length} unchanged: ${unchangedText(unchanged, '-')}`)] : []),
    ...oneSidedTexts(gating, several).map((text) => ascii(`  ${text}`)),
    ...(gating.length > 0 ? [''] : []),
    ...reasons(run, moved, several, colors),
    ...informational(parts.informational, several, width, colors),
    ...apart(run, colors),
  ];
}
