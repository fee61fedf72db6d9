/** Memory scenarios in a terminal: five lines a leak at most, and what was checked where there is none. */
import type { RunDocument, ScenarioDocument } from '../core/document.ts';
import type { Leak, Memory } from '../core/leaks.ts';
import { cleanText } from '../core/text.ts';
import {
  amountText,
  confidenceText,
  confirmationText,
  doubtText,
  growthText,
  iterationsText,
  leakCount,
  mendText,
  pathText,
  patternText,
  sortLeaks,
} from './leak-text.ts';
import { ascii, type Colors, indent } from './terminal-table.ts';
import { count } from './view-format.ts';
import { scenarioName } from './view-lines.ts';

/** Of one scenario; the report has them all. */
const mostLeaks = 6;
const mostDoubtful = 3;
/** Scenarios without a leak that are told one by one. */
const mostClean = 3;
/** A line of a log that is longer is not read to its end. */
const leastRoom = 60;

interface Layout {
  /** Columns. */
  readonly width: number;
  readonly colors: Colors;
}

/** Breaks after an arrow, so that each object stands whole on its line; what is left over goes on the last line. */
function wrapPath(text: string, room: number): string[] {
  if (text.length <= room) return [text];
  const at = text.lastIndexOf(' -> ', room);
  return at <= 0 ? [text] : [text.slice(0, at), `  ${text.slice(at + 1)}`];
}

function leakLines(leak: Leak, position: number, { width, colors }: Layout): string[] {
  const lead = indent + ' '.repeat(3);
  const room = Math.max(leastRoom, width - lead.length);
  const place = mendText(leak);
  const path = leak.path.length > 0 ? wrapPath(ascii(pathText(leak.path, 2 * room - 4)), room) : [];
  const mend = [place === '' ? '' : `${place}: `, cleanText(leak.advice)].join('');
  return [
    `${indent}${position + 1}. ${colors.bold(ascii(cleanText(leak.title)))}`,
    ...[`${patternText(leak)}, ${confidenceText(leak)}: ${amountText(leak)}`, ...path, mend].map(
      (line) => lead + ascii(line),
    ),
  ];
}

function heading(run: RunDocument, scenario: ScenarioDocument, memory: Memory, { colors }: Layout): string[] {
  const leaking = sortLeaks(memory).counted.length > 0;
  const whole = memory.ended === 'complete';
  const paint = leaking ? colors.red : whole ? colors.green : colors.yellow;
  const growth = growthText(memory.growth);
  const again = confirmationText(memory);
  return [
    `${colors.bold('Memory')} of "${scenarioName(scenario, run)}": ${paint(leakCount(memory))} in ${iterationsText(memory)}${again === '' ? '' : `; ${ascii(again)}`}`,
    ...(growth === '' ? [] : [indent + ascii(growth)]),
  ];
}

function memoryLines(run: RunDocument, scenario: ScenarioDocument, memory: Memory, layout: Layout): string[] {
  const { counted, doubtful } = sortLeaks(memory);
  const shown = counted.slice(0, mostLeaks);
  const hidden = counted.length - shown.length;
  const checked = memory.leaks.length === 0 ? memory.checked.slice(0, 4) : [];
  return [
    ...heading(run, scenario, memory, layout),
    ...checked.map((line) => `${indent}checked: ${ascii(cleanText(line, 200))}`),
    ...shown.flatMap((leak, position) => leakLines(leak, position, layout)),
    ...(hidden > 0 ? [`${indent}and ${count(hidden, 'more leak')} in the report`] : []),
    ...doubtful
      .slice(0, mostDoubtful)
      .map((leak) => `${indent}${ascii(`not counted, ${doubtText(leak)}: ${cleanText(leak.title)}`)}`),
    '',
  ];
}

/** Scenarios that leak first; of many that do not, a number. */
export function leakSections(run: RunDocument, width: number, colors: Colors): string[] {
  const all = run.scenarios.flatMap((scenario) => (scenario.memory ? [{ scenario, memory: scenario.memory }] : []));
  const isClean = ({ memory }: { memory: Memory }): boolean =>
    memory.leaks.length === 0 && memory.ended === 'complete' && memory.returned.same;
  const clean = all.filter(isClean);
  const told = [...all.filter((one) => !isClean(one)), ...clean.slice(0, mostClean)];
  const rest = clean.length - mostClean;
  return [
    ...told.flatMap(({ scenario, memory }) => memoryLines(run, scenario, memory, { width, colors })),
    ...(rest > 0 ? [`No leak in ${count(rest, 'more scenario')} either.`, ''] : []),
  ];
}
