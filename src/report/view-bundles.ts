/** Scripts and style sheets of a scenario by what they are made of: a picture, tables, and what the page's script draws from. */
import { deflateRawSync } from 'node:zlib';
import { localUrl } from '../analyse/requests.ts';
import { type BundleFile, type BundleModule, type Bundles, unmappedFile } from '../core/bundles.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { bundleKinds, type BundleNode, bundleTree, type Measure, pruneTree } from './bundle-tree.ts';
import { type BundleBox, bundleBoxes } from './chart-bundles.ts';
import { count, listed, nothing, quantity, share, shortMargin } from './view-format.ts';
import type { StatusView } from './view-metrics.ts';

interface ModuleRow {
  readonly name: string;
  readonly script: string;
  readonly transferred: string;
  readonly size: string;
  readonly unused: string;
  /** Widths of the bar: the whole, and of it what never ran; 60 for the largest. */
  readonly bar: number;
  readonly hatch: number;
}

interface FileRow {
  readonly name: string;
  readonly party: string;
  readonly transferred: string;
  readonly size: string;
  readonly unused: string;
  readonly firstUse: string;
  readonly map: string;
}

export interface BundlesView {
  readonly anchor: string;
  readonly sentences: readonly string[];
  readonly notes: readonly string[];
  readonly boxes: readonly BundleBox[];
  readonly description: string;
  /** The whole tree for the page's script: JSON, raw deflate, base64; empty without scripts. */
  readonly data: string;
  readonly modules: readonly ModuleRow[];
  readonly others: readonly ModuleRow[];
  readonly othersSummary: string;
  readonly moreModules: string;
  readonly scripts: readonly FileRow[];
  readonly moreScripts: string;
  readonly styles: readonly FileRow[];
  readonly moreStyles: string;
  readonly duplicates: ReadonlyArray<{
    readonly name: string;
    readonly wasted: string;
    readonly copies: readonly string[];
  }>;
  readonly moreDuplicates: string;
  readonly changes: ReadonlyArray<{
    readonly status: StatusView;
    readonly name: string;
    readonly kind: string;
    readonly base: string;
    readonly head: string;
    readonly change: string;
  }>;
  readonly moreChanges: string;
}

const mostModules = 40;
/** Without unfolding. */
const firstModules = 10;
const mostFiles = 20;
const mostDuplicates = 10;
const mostCopies = 4;
const mostChanges = 25;
/** What the page's script can tell apart: some 40 kB in the report. */
const mostLeaves = 3000;

function unusedText(unused: number | null, size: number): string {
  return unused === null ? nothing : `${quantity(unused, 'bytes')} (${share(size > 0 ? unused / size : 0)})`;
}

function totalText(files: readonly BundleFile[], noun: string, never: string): string {
  const sum = (read: (file: BundleFile) => number): number => files.reduce((total, file) => total + read(file), 0);
  const known = files.filter(({ unused }) => unused !== null);
  const size = sum((file) => file.size);
  const judged = known.reduce((total, file) => total + file.size, 0);
  const unused = known.reduce((total, file) => total + (file.unused ?? 0), 0);
  const told = judged > 0 ? `; ${quantity(unused, 'bytes')} of that, ${share(unused / judged)}, ${never}` : '';
  return `${count(files.length, noun)}: ${quantity(
    sum((file) => file.transferred),
    'bytes',
  )} on the wire, ${quantity(size, 'bytes')} as the browser reads them${told}.`;
}

function fileRow(file: BundleFile, origin: string): FileRow {
  const { url, party, transferred, size, unused, map, problem, firstUse } = file;
  return {
    name: cleanText(localUrl(url, origin), 160) || '(no name)',
    party: party === 'third-party' ? 'third party' : '',
    transferred: quantity(transferred, 'bytes'),
    size: quantity(size, 'bytes'),
    unused: unusedText(unused, size),
    firstUse: listed(
      firstUse.map((use) => `${cleanText(use.step, 60)} ${quantity(use.size, 'bytes')}`),
      4,
    ),
    map: map === 'used' ? 'used' : map === 'none' ? 'none' : cleanText(problem ?? 'broken', 160),
  };
}

function moduleRows(files: readonly BundleFile[], origin: string): ModuleRow[] {
  const all = files.flatMap((file) =>
    file.modules
      .filter((module) => module.file !== unmappedFile)
      .map((module): [BundleModule, BundleFile] => [module, file]),
  );
  const largest = all.toSorted(([a], [b]) => b.transferred - a.transferred || b.size - a.size).slice(0, mostModules);
  const most = Math.max(1, ...largest.map(([{ size }]) => size));
  return largest.map(([{ file, size, transferred, unused }, script]) => {
    const bar = Math.max(1, Math.round((60 * size) / most));
    return {
      name: cleanText(file, 200) || '(no name)',
      script: cleanText(localUrl(script.url, origin), 120),
      transferred: quantity(transferred, 'bytes'),
      size: quantity(size, 'bytes'),
      unused: unusedText(unused, size),
      bar,
      hatch: unused === null || size === 0 ? 0 : Math.round((bar * unused) / size),
    };
  });
}

