/** The verdict as GitHub Markdown, for a step summary or a pull request: a paragraph, then a table, worst first. */
import type { RunDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { comparisonSentences } from './comparison-outcome.ts';
import { comparisonBlock } from './markdown-comparison.ts';
import { reasonText } from './leak-text.ts';
import { leakBlock } from './markdown-leaks.ts';
import { escapeMarkdown } from './markdown-text.ts';
import { runOutcome } from './run-outcome.ts';
import { count, instant, listed, name, quantity, margin } from './view-format.ts';
import {
  intervalText,
  isUnbudgeted,
  type JudgedLine,
  judgedLines,
  limitText,
  type LineStatus,
  reasonGroups,
  scenarioName,
} from './view-lines.ts';
import { whyLines } from './why.ts';

/** A step summary holds 1 MB, a comment 65 kB, and a reader some thirty rows. */
const mostRows = 30;

const marks: Record<LineStatus, string> = {
  fail: '❌ fail',
  warn: '⚠️ warn',
  inconclusive: '❔ inconclusive',
  'not measured': '⭕ not measured',
  pass: '✅ pass',
};

function row(line: JudgedLine, several: boolean): string {
  const { verdict, metric } = line;
  const where = several ? `${line.scenarioName} › ${line.step}` : line.step;
  const cells = [
    marks[line.status],
    escapeMarkdown(where),
    escapeMarkdown(line.subject),
    quantity(verdict.value, metric.unit),
    limitText(verdict, metric),
    intervalText(verdict, metric),
    margin(verdict.margin, verdict.allowed, metric.unit),
  ];
  return `| ${cells.join(' | ')} |`;
}

function table(judged: readonly JudgedLine[], several: boolean): string[] {
  if (judged.length === 0) return [];
  const shown = judged.slice(0, mostRows);
  const hidden = judged.slice(mostRows);
  const failing = hidden.filter((line) => line.status !== 'pass').length;
  return [
    '',
    '| Verdict | Step | Metric | Value | Limit | Interval | Margin |',
    '| :-- | :-- | :-- | --: | --: | --: | --: |',
    ...shown.map((line) => row(line, several)),
    ...(hidden.length > 0
      ? ['', `${count(hidden.length, 'more line')} in the report, ${failing} of them not passing.`]
      : []),
  ];
}

function details(run: RunDocument, judged: readonly JudgedLine[]): string[] {
  const several = run.scenarios.length > 1;
  const items = [
    ...run.scenarios.flatMap((scenario) => {
      const { failure } = scenario;
      if (!failure) return [];
      const where = [
        failure.step === null ? '' : `step ${escapeMarkdown(name(failure.step))}`,
        failure.sample === null ? '' : `sample ${failure.sample}`,
      ].filter((part) => part !== '');
      const message = escapeMarkdown(cleanText(failure.message, 200));
      return [
        `**${escapeMarkdown(scenarioName(scenario, run))}** failed (${[...where, escapeMarkdown(failure.code)].join(', ')}): ${message}`,
      ];
    }),
    ...run.problems.map(
      (problem) =>
        `**${escapeMarkdown(problem.code)}**: ${escapeMarkdown(problem.message)} Next: ${escapeMarkdown(problem.next)}`,
    ),
    ...run.otherFailures.map(
      (other) => `**${escapeMarkdown(name(other.title))}** did not pass: ${escapeMarkdown(other.message)}`,
    ),
    ...run.scenarios.flatMap((scenario) =>
      scenario.warnings.map(
        (warning) =>
          `${escapeMarkdown(scenarioName(scenario, run))}: ${escapeMarkdown(warning.message)} ${escapeMarkdown(warning.advice)}`,
      ),
    ),
    ...reasonGroups(judged)
      .slice(0, 12)
      .flatMap((group) => {
        const [line] = group;
        if (!line) return [];
        const where = several ? `${line.scenarioName} › ${line.step}` : line.step;
        const more = group.length > 1 ? ` and ${count(group.length - 1, 'more line')}` : '';
        const scenario = run.scenarios[line.scenario];
        const why = scenario ? whyLines(scenario, line.verdict) : [];
        return [
          `${escapeMarkdown(where)}, ${escapeMarkdown(line.subject)}${more}: ${escapeMarkdown(scenario ? reasonText(scenario, line.verdict) : line.verdict.reason)}`,
          ...why.map((text) => `  - ${escapeMarkdown(text)}`),
        ].join('\n');
      }),
  ].slice(0, 30);
  return items.length > 0 ? ['', ...items.map((item) => `- ${item}`)] : [];
}

/** Ends with a line break. */
export function renderMarkdown(run: RunDocument): string {
  const judged = judgedLines(run);
  const outcome = runOutcome(run, judged);
  const without = run.scenarios.filter(isUnbudgeted);
  const commit = run.git
    ? `Commit ${escapeMarkdown(cleanText(run.git.commit, 200).slice(0, 9))}${run.git.dirty ? ' with uncommitted changes' : ''}.`
    : '';
  const unbudgeted =
    without.length > 0 && outcome.total > 0
      ? `No budget matches ${escapeMarkdown(
          listed(
            without.map((scenario) => scenarioName(scenario, run)),
            6,
          ),
        )}.`
      : '';
  const facts = [
    escapeMarkdown(outcome.comparison?.worst ?? ''),
    escapeMarkdown(outcome.worst),
    ...comparisonSentences(run).map(escapeMarkdown),
    unbudgeted,
    // a comparison has told it
    run.comparison ? '' : commit,
    `Measured by Pacewright, ${escapeMarkdown(instant(run.startedAt))}.`,
  ].filter((fact) => fact !== '');
  const paragraph = `**${escapeMarkdown(outcome.headline)}.** ${facts.join(' ')}`;
  const several = run.scenarios.length > 1;
  const budgets = table(judged, several);
  const title = run.comparison && budgets.length > 0 ? ['', '**Budgets**'] : [];
  return [
    paragraph,
    ...comparisonBlock(run),
    ...title,
    ...budgets,
    ...details(run, judged),
    ...leakBlock(run),
    '',
  ].join('\n');
}
