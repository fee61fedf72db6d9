/** What the list of runs shows of each run. */
import type { RunDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { changeStatus } from './view-change.ts';
import { changeKinds, sideText } from './view-changes.ts';
import { count, instant, listed, name } from './view-format.ts';
import { type Outcome, runOutcome } from './run-outcome.ts';
import { type LineStatus, lineStatuses, scenarioName } from './view-lines.ts';
import type { StatusView } from './view-metrics.ts';

/** A run as the list needs it, so that the list does not keep every sample of every run in memory. */
export interface RunSummary {
  /** Also the name of the run's folder. */
  readonly id: string;
  readonly startedAt: string;
  readonly tone: Outcome['tone'];
  readonly headline: string;
  readonly counts: Readonly<Record<LineStatus, number>>;
  /** `with main (1a2b3c4)`; empty for a run without a comparison. */
  readonly compared: string;
  /** Compared metrics by kind: `2 regressed`. */
  readonly changes: readonly string[];
  readonly scenarios: readonly string[];
  readonly commit: string;
  readonly branch: string;
}

export function summariseRun(run: RunDocument): RunSummary {
  const outcome = runOutcome(run);
  return {
    id: run.id,
    startedAt: run.startedAt,
    tone: outcome.tone,
    headline: outcome.short,
    counts: outcome.counts,
    compared: run.comparison ? `with ${sideText(run.comparison.base)}` : '',
    changes: changeKinds
      .filter((kind) => (outcome.comparison?.counts[kind] ?? 0) > 0)
      .map((kind) => `${outcome.comparison?.counts[kind]} ${changeStatus(kind).word}`),
    scenarios: run.scenarios.map((scenario) => scenarioName(scenario, run)),
    commit: run.git?.commit ?? '',
    branch: run.git?.branch ?? '',
  };
}

export interface IndexView {
  readonly title: string;
  readonly runs: ReadonlyArray<{
    readonly href: string;
    readonly started: string;
    readonly status: StatusView;
    readonly headline: string;
    readonly counts: string;
    readonly compared: string;
    readonly changes: string;
    readonly scenarios: string;
    readonly commit: string;
  }>;
}

const tones: Record<Outcome['tone'], StatusView> = {
  fail: { word: 'fail', kind: 'fail' },
  unsure: { word: 'unsure', kind: 'unsure' },
  pass: { word: 'pass', kind: 'pass' },
  none: { word: 'not judged', kind: 'missing' },
};

export function indexView(runs: readonly RunSummary[]): IndexView {
  return {
    title: count(runs.length, 'run'),
    runs: runs
      .toSorted((a, b) => (a.startedAt === b.startedAt ? 0 : a.startedAt < b.startedAt ? 1 : -1))
      .map((run) => ({
        // encoded whole: an id must not leave the folder or change the scheme
        href: `./${encodeURIComponent(run.id.toWellFormed())}/index.html`,
        started: instant(run.startedAt),
        status: tones[run.tone],
        headline: name(run.headline),
        counts: lineStatuses
          .filter((status) => run.counts[status] > 0)
          .map((status) => `${run.counts[status]} ${status}`)
          .join(', '),
        compared: run.compared === '' ? '' : cleanText(run.compared, 120),
        changes: run.changes.join(', '),
        scenarios: listed(
          run.scenarios.map((scenario) => name(scenario)),
          4,
        ),
        commit: [cleanText(run.commit).slice(0, 9), name(run.branch || 'no branch')]
          .filter((part) => part !== '')
          .join(' '),
      })),
  };
}
