/** Scripts, the packages in them, and the modules of those, as a tree: what the picture of the bundles is drawn from. */
import { packageOf } from '../analyse/module-names.ts';
import { localUrl } from '../analyse/requests.ts';
import { type BundleFile, type BundleModule, unmappedFile } from '../core/bundles.ts';
import { cleanText } from '../core/text.ts';

export const bundleKinds = ['script', 'package', 'own', 'module', 'rest', 'unmapped'] as const;
/** `own` holds the modules of own code, `rest` stands for several small ones, `unmapped` for text of no source. */
export type BundleKind = (typeof bundleKinds)[number];

export interface BundleNode {
  /** As its parent's reader needs it: of a module the path within its package. */
  readonly name: string;
  readonly kind: BundleKind;
  readonly size: number;
  readonly transferred: number;
  /** Of `size`; null without coverage. */
  readonly unused: number | null;
  /** Tells own code from libraries and from other sites' scripts. */
  readonly tone: 'own' | 'library' | 'third-party' | 'none';
  readonly children: readonly BundleNode[];
}

export type Measure = 'transferred' | 'size' | 'unused';

/** What a box of the picture is as large as. */
export function measureOf(node: BundleNode, measure: Measure): number {
  return (measure === 'unused' ? node.unused : node[measure]) ?? 0;
}

function addUp(nodes: readonly BundleNode[]): Pick<BundleNode, 'size' | 'transferred' | 'unused'> {
  const sum = (measure: Measure): number => nodes.reduce((total, node) => total + measureOf(node, measure), 0);
  const known = nodes.every(({ unused }) => unused !== null);
  return { size: sum('size'), transferred: sum('transferred'), unused: known ? sum('unused') : null };
}

function moduleNode(module: BundleModule, party: BundleFile['party']): BundleNode {
  const { file, size, transferred, unused } = module;
  const owner = packageOf(file);
  const isNone = file.startsWith('(');
  return {
    name: cleanText(owner?.path ? owner.path : file, 160) || '(no name)',
    kind: file === unmappedFile ? 'unmapped' : isNone ? 'rest' : 'module',
    size,
    transferred,
    unused,
    tone: isNone ? 'none' : party === 'third-party' ? 'third-party' : owner ? 'library' : 'own',
    children: [],
  };
}

function packageLabel({ package: name, version }: BundleModule): string {
  return cleanText(version === null ? (name ?? '') : `${name} ${version}`, 100) || '(no name)';
}

/** Packages, own code and what belongs to nothing, each with its modules. */
function groupsOf({ modules, party }: BundleFile): BundleNode[] {
  const keys = Map.groupBy(modules, ({ file }) => packageOf(file)?.folder ?? (file.startsWith('(') ? file : ''));
  return [...keys].flatMap(([key, members]): BundleNode[] => {
    const children = members.map((module) => moduleNode(module, party));
    const [first] = members;
    const [only] = children;
    if (!first || !only) return [];
    if (key.startsWith('(')) return children;
    const kind = key === '' ? 'own' : 'package';
    const name = kind === 'own' ? 'own code' : packageLabel(first);
    return [{ name, kind, ...addUp(children), tone: only.tone, children }];
  });
}

/** One node for each script, the largest first. @param pageUrl whose origin is left out of names */
export function bundleTree(files: readonly BundleFile[], pageUrl: string): BundleNode[] {
  const origin = URL.canParse(pageUrl) ? new URL(pageUrl).origin : '';
  return files
    .filter(({ kind }) => kind === 'script')
    .map((file): BundleNode => ({
      name: cleanText(localUrl(file.url, origin), 160) || '(no name)',
      kind: 'script',
      size: file.size,
      transferred: file.transferred,
      unused: file.unused,
      tone: file.party === 'third-party' ? 'third-party' : file.modules.length > 0 ? 'own' : 'none',
      children: groupsOf(file),
    }))
    .toSorted((a, b) => b.transferred - a.transferred || b.size - a.size);
}

function leavesOf(nodes: readonly BundleNode[]): BundleNode[] {
  return nodes.flatMap((node) => (node.children.length > 0 ? leavesOf(node.children) : [node]));
}

function joinSmall(node: BundleNode, isSmall: (node: BundleNode) => boolean): BundleNode {
  const children = node.children.map((child) => joinSmall(child, isSmall));
  const small = children.filter(isSmall);
  if (small.length < 2) return { ...node, children };
  const count = leavesOf(small).length;
  const rest: BundleNode = {
    name: `${count} more`,
    kind: 'rest',
    ...addUp(small),
    tone: node.kind === 'script' ? 'none' : node.tone,
    children: [],
  };
  return { ...node, children: [...children.filter((child) => !isSmall(child)), rest] };
}

/**
 * The tree with about so many leaves: small parts of one parent become one. What is large by any of the measures stays.
 */
export function pruneTree(nodes: readonly BundleNode[], most: number, measures: readonly Measure[]): BundleNode[] {
  const leaves = leavesOf(nodes);
  if (leaves.length <= most) return [...nodes];
  const least = measures.map((measure) => {
    const values = leaves.map((leaf) => measureOf(leaf, measure)).toSorted((a, b) => b - a);
    return { measure, value: Math.max(values[Math.floor(most / measures.length)] ?? 0, Number.MIN_VALUE) };
  });
  const isSmall = (node: BundleNode): boolean => least.every(({ measure, value }) => measureOf(node, measure) <= value);
  const root: BundleNode = {
    name: '',
    kind: 'script',
    size: 0,
    transferred: 0,
    unused: 0,
    tone: 'none',
    children: nodes,
  };
  return [...joinSmall(root, isSmall).children];
}
