/** What the baseline commands print: a table for each scenario, what could not be compared, and what to do next. */
import pc from 'picocolors';
import { type Baseline, type BaselineScenario, notExact } from '../core/baseline.ts';
import { metricOrder } from '../core/metrics.ts';
import { type BaselineComparison, type Difference, fewestSamples, type LeftOut } from '../judge/baseline.ts';
import { alignColumns } from './terminal-table.ts';
import { count, listed, metricOf, name, percent, quantity, shortMargin } from './view-format.ts';
import { flowName } from './view-lines.ts';

const indent = '  ';

export interface ScenarioName {
  readonly scenario: string;
  readonly project: string;
}

/** `buy a pair of boots [mobile]` */
export function scenarioLabel({ scenario, project }: ScenarioName): string {
  return project === '' ? name(scenario) : `${name(scenario)} [${name(project)}]`;
}

function stepLabel(step: string | null): string {
  return step === null ? flowName : name(step);
}

function commitText(from: { readonly commit: string | null; readonly dirty: boolean }): string {
  if (from.commit === null) return 'no commit';
  return `commit ${name(from.commit).slice(0, 9)}${from.dirty ? ' with changes' : ''}`;
}

/** What `baseline save` did with the scenarios of a run. */
export interface SavedBaseline {
  /** As the user named it. */
  readonly file: string;
  readonly baseline: Baseline;
  /** False where the file already said the same. */
  readonly written: boolean;
  readonly leftOut: readonly { readonly name: ScenarioName; readonly metrics: readonly LeftOut[] }[];
  /** Scenarios of the run with too few accepted samples. */
  readonly unmeasured: readonly ScenarioName[];
  /** Scenarios of the old file that the run did not measure: kept, or dropped since other metrics are kept now. */
  readonly kept: readonly ScenarioName[];
  readonly dropped: readonly ScenarioName[];
}

function countValues({ flow, steps }: BaselineScenario): number {
  return [flow, ...Object.values(steps)]
    .flatMap((values) => Object.values(values))
    .filter((value) => value !== notExact).length;
}

export function renderSaved(saved: SavedBaseline): string {
  const { baseline, file } = saved;
  const values = baseline.scenarios.reduce((sum, scenario) => sum + countValues(scenario), 0);
  const only = baseline.only === null ? '' : ` Only ${baseline.only.map((each) => name(each)).join(', ')} are kept.`;
  const parts = [
    saved.written
      ? `${name(file)} written: ${count(baseline.scenarios.length, 'scenario')}, ${count(values, 'value')} other than 0.${only}`
      : `${name(file)} already says the same; it was left as it is.${only}`,
  ];
  const rows = saved.leftOut.flatMap((scenario) =>
    scenario.metrics.map(({ step, metric, reason }) => [
      '',
      scenarioLabel(scenario.name),
      stepLabel(step),
      name(metric),
      reason,
    ]),
  );
  if (rows.length > 0) {
    const table = alignColumns(rows, ['left', 'left', 'left', 'left', 'left']);
    parts.push(`Left out, since no exact count in this run:\n${table.lines.join('\n')}`);
  }
  for (const [what, scenarios] of [
    [`Left out, since fewer than ${fewestSamples} samples were accepted`, saved.unmeasured],
    ['Kept as it was, since not in this run', saved.kept],
    ['Dropped, since not in this run and saved with another `--only`', saved.dropped],
  ] as const) {
    if (scenarios.length > 0) parts.push(`${what}: ${scenarios.map(scenarioLabel).join(', ')}.`);
  }
  if (saved.written) parts.push(`Next: review and commit it; \`npx pacewright baseline diff\` compares later runs.`);
  return parts.join('\n');
}

/** Every value of a baseline. */
export function renderBaseline(file: string, baseline: Baseline): string {
  const only = baseline.only === null ? '' : `, only ${baseline.only.map((each) => name(each)).join(', ')}`;
  const parts = [`${name(file)}: ${commitText(baseline)}, Chrome ${chromeText(baseline.chrome)}${only}`];
  for (const scenario of baseline.scenarios) {
    const rows: string[][] = [['', 'step', 'metric', 'value']];
    for (const [step, values] of [...Object.entries(scenario.steps), [null, scenario.flow] as const]) {
      for (const [id, value] of Object.entries(values).toSorted(([a], [b]) => metricOrder(a) - metricOrder(b))) {
        const { unit } = metricOf(id);
        rows.push(['', stepLabel(step), name(id), value === notExact ? notExact : quantity(value, unit)]);
      }
    }
    parts.push('', scenarioLabel(scenario), ...alignColumns(rows, ['left', 'left', 'left', 'right']).lines);
  }
  return parts.join('\n');
}

function chromeText(versions: readonly string[]): string {
  return versions.map((version) => name(version)).join(', ') || 'unknown';
}

/** A run against a baseline. */
export interface BaselineDiff {
  readonly file: string;
  readonly baseline: Baseline;
  readonly run: {
    readonly place: string;
    readonly commit: string | null;
    readonly dirty: boolean;
    readonly chrome: readonly string[];
  };
  readonly scenarios: readonly { readonly name: ScenarioName; readonly comparison: BaselineComparison }[];
  /** Scenarios of the baseline of which the run has no accepted sample. */
  readonly unmeasured: readonly ScenarioName[];
  /** Scenarios of the baseline that the run does not have, and the other way round. */
  readonly gone: readonly ScenarioName[];
  readonly added: readonly ScenarioName[];
}

