#!/usr/bin/env node
/** The commands. The only place that prints and sets the exit code of a command. */
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import picocolors from 'picocolors';
import { withBundleValues } from './analyse/bundle-values.ts';
import { doctorExitCode, formatDoctor, runDoctor } from './browser/doctor.ts';
import { addBaselineCommands } from './cli-baseline.ts';
import { addCompareCommand, diagnoseOption } from './cli-compare.ts';
import { addHeapCommand } from './cli-heap.ts';
import { addLeaksCommand } from './cli-leaks.ts';
import { becomePlaywright } from './cli-playwright.ts';
import { checkStepNames, readBudgets, resolveBudgets } from './config/budgets.ts';
import { requireNode } from './config/node-version.ts';
import type { RunDocument } from './core/document.ts';
import { exitCodes, formatError, isPacewrightError, PacewrightError } from './core/errors.ts';
import { judgeDocument } from './judge/document.ts';
import { renderTerminal } from './report/terminal.ts';
import { exitCodeOf } from './reporter/assemble.ts';
import { quoteCommand } from './reporter/command-line.ts';
import { writeAll, writeReport } from './reporter/files.ts';
import { readRun } from './store/run-folder.ts';
import { toolVersion } from './store/tool.ts';

/** The world as a command sees it: tests bring their own. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly color: boolean;
  readonly columns: number;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number of at least 1 is needed.');
  return value;
}

function printRun(io: Io, run: RunDocument, report: string): void {
  io.out(renderTerminal(run, { color: io.color, width: io.columns, reportPath: path.relative(io.cwd, report) }));
}

interface RunFlags {
  budgets?: string;
  samples?: number;
  diagnose?: string;
  reports?: string;
}

/** Hands over to Playwright in this process: its exit code becomes ours through the reporter. */
async function run(io: Io, flags: RunFlags, playwrightArguments: string[]): Promise<void> {
  if (flags.budgets !== undefined) {
    const budgets = path.resolve(io.cwd, flags.budgets);
    if (!existsSync(budgets)) {
      throw new PacewrightError('BUDGETS_NOT_FOUND', `There is no budget folder or file ${flags.budgets}.`, {
        next: 'correct `--budgets`; a budget is a JSON file, see the README',
      });
    }
    io.env['PACEWRIGHT_BUDGETS'] = budgets;
  }
  if (flags.samples !== undefined) io.env['PACEWRIGHT_SAMPLES'] = String(flags.samples);
  if (flags.diagnose !== undefined) io.env['PACEWRIGHT_DIAGNOSE'] = flags.diagnose;
  if (flags.reports !== undefined) io.env['PACEWRIGHT_REPORTS'] = path.resolve(io.cwd, flags.reports);
  const repeated = [
    ...(flags.budgets === undefined ? [] : ['--budgets', flags.budgets]),
    ...(flags.samples === undefined ? [] : ['--samples', String(flags.samples)]),
    ...(flags.diagnose === undefined ? [] : ['--diagnose', flags.diagnose]),
    ...playwrightArguments,
  ];
  io.env['PACEWRIGHT_COMMAND'] = quoteCommand(['npx', 'pacewright', 'run', ...repeated]);
  const require = createRequire(path.join(io.cwd, 'package.json'));
  let cli: string;
  try {
    cli = require.resolve('@playwright/test/cli');
  } catch (error) {
    throw new PacewrightError('CONFIG_INVALID', '@playwright/test is not installed in this project.', {
      next: 'npm install --save-dev @playwright/test',
      cause: error,
    });
  }
  await becomePlaywright(cli, playwrightArguments);
}

