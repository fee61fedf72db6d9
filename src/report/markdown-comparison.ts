/** A comparison as GitHub Markdown: what changed as a table, worst first; what did not, and what does not gate, as lines. */
import type { RunDocument } from '../core/document.ts';
import { escapeMarkdown } from './markdown-text.ts';
import {
  changeChance,
  changeInterval,
  type ChangeKind,
  changeText,
  type ComparedChange,
  comparedChanges,
  isTestedApart,
  oneSidedTexts,
  partChanges,
  testedApartText,
  unchangedText,
} from './view-changes.ts';
import { count, name, nothing, quantity } from './view-format.ts';
import { scenarioName } from './view-lines.ts';
import { whyChangedLines } from './why.ts';

/** A comment holds 65 kB, and a reader some thirty rows. */
const mostRows = 30;
const mostReasons = 10;
const mostInformational = 8;

const marks: Record<ChangeKind, string> = {
  regressed: '❌ regressed',
  worse: '⚠️ worse (warns)',
  different: '🔀 measured a different thing',
  inconclusive: '❔ inconclusive',
  'not measured': '⭕ not measured',
  gone: '➖ gone',
  new: '➕ new',
  improved: '🟢 improved',
  unchanged: '✅ unchanged',
};

function where(compared: ComparedChange, several: boolean): string {
  return escapeMarkdown(several ? `${compared.scenarioName} › ${compared.step}` : compared.step);
}

function row(compared: ComparedChange, several: boolean): string {
  const { change, metric, kind } = compared;
  const cells = [
    marks[kind],
    where(compared, several),
    escapeMarkdown(metric.id),
    quantity(change.base, metric.unit),
    quantity(change.head, metric.unit),
    changeText(compared),
    changeInterval(compared),
    escapeMarkdown(changeChance(compared) || nothing),
    change.pairs === 0 ? nothing : String(change.pairs),
  ];
  return `| ${cells.join(' | ')} |`;
}

function reason(run: RunDocument, compared: ComparedChange, several: boolean): string[] {
  const scenario = run.scenarios[compared.scenario];
  const why = scenario && run.comparison ? whyChangedLines(scenario, run.comparison, compared.change) : [];
  return [
    `- ${where(compared, several)}, ${escapeMarkdown(compared.metric.id)}: ${escapeMarkdown(compared.change.reason)}`,
    ...why.map((text) => `  - ${escapeMarkdown(text)}`),
  ];
}

/** Lines that follow the paragraph; empty for a run without a comparison. */
export function comparisonBlock(run: RunDocument): string[] {
  if (!run.comparison) return [];
  const { gating, moved, unchanged, informational } = partChanges(comparedChanges(run));
  const several = run.scenarios.length > 1;
  const hidden = moved.length - mostRows;
  const told = informational.moved.map(
    (compared) => `${where(compared, several)}, ${escapeMarkdown(compared.metric.id)} ${changeText(compared)}`,
  );
  const table = [
    '',
    '| Verdict | Step | Metric | Base | Head | Change | Interval | p | Pairs |',
    '| :-- | :-- | :-- | --: | --: | --: | --: | --: | --: |',
    ...moved.slice(0, mostRows).map((compared) => row(compared, several)),
    ...(isTestedApart(moved) ? ['', testedApartText] : []),
  ];
  const notes = run.scenarios.flatMap((scenario) => {
    const note = scenario.comparison?.note ?? '';
    return note === '' ? [] : [`- ${escapeMarkdown(scenarioName(scenario, run))}: ${escapeMarkdown(name(note))}`];
  });
  const open = moved.filter(({ kind }) => kind !== 'improved');
  const details = [
    ...open.slice(0, mostReasons).flatMap((compared) => reason(run, compared, several)),
    ...notes.slice(0, 10),
  ];
  return [
    ...(moved.length > 0 ? table : []),
    ...(hidden > 0 ? ['', `${count(hidden, 'more change')} in the report.`] : []),
    ...(unchanged.length > 0
      ? ['', `${unchanged.length} unchanged: ${escapeMarkdown(unchangedText(unchanged))}.`]
      : []),
    ...oneSidedTexts(gating, several).flatMap((text) => ['', `${escapeMarkdown(text)}.`]),
    ...(told.length > 0
      ? [
          '',
          `Informational, does not gate: ${told.slice(0, mostInformational).join('; ')}${told.length > mostInformational ? `; and ${told.length - mostInformational} more` : ''}.`,
        ]
      : []),
    ...(details.length > 0 ? ['', ...details] : []),
  ];
}
