/** Bytes of a script by original source and by use, in one go over its text. Pure; sizes in bytes of UTF-8. */
import { unmappedFile } from '../core/bundles.ts';
import { byteCounter, type Pieces, visitBoth } from './pieces.ts';
import type { SplitScript } from './split-script.ts';
import { never } from './used-ranges.ts';

export interface ModuleSizes {
  readonly file: string;
  readonly size: number;
  readonly unused: number;
  /** First run in a later step than the one that first ran the script. */
  readonly later: number;
}

export interface ScriptSizes {
  readonly size: number;
  readonly unused: number;
  /** By step: how much it was the first to run. */
  readonly firstUse: readonly number[];
  /** Largest first; empty without a source map. */
  readonly modules: readonly ModuleSizes[];
}

/**
 * Goes through the script once.
 * @param split null without a usable source map
 * @param uses null without coverage: all counts as unused, and means nothing
 * @param steps how many there are
 */
export function sizeScript(source: string, split: SplitScript | null, uses: Pieces | null, steps: number): ScriptSizes {
  const bytes = byteCounter(source);
  const whole: Pieces = { ends: source === '' ? [] : [source.length], values: source === '' ? [] : [never] };
  const total = { size: 0, unused: 0 };
  const modules = [...(split?.sources ?? []), unmappedFile].map((file) => ({ file, size: 0, unused: 0, later: 0 }));
  const firstUse = Array.from({ length: steps }, () => 0);
  const began = Math.min(...new Set(uses?.values.filter((step) => step !== never)));
  visitBoth(split?.owners ?? whole, uses ?? whole, (start, end, owner, step) => {
    const amount = bytes(start, end);
    // -1, text of no source, is the last
    const module = modules.at(owner);
    total.size += amount;
    if (module) module.size += amount;
    if (step === never) {
      total.unused += amount;
      if (module) module.unused += amount;
    } else {
      firstUse[step] = (firstUse[step] ?? 0) + amount;
      if (module && step > began) module.later += amount;
    }
  });
  const held = split ? modules.filter(({ size }) => size > 0) : [];
  return { ...total, firstUse, modules: held.toSorted((a, b) => b.size - a.size || (a.file < b.file ? -1 : 1)) };
}
