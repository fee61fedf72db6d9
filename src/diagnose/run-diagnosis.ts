/**
 * The diagnosis of a scenario that was measured and judged: passes in a Chrome of their own, and what they tell. It
 * only reads the scenario's document; whatever fails in it costs its own part and is told in the notes.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Variant } from '../core/comparison.ts';
import { type Diagnosis, failedDiagnosis } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { artifactPath } from '../store/artifacts.ts';
import { chooseSteps } from './choose-steps.ts';
import { type CoveragePass, runCoveragePass } from './coverage-pass.ts';
import { describeError } from './describe-error.ts';
import { Interpretation } from './interpretation.ts';
import type { MadeFile } from './interpret-step.ts';
import { toRecordedSide } from './recorded.ts';
import { runTracePasses, type TracePass } from './trace-passes.ts';
import type { DiagnosisWorld } from './world.ts';

/** Null where nothing is to be diagnosed. */
export async function runDiagnosis(document: ScenarioDocument, world: DiagnosisWorld): Promise<Diagnosis | null> {
  const steps = chooseSteps(document);
  if (steps.length === 0) return null;
  const start = world.now();
  const diagnosis: Diagnosis = { ...failedDiagnosis(''), notes: [] };
  const diagnose = new Diagnose(document, steps, diagnosis, world);
  try {
    await diagnose.run();
  } catch (error) {
    diagnosis.notes.push(describeError(error));
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

/** In a diagnosis of everything, and wherever a budget asks for a score. */
function wantsLighthouse({ options, budgets }: ScenarioDocument): boolean {
  const asked = options.diagnose === 'all' || budgets.some(({ metric }) => metric.startsWith('lighthouse.'));
  return options.lighthouse === 'on' && asked;
}

class Diagnose {
  private readonly document: ScenarioDocument;
  private readonly steps: readonly string[];
  private readonly diagnosis: Diagnosis;
  private readonly world: DiagnosisWorld;

  constructor(document: ScenarioDocument, steps: readonly string[], diagnosis: Diagnosis, world: DiagnosisWorld) {
    this.document = document;
    this.steps = steps;
    this.diagnosis = diagnosis;
    this.world = world;
  }

  async run(): Promise<void> {
    const { passes, coverage } = await this.record();
    if (passes.length > 0) await this.interpret(passes, coverage);
  }

  /** Where something got slower the functions that did are looked for; where all is diagnosed, in any case. */
  private comparesProfiles(): boolean {
    const { comparison, options } = this.document;
    if (comparison?.status !== 'compared') return false;
    return options.diagnose === 'all' || comparison.changes.some(({ status }) => status === 'regressed');
  }

  private async record(): Promise<{ passes: readonly TracePass[]; coverage: ReadonlyMap<Variant, CoveragePass> }> {
    const { diagnosis, world } = this;
    const compared = this.comparesProfiles();
    const variants: readonly Variant[] = compared ? ['head', 'base'] : ['head'];
    const coverage = new Map<Variant, CoveragePass>();
    try {
      await world.restartChrome();
      const { passes, records } = await runTracePasses(this.steps, compared, world);
      diagnosis.passes.push(...records);
      // Where no trace could be taken, the flow does not work any more.
      for (const variant of passes.length === 0 ? [] : variants) {
        if (world.signal.aborted) break;
        const pass = await runCoveragePass(variant, diagnosis.passes.length, world);
        coverage.set(variant, pass);
        diagnosis.passes.push(pass.record);
      }
      if (passes.length > 0 && wantsLighthouse(this.document)) await this.runLighthouse();
      return { passes, coverage };
    } finally {
      // The samples of the next scenario are not to run in a Chrome that was traced.
      await world.restartChrome();
    }
  }

  private async runLighthouse(): Promise<void> {
    const { diagnosis, world } = this;
    if (world.signal.aborted) return;
    const start = world.now();
    let problem: string | null;
    try {
      const pass = diagnosis.passes.length;
      const outcome = await world.present('diagnosis', () => world.runLighthouse(pass));
      diagnosis.lighthouse = outcome.facts;
      diagnosis.values.push(...outcome.values);
      problem = outcome.facts.problem;
      if (outcome.html !== null) this.keepText(outcome.html, 'lighthouse.html', "Lighthouse's own report");
    } catch (error) {
      problem = describeError(error);
    }
    diagnosis.passes.push({ kind: 'lighthouse', variant: 'head', wall: world.now() - start, problem });
  }

  private keepText(text: string, name: string, title: string): void {
    const file = path.join(this.world.temporary, name);
    writeFileSync(file, text);
    this.keep({ file, name, title }, null);
  }

  /** @param step null for what belongs to the whole scenario */
  private keep({ file, name, title }: MadeFile, step: string | null): void {
    const { diagnosis, document, world } = this;
    const position = document.samples[0]?.steps.findIndex((each) => each.name === step) ?? 0;
    const place = artifactPath(document, step === null ? null : { name: step, position }, name);
    try {
      diagnosis.artifacts.push({ path: place, step, title, bytes: world.keep(file, place) });
    } catch (error) {
      diagnosis.notes.push(`${place} could not be kept: ${describeError(error)}`);
    }
  }

  private async interpret(passes: readonly TracePass[], coverage: ReadonlyMap<Variant, CoveragePass>): Promise<void> {
    const { diagnosis, document, steps, world } = this;
    const family = 'bundle.';
    const globs = document.budgets.map(({ metric }) => metric).filter((metric) => metric.startsWith(family));
    const input = {
      head: toRecordedSide('head', passes, coverage.get('head') ?? null),
      base: coverage.has('base') ? toRecordedSide('base', passes, coverage.get('base') ?? null) : null,
      globs: [...new Set(globs)].map((metric) => metric.slice(family.length)),
      folder: world.temporary,
    };
    const interpretation = new Interpretation(input, world.signal);
    const attempt = async <Result>(title: string, ask: () => Promise<Result>): Promise<Result | undefined> => {
      if (world.signal.aborted) return undefined;
      try {
        return await world.present(`diagnosis: ${title}`, ask);
      } catch (error) {
        diagnosis.notes.push(`Failed: ${title}: ${describeError(error)}`);
        return undefined;
      }
    };
    try {
      for (const [position, { variant, pass }] of passes.entries()) {
        const title = `reading trace ${position + 1} of ${passes.length}`;
        const files = await attempt(title, () => interpretation.pass(variant, pass));
        for (const file of files ?? []) this.keep(file, null);
      }
      for (const [position, name] of steps.entries()) {
        const title = `step ${position + 1} of ${steps.length}, "${name}"`;
        const facts = await attempt(title, () => interpretation.step(name));
        if (!facts) continue;
        diagnosis.steps.push(facts.step);
        for (const file of facts.files) this.keep(file, name);
      }
      const scenario = await attempt('bundles and requests of the flow', () => interpretation.scenario());
      if (!scenario) return;
      diagnosis.bundles = scenario.bundles;
      diagnosis.values.push(...scenario.values);
      for (const { step, finding } of scenario.findings)
        diagnosis.steps.find(({ name }) => name === step)?.findings.push(finding);
      for (const file of scenario.files) this.keep(file, null);
    } finally {
      await interpretation.close();
    }
  }
}
