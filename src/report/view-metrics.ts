/** The metric tables of one step (or of the whole flow), and the pictures of its main metrics. */
import type { ScenarioDocument } from '../core/document.ts';
import { type MetricDefinition, type MetricGroup, metricOrder } from '../core/metrics.ts';
import type { Verdict } from '../core/verdict.ts';
import { type MetricSummary, summarise } from '../judge/summary.ts';
import { type SampleChart, sampleChart, type Sparkline, sparkline } from './chart-samples.ts';
import { count, limit, metricOf, nothing, quantity, range, shortMargin } from './view-format.ts';
import { allowedText, intervalText, type LineStatus, lineStatus, marginShare } from './view-lines.ts';
import { headSamples, type Point, seriesOf } from './view-series.ts';

export interface StatusView {
  /** The word shown. */
  readonly word: string;
  /** Names the icon and the colour. */
  readonly kind: 'fail' | 'warn' | 'unsure' | 'missing' | 'pass' | 'better' | 'same' | 'differs' | 'added' | 'gone';
}

const statusKinds: Record<LineStatus, StatusView['kind']> = {
  fail: 'fail',
  warn: 'warn',
  inconclusive: 'unsure',
  'not measured': 'missing',
  pass: 'pass',
};

export function statusView(status: LineStatus): StatusView {
  return { word: status, kind: statusKinds[status] };
}

export interface MetricRow {
  readonly id: string;
  /** Empty where it would repeat the id. */
  readonly label: string;
  readonly median: string;
  /** `p75 2.91 s`: what the budget judged. */
  readonly judged: string;
  readonly interval: string;
  readonly limit: string;
  /** What a tolerance allows; empty without one. */
  readonly allowed: string;
  readonly margin: string;
  readonly marginShare: string;
  readonly status: StatusView | null;
  readonly extent: string;
  readonly spark: Sparkline | null;
  /** Stands in place of the picture: `12 equal`. */
  readonly sparkText: string;
}

export interface MetricTables {
  readonly main: readonly MetricRow[];
  readonly rest: ReadonlyArray<{ readonly group: string; readonly rows: readonly MetricRow[] }>;
  readonly restCount: number;
  /** Ids of metrics that are 0 in every accepted sample: one line instead of a row each. */
  readonly zero: string;
  readonly charts: readonly SampleChart[];
}

const groupWords: Record<MetricGroup, string> = {
  vitals: 'Web vitals',
  responsiveness: 'Responsiveness',
  cpu: 'Main-thread CPU',
  page: 'Page',
  network: 'Network',
  timing: 'User timings',
  diagnosis: 'Diagnosis',
  memory: 'Memory',
};

/** Shown in the first table and drawn even without a budget: what most readers look for. */
const headliners = new Set(['LCP', 'FCP', 'TTFB', 'CLS', 'INP', 'TBT', 'duration', 'cpu.main']);

interface Entry {
  readonly id: string;
  readonly metric: MetricDefinition;
  readonly points: readonly Point[];
  readonly values: readonly number[];
  readonly verdicts: readonly Verdict[];
}

function entries(scenario: ScenarioDocument, step: string | null): Entry[] {
  const verdicts = scenario.verdicts.filter((verdict) => verdict.step === step);
  const ids = new Set(verdicts.map((verdict) => verdict.metric));
  for (const sample of headSamples(scenario)) {
    const values = step === null ? sample.flow : sample.steps.find((candidate) => candidate.name === step)?.metrics;
    for (const id of Object.keys(values ?? {})) ids.add(id);
  }
  return [...ids]
    .map((id): Entry => {
      const points = seriesOf(scenario, step, id);
      return {
        id,
        metric: metricOf(id),
        points,
        values: points.filter((point) => point.role === 'accepted').map((point) => point.value),
        verdicts: verdicts.filter((verdict) => verdict.metric === id),
      };
    })
    .toSorted((a, b) => metricOrder(a.id) - metricOrder(b.id));
}

function medianInterval({ metric }: Entry, summary: MetricSummary): string {
  if (summary.distinct === 1) return summary.exact ? 'exact' : nothing;
  return summary.interval ? range(summary.interval.low, summary.interval.high, metric.unit) : nothing;
}

