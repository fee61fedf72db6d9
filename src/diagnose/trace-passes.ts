/** The passes that trace: the flow again and again, until there is enough to be believed, or no time left. */
import path from 'node:path';
import { ConsoleLog } from '../collect/console-log.ts';
import { combineCollectors, type ObservedStep, StepLog } from '../collect/heavy.ts';
import { NetworkLog } from '../collect/network-log.ts';
import { type FlowTrace, TraceCollector } from '../collect/trace.ts';
import type { Variant } from '../core/comparison.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { ConsoleEvent, NetworkEvent } from '../core/recording.ts';
import type { Sample } from '../core/sample.ts';
import { describeError } from './describe-error.ts';
import { comparedPasses, enoughCpu, leastComparedPasses, mostFailures, timeForPasses, tracePasses } from './limits.ts';
import type { DiagnosisWorld, PassOrder } from './world.ts';

/** One run of the flow with a trace. */
export interface TracePass {
  readonly variant: Variant;
  /** From 0, of its variant. */
  readonly pass: number;
  readonly sample: Sample;
  /** Those that are diagnosed, in the order of the flow. */
  readonly steps: readonly ObservedStep[];
  /** Of the whole flow; null where it could not be taken. */
  readonly trace: FlowTrace | null;
  /** Of the first pass; empty in others. */
  readonly network: (step: string) => readonly NetworkEvent[];
  readonly console: (step: string) => readonly ConsoleEvent[];
  /** As they were navigated to, unredacted. */
  readonly visited: readonly string[];
}

export interface TracePasses {
  readonly passes: TracePass[];
  readonly records: Diagnosis['passes'];
}

/** ms of main-thread CPU that the passes hold of the step of which they hold least. */
function leastCpu(passes: readonly TracePass[], steps: readonly string[]): number {
  const ofStep = (name: string): number =>
    passes
      .filter(({ variant }) => variant === 'head')
      .flatMap((pass) => pass.sample.steps.filter((step) => step.name === name))
      .reduce((sum, step) => sum + (step.metrics['cpu.main'] ?? 0), 0);
  return steps.length === 0 ? 0 : Math.min(...steps.map(ofStep));
}

function describePass(pass: number, most: number, variant: string, held: number): string {
  const so = held === 0 ? '' : ` · ${Math.round(held)} ms of each step's main thread so far`;
  return `diagnosis: trace ${pass + 1} of ${most}${variant}${so}`;
}

/**
 * @param steps names of those that are traced
 * @param compared whether base is traced as well, in turns with head
 */
export async function runTracePasses(
  steps: readonly string[],
  compared: boolean,
  world: DiagnosisWorld,
): Promise<TracePasses> {
  const passes: TracePass[] = [];
  const records: Diagnosis['passes'] = [];
  const start = world.now();
  const most = compared ? comparedPasses : tracePasses;
  const least = compared ? leastComparedPasses : 1;
  let failures = 0;
  for (let pass = 0; pass < most && failures < mostFailures; pass += 1) {
    const late = pass >= least && world.now() - start > timeForPasses;
    if (world.signal.aborted || late || leastCpu(passes, steps) >= enoughCpu) break;
    // What the order does to the numbers hits both alike.
    const turns: readonly Variant[] = !compared ? ['head'] : pass % 2 === 0 ? ['base', 'head'] : ['head', 'base'];
    for (const variant of turns) {
      const title = describePass(pass, most, compared ? ` of ${variant}` : '', leastCpu(passes, steps));
      // The network, the console and pictures of one pass of head are enough, and cost the others less.
      const detailed = variant === 'head' && !passes.some((each) => each.variant === 'head');
      const order = { title, variant, pass, compared, detailed, position: records.length };
      const { taken, record } = await runTracePass(steps, order, world);
      records.push(record);
      if (taken) passes.push(taken);
      failures = taken ? 0 : failures + 1;
    }
  }
  return { passes, records };
}

async function runTracePass(
  steps: readonly string[],
  order: Omit<PassOrder, 'heavy'> & { readonly detailed: boolean; readonly position: number },
  world: DiagnosisWorld,
): Promise<{ taken: TracePass | null; record: Diagnosis['passes'][number] }> {
  const { title, variant, pass, compared, detailed, position } = order;
  const file = path.join(world.temporary, `${variant}-${pass}.json.gz`);
  const tracer = new TraceCollector({ file, screenshots: detailed });
  const log = new StepLog();
  const network = new NetworkLog();
  const lines = new ConsoleLog();
  const problems: string[] = [];
  // The trace begins last and ends first, so that it holds least of the others' work.
  const collectors = detailed ? [log, network, lines, tracer] : [log, tracer];
  const heavy = combineCollectors(collectors, (what, error) => problems.push(`${what}: ${describeError(error)}`));
  const start = world.now();
  let taken: TracePass | null = null;
  try {
    const { sample, visited } = await world.runPass({ title, variant, compared, pass: position, heavy });
    taken = {
      variant,
      pass,
      sample,
      visited,
      steps: log.steps.filter(({ name }) => steps.includes(name)),
      trace: tracer.trace,
      network: (step) => network.eventsOf(step),
      console: (step) => lines.linesOf(step),
    };
  } catch (error) {
    problems.push(describeError(error));
  } finally {
    await heavy.dispose();
  }
  const problem = problems.length === 0 ? null : problems.join(' · ');
  return { taken, record: { kind: 'trace', variant, wall: world.now() - start, problem } };
}
