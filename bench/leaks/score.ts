/** What a tool said of the pages, held against the truth. */
import type { LeakPage } from '../../examples/leaks/catalogue.ts';

/** What a tool reports of one page, in one form for all tools. */
export interface Answer {
  readonly leaks: boolean;
  /** All that it prints about the leak it names first, names of variables, functions and classes among it. */
  readonly text: string;
  /** Null where a tool knows no patterns. */
  readonly pattern: string | null;
  /** Places in the sources that it points at. */
  readonly places: readonly { readonly file: string; readonly line: number }[];
  /** Why there is no answer; null where there is one. */
  readonly failed: string | null;
}

/** One page by one tool: the leaking page and the repaired one, or the clean one. */
export interface Scored {
  readonly page: LeakPage;
  /** Null for pages that do not leak. */
  readonly found: boolean | null;
  readonly named: boolean | null;
  readonly pattern: boolean | null;
  readonly location: boolean | null;
  /** A leak on a page that has none; null where only the leaking page was run. */
  readonly alarm: boolean | null;
  readonly failed: string | null;
}

/** Whether a text has a name as a word of its own. */
const hasWord = (text: string, name: string): boolean => new RegExp(`(?<![\\w$])${name}(?![\\w$])`).test(text);

/** @param answer of the leaking page; absent for a clean one. @param twin of the repaired or clean page */
export function score(page: LeakPage, answer: Answer | undefined, twin: Answer | undefined): Scored {
  const failed = answer?.failed ?? twin?.failed ?? null;
  const alarm = twin ? twin.leaks : null;
  const { truth } = page;
  if (!truth || !answer) return { page, found: null, named: null, pattern: null, location: null, alarm, failed };
  const found = answer.leaks;
  return {
    page,
    found,
    named: found && truth.names.some((name) => hasWord(answer.text, name)),
    pattern: answer.pattern === null ? null : found && truth.patterns.some((pattern) => pattern === answer.pattern),
    location:
      found &&
      answer.places.some(({ file, line }) => file.endsWith(page.file.split('/')[1] ?? '') && page.lines.includes(line)),
    alarm,
    failed,
  };
}

const mark = (value: boolean | null): string => (value === null ? '·' : value ? 'yes' : 'NO');

/** `18/20`, of those that have a say. */
function share(rows: readonly Scored[], of: (row: Scored) => boolean | null): string {
  const known = rows.map(of).filter((value) => value !== null);
  return known.length === 0 ? '–' : `${known.filter(Boolean).length}/${known.length}`;
}

const columns = ['found', 'named', 'pattern', 'location'] as const;

/** A line a page: what was missed stands in capitals. */
export function describeRows(rows: readonly Scored[]): string[] {
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(32)}${cells.map((cell) => cell.padEnd(10)).join('')}`.trimEnd();
  return [
    line('page', [...columns, 'false alarm']),
    ...rows.map((row) =>
      line(`${row.page.kit}/${row.page.name}`, [
        ...columns.map((column) => mark(row[column])),
        row.alarm === null ? '·' : row.alarm ? 'YES' : 'no',
        row.failed ?? '',
      ]),
    ),
  ];
}

/** The same in one line, as a row of a Markdown table: shares, false alarms, then what `more` has to say. */
export function summariseRows(tool: string, rows: readonly Scored[], more: readonly string[]): string {
  return `| ${[tool, ...columns.map((column) => share(rows, (row) => row[column])), share(rows, (row) => row.alarm), ...more].join(' | ')} |`;
}

export const summaryHead =
  '| tool | found | named | pattern | location | false alarms | seconds a page | peak memory |\n|---|---|---|---|---|---|---|---|';
