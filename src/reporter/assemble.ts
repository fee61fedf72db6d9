/** From a suite's attachments to one result document. Pure but for reading attachments that are files. */
import { readFileSync } from 'node:fs';
import { type ComparisonSides, comparisonSides } from '../core/comparison.ts';
import { failedDiagnosis } from '../core/diagnosis.ts';
import {
  comparisonMediaType,
  type Environment,
  environmentMediaType,
  environmentSchema,
  type Problem,
  problemMediaType,
  problemSchema,
  type RunDocument,
  type ScenarioDocument,
  scenarioDocument,
  scenarioMediaType,
} from '../core/document.ts';
import { exitCodeFor, exitCodes } from '../core/errors.ts';
import { redactText } from '../core/text.ts';

export interface Attachment {
  readonly contentType: string;
  readonly body?: Buffer | undefined;
  readonly path?: string | undefined;
}

export interface TestOutcome {
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'timedOut' | 'skipped' | 'interrupted';
  readonly expected: boolean;
  readonly errors: readonly string[];
  readonly attachments: readonly Attachment[];
}

interface Collected {
  readonly scenarios: Map<string, ScenarioDocument>;
  readonly environments: Environment[];
  readonly problems: Problem[];
  readonly otherFailures: RunDocument['otherFailures'];
}

function readAttachment(attachment: Attachment): unknown {
  const text =
    attachment.body?.toString('utf8') ?? (attachment.path === undefined ? '' : readFileSync(attachment.path, 'utf8'));
  return JSON.parse(text);
}

/** Shards run on machines of their own; workers that followed each other on one machine share an entry. */
function addEnvironment(environments: Environment[], next: Environment): void {
  const key = (each: Environment): string =>
    JSON.stringify([each.cpu, each.cores, each.memory, each.platform, each.node, each.ci]);
  const known = environments.find((each) => key(each) === key(next));
  if (!known) environments.push(next);
  else known.calibration = { start: known.calibration.start, end: next.calibration.end ?? known.calibration.end };
}

function breaksGate({ verdicts, comparison }: ScenarioDocument): boolean {
  return verdicts.some(({ gates }) => gates) || (comparison?.changes.some(({ gates }) => gates) ?? false);
}

/** A branch may move between the starts of two shards; what each compared is right all the same. */
function tellOtherCommits(told: ComparisonSides, own: ComparisonSides): ScenarioDocument['warnings'] {
  return (['base', 'head'] as const).flatMap((variant) => {
    const [one, other] = [told[variant].commit, own[variant].commit];
    if (one === other) return [];
    return {
      code: 'OTHER_COMMIT',
      message: `Here ${variant} was commit ${other?.slice(0, 9) ?? 'unknown'}, and not ${one?.slice(0, 9) ?? 'unknown'}, which the report names.`,
      advice: 'let all shards compare the same commits: give each the hash that one job has found out',
    };
  });
}

/** `test.fail()`: a budget that is known to be broken is shown as such, and does not fail the run. */
function forgiveExpected(document: ScenarioDocument): ScenarioDocument {
  if (!breaksGate(document)) return document;
  const { comparison } = document;
  return {
    ...document,
    verdicts: document.verdicts.map((verdict) => ({ ...verdict, gates: false, level: 'warn' })),
    comparison: comparison && {
      ...comparison,
      changes: comparison.changes.map((change) => ({ ...change, gates: false, level: 'warn' })),
    },
    warnings: [
      ...document.warnings,
      {
        code: 'EXPECTED_FAILURE',
        message: 'The test is marked with test.fail(): its budgets may break.',
        advice: 'remove the mark when they hold again; Playwright then says that the test passes unexpectedly',
      },
    ],
  };
}

export class Collection {
  private readonly collected: Collected = { scenarios: new Map(), environments: [], problems: [], otherFailures: [] };
  /** Whether a test that may be a scenario (it was skipped, or ended early) handed over no document. */
  private unmeasured = false;
  /** Of the first test that was part of a comparison: shards have their own servers, for the same commits. */
  private sides: ComparisonSides | null = null;

