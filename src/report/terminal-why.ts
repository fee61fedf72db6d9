/** The lines under a reason in the terminal: what the value is made of, and who in the source accounts for it. */
import type { RunDocument } from '../core/document.ts';
import { ascii } from './terminal-table.ts';
import type { ComparedChange } from './view-changes.ts';
import type { JudgedLine } from './view-lines.ts';
import { whyChangedLines, whyLines } from './why.ts';

const indent = '    ';
/** With what failed and the reason above them: five lines in all. */
const most = 3;

/** For a budget line that does not pass. */
export function verdictWhy(run: RunDocument, { verdict, scenario: position }: JudgedLine): string[] {
  const scenario = run.scenarios[position];
  return scenario
    ? whyLines(scenario, verdict)
        .slice(0, most)
        .map((text) => indent + ascii(text))
    : [];
}

/** For a metric that got worse against base. */
export function changeWhy(run: RunDocument, { change, scenario: position }: ComparedChange): string[] {
  const scenario = run.scenarios[position];
  if (!scenario || !run.comparison) return [];
  return whyChangedLines(scenario, run.comparison, change)
    .slice(0, most)
    .map((text) => indent + ascii(text));
}
