/** Which packages, modules and scripts without a source map are new, gone or of another size, between base and head. Pure. */
import type { BundleChange, BundleFile, Bundles } from '../core/bundles.ts';
import { shortUrl } from './bundle-places.ts';
import { type BundleUnit, unitsOf } from './bundle-units.ts';
import { withoutHashes } from './requests.ts';

export interface Part {
  readonly label: string;
  /** Bytes on the wire, in all files. */
  readonly transferred: number;
  /** The file with most of it. */
  readonly file: BundleFile;
  /** Null for a file without a source map. */
  readonly unit: BundleUnit | null;
}

/** One side of a comparison. */
export interface BundleSide {
  readonly bundles: Pick<Bundles, 'files'>;
  readonly pageUrl: string;
}

export interface PartChange {
  /** Null where that side has no such part. */
  readonly base: Part | null;
  readonly head: Part | null;
  /** Head minus base, on the wire. */
  readonly change: number;
}

/** Compressed, the same code differs by some bytes when what surrounds it does. */
const leastChange = 200;
const leastShare = 0.02;

/** Packages by name, whatever folder or version they come from; other files without the hash in their name. */
function partsOf({ bundles: { files }, pageUrl }: BundleSide): Map<string, Part> {
  const parts = new Map<string, Part>();
  const add = (key: string, part: Part): void => {
    const before = parts.get(key);
    const larger = !before || part.transferred > before.transferred ? part : before;
    parts.set(key, { ...larger, transferred: (before?.transferred ?? 0) + part.transferred });
  };
  for (const file of files) {
    const units = unitsOf(file);
    for (const unit of units)
      add(unit.package === null ? `module ${unit.key}` : `package ${unit.package}`, {
        label: unit.package ?? unit.label,
        transferred: unit.transferred,
        file,
        unit,
      });
    if (units.length === 0) {
      const label = shortUrl(file.url, pageUrl);
      add(`${file.kind} ${withoutHashes(label)}`, { label, transferred: file.transferred, file, unit: null });
    }
  }
  return parts;
}

/** What differs, the largest growth first and the largest saving last. */
export function compareBundles(base: BundleSide, head: BundleSide): PartChange[] {
  const [before, after] = [partsOf(base), partsOf(head)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((key) => {
      const [one, other] = [before.get(key) ?? null, after.get(key) ?? null];
      return { base: one, head: other, change: (other?.transferred ?? 0) - (one?.transferred ?? 0) };
    })
    .filter(
      (part) =>
        Math.abs(part.change) >= Math.max(leastChange, part.base && part.head ? leastShare * part.base.transferred : 0),
    )
    .toSorted((a, b) => b.change - a.change);
}

const mostChanges = 300;

/** For the result document: the largest differences, whichever way. */
export function listChanges(base: BundleSide, head: BundleSide): BundleChange[] {
  return compareBundles(base, head)
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, mostChanges)
    .flatMap(({ base: before, head: after }) => {
      const part = after ?? before;
      if (!part) return [];
      const { unit, file, label } = part;
      return [
        {
          name: label,
          kind: unit ? (unit.package === null ? 'module' : 'package') : file.kind,
          base: before?.transferred ?? null,
          head: after?.transferred ?? null,
        },
      ];
    });
}
