/** The commands `baseline save`, `baseline show` and `baseline diff`: counts kept in the repository. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { loadBudgets } from './config/budget-source.ts';
import { checkStepNames, readBudgets, resolveBudgets } from './config/budgets.ts';
import { defaultOptions } from './config/options.ts';
import { type Baseline, type BaselineScenario, storableAdvice, whyNotStorable } from './core/baseline.ts';
import type { RunDocument } from './core/document.ts';
import { exitCodes, PacewrightError } from './core/errors.ts';
import { baselineName, compareWithBaseline, fewestSamples, takeBaseline } from './judge/baseline.ts';
import {
  type BaselineDiff,
  renderBaseline,
  renderDiff,
  renderSaved,
  type SavedBaseline,
  scenarioLabel,
  type ScenarioName,
} from './report/terminal-baseline.ts';
import { baselineFileName, formatBaseline, readBaseline, writeBaseline } from './store/baseline.ts';
import { findNewestRun, readRun } from './store/run-folder.ts';

/** The world as these commands see it. */
interface World {
  readonly out: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly color: boolean;
}

interface Flags {
  file: string;
  reports: string;
}

type Scenario = RunDocument['scenarios'][number];

function readWanted(world: World, place: string | undefined, flags: Flags): { run: RunDocument; place: string } {
  const wanted = place ?? path.relative(world.cwd, findNewestRun(path.resolve(world.cwd, flags.reports)));
  return { run: readRun(path.resolve(world.cwd, wanted)).run, place: wanted };
}

function nameOf(scenario: Scenario): ScenarioName {
  return { scenario: baselineName(scenario), project: scenario.project };
}

const keyOf = ({ scenario, project }: ScenarioName): string => JSON.stringify([scenario, project]);

/** @throws PacewrightError RUN_INVALID where two scenarios could not be told apart in a baseline */
function scenariosOf(run: RunDocument): Map<string, Scenario> {
  const scenarios = new Map<string, Scenario>();
  for (const scenario of run.scenarios) {
    const other = scenarios.get(keyOf(nameOf(scenario)));
    if (other) {
      const label = scenarioLabel(nameOf(scenario));
      throw new PacewrightError(
        'RUN_INVALID',
        `Two scenarios of the run are called ${label}: ${other.file}:${other.line} and ${scenario.file}:${scenario.line}.`,
        { next: 'give one another title, or put it into a describe; with --repeat-each there is no baseline' },
      );
    }
    scenarios.set(keyOf(nameOf(scenario)), scenario);
  }
  return scenarios;
}

function sourceOf(run: RunDocument): Pick<Baseline, 'commit' | 'dirty' | 'chrome'> {
  return {
    commit: run.git?.commit ?? null,
    dirty: run.git?.dirty ?? false,
    chrome: [...new Set(run.scenarios.map(({ chrome }) => chrome.version))].filter(Boolean).toSorted(),
  };
}

/** @throws PacewrightError ARGUMENT_INVALID for what a baseline cannot hold */
function readOnly(patterns: readonly string[]): Baseline['only'] {
  for (const pattern of patterns) {
    const reason = whyNotStorable(pattern);
    if (reason !== null) throw new PacewrightError('ARGUMENT_INVALID', `--only: ${reason}`, { next: storableAdvice });
  }
  return patterns.includes('*') ? null : [...new Set(patterns)].toSorted();
}

function save(world: World, place: string | undefined, flags: Flags & { only?: string[] }): void {
  const file = path.resolve(world.cwd, flags.file);
  const asked = flags.only && readOnly(flags.only);
  const before = existsSync(file) ? readBaseline(file, flags.file) : null;
  const only = asked === undefined ? (before?.only ?? null) : asked;
  const { run, place: from } = readWanted(world, place, flags);
  const scenarios = scenariosOf(run);
  const taken: BaselineScenario[] = [];
  const leftOut: SavedBaseline['leftOut'][number][] = [];
  const unmeasured: ScenarioName[] = [];
  for (const scenario of scenarios.values()) {
    const result = takeBaseline(scenario, only);
    if (result.scenario) taken.push(result.scenario);
    else unmeasured.push(nameOf(scenario));
    if (result.leftOut.length > 0) leftOut.push({ name: nameOf(scenario), metrics: result.leftOut });
  }
  if (run.status === 'interrupted') {
    throw new PacewrightError('ARGUMENT_INVALID', `${from} was interrupted: what it kept is not the whole of a run.`, {
      next: 'name another run, or measure again',
    });
  }
  if (taken.length === 0) {
    throw new PacewrightError(
      'ARGUMENT_INVALID',
      `No scenario of ${from} has ${fewestSamples} accepted samples: nothing is exact.`,
      {
        next: `measure again, with ${fewestSamples} samples or more`,
      },
    );
  }
  const others = (before?.scenarios ?? []).filter((each) => !taken.some((other) => keyOf(other) === keyOf(each)));
  // With other metrics, what an old scenario does not name would read as 0.
  const same = before !== null && JSON.stringify(before.only) === JSON.stringify(only);
  const baseline: Baseline = {
    schemaVersion: 1,
    ...sourceOf(run),
    only,
    scenarios: same ? [...taken, ...others] : taken,
  };
  const { commit, dirty, chrome } = before ?? baseline;
  const written = before === null || formatBaseline({ ...baseline, commit, dirty, chrome }) !== formatBaseline(before);
  if (written) writeBaseline(file, baseline);
  const [kept, dropped] = same ? [others, []] : [[], others];
  world.out(renderSaved({ file: flags.file, baseline, written, leftOut, unmeasured, kept, dropped }));
}

