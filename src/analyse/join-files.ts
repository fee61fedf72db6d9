/** Puts small inline pieces of code together, of which a document may have hundreds (handlers in attributes). Pure. */
import type { BundleFile } from '../core/bundles.ts';

/** Stands for the URL of code that came in no file: `eval`, `blob:` and `data:` URLs, constructed style sheets. */
export const madeAtRunTime = '(made at run time)';

export interface PlacedFile {
  readonly file: BundleFile;
  /** The document that it stands in, `madeAtRunTime`, or null for a file of its own. */
  readonly within: string | null;
}

/** Of one document, told each by itself. */
const mostInline = 10;

function joinFiles(files: readonly BundleFile[], url: string): BundleFile[] {
  const [first] = files;
  if (!first) return [];
  const sum = (key: 'size' | 'transferred' | 'unused'): number =>
    files.reduce((total, file) => total + (file[key] ?? 0), 0);
  const firstUse = new Map<string, number>();
  for (const file of files)
    for (const { step, size } of file.firstUse) firstUse.set(step, (firstUse.get(step) ?? 0) + size);
  return [
    {
      ...first,
      url,
      size: sum('size'),
      transferred: sum('transferred'),
      unused: files.some(({ unused }) => unused === null) ? null : sum('unused'),
      firstUse: [...firstUse].map(([step, size]) => ({ step, size })),
      map: 'none',
      problem: null,
      modules: [],
    },
  ];
}

/** Files, the largest inline pieces of each document, and one entry for the rest of them; largest first. */
export function joinInline(placed: readonly PlacedFile[], noun: string): BundleFile[] {
  const groups = Map.groupBy(placed, ({ within }) => within);
  const files = [...groups].flatMap(([within, members]) => {
    const all = members.map(({ file }) => file).toSorted((a, b) => b.size - a.size);
    if (within === null) return all;
    if (within === madeAtRunTime) return joinFiles(all, madeAtRunTime);
    const kept = all.length > mostInline ? mostInline : all.length;
    return [...all.slice(0, kept), ...joinFiles(all.slice(kept), `${within} (${all.length - kept} more ${noun})`)];
  });
  return files.toSorted((a, b) => b.size - a.size || (a.url < b.url ? -1 : 1));
}
