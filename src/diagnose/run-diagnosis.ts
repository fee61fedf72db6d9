/**
 * The diagnosis of a scenario that was measured and judged: passes in a Chrome of their own, and what they tell. It
 * only reads the scenario's document; whatever fails in it costs its own part and is told in the notes.
 */
import { artifactPath } from '../store/artifacts.ts';
import { type Diagnosis, failedDiagnosis, type StepDiagnosis } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { chooseSteps } from './choose-steps.ts';
import { describeError, runTracePasses, type TracePass } from './trace-passes.ts';
import type { DiagnosisWorld } from './world.ts';

/** Null where nothing is to be diagnosed. */
export async function runDiagnosis(document: ScenarioDocument, world: DiagnosisWorld): Promise<Diagnosis | null> {
  const steps = chooseSteps(document);
  if (steps.length === 0) return null;
  const start = world.now();
  const diagnosis: Diagnosis = { ...failedDiagnosis(''), notes: [] };
  try {
    await world.restartChrome();
    const { passes, records } = await runTracePasses(steps, ['head'], world);
    diagnosis.passes.push(...records);
    for (const name of steps) diagnosis.steps.push(describeStep(name, passes));
    keepTraces(document, passes, diagnosis, world);
  } catch (error) {
    diagnosis.notes.push(describeError(error));
  } finally {
    // The samples of the next scenario are not to run in a Chrome that was traced.
    await world.restartChrome();
  }
  if (world.signal.aborted) diagnosis.notes.push('The run was interrupted during the diagnosis.');
  diagnosis.wall = world.now() - start;
  diagnosis.status = statusOf(diagnosis);
  return diagnosis;
}

function statusOf({ steps, passes, notes }: Diagnosis): Diagnosis['status'] {
  if (steps.every((step) => step.passes === 0)) return 'failed';
  return notes.length > 0 || passes.some(({ problem }) => problem !== null) ? 'partial' : 'done';
}

function describeStep(name: string, passes: readonly TracePass[]): StepDiagnosis {
  const traces = passes.flatMap((pass) => pass.traces.filter(({ step }) => step.name === name));
  return {
    name,
    passes: traces.length,
    profile: null,
    baseProfile: null,
    waterfall: null,
    findings: [],
    functions: [],
    console: [],
    notes: [...new Set(traces.flatMap(({ cut }) => cut ?? []))],
  };
}

/** The first pass's traces as artefacts: whoever wants to see more opens them in DevTools or Perfetto. */
function keepTraces(
  document: ScenarioDocument,
  passes: readonly TracePass[],
  diagnosis: Diagnosis,
  world: DiagnosisWorld,
): void {
  const [first] = passes;
  for (const { step, file } of first?.traces ?? []) {
    const position = first?.sample.steps.findIndex(({ name }) => name === step.name) ?? 0;
    const name = artifactPath(document, { name: step.name, position }, 'trace.json.gz');
    try {
      const bytes = world.keep(file, name);
      diagnosis.artifacts.push({ path: name, step: step.name, title: 'Trace, for DevTools or Perfetto', bytes });
    } catch (error) {
      diagnosis.notes.push(`The trace of step "${step.name}" could not be kept: ${describeError(error)}`);
    }
  }
}
