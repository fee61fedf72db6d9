/** Every judged budget line of a run, worst first. */
import type { RunDocument, ScenarioDocument } from '../core/document.ts';
import { isOfMemory, type MetricDefinition } from '../core/metrics.ts';
import { nameSubject, type Verdict } from '../core/verdict.ts';
import { limit, margin, metricOf, name, nothing, percent, range } from './view-format.ts';

/** A verdict's status as a reader sees it: a line that fails at level `warn` does not fail the run. */
export type LineStatus = 'fail' | 'warn' | 'inconclusive' | 'not measured' | 'pass';
export const lineStatuses: readonly LineStatus[] = ['fail', 'warn', 'inconclusive', 'not measured', 'pass'];

export interface JudgedLine {
  readonly verdict: Verdict;
  readonly metric: MetricDefinition;
  /** The metric and its statistic, cleaned: `LCP p75`. */
  readonly subject: string;
  readonly status: LineStatus;
  /** Position of the scenario in the run. */
  readonly scenario: number;
  readonly scenarioName: string;
  /** Cleaned; `the whole flow` for a line of the flow, `the repeated action` for one of memory. */
  readonly step: string;
  /** Margin as a share of what is allowed; -Infinity when anything above 0 is beyond the budget. */
  readonly relativeMargin: number;
}

export const flowName = 'the whole flow';
/** In place of a step where the line is of memory. */
const repeated = 'the repeated action';

/** Title and, where there are several projects, the project. */
export function scenarioName(scenario: ScenarioDocument, run: RunDocument): string {
  const projects = new Set(run.scenarios.map((other) => other.project));
  return projects.size > 1 ? `${name(scenario.title)} [${name(scenario.project)}]` : name(scenario.title);
}

export function lineStatus(verdict: Verdict): LineStatus {
  return verdict.status === 'fail' && verdict.level === 'warn' ? 'warn' : verdict.status;
}

function relative(verdict: Verdict): number {
  if (verdict.margin === null) return 0;
  if (verdict.allowed === 0) return verdict.margin < 0 ? Number.NEGATIVE_INFINITY : 0;
  return verdict.margin / verdict.allowed;
}

function rank(line: JudgedLine): number {
  if (line.status === 'fail') return 0;
  if (line.status === 'not measured' && line.verdict.gates) return 1;
  if (line.status === 'inconclusive') return line.verdict.gates ? 2 : 3;
  if (line.status === 'warn') return 4;
  return line.status === 'not measured' ? 5 : 6;
}

/** Worst first: failing, not measured where that fails the gate, inconclusive, warning, the rest by margin. */
export function judgedLines(run: RunDocument): JudgedLine[] {
  return run.scenarios
    .flatMap((scenario, position) =>
      scenario.verdicts.map((verdict): JudgedLine => ({
        verdict,
        metric: metricOf(verdict.metric),
        subject: nameSubject({ metric: metricOf(verdict.metric).id, statistic: verdict.statistic }),
        status: lineStatus(verdict),
        scenario: position,
        scenarioName: scenarioName(scenario, run),
        step: verdict.step === null ? (isOfMemory(metricOf(verdict.metric)) ? repeated : flowName) : name(verdict.step),
        relativeMargin: relative(verdict),
      })),
    )
    .toSorted((a, b) => rank(a) - rank(b) || compare(a.relativeMargin, b.relativeMargin));
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The interval, or `exact` where every sample says the same. */
export function intervalText(verdict: Verdict, metric: MetricDefinition, separator?: string): string {
  if (verdict.interval) return range(verdict.interval.low, verdict.interval.high, metric.unit, separator);
  return verdict.rule === 'exact' ? 'exact' : nothing;
}

/** The margin as a share of what is allowed: `−16 %`; empty where there is no share. */
export function marginShare(verdict: Verdict): string {
  return verdict.margin === null || verdict.margin === 0 || verdict.allowed === 0
    ? ''
    : percent(verdict.margin / verdict.allowed);
}

/** What a tolerance allows where that differs from the limit: `132 kB with tolerance`; else empty. */
export function allowedText(verdict: Verdict, metric: MetricDefinition): string {
  return verdict.allowed === verdict.limit ? '' : `${limit(verdict.allowed, metric)} with tolerance`;
}

/** The limit as written, and what its tolerance allows. */
export function limitText(verdict: Verdict, metric: MetricDefinition): string {
  const allowed = allowedText(verdict, metric);
  const written = limit(verdict.limit, metric);
  return allowed === '' ? written : `${written} (${allowed})`;
}

/** `410 ms (16 %) over the limit`, in words, for sentences. */
export function distanceWords(line: JudgedLine): string {
  const { verdict, metric } = line;
  if (verdict.margin === null) return 'no value';
  const size = margin(Math.abs(verdict.margin), verdict.allowed, metric.unit).replaceAll('+', '');
  const beyond = metric.direction === 'lower' ? 'over' : 'short of';
  if (verdict.margin === 0) return 'exactly at the limit';
  return verdict.margin < 0 ? `${size} ${beyond} the limit` : `${size} within the limit`;
}

/** No rule could be applied: there is no value, or there are too few. Its reason says all there is to say. */
export function isUnjudged(line: JudgedLine): boolean {
  return line.verdict.value === null || (line.verdict.rule === 'none' && line.status === 'inconclusive');
}

/** Lines that do not pass, worst first; those not judged for one and the same reason stand together. */
export function reasonGroups(judged: readonly JudgedLine[]): JudgedLine[][] {
  const open = judged.filter((line) => line.status !== 'pass');
  return [
    ...Map.groupBy(open, (line) => {
      const { verdict, status, scenario } = line;
      return isUnjudged(line) ? [scenario, status, verdict.gates, verdict.reason].join(' ') : line;
    }).values(),
  ];
}

/**
 * Neither a budget line nor a comparison says anything of it, and its flow did not fail. One that was interrupted before
 * its first sample has lines without a verdict.
 */
export function isUnbudgeted({ budgets, verdicts, failure, comparison }: ScenarioDocument): boolean {
  const compared = comparison?.status === 'compared' || comparison?.status === 'identical';
  return budgets.length === 0 && verdicts.length === 0 && failure === null && !compared;
}
