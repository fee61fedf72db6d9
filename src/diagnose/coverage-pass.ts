/** The pass that counts: what of scripts and style sheets runs in which step, and who adds listeners, timers, memory. */
import { AllocationCollector } from '../collect/allocations.ts';
import { type CallStack, CallSiteCollector } from '../collect/call-sites.ts';
import { CoverageCollector } from '../collect/coverage.ts';
import { combineCollectors } from '../collect/heavy.ts';
import { StyleCoverageCollector } from '../collect/style-coverage.ts';
import type { Variant } from '../core/comparison.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { ScriptSource, StepCoverage } from '../core/recording.ts';
import { describeError } from './describe-error.ts';
import type { DiagnosisWorld } from './world.ts';

/** Coverage of one step; the places of its call sites are found with the help of source maps. */
export interface CountedStep extends Omit<StepCoverage, 'sites'> {
  readonly stacks: readonly CallStack[];
}

export interface CoveragePass {
  readonly steps: readonly CountedStep[];
  readonly scripts: readonly ScriptSource[];
  readonly record: Diagnosis['passes'][number];
}

/** Runs the flow once; without steps where it fails. @param pass as in `PassOrder` */
export async function runCoveragePass(variant: Variant, pass: number, world: DiagnosisWorld): Promise<CoveragePass> {
  const scripts = new CoverageCollector();
  const styles = new StyleCoverageCollector();
  const sites = new CallSiteCollector();
  const memory = new AllocationCollector();
  const problems: string[] = [];
  const heavy = combineCollectors([scripts, styles, sites, memory], (what, error) =>
    problems.push(`${what}: ${describeError(error)}`),
  );
  const start = world.now();
  let steps: CountedStep[] = [];
  try {
    const title = 'diagnosis: what runs, and how often';
    const { sample } = await world.runPass({ title, variant, pass, heavy, compared: false });
    steps = sample.steps.map(({ name }) => ({
      name,
      scripts: scripts.coverageOf(name),
      styles: styles.coverageOf(name),
      stacks: [...sites.sitesOf(name), ...memory.sitesOf(name)],
    }));
  } catch (error) {
    problems.push(describeError(error));
  } finally {
    await heavy.dispose();
  }
  const problem = problems.length === 0 ? null : problems.join(' · ');
  return {
    steps,
    scripts: scripts.scripts(),
    record: { kind: 'coverage', variant, wall: world.now() - start, problem },
  };
}
