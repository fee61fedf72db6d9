/** One scenario: how it was measured, what went wrong, its flow and its steps. */
import type { RunDocument, ScenarioDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { type NoiseChart, noiseChart, waitingShare } from './chart-parts.ts';
import { count, elapsed, lines, listed, name, quantity, share } from './view-format.ts';
import { iterationsText } from './leak-text.ts';
import { type LighthouseView, lighthouseView } from './view-lighthouse.ts';
import { isUnbudgeted, lineStatus, scenarioName } from './view-lines.ts';
import { type BundlesView, bundlesView } from './view-bundles.ts';
import { isOfIterations, type MemoryView, memoryView } from './view-memory.ts';
import { type MetricTables, metricTables, sampleCounts, type StatusView } from './view-metrics.ts';
import { stepNames } from './view-series.ts';
import { comparedStatuses, placeStatus, type StepView, stepView, worstStatus } from './view-step.ts';

export interface FailureView {
  readonly code: string;
  readonly where: string;
  readonly message: readonly string[];
  readonly next: string;
  /** A data URL, or empty. */
  readonly screenshot: string;
}

export interface ScenarioView {
  readonly anchor: string;
  readonly name: string;
  readonly place: string;
  readonly status: StatusView | null;
  readonly state: string;
  readonly facts: ReadonlyArray<{ readonly term: string; readonly text: string }>;
  readonly failure: FailureView | null;
  readonly warnings: ReadonlyArray<{ readonly code: string; readonly message: string; readonly advice: string }>;
  readonly unbudgeted: boolean;
  readonly memory: MemoryView | null;
  readonly flow: { readonly anchor: string; readonly status: StatusView | null; readonly tables: MetricTables } | null;
  readonly steps: readonly StepView[];
  readonly bundles: BundlesView | null;
  readonly lighthouse: LighthouseView | null;
  readonly noise: {
    readonly chart: NoiseChart | null;
    readonly summary: string;
    readonly rejections: readonly string[];
  } | null;
}

const stateWords: Record<ScenarioDocument['status'], string> = {
  measured: 'measured',
  failed: 'the flow failed',
  interrupted: 'interrupted',
  'too noisy': 'the machine was too noisy',
};

/** Anchors are numbers, never names: names come from outside. */
function scenarioAnchor(position: number): string {
  return `s${position + 1}`;
}

/** It repeats an action and counts what is left: there are no samples, and no flow. */
function hasOnlyMemory({ memory, samples }: ScenarioDocument): boolean {
  return memory !== null && samples.length === 0;
}

export function stepAnchor(scenario: ScenarioDocument, position: number, step: string | null): string {
  if (step === null) return `${scenarioAnchor(position)}-${hasOnlyMemory(scenario) ? 'memory' : 'flow'}`;
  const place = stepNames(scenario).indexOf(step);
  return place < 0 ? scenarioAnchor(position) : `${scenarioAnchor(position)}-${place + 1}`;
}

/** How it was measured: samples and their schedule, or iterations. */
function amount(scenario: ScenarioDocument): ScenarioView['facts'][number] {
  const { comparison, memory, options, parameters } = scenario;
  if (memory && hasOnlyMemory(scenario)) return { term: 'Iterations', text: iterationsText(memory) };
  const schedule =
    comparison?.status === 'compared'
      ? 'as many of base'
      : parameters.fixed
        ? `a fixed number of ${options.samples ?? 'unknown'}`
        : `looks after ${parameters.looks.join(', ')}`;
  return { term: 'Samples', text: `${sampleCounts(scenario)}; ${schedule}` };
}

function facts(scenario: ScenarioDocument): ScenarioView['facts'] {
  const { options, device, memory } = scenario;
  const network = options.network
    ? `${name(options.network.name)}: +${quantity(options.network.latency, 'ms')}, ${options.network.download} kbit/s down, ${options.network.upload} kbit/s up`
    : 'not throttled';
  return [
    amount(scenario),
    {
      term: 'Device',
      text: `${name(scenario.project)}: ${cleanText(device.viewport, 40)} at ${device.scale}x${device.mobile ? ', mobile' : ''}`,
    },
    { term: 'Cache', text: options.cache },
    { term: 'CPU', text: options.cpuThrottling === 1 ? 'not throttled' : `${options.cpuThrottling} times slower` },
    { term: 'Network', text: network },
    { term: 'Noise gate', text: options.noiseGate === 'off' ? 'switched off' : '' },
    { term: 'Took', text: elapsed(scenario.wall) },
    { term: 'Of that, snapshots and analysis', text: memory ? quantity(memory.analysed, 'ms') : '' },
    {
      term: 'Tags',
      text: listed(
        scenario.tags.map((tag) => cleanText(tag, 40)),
        8,
      ),
    },
  ].filter((fact) => fact.text !== '');
}

function failureView(scenario: ScenarioDocument): FailureView | null {
  const { failure } = scenario;
  if (!failure) return null;
  const step = failure.step === null ? '' : `step "${name(failure.step)}"`;
  const sample = failure.sample === null ? '' : `sample ${failure.sample}`;
  // anything else than base64 would not be an image, and has no business in a URL
  const picture = failure.screenshot !== null && /^[A-Za-z0-9+/]+={0,2}$/.test(failure.screenshot);
  return {
    code: name(failure.code),
    where: [step, sample].filter((part) => part !== '').join(', '),
    message: lines(failure.message),
    next: cleanText(failure.next),
    screenshot: picture ? `data:image/jpeg;base64,${failure.screenshot}` : '',
  };
}

function noise(scenario: ScenarioDocument): ScenarioView['noise'] {
  if (hasOnlyMemory(scenario)) return null;
  const shares = scenario.samples.flatMap((sample) => waitingShare(sample) ?? []);
  const rejected = scenario.samples.filter((sample) => !sample.accepted);
  const steal = scenario.samples.flatMap((sample) => sample.contention.steal ?? []);
  const pressure = scenario.samples.flatMap((sample) => sample.contention.pressure ?? []);
  const parts = [
    shares.length > 0
      ? `The page's main thread waited for a core at most ${share(Math.max(...shares))} of its time.`
      : '',
    steal.length > 0 ? `Most CPU time stolen by the hypervisor: ${share(Math.max(...steal))}.` : '',
    pressure.length > 0 ? `Highest CPU pressure: ${share(Math.max(...pressure))}.` : '',
    shares.length === 0 ? 'How long the page waited for a core could not be read on this machine.' : '',
    `${rejected.length === 0 ? 'No sample was' : `${count(rejected.length, 'sample')} ${rejected.length === 1 ? 'was' : 'were'}`} rejected.`,
  ];
  return {
    chart: noiseChart(scenario.samples),
    summary: parts.filter((part) => part !== '').join(' '),
    rejections: rejected
      .slice(0, 30)
      .map((sample) => `Sample ${sample.index}: ${cleanText(sample.rejection ?? 'no reason given')}`),
  };
}

export function scenarioView(run: RunDocument, scenario: ScenarioDocument, position: number): ScenarioView {
  const anchor = scenarioAnchor(position);
  const tables = hasOnlyMemory(scenario) ? null : metricTables(scenario, null);
  const failed = scenario.status === 'failed';
  return {
    anchor,
    name: scenarioName(scenario, run),
    place: `${cleanText(scenario.file, 120)}:${scenario.line}`,
    status: failed
      ? { word: 'failed', kind: 'fail' }
      : worstStatus([...scenario.verdicts.map(lineStatus), ...comparedStatuses(scenario)]),
    state: stateWords[scenario.status],
    facts: facts(scenario),
    failure: failureView(scenario),
    warnings: scenario.warnings
      .filter((warning) => !scenario.memory || !isOfIterations(warning))
      .map((warning) => ({
        code: name(warning.code),
        message: cleanText(warning.message),
        advice: cleanText(warning.advice),
      })),
    unbudgeted: isUnbudgeted({ ...scenario, failure: null }),
    memory: memoryView(scenario, `${anchor}-memory`),
    flow:
      tables && tables.main.length + tables.restCount > 0
        ? { anchor: `${anchor}-flow`, status: placeStatus(scenario, null), tables }
        : null,
    steps: stepNames(scenario).map((step) => stepView(scenario, step, stepAnchor(scenario, position, step))),
    bundles: bundlesView(scenario, `${anchor}-bundles`),
    lighthouse: lighthouseView(scenario, `${anchor}-lighthouse`),
    noise: noise(scenario),
  };
}