function diff(world: World, place: string | undefined, flags: Flags & { budgets?: string }): number {
  const baseline = readBaseline(path.resolve(world.cwd, flags.file), flags.file);
  const { regressions } =
    flags.budgets === undefined
      ? loadBudgets({ budgets: defaultOptions.budgets, root: world.cwd, env: world.env })
      : readBudgets(path.resolve(world.cwd, flags.budgets), world.cwd);
  const { run, place: from } = readWanted(world, place, flags);
  const now = scenariosOf(run);
  const compared: BaselineDiff['scenarios'][number][] = [];
  const unmeasured: ScenarioName[] = [];
  for (const was of baseline.scenarios) {
    const scenario = now.get(keyOf(was));
    if (!scenario) continue;
    const steps = new Set(scenario.samples.flatMap((sample) => sample.steps.map((step) => step.name)));
    const lines = resolveBudgets(regressions, { titlePath: scenario.titlePath, project: scenario.project });
    if (steps.size > 0) checkStepNames(lines, [...steps]);
    const comparison = compareWithBaseline(was, scenario, { only: baseline.only, lines });
    if (comparison) compared.push({ name: was, comparison });
    else unmeasured.push(was);
  }
  const known = new Set(baseline.scenarios.map(keyOf));
  world.out(
    renderDiff(
      {
        file: flags.file,
        baseline,
        run: { place: from, ...sourceOf(run) },
        scenarios: compared,
        unmeasured,
        gone: baseline.scenarios.filter((was) => !now.has(keyOf(was))),
        added: [...now.values()].map(nameOf).filter((name) => !known.has(keyOf(name))),
      },
      { color: world.color },
    ),
  );
  if (compared.some(({ comparison }) => comparison.differences.some(({ gates }) => gates))) return exitCodes.gateFailed;
  return unmeasured.length > 0 ? exitCodes.notMeasured : exitCodes.pass;
}

/** Adds `baseline` with its three commands to the program. */
export function addBaselineCommands(program: Command, world: World, finish: (code: number) => void): void {
  const baseline = program
    .command('baseline')
    .description('keep bytes, requests and other counts in a file of the repository, and compare runs with it');
  const add = (name: string): Command =>
    baseline.command(name).option('--file <file>', 'the baseline', baselineFileName);
  const addRun = (command: Command): Command =>
    command
      .argument('[run]', 'folder of a run, or its run.json; the newest if absent')
      .option('--reports <folder>', 'where run folders are', 'reports');
  addRun(add('save').description('write what did not vary in a run'))
    .option('--only <metrics>', 'a metric or a glob such as "bytes.*"; may be given several times', collect)
    .action((place: string | undefined, flags: Flags & { only?: string[] }) => {
      save(world, place, flags);
      finish(exitCodes.pass);
    });
  add('show')
    .description('print the baseline')
    .action((flags: Flags) => {
      world.out(renderBaseline(flags.file, readBaseline(path.resolve(world.cwd, flags.file), flags.file)));
      finish(exitCodes.pass);
    });
  addRun(add('diff').description('compare a run with the baseline; exit code 1 where a count became worse'))
    .option('--budgets <place>', 'budgets whose "regression" says what is tolerated (default: budgets/)')
    .action((place: string | undefined, flags: Flags & { budgets?: string }) => finish(diff(world, place, flags)));
}

function collect(word: string, before: string[] | undefined): string[] {
  return [...(before ?? []), word];
}