function duplicateRows({ duplicates }: Bundles, origin: string): BundlesView['duplicates'] {
  return duplicates.slice(0, mostDuplicates).map(({ module, kind, wasted, wastedTransferred, copies }) => ({
    name: `${cleanText(module, 120)}${kind === 'package' ? `, installed ${copies.length} times` : ''}`,
    wasted: `${quantity(wastedTransferred, 'bytes')} on the wire, ${quantity(wasted, 'bytes')} parsed`,
    copies: [
      ...copies.slice(0, mostCopies).map(({ file, version, script, size }) => {
        const what =
          kind === 'package'
            ? `${cleanText(file, 120)}${version === null ? '' : ` ${cleanText(version, 40)}`} in `
            : '';
        return `${what}${cleanText(localUrl(script, origin), 120)}: ${quantity(size, 'bytes')}`;
      }),
      ...(copies.length > mostCopies ? [`and ${copies.length - mostCopies} more`] : []),
    ],
  }));
}

function changeStatus(base: number | null, head: number | null): StatusView {
  if (base === null) return { word: 'new', kind: 'added' };
  if (head === null) return { word: 'gone', kind: 'gone' };
  return head > base ? { word: 'grown', kind: 'warn' } : { word: 'shrunk', kind: 'better' };
}

function changeRows({ changes }: Bundles, origin: string): BundlesView['changes'] {
  return (changes ?? []).slice(0, mostChanges).map(({ name, kind, base, head }) => ({
    status: changeStatus(base, head),
    name: cleanText(localUrl(name, origin), 160) || '(no name)',
    kind: kind === 'stylesheet' ? 'style sheet' : kind,
    base: quantity(base, 'bytes'),
    head: quantity(head, 'bytes'),
    change: shortMargin((head ?? 0) - (base ?? 0), 'bytes'),
  }));
}

/** `[name, kind, size, transferred, unused, tone, children]`, `null` for what is unknown. */
type Packed = [string, number, number, number, number | null, string, Packed[]];

function packNode({ name, kind, size, transferred, unused, tone, children }: BundleNode): Packed {
  return [name, bundleKinds.indexOf(kind), size, transferred, unused, tone.charAt(0), children.map(packNode)];
}

function packTree(tree: readonly BundleNode[]): string {
  if (tree.length === 0) return '';
  const kept = pruneTree(tree, mostLeaves, ['transferred', 'size', 'unused']);
  const packed = deflateRawSync(JSON.stringify(kept.map(packNode)), { level: 9 });
  // without padding, which the template would escape and atob does not need
  return packed.toString('base64').replace(/=+$/, '');
}

function more(amount: number, most: number, noun: string): string {
  return amount > most ? `${count(amount - most, `smaller ${noun}`)} not in this table.` : '';
}

/** Null where nothing was recorded. */
export function bundlesView(scenario: ScenarioDocument, anchor: string): BundlesView | null {
  const bundles = scenario.diagnosis?.bundles;
  if (!bundles || bundles.files.length === 0) return null;
  const page =
    scenario.samples.flatMap(({ steps }) => steps.map(({ url }) => url)).find((url) => URL.canParse(url)) ?? '';
  const origin = URL.canParse(page) ? new URL(page).origin : '';
  const by = (kind: BundleFile['kind']): BundleFile[] =>
    bundles.files
      .filter((file) => file.kind === kind)
      .toSorted((a, b) => b.transferred - a.transferred || b.size - a.size);
  const [scripts, styles] = [by('script'), by('stylesheet')];
  const tree = bundleTree(scripts, page);
  const measure: Measure = tree.some(({ transferred }) => transferred > 0) ? 'transferred' : 'size';
  const rows = moduleRows(scripts, origin);
  const modules = scripts.reduce(
    (total, file) => total + file.modules.filter((module) => module.file !== unmappedFile).length,
    0,
  );
  return {
    anchor,
    sentences: [
      ...(scripts.length > 0 ? [totalText(scripts, 'script', 'never ran')] : []),
      ...(styles.length > 0 ? [totalText(styles, 'style sheet', 'are rules that no page used')] : []),
      ...(modules > 0
        ? ["Modules are those of source maps; each has its share of its script's bytes on the wire by its size."]
        : ['No script has a source map that could be used: what is in them is unknown.']),
    ],
    notes: bundles.notes.slice(0, 10).map((note) => cleanText(note)),
    boxes: bundleBoxes(tree, measure),
    description: `Treemap of ${count(scripts.length, 'script')} and ${count(modules, 'module')} by bytes ${measure === 'size' ? 'parsed' : 'on the wire'}; the largest are in the tables below.`,
    data: packTree(tree),
    modules: rows.slice(0, firstModules),
    others: rows.slice(firstModules),
    othersSummary: `${count(Math.max(0, rows.length - firstModules), 'more module')} by size`,
    moreModules: more(modules, mostModules, 'module'),
    scripts: scripts.slice(0, mostFiles).map((file) => fileRow(file, origin)),
    moreScripts: more(scripts.length, mostFiles, 'script'),
    styles: styles.slice(0, mostFiles).map((file) => fileRow(file, origin)),
    moreStyles: more(styles.length, mostFiles, 'style sheet'),
    duplicates: duplicateRows(bundles, origin),
    moreDuplicates: more(bundles.duplicates.length, mostDuplicates, 'duplicate'),
    changes: changeRows(bundles, origin),
    moreChanges: more(bundles.changes?.length ?? 0, mostChanges, 'difference'),
  };
}
