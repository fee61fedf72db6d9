/** What of a bundle can be loaded later, left out or replaced as one: a package, or a module of own code. Pure. */
import { type BundleFile, type BundleModule, unmappedFile } from '../core/bundles.ts';
import { packageOf } from './module-names.ts';

export interface BundleUnit {
  /** Folder of the package, or path of the module. */
  readonly key: string;
  /** `lodash 4.17.21`, `src/report.ts`. */
  readonly label: string;
  /** Null for own code. */
  readonly package: string | null;
  /** The module with most bytes. */
  readonly largest: BundleModule;
  readonly size: number;
  readonly transferred: number;
  /** Share of `size` that never ran, and that ran only in a later step; 0 to 1, null without coverage. */
  readonly unusedShare: number | null;
  readonly laterShare: number | null;
}

/** Names in brackets stand for what is no module: unmapped text, the rest of a long list. */
function isModule({ file }: BundleModule): boolean {
  return file !== unmappedFile && !file.startsWith('(');
}

function makeUnit(key: string, modules: readonly BundleModule[]): BundleUnit | null {
  const [largest] = modules.toSorted((a, b) => b.size - a.size);
  if (!largest) return null;
  const sum = (read: (module: BundleModule) => number): number => modules.reduce((total, one) => total + read(one), 0);
  const size = sum((one) => one.size);
  const known = size > 0 && modules.every((one) => one.unused !== null);
  const version = largest.version === null ? '' : ` ${largest.version}`;
  return {
    key,
    label: largest.package === null ? largest.file : `${largest.package}${version}`,
    package: largest.package,
    largest,
    size,
    transferred: sum((one) => one.transferred),
    unusedShare: known ? sum((one) => one.unused ?? 0) / size : null,
    laterShare: known ? sum((one) => one.later ?? 0) / size : null,
  };
}

/** The units of a script, most bytes on the wire first; none without a usable source map. */
export function unitsOf({ modules }: BundleFile): BundleUnit[] {
  const groups = Map.groupBy(modules.filter(isModule), ({ file }) => packageOf(file)?.folder ?? file);
  return [...groups]
    .flatMap(([key, members]) => makeUnit(key, members) ?? [])
    .toSorted((a, b) => b.transferred - a.transferred || b.size - a.size);
}