/** Judges the samples of a run again, with its own budgets or others. */
function judge(io: Io, place: string, flags: { budgets?: string }): number {
  const { run: old, folder } = readRun(path.resolve(io.cwd, place));
  const read = flags.budgets === undefined ? undefined : readBudgets(path.resolve(io.cwd, flags.budgets), io.cwd);
  const scenarios = old.scenarios.map((scenario) => {
    const { titlePath, project, comparison } = scenario;
    const budgets = read ? resolveBudgets(read.lines, { titlePath, project }) : scenario.budgets;
    const regressions = read ? resolveBudgets(read.regressions, { titlePath, project }) : (comparison?.lines ?? []);
    const steps = new Set(scenario.samples.flatMap((sample) => sample.steps.map((step) => step.name)));
    // A scenario that failed before its first sample has no steps to compare names with.
    if (steps.size > 0) checkStepNames([...budgets, ...regressions], [...steps]);
    return judgeDocument({
      ...scenario,
      budgets,
      diagnosis: scenario.diagnosis && withBundleValues(scenario.diagnosis, budgets),
      comparison: comparison && { ...comparison, lines: regressions },
    });
  });
  const judged: RunDocument = { ...old, scenarios };
  const { report, problems } =
    flags.budgets === undefined ? writeAll(folder, judged) : { report: path.join(folder, 'index.html'), problems: [] };
  printRun(io, judged, report);
  if (flags.budgets !== undefined)
    io.out(
      `Judged with ${flags.budgets}; ${path.relative(io.cwd, folder)} still holds the verdicts of its own budgets.`,
    );
  for (const problem of problems) io.err(formatError(problem));
  return problems.length > 0 ? exitCodes.notMeasured : exitCodeOf(judged);
}

function report(io: Io, place: string): number {
  const { run: document, folder } = readRun(path.resolve(io.cwd, place));
  const { report: file, problems } = writeReport(folder, document);
  for (const problem of problems) io.err(formatError(problem));
  if (problems.length > 0) return exitCodes.notMeasured;
  io.out(`Report written: ${path.relative(io.cwd, file)}\nNext: open it in a browser.`);
  return exitCodes.pass;
}

function createProgram(io: Io, finish: (code: number) => void): Command {
  const program = new Command('pacewright')
    .description('Performance tests for web front ends: Playwright flows, judged against budgets.')
    .version(toolVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .addHelpText(
      'after',
      '\nExit codes: 0 all gates pass, 1 a gate failed, 2 the input is wrong, 3 it could not be measured.',
    )
    .showHelpAfterError('Next: npx pacewright --help');
  program
    .command('run')
    .description('measure the scenarios; all other arguments go to `playwright test`')
    .option('--budgets <place>', 'folder or file with budgets, instead of the one of the config')
    .option('--samples <n>', 'exactly so many samples a scenario', wholeNumber)
    .addOption(diagnoseOption())
    .option('--reports <folder>', 'where run folders are written')
    .allowUnknownOption()
    .argument('[playwright...]', 'files, --grep, --project, --shard and so on')
    .action((_words, flags: RunFlags, command: Command) => run(io, flags, command.args));
  addCompareCommand(program, { cwd: io.cwd, env: io.env, say: io.out, complain: io.err }, { wholeNumber, finish });
  program
    .command('judge')
    .description('judge the samples of a run again, without Chrome')
    .argument('<run>', 'folder of a run, or its run.json')
    .option('--budgets <place>', 'other budgets than those of the run; nothing is written then')
    .action((place: string, flags: { budgets?: string }) => finish(judge(io, place, flags)));
  program
    .command('report')
    .description('render the report of a run again, without Chrome')
    .argument('<run>', 'folder of a run, or its run.json')
    .action((place: string) => finish(report(io, place)));
  addBaselineCommands(program, io, finish);
  addLeaksCommand(program, io);
  addHeapCommand(program, io, finish);
  program
    .command('doctor')
    .description('check what measuring needs on this machine')
    .action(async () => {
      const checks = await runDoctor();
      io.out(formatDoctor(checks, { color: io.color }));
      finish(doctorExitCode(checks));
    });
  return program;
}

/** Runs one command; returns its exit code, or undefined where Playwright took over this process. */
export async function main(argv: readonly string[], io: Io): Promise<number | undefined> {
  let code: number | undefined;
  try {
    requireNode();
    await createProgram(io, (result) => (code = result)).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.pass : exitCodes.inputWrong;
    if (!isPacewrightError(error)) throw error;
    io.err(formatError(error));
    return error.exitCode;
  }
}

/** Whether this file was started, rather than imported by a test. */
// Started through npm's link, the path is that of the link.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const code = await main(process.argv.slice(2), {
    out: (text) => console.log(text),
    err: (text) => console.error(text),
    env: process.env,
    cwd: process.cwd(),
    color: picocolors.isColorSupported,
    columns: process.stdout.columns ?? 100,
  });
  if (code !== undefined) process.exitCode = code;
}
