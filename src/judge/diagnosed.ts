/** Lines on what the diagnosis alone knows: one value, so that there is nothing to wait for and no spread to judge by. */
import type { Diagnosis } from '../core/diagnosis.ts';
import type { MetricDefinition } from '../core/metrics.ts';
import type { Decision } from './decide.ts';

/** What of a diagnosis its values come from, and what says why one is missing. */
export type DiagnosedFacts = Pick<Diagnosis, 'values' | 'passes' | 'lighthouse' | 'bundles'>;

/** Why there is no value. Not `possible`: there cannot be one in this step, whatever runs. */
interface Absent {
  readonly absent: string;
  readonly possible: boolean;
}

/** The one value of a metric in a step (or the flow: null), or why there is none. */
export function readDiagnosed(
  diagnosis: DiagnosedFacts | null,
  step: string | null,
  metric: MetricDefinition,
): { readonly values: readonly [number] } | Absent {
  const found = diagnosis?.values.find((each) => each.step === step && each.metric === metric.id);
  if (found) return { values: [found.value] };
  if (!diagnosis) {
    const absent = "there was no diagnosis: `diagnose` or `lighthouse` is 'off', or the run ended before it";
    return { absent, possible: true };
  }
  return metric.id.startsWith('bundle.') ? whyNoBundle(diagnosis, metric) : whyNoScore(diagnosis, step, metric);
}

function whyNoBundle({ bundles, passes }: DiagnosedFacts, metric: MetricDefinition): Absent {
  const problem = passes.find(({ kind, problem: each }) => kind === 'coverage' && each !== null)?.problem;
  const absent = bundles
    ? `no script, style sheet or module matches "${metric.label}"`
    : `the diagnosis has no bundles${problem ? `: ${problem}` : ''}`;
  return { absent, possible: true };
}

function whyNoScore({ lighthouse, passes }: DiagnosedFacts, step: string | null, metric: MetricDefinition): Absent {
  if (!lighthouse) {
    const pass = passes.find(({ kind }) => kind === 'lighthouse');
    const absent = pass
      ? `Lighthouse failed: ${pass.problem ?? 'without a word'}`
      : "Lighthouse did not run: `lighthouse` is 'off', or the diagnosis did not come to it";
    return { absent, possible: true };
  }
  const parts = lighthouse.steps.filter((part) => step === null || part.step === step);
  const problem = parts.find((part) => part.problem !== null)?.problem ?? (parts.length === 0 && lighthouse.problem);
  if (problem) return { absent: `Lighthouse failed here: ${problem}`, possible: true };
  if (parts.length === 0) return { absent: 'Lighthouse did not come to this step', possible: true };
  const modes = [...new Set(parts.map(({ mode }) => mode))].join(' or ');
  const absent = `Lighthouse gave no score for ${metric.label} (${modes}): it cannot tell there, or has nothing to look at`;
  return { absent, possible: false };
}

/** The value against what is allowed. */
export function decideValue(value: number, metric: MetricDefinition, allowed: number): Decision {
  const kept = metric.direction === 'lower' ? value <= allowed : value >= allowed;
  const reason = 'taken once, by the diagnosis that follows the samples';
  return { status: kept ? 'pass' : 'fail', value, interval: null, rule: 'one value', reason };
}
