/** Heap snapshots in the terminal: what one holds, and what changed between several. */
import { cleanText } from '../core/text.ts';
import { formatQuantity } from '../core/units.ts';
import type { HeapComparison } from '../heap/compare.ts';
import type { ClassRow, HeapSummary } from '../heap/summary.ts';
import { alignColumns, indent } from './terminal-table.ts';

const bytes = (value: number): string => formatQuantity(value, 'bytes');
const label = (text: string): string => cleanText(text, 80) || '(no name)';
const grouped = new Intl.NumberFormat('en-US');
const count = (value: number): string => grouped.format(value);

function table(title: string, heads: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  if (rows.length === 0) return [];
  const columns = heads.map((_, at) => (at === heads.length - 1 ? ('left' as const) : ('right' as const)));
  return ['', title, ...alignColumns([heads, ...rows], columns).lines.map((line) => indent + line)];
}

function classTable(title: string, rows: readonly ClassRow[]): string[] {
  const cells = rows.map((row) => [bytes(row.retained), bytes(row.shallow), count(row.count), label(row.name)]);
  return table(title, ['retained', 'shallow', 'count', 'class'], cells);
}

/** One snapshot. */
export function renderHeap(file: string, summary: HeapSummary): string {
  const { total, nodes, edges, classes, detached, strings, holders } = summary;
  return [
    `${file}: ${bytes(total)} in ${count(nodes)} objects with ${count(edges)} references`,
    ...classTable('Classes, by what they keep alive', classes),
    ...classTable('Detached DOM nodes', detached),
    ...table(
      'Strings that stand several times',
      ['wasted', 'copies', 'text'],
      strings.map((row) => [bytes(row.wasted), count(row.count), JSON.stringify(cleanText(row.text, 60))]),
    ),
    ...table(
      'Largest holders',
      ['retained', 'shallow', 'id', 'object'],
      holders.map((row) => [bytes(row.retained), bytes(row.shallow), `@${row.id}`, label(row.name)]),
    ),
    '',
    detached.length > 0
      ? 'Next: open the file in the Memory panel of DevTools and look for the retainers of a detached node.'
      : 'Next: compare it with one taken later: npx pacewright heap <before> <after>',
  ].join('\n');
}

const signed = (value: number): string => (value > 0 ? `+${bytes(value)}` : value < 0 ? `-${bytes(-value)}` : '0 B');

/** Two snapshots of one process, or three. */
export function renderHeapComparison(files: readonly string[], comparison: HeapComparison): string {
  const [before, after] = comparison.totals;
  const rows = comparison.classes.map((row) => [
    bytes(row.retained),
    `+${count(row.added)}`,
    `-${count(row.removed)}`,
    signed(row.addedSize - row.removedSize),
    label(row.name),
  ]);
  const what =
    files.length === 3
      ? 'Born between the first two, alive in the third, by what they keep alive'
      : 'New objects, by what they keep alive';
  return [
    `${files.join(' -> ')}: ${bytes(before)} to ${bytes(after)}, ${signed(after - before)}`,
    ...(comparison.common < 0.5
      ? [
          `Only ${Math.round(comparison.common * 100)} % of the objects of ${files[0]} are in the last one: snapshots of two processes cannot be compared.`,
        ]
      : []),
    ...(rows.length > 0 ? table(what, ['retained', 'new', 'gone', 'size', 'class'], rows) : ['', 'Nothing is new.']),
    '',
    files.length === 3
      ? 'Next: objects of your own classes in this list are likely leaks; the Memory panel of DevTools shows their retainers.'
      : 'Next: a third snapshot, taken after the same action once more, leaves out what lives for a moment.',
  ].join('\n');
}
