/** What a memory scenario found: growth as lines, leaks first to mend first, and what was checked where there is none. */
import type { ScenarioDocument, Warning } from '../core/document.ts';
import type { CounterGrowth, Memory } from '../core/leaks.ts';
import { cleanText } from '../core/text.ts';
import { countLeaks } from '../judge/memory.ts';
import { isArtifactPath } from '../store/artifacts.ts';
import { type GrowthChart, growthChart } from './chart-growth.ts';
import {
  confirmationText,
  type Counter,
  counterNames,
  counters,
  counterUnit,
  iterationsText,
  leakCount,
  reasonText,
  signedAmount,
  sortLeaks,
} from './leak-text.ts';
import { capital, count, limit, metricOf, name, quantity, share, shortMargin } from './view-format.ts';
import { allowedText, intervalText, lineStatus } from './view-lines.ts';
import { type LeakView, leakView, type OutsideView, outsideView } from './view-leaks.ts';
import { type StatusView, statusView } from './view-metrics.ts';

export interface GrowthView {
  readonly label: string;
  /** `+24.1 kB an iteration`. */
  readonly change: string;
  readonly interval: string;
  readonly trend: StatusView | null;
  readonly note: string;
  readonly chart: GrowthChart;
}

export interface MemoryView {
  readonly anchor: string;
  readonly status: StatusView;
  readonly summary: string;
  readonly url: string;
  readonly notes: ReadonlyArray<{ readonly status: StatusView; readonly text: string }>;
  readonly verdicts: ReadonlyArray<{
    readonly status: StatusView;
    readonly metric: string;
    readonly value: string;
    readonly limit: string;
    readonly allowed: string;
    readonly interval: string;
    readonly margin: string;
    readonly reason: string;
  }>;
  readonly growth: readonly GrowthView[];
  /** Counters that do not move. */
  readonly flat: { readonly summary: string; readonly growth: readonly GrowthView[] } | null;
  readonly leaks: readonly LeakView[];
  readonly moreLeaks: string;
  /** Findings that are not sure enough, or that a second pass did not find again. */
  readonly doubtful: { readonly summary: string; readonly leaks: readonly LeakView[] } | null;
  readonly checked: readonly string[];
  readonly outside: OutsideView | null;
  readonly snapshots: ReadonlyArray<{
    readonly name: string;
    /** Relative to the report; empty where the file is not beside it. */
    readonly href: string;
    readonly file: string;
    readonly size: string;
  }>;
}

const mostLeaks = 20;
const mostChecked = 20;
const mostSnapshots = 10;

/** Budgets limit the growth of these. */
const limited: Partial<Record<Counter, string>> = {
  heap: 'heap.growth',
  nodes: 'nodes.growth',
  listeners: 'listeners.growth',
};

const trendKinds: Record<CounterGrowth['trend'], StatusView['kind']> = {
  grows: 'warn',
  'levels off': 'same',
  flat: 'same',
  falls: 'better',
  unclear: 'unsure',
};

function growthView(scenario: ScenarioDocument, memory: Memory, counter: Counter): GrowthView | null {
  // Chrome may not know a counter in one iteration: a line needs all of them.
  const values = memory.counters.flatMap((each) => each[counter] ?? []);
  if (values.length < memory.counters.length) return null;
  const growth = memory.growth.find((each) => each.counter === counter) ?? null;
  const unit = counterUnit(counter);
  const line = scenario.verdicts.find(({ metric }) => metric === limited[counter]);
  const chart = growthChart({ unit, values, growth, limit: line?.allowed ?? null });
  if (!chart) return null;
  const { interval } = growth ?? {};
  return {
    label: capital(counterNames[counter]),
    change: growth ? `${signedAmount(growth.perIteration, unit)} an iteration` : '',
    interval: interval
      ? `${share(interval.confidence)} interval: ${signedAmount(interval.low, unit)} to ${signedAmount(interval.high, unit)}`
      : '',
    trend: growth && { word: growth.trend, kind: trendKinds[growth.trend] },
    note: growth ? cleanText(growth.note) : '',
    chart,
  };
}

/** The heap is always drawn; another counter only if it moves. */
function isFolded(memory: Memory, counter: Counter): boolean {
  const growth = memory.growth.find((each) => each.counter === counter);
  if (counter === 'heap') return false;
  // A run of a version that did not count it.
  if (memory.counters.every((each) => each[counter] === undefined)) return false;
  return growth ? growth.trend === 'flat' : new Set(memory.counters.map((each) => each[counter])).size === 1;
}

function flatView(scenario: ScenarioDocument, memory: Memory): MemoryView['flat'] {
  const flat = counters.filter((counter) => isFolded(memory, counter));
  const growth = flat.flatMap((counter) => growthView(scenario, memory, counter) ?? []);
  if (growth.length === 0) return null;
  const amounts = flat.map((counter) => {
    const last = memory.counters.at(-1)?.[counter] ?? null;
    return `${counterNames[counter]} (${quantity(last, counterUnit(counter))})`;
  });
  return { summary: `Flat: ${amounts.join(', ')}`, growth };
}