  /** Takes what one test handed over. What cannot be read is a failure of that test, not of the run. */
  addTest(outcome: TestOutcome): void {
    const { scenarios, environments, otherFailures } = this.collected;
    let explained = false;
    let measured: ScenarioDocument | undefined;
    for (const attachment of outcome.attachments) {
      try {
        if (attachment.contentType === scenarioMediaType) {
          const document = scenarioDocument.parse(readAttachment(attachment));
          measured = outcome.expected ? forgiveExpected(document) : document;
          scenarios.set(document.id, measured);
          // Interrupted in its diagnosis it was measured all the same; that the run was interrupted is said anyway.
          const interrupted = outcome.status === 'interrupted';
          explained ||= document.status !== 'measured' || breaksGate(document) || interrupted;
        } else if (attachment.contentType === environmentMediaType) {
          addEnvironment(environments, environmentSchema.parse(readAttachment(attachment)));
        } else if (attachment.contentType === comparisonMediaType) {
          const sides = comparisonSides.parse(readAttachment(attachment));
          this.sides ??= sides;
          measured?.warnings.push(...tellOtherCommits(this.sides, sides));
        } else if (attachment.contentType === problemMediaType) {
          this.addProblem(problemSchema.parse(readAttachment(attachment)));
          explained = true;
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        otherFailures.push({ title: outcome.title, message: `its result could not be read: ${redactText(reason)}` });
      }
    }
    if (!measured && outcome.status !== 'passed') this.unmeasured = true;
    if (outcome.expected || outcome.status === 'skipped') return;
    // The budgets' own error repeats the verdicts; anything else (an assertion, a hook) has not been told yet.
    const others = outcome.errors.filter((message) => !message.includes('BudgetError'));
    if (others.length > 0 && (!explained || others.length < outcome.errors.length)) {
      otherFailures.push({ title: outcome.title, message: redactText(others.join(' · '), 600) });
    } else if (!explained) {
      otherFailures.push({
        title: outcome.title,
        message: `the test ${outcome.status === 'interrupted' ? 'was interrupted' : 'failed'}`,
      });
    }
  }

  /** Adds a problem once, however many tests met it. */
  addProblem(problem: Problem): void {
    const key = JSON.stringify(problem);
    if (!this.collected.problems.some((each) => JSON.stringify(each) === key)) this.collected.problems.push(problem);
  }

  /** Scenarios that only the journal knows: their worker died. One that was judged by then died in its diagnosis. */
  addLost(documents: readonly ScenarioDocument[]): void {
    for (const document of documents) {
      if (this.collected.scenarios.has(document.id)) continue;
      const measured = document.status === 'measured';
      const lost: ScenarioDocument = measured
        ? { ...document, diagnosis: failedDiagnosis('The process that ran the diagnosis ended.') }
        : { ...document, status: 'interrupted' };
      this.collected.scenarios.set(document.id, lost);
    }
  }

  /** Names of all steps of all scenarios; empty where one was skipped or not measured to its end. */
  stepNames(): string[] {
    const scenarios = [...this.collected.scenarios.values()];
    if (this.unmeasured || scenarios.some((scenario) => scenario.status !== 'measured')) return [];
    return [
      ...new Set(
        scenarios.flatMap((scenario) => scenario.samples.flatMap((sample) => sample.steps.map((step) => step.name))),
      ),
    ];
  }

  toRun(
    head: Pick<RunDocument, 'tool' | 'id' | 'startedAt' | 'endedAt' | 'status' | 'command' | 'git' | 'schemaVersion'>,
  ): RunDocument {
    const { scenarios, environments, problems, otherFailures } = this.collected;
    const comparison = this.sides;
    return { ...head, comparison, environments, scenarios: [...scenarios.values()], problems, otherFailures };
  }
}

/**
 * Exit code of a run: wrong input first (2), since then nothing else is to be believed; a gate or test that failed (1)
 * before what could not be measured (3).
 */
export function exitCodeOf(run: RunDocument): number {
  const failures = run.scenarios.flatMap(({ failure }) => (failure === null ? [] : exitCodeFor(failure.code)));
  const problems = run.problems.map((problem) => problem.exitCode);
  if ([...failures, ...problems].includes(exitCodes.inputWrong)) return exitCodes.inputWrong;
  const gates = run.scenarios.flatMap((scenario) =>
    scenario.status === 'measured' ? scenario.verdicts.filter((verdict) => verdict.gates) : [],
  );
  const changes = run.scenarios.flatMap((scenario) =>
    scenario.status === 'measured' ? (scenario.comparison?.changes.filter((change) => change.gates) ?? []) : [],
  );
  if ([...gates, ...changes].some(({ status }) => status !== 'not measured') || run.otherFailures.length > 0) {
    return exitCodes.gateFailed;
  }
  if (failures.includes(exitCodes.gateFailed)) return exitCodes.gateFailed;
  const notMeasured =
    gates.length + changes.length > 0 ||
    failures.length > 0 ||
    problems.length > 0 ||
    run.scenarios.some((scenario) => scenario.status !== 'measured');
  return notMeasured ? exitCodes.notMeasured : exitCodes.pass;
}
