/** The view model of the HTML report: decides and formats everything, so that the templates only loop. */
import type { RunDocument } from '../core/document.ts';
import { isOfMemory } from '../core/metrics.ts';
import { cleanText } from '../core/text.ts';
import { reasonText } from './leak-text.ts';
import { type Outcome, runOutcome } from './run-outcome.ts';
import {
  count,
  elapsed,
  instant,
  limit,
  lines,
  metricOf,
  name,
  placeText,
  quantity,
  share,
  shortMargin,
} from './view-format.ts';
import {
  allowedText,
  distanceWords,
  intervalText,
  type JudgedLine,
  isUnjudged,
  judgedLines,
  lineStatuses,
  marginShare,
  reasonGroups,
} from './view-lines.ts';
import { type ComparisonView, comparisonView } from './view-comparison.ts';
import { type StatusView, statusView } from './view-metrics.ts';
import {
  type GlossaryEntry,
  glossary,
  type MachineView,
  machineViews,
  type ReproduceView,
  reproduceView,
} from './view-run.ts';
import { type FailureView, type ScenarioView, scenarioView, stepAnchor } from './view-scenario.ts';
import { type SampleChart, sampleChart } from './chart-samples.ts';
import { seriesOf } from './view-series.ts';
import { whyLines } from './why.ts';

export interface LineView {
  readonly status: StatusView;
  readonly anchor: string;
  readonly scenario: string;
  readonly step: string;
  /** The metric and its statistic. */
  readonly subject: string;
  readonly label: string;
  readonly value: string;
  readonly limit: string;
  readonly allowed: string;
  readonly interval: string;
  /** How sure: the interval, its confidence and the samples, in words. */
  readonly certainty: string;
  readonly margin: string;
  readonly marginShare: string;
  /** In words: `410 ms (16 %) over the limit`. */
  readonly distance: string;
  readonly rule: string;
  readonly reason: string;
  /** What the value is made of, and who accounts for it: five lines at most; only on cards. */
  readonly why: readonly string[];
  readonly place: string;
  readonly gates: boolean;
  readonly chart: SampleChart | null;
}

export interface UnjudgedView {
  readonly status: StatusView;
  readonly title: string;
  readonly reason: string;
  readonly lines: ReadonlyArray<
    Pick<LineView, 'anchor' | 'scenario' | 'step' | 'subject' | 'value' | 'limit' | 'place'>
  >;
}

export interface ReportView {
  readonly title: string;
  readonly tone: Outcome['tone'];
  readonly headline: string;
  readonly worst: string;
  /** Null for a run without a comparison. */
  readonly comparison: ComparisonView | null;
  /** Whether budget lines are counted: not for a comparison without any. */
  readonly judges: boolean;
  readonly counts: ReadonlyArray<{ readonly status: StatusView; readonly amount: number }>;
  readonly about: readonly string[];
  readonly problems: ReadonlyArray<{
    readonly code: string;
    readonly place: string;
    readonly message: readonly string[];
    readonly next: string;
  }>;
  readonly otherFailures: ReadonlyArray<{ readonly title: string; readonly message: readonly string[] }>;
  /** Whether anything at all needs a reader's attention. */
  readonly attends: boolean;
  readonly failures: ReadonlyArray<{ readonly anchor: string; readonly name: string; readonly failure: FailureView }>;
  /** Judged lines that do not pass, with their pictures; the worst ones in full. */
  readonly attention: readonly LineView[];
  readonly attentionMore: string;
  /** Lines that no rule could judge, one group a reason. */
  readonly unjudged: readonly UnjudgedView[];
  readonly lines: readonly LineView[];
  /** Lines that pass with more room than those: folded, since nobody has to act on them. */
  readonly calmLines: readonly LineView[];
  readonly severalScenarios: boolean;
  readonly scenarios: readonly ScenarioView[];
  readonly machines: readonly MachineView[];
  readonly reproduce: ReproduceView;
  readonly glossary: readonly GlossaryEntry[];
}

/** Rows of the table of lines that are shown without unfolding, where more than a few would be folded. */
const mostLines = 12;
const fewLines = 4;

/** How many of the lines, worst first, stand open: all that do not pass, and the passing ones with the least room. */
function openLines(judged: readonly JudgedLine[]): number {
  const open = judged.filter((line) => line.status !== 'pass').length;
  const shown = Math.max(open, mostLines);
  return judged.length - shown > fewLines ? shown : judged.length;
}

/** Cards beyond this are only rows of the table: a run that misses everything needs no hundred pictures. */
const mostCards = 24;

function certainty({ verdict, metric }: JudgedLine): string {
  const memory = isOfMemory(metric);
  const samples = count(verdict.samples, memory ? 'iteration' : 'sample');
  if (verdict.rule === 'one value' && !verdict.interval)
    return memory ? 'One value, from all iterations.' : 'One value, from the diagnosis.';
  if (!verdict.interval)
    return verdict.rule === 'exact' ? `Exact: the same in ${samples}.` : `No interval, ${samples}.`;
  const { confidence, method } = verdict.interval;
  return `${share(confidence)} interval ${intervalText(verdict, metric)}, from ${samples} (${cleanText(method, 80)}).`;
}

