/** The values of one metric in one step, in the order in which the samples ran. */
import type { ScenarioDocument } from '../core/document.ts';
import type { Sample, StepSample } from '../core/sample.ts';

export interface Point {
  /** Position in the order of execution, warm-ups and rejected samples included. */
  readonly index: number;
  readonly launch: number;
  readonly value: number;
  readonly role: 'accepted' | 'rejected' | 'warm-up';
}

/**
 * The samples of what is under test: all of a plain run; in a comparison those that head took alone, which absolute
 * limits are judged on, or those of its pairs where there are no others.
 */
export function headSamples(scenario: ScenarioDocument): Sample[] {
  const head = scenario.samples.filter((sample) => sample.variant === 'head');
  const alone = head.filter((sample) => sample.pair === null);
  return alone.some((sample) => sample.role === 'measured') ? alone : head;
}

/** The samples of head that count: measured and not rejected. */
export function acceptedSamples(scenario: ScenarioDocument): Sample[] {
  return headSamples(scenario).filter((sample) => sample.role === 'measured' && sample.accepted);
}

export function stepOf(sample: Sample, step: string): StepSample | undefined {
  return sample.steps.find((candidate) => candidate.name === step);
}

/** Own property only: metric ids come from the page, and one may be called `constructor`. */
export function ownNumber(values: Readonly<Record<string, number>> | undefined, id: string): number | undefined {
  return values !== undefined && Object.hasOwn(values, id) ? values[id] : undefined;
}

/** `step` null: the value of the whole flow. Of head alone. Samples without a value leave a gap in `index`. */
export function seriesOf(scenario: ScenarioDocument, step: string | null, metric: string): Point[] {
  return headSamples(scenario).flatMap((sample): Point[] => {
    const value = ownNumber(step === null ? sample.flow : stepOf(sample, step)?.metrics, metric);
    if (value === undefined) return [];
    const role = sample.role === 'warm-up' ? 'warm-up' : sample.accepted ? 'accepted' : 'rejected';
    return [{ index: sample.index, launch: sample.launch, value, role }];
  });
}

/** The accepted sample whose value is nearest the median: what is shown of it is one real sample, not a mixture. */
export function medianSample(scenario: ScenarioDocument, step: string, metric: string): Sample | undefined {
  const valued = acceptedSamples(scenario)
    .flatMap((sample) => {
      const value = ownNumber(stepOf(sample, step)?.metrics, metric);
      return value === undefined ? [] : [{ sample, value }];
    })
    .toSorted((a, b) => a.value - b.value);
  return valued[Math.floor((valued.length - 1) / 2)]?.sample;
}

/** Names of head's steps in the order in which they first appear. */
export function stepNames(scenario: ScenarioDocument): string[] {
  return [...new Set(headSamples(scenario).flatMap((sample) => sample.steps.map((step) => step.name)))];
}
