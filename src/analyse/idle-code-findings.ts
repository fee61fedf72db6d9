/** Code of one script or style sheet that never runs, runs later, or is most of what a step loads. Pure. */
import type { BundleFile } from '../core/bundles.ts';
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import { type BundleContext, explain, type Load, shortUrl, startOf } from './bundle-places.ts';
import { bytes, some, percent, placeText } from './finding-text.ts';
import { type BundleUnit, unitsOf } from './bundle-units.ts';

/** On the wire; 4 kB take 20 ms with 1.6 Mbit/s, the slowest preset in common use. */
const leastUnit = 4000;
/** What is left of a module that never ran is its own top level, which every import runs. */
const asGoodAsUnused = 0.8;
/** More than that runs of what the first step needs a little of: a framework draws first and handles events later. */
const asGoodAsLater = 0.9;
/** Units that tell this much of what a file never ran leave nothing to say of the file. */
const toldByUnits = 0.5;
/** On the wire; Lighthouse leaves out less as well (20 KiB of script, 10 KiB of style). */
const leastUnusedScript = 20_000;
const leastUnusedStyle = 10_000;
/** A third of a step's script is what to look at first when it is too much. */
const dominates = 0.3;
const leastLarge = 20_000;
const mostUnits = 5;
const mostNamed = 4;

/** Bytes on the wire of the part that never ran. */
function unusedOf({ unused, size, transferred }: Pick<BundleFile, 'unused' | 'size' | 'transferred'>): number {
  return unused === null || size === 0 ? 0 : (transferred * unused) / size;
}

function findIdleUnit(unit: BundleUnit, file: BundleFile, load: Load, context: BundleContext): Finding[] {
  const { unusedShare, laterShare, transferred } = unit;
  if (unusedShare === null || laterShare === null) return [];
  const late = unusedShare < asGoodAsUnused;
  const idle = unusedShare + laterShare;
  if (idle < (late ? asGoodAsLater : asGoodAsUnused) || idle * transferred < leastUnit) return [];
  const cost = Math.round(transferred * idle);
  const places = context.imports.placesOf(file, unit);
  const [first, ...others] = places;
  const how = late ? 'is needed only in a later step' : 'never ran in this flow';
  const where = first ? ` in place of the import at ${placeText(first)}` : '';
  const whole = percent(idle) === '100 %' ? `${bytes(cost)}, all of it,` : `${bytes(cost)} of ${bytes(transferred)}`;
  return [
    {
      rule: 'unused-script',
      title: `${unit.label}: ${whole} ${how}`,
      cost: { value: cost, unit: 'bytes' },
      explains: explain(load, cost),
      location: first ?? startOf(file, unit),
      details: [
        `Part of ${shortUrl(file.url, context.pageUrl)}, of which ${bytes(unusedOf(file))} of ${bytes(file.transferred)} on the wire never ran.`,
        ...(others.length > 0 ? [`Also imported at ${some(others.map(placeText), mostNamed)}.`] : []),
      ],
      advice:
        unit.package === null || late
          ? `Load it when it is needed: import()${where}.`
          : `Import only the parts that are used, by name or by path, or replace the package; what is needed later only, load with import()${where}.`,
      evidence: 'bundles',
      source: 'coverage',
    },
  ];
}

/** Names of packages that hold most of what never ran, and run in part: no import() splits those. */
function partlyUsed(file: BundleFile, cost: number): string[] {
  const packages = unitsOf(file).filter((unit) => unit.package !== null && (unit.unusedShare ?? 1) < asGoodAsUnused);
  const held = packages.reduce((sum, unit) => sum + unit.transferred * (unit.unusedShare ?? 0), 0);
  return held >= toldByUnits * cost ? packages.map(({ label }) => label) : [];
}

function unusedAdvice({ map, party }: BundleFile, packages: readonly string[]): string {
  if (party === 'third-party') return 'Load it when it is needed, or ask its makers for a smaller build.';
  if (map !== 'used')
    return 'Split off what this flow does not need with import(); a source map would say which modules that is.';
  if (packages.length === 0)
    return 'Split off what this flow does not need with import(): the bundles show the modules.';
  return `Most of it is in what ${some(packages, 2)} can do and this flow does not need: a smaller package would save it, splitting would not.`;
}

