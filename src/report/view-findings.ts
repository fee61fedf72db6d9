/** The findings of one step: what explains most comes first, with its place, and what to try. */
import type { RankedFinding } from '../analyse/rank-findings.ts';
import type { StepDiagnosis } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import type { Finding } from '../core/finding.ts';
import { cleanText } from '../core/text.ts';
import { diagnosisOf, stepFindings } from './step-findings.ts';
import { count, metricOf, quantity, share } from './view-format.ts';

export interface FindingView {
  readonly rank: number;
  readonly title: string;
  /** `62 ms`, of one run of the step. */
  readonly cost: string;
  /** `src/prices.ts:4:17`; empty where no place is known. */
  readonly place: string;
  /** The delivered script, where the place is one in the source; else empty. */
  readonly script: string;
  /** `41 % of INP, which is over its limit`; empty where it explains no metric. */
  readonly explains: string;
  /** Of the bar, 0 to 100. */
  readonly width: number;
  readonly failing: boolean;
  readonly advice: string;
  readonly details: readonly string[];
  /** Where in the report the evidence is, and its name; empty where there is none. */
  readonly evidence: { readonly anchor: string; readonly name: string } | null;
}

export interface FindingsView {
  readonly anchor: string;
  readonly first: readonly FindingView[];
  readonly more: readonly FindingView[];
  readonly moreSummary: string;
  /** What the diagnosis could not see in this step. */
  readonly notes: readonly string[];
}

/** What a reader looks at without unfolding. */
const mostShown = 6;
const mostNotes = 8;

const evidenceNames: Record<NonNullable<Finding['evidence']>, string> = {
  flame: 'flame graph',
  waterfall: 'waterfall',
  filmstrip: 'filmstrip',
  bundles: 'bundles',
  lighthouse: 'Lighthouse',
  metrics: 'metrics',
  console: 'errors',
};

/** Bundles are those of the scenario, everything else is of the step. */
function evidenceAnchor(
  evidence: NonNullable<Finding['evidence']>,
  step: string,
  { waterfall }: StepDiagnosis,
): string {
  if (evidence === 'bundles') return `${step.replace(/-.*$/, '')}-bundles`;
  const shown =
    evidence === 'waterfall' ? waterfall?.requests : evidence === 'filmstrip' ? waterfall?.shots : undefined;
  return shown && shown.length > 0 ? `${step}-${evidence}` : step;
}

function explainsText({ finding, metric, share: part, failing }: RankedFinding): string {
  if (metric === null) return '';
  const { id, unit } = metricOf(metric);
  const amount = quantity(finding.explains[metric] ?? 0, unit);
  const fails = failing ? ', which does not pass' : '';
  return `${amount} of ${id} (${share(part)})${fails}`;
}

function findingView(ranked: RankedFinding, rank: number, anchor: string, diagnosis: StepDiagnosis): FindingView {
  const { finding, share: part, failing } = ranked;
  const { location, cost, evidence } = finding;
  return {
    rank,
    title: cleanText(finding.title),
    cost: quantity(cost.value, cost.unit),
    place: location ? cleanText(`${location.file}:${location.line}:${location.column}`, 200) : '',
    script: location?.mapped ? cleanText(location.script, 200) : '',
    explains: explainsText(ranked),
    width: Math.round(100 * Math.min(1, Math.max(0, part))),
    failing,
    advice: cleanText(finding.advice),
    details: finding.details.slice(0, 12).map((detail) => cleanText(detail)),
    evidence:
      evidence === null ? null : { anchor: evidenceAnchor(evidence, anchor, diagnosis), name: evidenceNames[evidence] },
  };
}

/** Null where the step was not diagnosed. */
export function findingsView(scenario: ScenarioDocument, step: string, anchor: string): FindingsView | null {
  const diagnosis = diagnosisOf(scenario, step);
  if (!diagnosis) return null;
  const views = stepFindings(scenario, step).map((ranked, at) => findingView(ranked, at + 1, anchor, diagnosis));
  const more = views.slice(mostShown);
  return {
    anchor: `${anchor}-findings`,
    first: views.slice(0, mostShown),
    more,
    moreSummary: count(more.length, 'more finding'),
    notes: diagnosis.notes.slice(0, mostNotes).map((note) => cleanText(note)),
  };
}
