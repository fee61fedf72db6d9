/** The sentence that sums up a run: its comparison and its budget lines. All reports start from this. */
import type { RunDocument } from '../core/document.ts';
import { countLeaks } from '../judge/memory.ts';
import { type ComparisonOutcome, comparisonOutcome } from './comparison-outcome.ts';
import { capital, count, limit, name, quantity } from './view-format.ts';
import { distanceWords, type JudgedLine, judgedLines, type LineStatus, scenarioName } from './view-lines.ts';

export interface Outcome {
  /** `fail`: something failed. `unsure`: nothing failed, but a number is missing or undecided. */
  readonly tone: 'fail' | 'unsure' | 'pass' | 'none';
  readonly headline: string;
  /** The same without what a list of counts tells beside it. */
  readonly short: string;
  /** The worst thing, in one sentence; empty where there is nothing to add. */
  readonly worst: string;
  readonly counts: Readonly<Record<LineStatus, number>>;
  readonly total: number;
  /** Null for a run without a comparison. */
  readonly comparison: ComparisonOutcome | null;
}

function countLines(judged: readonly JudgedLine[]): Record<LineStatus, number> {
  const counts: Record<LineStatus, number> = { fail: 0, warn: 0, inconclusive: 0, 'not measured': 0, pass: 0 };
  for (const line of judged) counts[line.status] += 1;
  return counts;
}

/** The verdict of a run in one sentence, with its counts. */
export function runOutcome(run: RunDocument, judged: readonly JudgedLine[] = judgedLines(run)): Outcome {
  const counts = countLines(judged);
  const total = judged.length;
  const failed = run.scenarios.filter((scenario) => scenario.status === 'failed').length;
  const noisy = run.scenarios.filter((scenario) => scenario.status === 'too noisy').length;
  const gating = judged.some((line) => line.verdict.gates);
  const parts: string[] = [];
  if (run.scenarios.length === 0) parts.push('nothing was measured');
  const all = run.scenarios.length;
  if (failed > 0) parts.push(all === 1 ? 'the scenario failed' : `${failed} of ${all} scenarios failed`);
  if (noisy > 0)
    parts.push(all === 1 ? 'the machine was too noisy' : `the machine was too noisy for ${noisy} of ${all} scenarios`);
  if (run.otherFailures.length > 0) parts.push(`${count(run.otherFailures.length, 'other test')} did not pass`);
  const comparison = comparisonOutcome(run);
  if (comparison && run.scenarios.length > 0) parts.push(comparison.sentence);
  const leaks = leaksSentence(run);
  if (leaks !== '') parts.push(leaks);
  if (total > 0) parts.push(linesSentence(counts, total));
  else if (run.scenarios.length > 0 && !comparison) parts.push('nothing was judged: no budget line applies');
  const interrupted = run.status === 'interrupted' ? 'interrupted: ' : '';
  const broken =
    failed > 0 ||
    counts.fail > 0 ||
    gating ||
    comparison?.tone === 'fail' ||
    run.problems.length > 0 ||
    run.otherFailures.length > 0;
  const unsure =
    noisy > 0 ||
    counts.inconclusive + counts['not measured'] + counts.warn > 0 ||
    comparison?.tone === 'unsure' ||
    interrupted !== '';
  const tone = broken ? 'fail' : unsure ? 'unsure' : total === 0 && !comparison ? 'none' : 'pass';
  const headline = capital(interrupted + parts.join('; '));
  const shorter = parts.map((part) => (part === comparison?.sentence ? comparison.lead : part));
  const short = capital(interrupted + shorter.join('; '));
  return { tone, headline, short, worst: worstSentence(run, judged), counts, total, comparison };
}

/** What memory scenarios found; nothing where there are none, or where not all was looked at. */
function leaksSentence(run: RunDocument): string {
  const all = run.scenarios.flatMap(({ memory }) => memory ?? []);
  const found = all.reduce((sum, memory) => sum + countLeaks(memory).length, 0);
  if (found > 0) return `${count(found, 'leak')} found`;
  return all.length > 0 && all.every(({ ended }) => ended === 'complete') ? 'no leak found' : '';
}

function linesSentence(counts: Readonly<Record<LineStatus, number>>, total: number): string {
  const of = `${total} budget ${total === 1 ? 'line' : 'lines'}`;
  if (counts.fail > 0) return `${counts.fail} of ${of} ${counts.fail === 1 ? 'fails' : 'fail'}`;
  if (counts.pass === total) return total === 1 ? 'the only budget line passes' : `all ${of} pass`;
  if (counts['not measured'] === total)
    return total === 1 ? 'the only budget line was not measured' : `none of ${of} was measured`;
  const rest = [
    counts.inconclusive > 0 ? `${counts.inconclusive} inconclusive` : '',
    counts['not measured'] > 0 ? `${counts['not measured']} not measured` : '',
    counts.warn > 0 ? `${counts.warn} beyond a limit of level warn` : '',
  ].filter((part) => part !== '');
  if (counts.pass === 0) return `none of ${of} passes: ${rest.join(', ')}`;
  return `${counts.pass} of ${of} ${counts.pass === 1 ? 'passes' : 'pass'}, ${rest.join(', ')}`;
}

function worstSentence(run: RunDocument, judged: readonly JudgedLine[]): string {
  const failed = run.scenarios.find((scenario) => scenario.failure !== null);
  if (failed?.failure) {
    const { step, sample } = failed.failure;
    const where = step === null ? '' : ` in step "${name(step)}"`;
    return `The flow of "${scenarioName(failed, run)}" failed${where}${sample === null ? '' : `, sample ${sample}`}.`;
  }
  const worst = judged[0];
  if (!worst || worst.status === 'pass') return '';
  const { verdict, metric } = worst;
  const what = `${worst.subject} of "${worst.step}"`;
  // a comparison has a worst change beside it
  const of = run.comparison ? ' budget line' : '';
  if (worst.status === 'not measured') return `${what} was not measured: ${name(verdict.reason)}.`;
  const value = `${quantity(verdict.value, metric.unit)} against ${limit(verdict.limit, metric)}`;
  const lead = worst.status === 'inconclusive' ? 'Undecided' : 'Worst';
  return `${lead}${of}: ${what} is ${value}, ${distanceWords(worst)}.`;
}