function findUnusedFile(file: BundleFile, told: number, load: Load, { pageUrl }: BundleContext): Finding[] {
  const cost = Math.round(unusedOf(file));
  if (cost < leastUnusedScript || told >= toldByUnits * cost) return [];
  const units = unitsOf(file)
    .map((unit) => ({ label: unit.label, cost: unit.transferred * (unit.unusedShare ?? 0) }))
    .toSorted((a, b) => b.cost - a.cost);
  const most = units.map((unit) => `${unit.label} ${bytes(unit.cost)}`);
  return [
    {
      rule: 'unused-script',
      title: `${shortUrl(file.url, pageUrl)}: ${bytes(cost)} of ${bytes(file.transferred)} never ran in this flow`,
      cost: { value: cost, unit: 'bytes' },
      explains: explain(load, cost),
      location: startOf(file, null),
      details: most.length > 0 ? [`Most of it in ${some(most, mostNamed)}.`] : [],
      advice: unusedAdvice(file, partlyUsed(file, cost)),
      evidence: 'bundles',
      source: 'coverage',
    },
  ];
}

function findLarge(
  file: BundleFile,
  idle: ReadonlySet<string>,
  load: Load,
  total: number,
  context: BundleContext,
): Finding[] {
  const isLarge = (transferred: number): boolean => transferred >= leastLarge && transferred >= dominates * total;
  const describe = (label: string, transferred: number): string =>
    `${label} is ${bytes(transferred)} of the ${bytes(total)} of script that this step loads`;
  const finding = (title: string, cost: number, location: SourceLocation, advice: string): Finding => ({
    rule: 'large-script',
    title,
    cost: { value: cost, unit: 'bytes' },
    explains: explain(load, cost),
    location,
    details: [],
    advice,
    evidence: 'bundles',
    source: 'network',
  });
  const large = unitsOf(file).filter((unit) => isLarge(unit.transferred) && !idle.has(unit.key));
  if (large.length > 0)
    return large.map((unit) =>
      finding(
        describe(unit.label, unit.transferred),
        unit.transferred,
        context.imports.placesOf(file, unit)[0] ?? startOf(file, unit),
        unit.package === null
          ? 'Split it, and load with import() what the first view does not need.'
          : 'See whether a smaller package does, or a part of this one; load it with import() if it can wait.',
      ),
    );
  if (file.modules.length > 0 || !isLarge(file.transferred)) return [];
  return [
    finding(
      describe(shortUrl(file.url, context.pageUrl), file.transferred),
      file.transferred,
      startOf(file, null),
      file.party === 'third-party'
        ? 'See whether the page needs it, and whether it can be loaded after the page is usable.'
        : 'See what it is for, and whether it can be loaded later; a source map would say what is in it.',
    ),
  ];
}

/** Rules of a style sheet that nothing used. */
export function findInStyle(file: BundleFile, load: Load, { pageUrl }: BundleContext): Finding[] {
  const cost = Math.round(unusedOf(file));
  if (cost < leastUnusedStyle) return [];
  return [
    {
      rule: 'unused-style',
      title: `${shortUrl(file.url, pageUrl)}: ${bytes(cost)} of ${bytes(file.transferred)} are rules that no page of this flow used`,
      cost: { value: cost, unit: 'bytes' },
      explains: explain(load, cost),
      location: startOf(file, null),
      details: [],
      advice: 'Load the rules of a part of the application with that part, and remove those that nothing uses.',
      evidence: 'bundles',
      source: 'coverage',
    },
  ];
}

/**
 * Findings about one script.
 * @param total bytes on the wire of all scripts of its step
 */
export function findInScript(file: BundleFile, load: Load, total: number, context: BundleContext): Finding[] {
  const idle = unitsOf(file)
    .map((unit) => ({ unit, findings: findIdleUnit(unit, file, load, context) }))
    .filter(({ findings }) => findings.length > 0)
    .toSorted((a, b) => (b.findings[0]?.cost.value ?? 0) - (a.findings[0]?.cost.value ?? 0));
  const told = idle.reduce((sum, { unit }) => sum + unit.transferred * (unit.unusedShare ?? 0), 0);
  return [
    ...idle.slice(0, mostUnits).flatMap((one) => one.findings),
    ...findUnusedFile(file, told, load, context),
    ...findLarge(file, new Set(idle.map(({ unit }) => unit.key)), load, total, context),
  ];
}
