/** What a comparison says in sentences: the outcome, the worst change, and how sure all of it is. */
import type { RunDocument } from '../core/document.ts';
import {
  changeChance,
  changeInterval,
  changeKinds,
  type ChangeKind,
  changeText,
  type ComparedChange,
  comparedChanges,
  confirmationText,
  partChanges,
  sideText,
  valuesText,
} from './view-changes.ts';
import { count, listed, name, percent } from './view-format.ts';
import { scenarioName } from './view-lines.ts';
import { countPairs } from './view-pairs.ts';

export interface ComparisonOutcome {
  readonly tone: 'fail' | 'unsure' | 'pass';
  /** Begins with a small letter or a number, without a full stop: a part of the headline. */
  readonly sentence: string;
  /** Its beginning: what got worse, without the counts of other kinds. */
  readonly lead: string;
  /** The worst change, in one sentence; empty where nothing got worse. */
  readonly worst: string;
  /** Metrics that gate, by kind. */
  readonly counts: Readonly<Record<ChangeKind, number>>;
  readonly total: number;
}

function countChanges(changes: readonly ComparedChange[]): Record<ChangeKind, number> {
  const counts: Record<ChangeKind, number> = {
    regressed: 0,
    worse: 0,
    different: 0,
    inconclusive: 0,
    'not measured': 0,
    gone: 0,
    new: 0,
    improved: 0,
    unchanged: 0,
  };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}

/** `1 improved, 14 unchanged`: every kind there is, but for those that got worse. */
function others(counts: ComparisonOutcome['counts']): string {
  const words: ReadonlyArray<readonly [ChangeKind, string]> = [
    ['different', counts.different === 1 ? 'measures a different thing' : 'measure a different thing'],
    ['improved', 'improved'],
    ['unchanged', 'unchanged'],
    ['inconclusive', 'inconclusive'],
    ['not measured', 'not measured'],
    ['new', 'new'],
    ['gone', 'gone'],
  ];
  return words
    .filter(([kind]) => counts[kind] > 0)
    .map(([kind, word]) => `${counts[kind]} ${word}`)
    .join(', ');
}

const alone: Record<ChangeKind, string> = {
  regressed: 'regressed',
  worse: 'regressed at level warn',
  different: 'measures a different thing',
  inconclusive: 'is inconclusive',
  'not measured': 'was not measured',
  gone: 'is gone',
  new: 'is new',
  improved: 'improved',
  unchanged: 'is unchanged',
};

function changesSentence(
  counts: ComparisonOutcome['counts'],
  total: number,
  base: string,
): [lead: string, rest: string] {
  const [only] = changeKinds.filter((kind) => counts[kind] === total);
  if (total === 1 && only) return [`the only compared metric ${alone[only]} against ${base}`, ''];
  const of = `${total} compared metrics`;
  if (only === 'unchanged') return [`all ${of} are unchanged against ${base}`, ''];
  const worse = counts.regressed + counts.worse;
  const warns =
    counts.worse === 0 ? '' : `, ${worse === counts.worse ? 'at level warn' : `${counts.worse} at level warn`}`;
  const rest = others(counts);
  const lead = `${worse === 0 ? 'none' : worse} of ${of} regressed against ${base}${warns}`;
  return [lead, rest];
}

/** Scenarios without a comparison, by reason: `1 scenario is new`. */
function apart(run: RunDocument): string[] {
  const amount = (status: string): number =>
    run.scenarios.filter((scenario) => scenario.comparison?.status === status && !scenario.memory).length;
  const [added, same, none] = [amount('new'), amount('identical'), amount('not compared')];
  const memory = run.scenarios.filter((scenario) => scenario.memory).length;
  return [
    added > 0 ? `${count(added, 'scenario')} ${added === 1 ? 'is' : 'are'} new` : '',
    same > 0 ? `${count(same, 'scenario')} ${same === 1 ? 'serves' : 'serve'} the same bytes` : '',
    none > 0 ? `${count(none, 'scenario')} ${none === 1 ? 'was' : 'were'} not compared` : '',
    memory > 0 ? `${count(memory, 'scenario')} ${memory === 1 ? 'looks' : 'look'} for leaks, in head alone` : '',
  ].filter((part) => part !== '');
}

/** Null for a run without a comparison. */
export function comparisonOutcome(run: RunDocument): ComparisonOutcome | null {
  if (!run.comparison) return null;
  const changes = comparedChanges(run);
  const { gating } = partChanges(changes);
  const counts = countChanges(gating);
  const base = sideText(run.comparison.base);
  const without = apart(run).join('; ');
  const nothing = `nothing was compared with ${base}${without === '' ? '' : `: ${without}`}`;
  const [lead, rest] = gating.length > 0 ? changesSentence(counts, gating.length, base) : [nothing, ''];
  const sentence = [lead, rest, gating.length > 0 ? without : ''].filter((part) => part !== '').join('; ');
  const open = counts.worse + counts.different + counts.inconclusive + counts['not measured'];
  // Leaks are looked for in head alone, by design: that leaves nothing open.
  const statuses = run.scenarios
    .filter(({ memory }) => !memory)
    .map((scenario) => scenario.comparison?.status ?? 'not compared');
  // A new scenario is nothing to worry about; a run that compared nothing else has shown nothing.
  const silent = statuses.includes('not compared') || statuses.every((status) => status === 'new');
  const broken = changes.some(({ change }) => change.gates);
  const tone = broken ? 'fail' : open > 0 || silent ? 'unsure' : 'pass';
  return { tone, sentence, lead, worst: worstSentence(gating, run), counts, total: gating.length };
}

