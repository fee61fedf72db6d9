/** Code that was delivered twice: a package installed in two versions, and modules that two scripts both hold. Pure. */
import { type BundleFile, type DuplicateModule, unmappedFile } from '../core/bundles.ts';
import { packageOf } from './module-names.ts';

interface Copy {
  readonly file: string;
  readonly script: string;
  /** The package's folder, or the module itself. */
  readonly unit: string;
  readonly package: string | null;
  readonly version: string | null;
  readonly size: number;
  readonly transferred: number;
}

/** Below this it is the helpers that a bundler puts into each script; Lighthouse leaves out as much. */
const leastWasted = 1000;
const mostDuplicates = 200;

function copiesOf(files: readonly BundleFile[]): Copy[] {
  return files.flatMap(({ url, modules }) =>
    modules
      .filter(({ file }) => file !== unmappedFile)
      .map(({ file, size, transferred }) => {
        const owner = packageOf(file);
        return {
          file,
          script: url,
          unit: owner?.folder ?? file,
          package: owner?.name ?? null,
          version: owner?.version ?? null,
          size,
          transferred,
        };
      }),
  );
}

function sum(copies: readonly Copy[], key: 'size' | 'transferred'): number {
  return copies.reduce((total, copy) => total + copy[key], 0);
}

/** The largest of each of these groups of copies of one thing, and what the others weigh. */
function keepLargest(groups: Iterable<readonly Copy[]>): { kept: Copy[]; wasted: Copy[] } {
  const [kept, wasted]: [Copy[], Copy[]] = [[], []];
  for (const group of groups) {
    const [largest, ...others] = group.toSorted((a, b) => b.size - a.size);
    if (largest) kept.push(largest);
    wasted.push(...others);
  }
  return { kept, wasted };
}

/** The same file in several scripts, told together for a package whose files went into the same scripts. */
function inSeveralScripts(byFile: ReadonlyMap<string, readonly Copy[]>): DuplicateModule[] {
  const groups = Map.groupBy(
    [...byFile.values()].filter((copies) => copies.length > 1),
    (copies) => JSON.stringify([copies[0]?.unit, ...copies.map(({ script }) => script).toSorted()]),
  );
  return [...groups.values()].map((files) => {
    const { wasted } = keepLargest(files);
    const copies = [...Map.groupBy(files.flat(), ({ script }) => script).values()];
    const first = files[0]?.[0];
    return {
      module: first?.package ?? first?.file ?? '',
      kind: 'module',
      wasted: sum(wasted, 'size'),
      wastedTransferred: sum(wasted, 'transferred'),
      copies: copies.map((parts) => ({
        file: first?.unit ?? '',
        version: first?.version ?? null,
        script: parts[0]?.script ?? '',
        size: sum(parts, 'size'),
      })),
    };
  });
}

/** A package from several folders: each counted once, whatever scripts hold it. */
function installedTwice(byFile: ReadonlyMap<string, readonly Copy[]>): DuplicateModule[] {
  const { kept } = keepLargest(byFile.values());
  const packages = Map.groupBy(
    kept.filter((copy) => copy.package !== null),
    (copy) => copy.package ?? '',
  );
  return [...packages].flatMap(([module, files]): DuplicateModule[] => {
    const folders = [...Map.groupBy(files, ({ unit }) => unit).values()].toSorted(
      (a, b) => sum(b, 'size') - sum(a, 'size'),
    );
    if (folders.length < 2) return [];
    const wasted = folders.slice(1).flat();
    return [
      {
        module,
        kind: 'package',
        wasted: sum(wasted, 'size'),
        wastedTransferred: sum(wasted, 'transferred'),
        copies: folders.map((folder) => ({
          file: folder[0]?.unit ?? '',
          version: folder[0]?.version ?? null,
          script: folder.toSorted((a, b) => b.size - a.size)[0]?.script ?? '',
          size: sum(folder, 'size'),
        })),
      },
    ];
  });
}

/** What more than one copy of was delivered, most wasted first. */
export function findDuplicates(files: readonly BundleFile[]): DuplicateModule[] {
  const byFile = Map.groupBy(copiesOf(files), ({ file }) => file);
  return [...installedTwice(byFile), ...inSeveralScripts(byFile)]
    .filter(({ wasted }) => wasted >= leastWasted)
    .toSorted((a, b) => b.wasted - a.wasted)
    .slice(0, mostDuplicates);
}
