/** Findings of a step, ranked by what its budgets and its comparison say. */
import { rankFindings, type RankedFinding } from '../analyse/rank-findings.ts';
import type { StepDiagnosis } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { lineStatus } from './view-lines.ts';
import { acceptedSamples, ownNumber, stepOf } from './view-series.ts';

/** What the diagnosis says of a step; undefined where it was not diagnosed. */
export function diagnosisOf(scenario: ScenarioDocument, step: string): StepDiagnosis | undefined {
  return scenario.diagnosis?.steps.find((one) => one.name === step);
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** Medians of the accepted samples. */
function stepValues(scenario: ScenarioDocument, step: string): Record<string, number> {
  const metrics = acceptedSamples(scenario).map((sample) => stepOf(sample, step)?.metrics ?? {});
  const ids = new Set(metrics.flatMap((values) => Object.keys(values)));
  const values: Record<string, number> = {};
  for (const id of ids) {
    const value = median(metrics.flatMap((each) => ownNumber(each, id) ?? []));
    if (value !== undefined) values[id] = value;
  }
  return values;
}

/** Metrics of a step, or of the flow that it is part of, that a budget or the comparison does not let pass. */
function openMetrics({ verdicts, comparison }: ScenarioDocument, step: string): string[] {
  const here = (one: string | null): boolean => one === step || one === null;
  const lines = verdicts.filter((verdict) => here(verdict.step) && lineStatus(verdict) !== 'pass');
  const changes = (comparison?.changes ?? []).filter((change) => here(change.step) && change.status === 'regressed');
  return [...new Set([...lines, ...changes].map(({ metric }) => metric))];
}

const ranked = new WeakMap<ScenarioDocument, Map<string, RankedFinding[]>>();

/** Kept, since the report, its summary and the terminal ask for the same. */
export function stepFindings(scenario: ScenarioDocument, step: string): readonly RankedFinding[] {
  const known = ranked.get(scenario) ?? new Map<string, RankedFinding[]>();
  ranked.set(scenario, known);
  const found =
    known.get(step) ??
    rankFindings(diagnosisOf(scenario, step)?.findings ?? [], {
      values: stepValues(scenario, step),
      traced: diagnosisOf(scenario, step)?.traced ?? {},
      failing: openMetrics(scenario, step),
      kind: acceptedSamples(scenario).flatMap((sample) => stepOf(sample, step)?.kind ?? [])[0] ?? null,
    });
  known.set(step, found);
  return found;
}
