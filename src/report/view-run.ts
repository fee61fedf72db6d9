/** What concerns the run as a whole: the machine, how to repeat it, and what its metrics mean. */
import type { Environment, RunDocument } from '../core/document.ts';
import { metricOrder, resourceTypes } from '../core/metrics.ts';
import { cleanText } from '../core/text.ts';
import { listed, metricOf, name, percent, quantity } from './view-format.ts';

export interface Fact {
  readonly term: string;
  readonly text: string;
}

/** More than this between the calibration loop at the start and at the end, and the machine changed under the run. */
const drift = 0.1;

export interface MachineView {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly warnings: readonly string[];
}

function machineView(environment: Environment, position: number, of: number): MachineView {
  const { calibration, noiseGate } = environment;
  const change = calibration.end === null ? null : calibration.end / calibration.start - 1;
  const gate = Object.entries(noiseGate);
  const unread = gate.filter(([, readable]) => !readable).map(([source]) => source);
  const warnings: string[] = [];
  if (change !== null && Math.abs(change) > drift) {
    warnings.push(
      `A fixed CPU loop took ${percent(change)} at the end against the start: the machine changed its speed during the run.`,
    );
  }
  if (unread.length > 0) {
    const off = unread.length === gate.length;
    warnings.push(
      `The noise gate ${off ? 'was off: it' : 'worked in part: it'} could not read ${unread.join(', ')} here.`,
    );
  }
  if ((environment.load[0] ?? 0) > environment.cores) {
    warnings.push(
      `The load at the start (${environment.load[0]}) was above the number of cores (${environment.cores}).`,
    );
  }
  return {
    title: of > 1 ? `Machine ${position + 1} of ${of}` : 'Machine',
    facts: [
      { term: 'CPU', text: `${cleanText(environment.cpu, 120)}, ${environment.cores} cores` },
      { term: 'Memory', text: quantity(environment.memory, 'bytes') },
      {
        term: 'Load at the start',
        text: environment.load.map((load) => load.toFixed(2)).join(', ') + ' (1, 5, 15 minutes)',
      },
      {
        term: 'Calibration loop',
        text:
          calibration.end === null || change === null
            ? `${quantity(calibration.start, 'ms')} at the start`
            : `${quantity(calibration.start, 'ms')} at the start, ${quantity(calibration.end, 'ms')} at the end (${percent(change)})`,
      },
      {
        term: 'Noise gate reads',
        text: gate.map(([source, readable]) => `${source}: ${readable ? 'yes' : 'no'}`).join(', '),
      },
      {
        term: 'System',
        text: `${name(environment.platform)} ${name(environment.arch)}, Node ${name(environment.node)}${environment.ci === null ? '' : `, CI: ${name(environment.ci)}`}`,
      },
    ],
    warnings,
  };
}

export function machineViews(run: RunDocument): MachineView[] {
  return run.environments.map((environment, position) => machineView(environment, position, run.environments.length));
}

export interface ReproduceView {
  readonly command: string;
  readonly judge: string;
  readonly facts: readonly Fact[];
}

export function reproduceView(run: RunDocument): ReproduceView {
  const budgets = new Map<string, Set<number>>();
  for (const line of run.scenarios.flatMap((scenario) => scenario.budgets)) {
    const file = cleanText(line.source.file, 120);
    budgets.set(file, (budgets.get(file) ?? new Set()).add(line.source.line));
  }
  const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
  const chrome = unique(
    run.scenarios.map(({ chrome: { version, path } }) => `${cleanText(version, 60)} at ${cleanText(path, 120)}`),
  );
  const flags = unique(
    run.scenarios.map((scenario) => scenario.chrome.flags.map((flag) => cleanText(flag, 200)).join(' ')),
  );
  const seeds = unique(run.scenarios.map((scenario) => String(scenario.seed)));
  const git = run.git
    ? `${name(run.git.commit)}${run.git.branch === null ? '' : ` on ${name(run.git.branch)}`}${run.git.dirty ? ', with uncommitted changes' : ''}`
    : 'not a git checkout';
  return {
    command: cleanText(run.command),
    judge: `npx pacewright judge ${/^[\w.:-]+$/.test(run.id) ? `reports/${run.id}` : 'RUN'}`,
    facts: [
      { term: 'Commit', text: git },
      { term: 'Pacewright', text: name(run.tool.version) },
      { term: 'Chrome', text: chrome.join('; ') },
      { term: 'Chrome flags', text: flags.join('; ') },
      { term: 'Seed', text: listed(seeds, 10) },
      ...[...budgets].map(([file, places]) => ({
        term: 'Budgets',
        text: `${file}, ${places.size === 1 ? 'line' : 'lines'} ${[...places].toSorted((a, b) => a - b).join(', ')}`,
      })),
    ].filter((fact) => fact.text !== ''),
  };
}

export interface GlossaryEntry {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly source: string;
}

/** The metrics that this run has a value or a budget for; a resource type is explained by its total. */
export function glossary(run: RunDocument): GlossaryEntry[] {
  const ids = new Set<string>();
  for (const scenario of run.scenarios) {
    for (const verdict of scenario.verdicts) ids.add(verdict.metric);
    for (const sample of scenario.samples) {
      for (const step of sample.steps) for (const id of Object.keys(step.metrics)) ids.add(id);
      for (const id of Object.keys(sample.flow)) ids.add(id);
    }
  }
  const entries = [...ids].map((id) => {
    const timing = id.startsWith('timing.');
    const typed = /^(bytes|requests)\.(.+)$/.exec(id);
    const [, family, type] = typed ?? [];
    if (timing) return 'timing.*';
    return family !== undefined && resourceTypes.some((known) => known === type) ? `${family}.total` : id;
  });
  return [...new Set(entries)]
    .toSorted((a, b) => metricOrder(a) - metricOrder(b))
    .map((id) => {
      const metric = metricOf(id);
      const [family] = id.split('.');
      const resources = id.endsWith('.total');
      const label = resources
        ? `${metric.label}, by type and party`
        : metric.label === '*'
          ? 'User timing'
          : metric.label;
      return {
        id: resources ? `${family}.*` : metric.id,
        label: label === metric.id ? '' : label,
        text: metric.description,
        source: metric.source,
      };
    });
}
