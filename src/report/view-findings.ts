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

type Evidence = NonNullable<Finding['evidence']>;

/** The step that a finding is of. */
interface Place {
  readonly scenario: ScenarioDocument;
  readonly diagnosis: StepDiagnosis;
  readonly anchor: string;
}

const evidenceNames: Record<Evidence, string> = {
  flame: 'flame graph',
  waterfall: 'waterfall',
  filmstrip: 'filmstrip',
  bundles: 'bundles',
  lighthouse: 'Lighthouse',
  metrics: 'metrics',
  console: 'errors',
};

/** Where the evidence is; the step itself where the report has no such part. */
function evidenceAnchor(evidence: Evidence, { scenario, diagnosis, anchor }: Place): string {
  const top = anchor.replace(/-.*$/, '');
  const { profile, waterfall } = diagnosis;
  switch (evidence) {
    case 'flame':
      return profile === null ? anchor : `${anchor}-flame`;
    case 'waterfall':
      return waterfall?.requests.length ? `${anchor}-waterfall` : anchor;
    case 'filmstrip':
      return waterfall?.shots.length ? `${anchor}-filmstrip` : anchor;
    case 'bundles':
      return scenario.diagnosis?.bundles ? `${top}-bundles` : anchor;
    case 'lighthouse':
      return scenario.diagnosis?.lighthouse ? `${top}-lighthouse` : anchor;
    case 'metrics':
    case 'console':
      return anchor;
    default:
      return evidence satisfies never;
  }
}

function explainsText({ metric, amount, share: part, failing }: RankedFinding): string {
  if (metric === null) return '';
  const { id, unit } = metricOf(metric);
  const fails = failing ? ', which does not pass' : '';
  return `${quantity(amount, unit)} of ${id} (${share(part)})${fails}`;
}

function findingView(ranked: RankedFinding, rank: number, place: Place): FindingView {
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
    evidence: evidence === null ? null : { anchor: evidenceAnchor(evidence, place), name: evidenceNames[evidence] },
  };
}

/** Null where the step was not diagnosed. */
export function findingsView(scenario: ScenarioDocument, step: string, anchor: string): FindingsView | null {
  const diagnosis = diagnosisOf(scenario, step);
  if (!diagnosis) return null;
  const views = stepFindings(scenario, step).map((ranked, at) =>
    findingView(ranked, at + 1, { scenario, diagnosis, anchor }),
  );
  const more = views.slice(mostShown);
  return {
    anchor: `${anchor}-findings`,
    first: views.slice(0, mostShown),
    more,
    moreSummary: count(more.length, 'more finding'),
    notes: diagnosis.notes.slice(0, mostNotes).map((note) => cleanText(note)),
  };
}