function lineView(run: RunDocument, line: JudgedLine, drawn: boolean): LineView {
  const { verdict, metric } = line;
  const scenario = run.scenarios[line.scenario];
  const points = drawn && scenario ? seriesOf(scenario, verdict.step, verdict.metric) : [];
  return {
    status: statusView(line.status),
    anchor: scenario ? stepAnchor(scenario, line.scenario, verdict.step) : 'main',
    scenario: line.scenarioName,
    step: line.step,
    subject: line.subject,
    label: metric.label,
    value: quantity(verdict.value, metric.unit),
    limit: limit(verdict.limit, metric),
    allowed: allowedText(verdict, metric),
    interval: intervalText(verdict, metric),
    certainty: certainty(line),
    margin: shortMargin(verdict.margin, metric.unit),
    marginShare: marginShare(verdict),
    distance: distanceWords(line),
    rule: verdict.rule,
    reason: scenario ? reasonText(scenario, verdict) : cleanText(verdict.reason),
    why: drawn && scenario ? whyLines(scenario, verdict) : [],
    place: `${cleanText(verdict.source.file, 120)}:${verdict.source.line}`,
    gates: verdict.gates,
    chart:
      points.some((point) => point.role === 'accepted') && new Set(points.map((point) => point.value)).size > 1
        ? sampleChart({
            label: `${metricOf(verdict.metric).id} of ${line.step}`,
            unit: metric.unit,
            points,
            limits: [{ label: `limit ${quantity(verdict.allowed, metric.unit)}`, value: verdict.allowed }],
            interval: verdict.interval,
          })
        : null,
  };
}

function unjudgedView(run: RunDocument, group: readonly JudgedLine[]): UnjudgedView {
  const gates = group.some((line) => line.verdict.gates);
  return {
    status: statusView(group[0]?.status ?? 'not measured'),
    title: `${count(group.length, 'line')}, ${gates ? (group.length === 1 ? 'fails the gate' : 'fail the gate') : 'not gating'}`,
    reason: cleanText(group[0]?.verdict.reason ?? ''),
    lines: group.slice(0, mostCards).map((line) => {
      const view = lineView(run, line, false);
      return run.scenarios.length > 1 ? view : { ...view, scenario: '' };
    }),
  };
}

/** `2 scenarios, 12 samples, 7 iterations`: what there is of it. */
function measured(run: RunDocument): string {
  const samples = run.scenarios.flatMap((scenario) => scenario.samples);
  const accepted = samples.filter((sample) => sample.accepted && sample.role === 'measured').length;
  const iterations = run.scenarios.reduce((sum, { memory }) => sum + (memory?.iterations ?? 0), 0);
  return [
    count(run.scenarios.length, 'scenario'),
    accepted > 0 || iterations === 0 ? count(accepted, 'sample') : '',
    iterations > 0 ? count(iterations, 'iteration') : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function about(run: RunDocument): string[] {
  const versions = new Set(run.scenarios.map((scenario) => cleanText(scenario.chrome.version, 40)));
  return [
    instant(run.startedAt),
    run.git
      ? `${name(run.git.branch ?? 'detached')} @ ${cleanText(run.git.commit, 200).slice(0, 9)}${run.git.dirty ? ', changed' : ''}`
      : '',
    measured(run),
    versions.size > 0 ? `Chrome ${[...versions].join(', ')}` : '',
    elapsed(Date.parse(run.endedAt) - Date.parse(run.startedAt)),
  ].filter((part) => part !== '');
}

export function reportView(run: RunDocument): ReportView {
  const judged = judgedLines(run);
  const outcome = runOutcome(run, judged);
  const open = judged.filter((line) => line.status !== 'pass' && !isUnjudged(line));
  const scenarios = run.scenarios.map((scenario, position) => scenarioView(run, scenario, position));
  const failures = scenarios.flatMap(({ anchor, name, failure }) => (failure ? [{ anchor, name, failure }] : []));
  const shown = openLines(judged);
  const groups = reasonGroups(judged).filter(([first]) => first !== undefined && isUnjudged(first));
  return {
    title: `${outcome.short} – Pacewright`,
    tone: outcome.tone,
    headline: outcome.short,
    worst: [outcome.comparison?.worst ?? '', outcome.worst].filter((sentence) => sentence !== '').join(' '),
    comparison: comparisonView(run),
    judges: run.comparison === null || outcome.total > 0,
    counts: lineStatuses
      .filter((status) => status !== 'warn' || outcome.counts.warn > 0)
      .map((status) => ({ status: statusView(status), amount: outcome.counts[status] })),
    about: about(run),
    problems: run.problems.map((problem) => ({
      code: name(problem.code),
      place: problem.place ? placeText(problem.place) : '',
      message: lines(problem.message),
      next: cleanText(problem.next),
    })),
    otherFailures: run.otherFailures.map(({ title, message }) => ({
      title: name(title),
      message: [cleanText(message, 600)],
    })),
    attends: open.length + failures.length + groups.length > 0,
    failures,
    unjudged: groups.map((group) => unjudgedView(run, group)),
    attention: open.slice(0, mostCards).map((line) => lineView(run, line, true)),
    attentionMore: open.length > mostCards ? `${count(open.length - mostCards, 'more line')} in the table below.` : '',
    lines: judged.slice(0, shown).map((line) => lineView(run, line, false)),
    calmLines: judged.slice(shown).map((line) => lineView(run, line, false)),
    severalScenarios: run.scenarios.length > 1,
    scenarios,
    machines: machineViews(run),
    reproduce: reproduceView(run),
    glossary: glossary(run),
  };
}
