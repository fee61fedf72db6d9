/** What `measure` returns: the samples, and their statistics by step and metric, for `expect`. */
import type { Change } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { PacewrightError } from '../core/errors.ts';
import { findMetric } from '../core/metrics.ts';
import { suggest } from '../core/nearest.ts';
import type { Sample, StepSample } from '../core/sample.ts';
import type { Verdict } from '../core/verdict.ts';
import { type MetricSummary, summarise } from '../judge/summary.ts';

export interface MeasuredStep {
  readonly name: string;
  readonly kind: StepSample['kind'];
  /** Metric id to its statistics over the accepted samples of head, those outside of pairs if there are any; only what was measured. */
  readonly metrics: Readonly<Record<string, MetricSummary & { readonly values: readonly number[] }>>;
}

export interface MeasureResult {
  readonly steps: readonly MeasuredStep[];
  /** The flow as a whole. */
  readonly flow: MeasuredStep['metrics'];
  /** All samples in order, warm-up and rejected ones included. */
  readonly samples: readonly Sample[];
  readonly verdicts: readonly Verdict[];
  /** What changed against base; empty where head alone was measured. */
  readonly changes: readonly Change[];
  /**
   * Statistics of one metric of one step: `result.metric('search', 'INP').p75`, in ms, bytes or counts.
   * @throws PacewrightError ARGUMENT_INVALID naming the steps or metrics there are
   */
  metric(step: string, metric: string): MeasuredStep['metrics'][string];
}

function summariseAll(records: readonly Record<string, number>[]): MeasuredStep['metrics'] {
  const ids = new Set(records.flatMap((record) => Object.keys(record)));
  const entries: [string, MeasuredStep['metrics'][string]][] = [];
  for (const id of ids) {
    const metric = findMetric(id);
    const values = records.map((record) => record[id]).filter((value) => value !== undefined);
    if (metric && values.length > 0) entries.push([id, { ...summarise(values, metric), values }]);
  }
  return Object.fromEntries(entries);
}

export function toResult(document: ScenarioDocument): MeasureResult {
  const head = document.samples.filter((sample) => sample.accepted && sample.variant === 'head');
  const alone = head.filter((sample) => sample.pair === null);
  const accepted = alone.length > 0 ? alone : head;
  const names = [...new Set(accepted.flatMap((sample) => sample.steps.map((step) => step.name)))];
  const steps = names.map((name): MeasuredStep => {
    const samples = accepted
      .map((sample) => sample.steps.find((step) => step.name === name))
      .filter((step) => step !== undefined);
    return { name, kind: samples[0]?.kind ?? 'script', metrics: summariseAll(samples.map((step) => step.metrics)) };
  });
  return {
    steps,
    flow: summariseAll(accepted.map((sample) => sample.flow)),
    samples: document.samples,
    verdicts: document.verdicts,
    changes: document.comparison?.changes ?? [],
    metric: (stepName, id) => {
      const step = steps.find((each) => each.name === stepName);
      if (!step) {
        throw new PacewrightError('ARGUMENT_INVALID', `There is no step "${stepName}". ${suggest(stepName, names)}`, {
          next: 'name a step of the flow',
        });
      }
      const found = Object.hasOwn(step.metrics, id) ? step.metrics[id] : undefined;
      if (!found) {
        throw new PacewrightError(
          'ARGUMENT_INVALID',
          `Step "${stepName}" (${step.kind}) has no value for "${id}". ${suggest(id, Object.keys(step.metrics))}`,
          { next: 'name a metric that was measured in this step' },
        );
      }
      return found;
    },
  };
}