type Word = 'FAIL' | 'WARN' | 'NO VALUE' | 'UNSURE' | 'better' | 'within';
const order: readonly Word[] = ['FAIL', 'NO VALUE', 'WARN', 'UNSURE', 'better', 'within'];

function wordOf({ status, gates }: Difference): Word {
  if (status === 'regressed') return gates ? 'FAIL' : 'WARN';
  if (status === 'not measured') return 'NO VALUE';
  if (status === 'not exact') return 'UNSURE';
  return status === 'improved' ? 'better' : 'within';
}

function cells(difference: Difference): string[] {
  const { step, metric, was, now, allowed, reason } = difference;
  const { unit } = metricOf(metric);
  const change = now === null ? '' : shortMargin(now - was, unit, '-');
  const share = now === null || was === 0 ? '' : ` (${percent((now - was) / was, '-')})`;
  return [
    wordOf(difference),
    stepLabel(step),
    name(metric),
    quantity(was, unit),
    now === null ? '-' : quantity(now, unit),
    now === null || now === was ? '' : change + share,
    allowed === null ? 'any' : quantity(allowed, unit),
    reason,
  ];
}

export function renderDiff(diff: BaselineDiff, options: { readonly color: boolean }): string {
  const colors = pc.createColors(options.color);
  const parts = [
    `${name(diff.run.place)} (${commitText(diff.run)}) against ${name(diff.file)} (${commitText(diff.baseline)})`,
  ];
  for (const { name: scenario, comparison } of diff.scenarios) {
    if (comparison.differences.length === 0) continue;
    const sorted = comparison.differences.toSorted((a, b) => order.indexOf(wordOf(a)) - order.indexOf(wordOf(b)));
    const rows = [['', 'step', 'metric', 'baseline', 'now', 'change', 'allowed', ''], ...sorted.map(cells)];
    const table = alignColumns(
      rows,
      ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'left'],
      (cell, row, column) => {
        if (row === 0) return colors.dim(cell);
        if (column !== 0) return cell;
        if (cell === 'FAIL') return colors.bold(colors.red(cell));
        return cell === 'better' || cell === 'within' ? colors.green(cell) : colors.yellow(cell);
      },
    );
    parts.push('', scenarioLabel(scenario), ...table.lines.map((line) => indent + line));
  }
  parts.push('', ...summaryOf(diff));
  return parts.join('\n');
}

function summaryOf(diff: BaselineDiff): string[] {
  const all = diff.scenarios.flatMap(({ comparison }) => comparison.differences);
  const unchanged = diff.scenarios.reduce((sum, { comparison }) => sum + comparison.unchanged, 0);
  const amount = (word: Word): number => all.filter((difference) => wordOf(difference) === word).length;
  const words: [Word, string][] = [
    ['FAIL', 'worse than allowed'],
    ['WARN', 'worse than allowed, only shown'],
    ['NO VALUE', 'without a value'],
    ['UNSURE', 'not exact in this run'],
    ['better', 'better'],
    ['within', 'within what is allowed'],
  ];
  const said = words.flatMap(([word, text]) => (amount(word) === 0 ? [] : [`${amount(word)} ${text}`]));
  const total = all.length + unchanged;
  const lines = [
    all.length === 0
      ? `${count(total, 'value')} compared: all as in the baseline.`
      : `${count(total, 'value')} compared: ${[...said, `${unchanged} the same`].join(', ')}.`,
  ];
  const say = (text: string, names: readonly string[]): void => {
    if (names.length > 0) lines.push(`${text}: ${listed(names, 20)}.`);
  };
  const stepsOf = (which: 'gone' | 'added') =>
    diff.scenarios.flatMap(({ name: scenario, comparison }) =>
      comparison[which].map((step) => `step "${name(step)}" of ${scenarioLabel(scenario)}`),
    );
  say('Could not be measured', diff.unmeasured.map(scenarioLabel));
  say('Not in the run', [...diff.gone.map(scenarioLabel), ...stepsOf('gone')]);
  say('Not in the baseline', [...diff.added.map(scenarioLabel), ...stepsOf('added')]);
  const chrome = [chromeText(diff.baseline.chrome), chromeText(diff.run.chrome)];
  if (all.length > 0 && chrome[0] !== chrome[1])
    lines.push(
      `The baseline is of Chrome ${chrome[0]}, the run of ${chrome[1]}: counts of layouts and styles may differ for that alone.`,
    );
  const fails = all.some(({ gates }) => gates);
  if (fails) lines.push('Next: mend it; or, if it is meant, `npx pacewright baseline save` and commit the file.');
  else if (amount('better') > 0) lines.push('Next: `npx pacewright baseline save` keeps what got better.');
  else if (diff.added.length + stepsOf('added').length > 0)
    lines.push('Next: `npx pacewright baseline save` adds what is new.');
  return lines;
}
