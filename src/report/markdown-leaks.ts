/** Memory scenarios as Markdown: the leaks of each, with what holds them and where to mend. */
import type { RunDocument, ScenarioDocument } from '../core/document.ts';
import type { Leak, Memory } from '../core/leaks.ts';
import { cleanText } from '../core/text.ts';
import { countLeaks } from '../judge/memory.ts';
import {
  amountText,
  confidenceText,
  confirmationText,
  growthText,
  iterationsText,
  leakCount,
  mendText,
  pathText,
  patternText,
  sortLeaks,
} from './leak-text.ts';
import { escapeMarkdown } from './markdown-text.ts';
import { capital, count } from './view-format.ts';
import { scenarioName } from './view-lines.ts';

/** A comment holds 65 kB: some 1.5 kB a leak at most. */
const mostScenarios = 8;
const mostLeaks = 4;

function leakItem(leak: Leak, position: number): string[] {
  const place = mendText(leak);
  return [
    `${position + 1}. **${escapeMarkdown(cleanText(leak.title))}**`,
    ...[
      `${patternText(leak)}, ${confidenceText(leak)}: ${amountText(leak)}`,
      leak.path.length > 0 ? `held by ${pathText(leak.path, 240)}` : '',
      `${place === '' ? '' : `${place}: `}${cleanText(leak.advice)}`,
    ]
      .filter((line) => line !== '')
      .map((line) => `   - ${escapeMarkdown(line)}`),
  ];
}

function section(run: RunDocument, scenario: ScenarioDocument, memory: Memory): string[] {
  const growth = growthText(memory.growth);
  const again = confirmationText(memory);
  const { counted } = sortLeaks(memory);
  const sentences = [
    `${leakCount(memory)} in ${iterationsText(memory)}.`,
    growth === '' ? '' : `${capital(growth)}.`,
    again === '' ? '' : `${capital(again)}.`,
  ].filter((sentence) => sentence !== '');
  const hidden = counted.length - mostLeaks;
  return [
    '',
    `**Memory of "${escapeMarkdown(scenarioName(scenario, run))}"**: ${escapeMarkdown(sentences.join(' '))}`,
    ...(counted.length > 0 ? [''] : []),
    ...counted.slice(0, mostLeaks).flatMap(leakItem),
    ...(hidden > 0 ? ['', `And ${count(hidden, 'more leak')} in the report.`] : []),
  ];
}

/** Scenarios that leak first; each of the others is a sentence. Empty where no scenario repeats an action. */
export function leakBlock(run: RunDocument): string[] {
  const all = run.scenarios.flatMap((scenario) => (scenario.memory ? [{ scenario, memory: scenario.memory }] : []));
  const ordered = all.toSorted(
    (a, b) => Number(countLeaks(b.memory).length > 0) - Number(countLeaks(a.memory).length > 0),
  );
  const hidden = ordered.length - mostScenarios;
  return [
    ...ordered.slice(0, mostScenarios).flatMap(({ scenario, memory }) => section(run, scenario, memory)),
    ...(hidden > 0 ? ['', `Memory of ${count(hidden, 'more scenario')} is in the report.`] : []),
  ];
}