function placed(compared: ComparedChange, several: boolean): string {
  const where = several ? `"${compared.scenarioName}", ` : '';
  const step = compared.change.step === null ? compared.step : `"${compared.step}"`;
  return `${compared.metric.id} of ${where}${step}`;
}

function worstSentence(gating: readonly ComparedChange[], run: RunDocument): string {
  const [worst] = gating;
  if (!worst || !['regressed', 'worse', 'different', 'inconclusive'].includes(worst.kind)) return '';
  const what = placed(worst, run.scenarios.length > 1);
  if (worst.kind === 'different') return `${what} ${name(worst.change.reason)}.`;
  const { change, testedPairs } = worst;
  const p = changeChance(worst);
  const all = testedPairs === null ? '' : ` of all ${count(change.pairs, 'pair')}`;
  const facts = [
    change.interval ? `interval ${changeInterval(worst)}${all}` : change.rule === 'exact' ? 'exact' : '',
    p === '' ? '' : `p ${p}`,
    confirmationText(worst),
  ].filter((part) => part !== '');
  const lead = worst.kind === 'inconclusive' ? 'Undecided' : 'Worst';
  return `${lead}: ${what} went from ${valuesText(worst, 'to')}, ${changeText(worst)}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}.`;
}

/** How many runs without any change let one fail: the chances of an alarm and of its confirmation, over scenarios. */
function falseAlarms(run: RunDocument): number {
  return run.scenarios.reduce((sum, { comparison }) => {
    // before a look nothing can be called regressed
    if (comparison?.status !== 'compared' || comparison.looks.length === 0) return sum;
    // a fixed number of pairs has no confirmation, and is held to the product all the same
    const { alphas, confirmAlpha } = comparison.parameters;
    return sum + alphas.reduce((total, alpha) => total + alpha, 0) * confirmAlpha;
  }, 0);
}

/** The least and the most visible worsening among metrics judged by their ratio. */
function visibleText(gating: readonly ComparedChange[], run: RunDocument): string {
  const judged = gating
    .filter(({ change }) => change.scale === 'ratio' && change.visible !== null && change.status !== 'different')
    .toSorted((a, b) => (a.change.visible ?? 0) - (b.change.visible ?? 0));
  const [least, most] = [judged[0], judged.at(-1)];
  if (!least || !most) return '';
  const power = run.scenarios.find(({ comparison }) => comparison?.status === 'compared')?.comparison?.parameters.power;
  const tell = (one: ComparedChange): string =>
    `${percent(one.change.visible ?? 0)} (${placed(one, run.scenarios.length > 1)})`;
  const sizes = least === most ? tell(least) : `${tell(least)} to ${tell(most)}`;
  return `The smallest worsening that ${Math.round(100 * (power ?? 0.95))} of 100 such runs find is ${sizes}.`;
}

/** What a reviewer asks after the headline and the worst change, in sentences: what was compared, how sure it is. */
export function comparisonSentences(run: RunDocument): string[] {
  const { comparison } = run;
  if (!comparison) return [];
  const { gating } = partChanges(comparedChanges(run));
  const pairs = run.scenarios.map(countPairs);
  const sum = (kind: 'screening' | 'confirmation' | 'rejected'): number =>
    pairs.reduce((total, one) => total + one[kind], 0);
  const fresh = sum('confirmation');
  const alarms = falseAlarms(run);
  const notes = run.scenarios.flatMap((scenario) => {
    const { comparison: own } = scenario;
    if (!own || own.status === 'compared') return [];
    const why = scenario.memory ? 'it looks for leaks, in head alone' : statusWords[own.status];
    return `"${scenarioName(scenario, run)}" (${why})`;
  });
  return [
    `Compared in one job: ${sideText(comparison.head)} with ${sideText(comparison.base)}, ${count(sum('screening') + fresh, 'pair')} of samples${fresh > 0 ? `, ${fresh} of them fresh to confirm` : ''}${sum('rejected') > 0 ? `, and ${count(sum('rejected'), 'pair')} repeated for noise` : ''}.`,
    alarms > 0
      ? `How sure: at most 1 run in ${Math.round(1 / alarms)} without any change is called regressed for a time, or for a count that varies.`
      : '',
    visibleText(gating, run),
    notes.length > 0 ? `Without a comparison: ${listed(notes, 6)}.` : '',
  ].filter((sentence) => sentence !== '');
}

const statusWords: Readonly<Record<string, string>> = {
  identical: 'both sides serve the same bytes',
  new: 'base cannot run it',
  'not compared': 'head could not be measured',
};