/** Warnings that are about the iterations: they stand in the section, not above the scenario. */
const iterationWarnings: Readonly<Record<string, StatusView>> = {
  ACTION_DOES_NOT_RETURN: { word: 'not back at the start', kind: 'warn' },
  STOPPED_EARLY: { word: 'stopped early', kind: 'warn' },
  LEAKS_NOT_ANALYSED: { word: 'not analysed', kind: 'missing' },
};

export function isOfIterations({ code }: Pick<Warning, 'code'>): boolean {
  return Object.hasOwn(iterationWarnings, code);
}

function notes({ warnings, failure }: ScenarioDocument, memory: Memory): MemoryView['notes'] {
  const unknown = counters.filter((counter) => memory.counters.some((row) => row[counter] === null));
  const found = warnings.flatMap((warning) => {
    const status = isOfIterations(warning) ? iterationWarnings[warning.code] : undefined;
    return status
      ? [{ status, text: `${cleanText(warning.message, 500)} ${capital(cleanText(warning.advice))}.` }]
      : [];
  });
  if (memory.ended === 'failed' && failure) {
    const text = 'An iteration failed: what was measured up to then is all there is.';
    found.push({ status: { word: 'not finished', kind: 'missing' }, text });
  }
  if (unknown.length > 0) {
    const names = capital(unknown.map((counter) => counterNames[counter]).join(', '));
    found.push({ status: { word: 'not known', kind: 'missing' }, text: `${names}: not counted in every iteration.` });
  }
  return found;
}

function verdictRows(scenario: ScenarioDocument): MemoryView['verdicts'] {
  return scenario.verdicts
    .filter(({ step }) => step === null)
    .map((verdict) => {
      const metric = metricOf(verdict.metric);
      return {
        status: statusView(lineStatus(verdict)),
        metric: metric.id,
        value: quantity(verdict.value, metric.unit),
        limit: limit(verdict.limit, metric),
        allowed: allowedText(verdict, metric),
        interval: intervalText(verdict, metric),
        margin: shortMargin(verdict.margin, metric.unit),
        reason: reasonText(scenario, verdict),
      };
    });
}

/** A number found is news whatever the budget says; none found says nothing unless all was looked at. */
function leakStatus(scenario: ScenarioDocument, memory: Memory): StatusView {
  const word = leakCount(memory);
  const fails = scenario.verdicts.some((verdict) => verdict.metric === 'leaks' && lineStatus(verdict) === 'fail');
  if (countLeaks(memory).length > 0) return { word, kind: fails ? 'fail' : 'warn' };
  return memory.ended === 'complete' ? { word, kind: 'pass' } : { word: 'no leak up to then', kind: 'missing' };
}

/** What there is to say where nothing leaks; an end like the start is part of it. */
function checkedLines({ checked, returned, ended }: Memory): string[] {
  const shown = checked.slice(0, mostChecked);
  return [...shown, ...(returned.same && ended === 'complete' ? [returned.how] : [])].map((line) => cleanText(line));
}

/** Null for a scenario without `detectLeaks`. */
export function memoryView(scenario: ScenarioDocument, anchor: string): MemoryView | null {
  const { memory } = scenario;
  if (!memory) return null;
  const moving = counters.filter((counter) => !isFolded(memory, counter));
  const { counted, doubtful } = sortLeaks(memory);
  const hidden = counted.length - mostLeaks;
  return {
    anchor,
    status: leakStatus(scenario, memory),
    summary: [`in ${iterationsText(memory)}`, confirmationText(memory)].filter((part) => part !== '').join('; '),
    url: cleanText(memory.url, 200),
    notes: notes(scenario, memory),
    verdicts: verdictRows(scenario),
    growth: moving.flatMap((counter) => growthView(scenario, memory, counter) ?? []),
    flat: flatView(scenario, memory),
    leaks: counted.slice(0, mostLeaks).map(leakView),
    doubtful:
      doubtful.length === 0
        ? null
        : {
            summary: `${count(doubtful.length, 'finding')} that ${doubtful.length === 1 ? 'does' : 'do'} not count as ${doubtful.length === 1 ? 'a leak' : 'leaks'}`,
            leaks: doubtful.slice(0, mostLeaks).map(leakView),
          },
    moreLeaks: hidden > 0 ? `${count(hidden, 'more leak')} in run.json.` : '',
    checked: checkedLines(memory),
    outside: outsideView(memory.outside),
    snapshots: memory.snapshots.slice(0, mostSnapshots).map(({ name: label, file, bytes }) => ({
      name: name(label),
      // anything else would lead out of the run's folder
      href: isArtifactPath(file) ? `./${file}` : '',
      file: cleanText(file, 160),
      size: quantity(bytes, 'bytes'),
    })),
  };
}