function row(entry: Entry, verdict: Verdict | undefined, drawn: boolean): MetricRow {
  const { metric, values, points } = entry;
  const { unit } = metric;
  const summary = values.length > 0 ? summarise(values, metric) : null;
  const spark = drawn && points.length > 0 ? sparkline(points) : null;
  return {
    id: metric.id,
    label: metric.label === metric.id ? '' : metric.label,
    median: summary ? quantity(summary.median, unit) : nothing,
    judged: verdict ? `${statisticWord(verdict)} ${quantity(verdict.value, unit)}`.trim() : '',
    interval: verdict ? intervalText(verdict, metric) : summary ? medianInterval(entry, summary) : nothing,
    limit: verdict ? limit(verdict.limit, metric) : '',
    allowed: verdict ? allowedText(verdict, metric) : '',
    margin: verdict ? shortMargin(verdict.margin, unit) : '',
    marginShare: verdict ? marginShare(verdict) : '',
    status: verdict ? statusView(lineStatus(verdict)) : null,
    extent: new Set(values).size > 1 ? range(Math.min(...values), Math.max(...values), unit) : '',
    spark,
    sparkText: spark || values.length === 0 ? '' : values.length === 1 ? '1 value' : sameText(values),
  };
}

/** The statistic beside a value; nothing where there is one value. */
function statisticWord({ statistic }: Verdict): string {
  return statistic === 'value' ? '' : statistic;
}

function sameText(values: readonly number[]): string {
  return new Set(values).size === 1 ? `${values.length} equal` : count(values.length, 'value');
}

function isZero(entry: Entry): boolean {
  return entry.values.length > 0 && entry.values.every((value) => value === 0);
}

function chartOf(entry: Entry): SampleChart | null {
  if (entry.values.length < 2 || new Set(entry.values).size < 2) return null;
  const { metric, points, verdicts } = entry;
  const judged = verdicts.find((verdict) => verdict.interval !== null);
  const limits = [...new Set(verdicts.map((verdict) => verdict.allowed))].slice(0, 3).map((value) => {
    const strict = verdicts.find((verdict) => verdict.allowed === value);
    return { value, label: `${strict?.statistic ?? ''} limit ${quantity(value, metric.unit)}` };
  });
  const interval = judged?.interval ?? summarise(entry.values, metric).interval;
  const label = metric.id === metric.label ? metric.id : `${metric.id} · ${metric.label}`;
  return sampleChart({ label, unit: metric.unit, points, limits, interval });
}

/** `step` null: the flow as a whole. */
export function metricTables(scenario: ScenarioDocument, step: string | null): MetricTables {
  // there the pairs are drawn, which show head's samples as well
  const compared = scenario.comparison?.status === 'compared';
  const all = entries(scenario, step);
  const isMain = (entry: Entry): boolean => entry.verdicts.length > 0 || headliners.has(entry.id);
  // budgeted first; both halves stay in the order of the metric table
  const main = all.filter(isMain).toSorted((a, b) => Number(b.verdicts.length > 0) - Number(a.verdicts.length > 0));
  const rest = all.filter((entry) => !isMain(entry) && entry.values.length > 0);
  const zero = rest.filter(isZero);
  const shown = rest.filter((entry) => !isZero(entry));
  return {
    main: main.flatMap((entry) =>
      entry.verdicts.length === 0
        ? row(entry, undefined, true)
        : entry.verdicts.map((verdict, index) => row(entry, verdict, index === 0)),
    ),
    rest: Object.entries(Object.groupBy(shown, (entry) => entry.metric.group)).map(([group, members]) => ({
      group: groupWords[members[0]?.metric.group ?? 'timing'] ?? group,
      rows: members.map((entry) => row(entry, undefined, !compared)),
    })),
    restCount: rest.length,
    zero: zero.map((entry) => entry.metric.id).join(', '),
    charts: main.filter((entry) => !compared || entry.verdicts.length > 0).flatMap((entry) => chartOf(entry) ?? []),
  };
}

/** Of head: `12 samples, 2 rejected, 1 warm-up`. */
export function sampleCounts(scenario: ScenarioDocument): string {
  const samples = headSamples(scenario);
  const measured = samples.filter((sample) => sample.role === 'measured');
  const accepted = measured.filter((sample) => sample.accepted).length;
  const rejected = measured.length - accepted;
  const warmUps = samples.length - measured.length;
  return [
    count(accepted, 'sample'),
    rejected > 0 ? `${rejected} rejected` : '',
    warmUps > 0 ? count(warmUps, 'warm-up') : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}
