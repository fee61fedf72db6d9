/** What scripts and style sheets cost more than they need to: code that never runs, twice delivered, or simply large. Pure. */
import type { Bundles, DuplicateModule } from '../core/bundles.ts';
import type { Finding } from '../core/finding.ts';
import type { ScriptSource } from '../core/recording.ts';
import { type BundleSide, compareBundles, type PartChange } from './bundle-growth.ts';
import {
  type BundleContext,
  explain,
  ImportIndex,
  type LoadedStep,
  loadOf,
  shortUrl,
  startOf,
} from './bundle-places.ts';
import { bytes, some, placeText } from './finding-text.ts';
import { findInScript, findInStyle } from './idle-code-findings.ts';
import { unitsOf } from './bundle-units.ts';

export interface BundleFindingInput {
  readonly bundles: Bundles;
  /** Of base, in a comparison: what is new or larger is told. */
  readonly base: BundleSide | null;
  readonly scripts: readonly ScriptSource[];
  readonly steps: readonly LoadedStep[];
  readonly pageUrl: string;
}

export interface StepFinding {
  readonly step: string;
  readonly finding: Finding;
}

/** On the wire: as much as a budget against base tolerates by default. */
const leastDuplicate = 1000;
const leastGrowth = 1000;
const mostNamed = 4;

interface Context extends BundleFindingInput, BundleContext {}

function findDuplicate(duplicate: DuplicateModule, context: Context): StepFinding[] {
  const { module, kind, copies, wastedTransferred } = duplicate;
  const [kept, second] = copies.toSorted((a, b) => b.size - a.size);
  const file = context.bundles.files.find(({ url }) => url === second?.script);
  const load = file ? loadOf(file, context.steps) : null;
  if (!kept || !second || !file || !load || wastedTransferred < leastDuplicate) return [];
  const name = (copy: DuplicateModule['copies'][number]): string =>
    `${copy.file}${copy.version === null ? '' : ` (${copy.version})`}, ${bytes(copy.size)} in ${shortUrl(copy.script, context.pageUrl)}`;
  const unit = unitsOf(file).find(({ key }) => key === second.file) ?? null;
  const scripts = some(
    copies.map(({ script }) => shortUrl(script, context.pageUrl)),
    mostNamed,
  );
  return [
    {
      step: load.step,
      finding: {
        rule: 'duplicate-module',
        title:
          kind === 'package'
            ? `${module} is there in ${copies.length} versions: ${bytes(wastedTransferred)} more than one of them needs`
            : `${module} is in ${scripts}: ${bytes(wastedTransferred)} more than once`,
        cost: { value: wastedTransferred, unit: 'bytes' },
        explains: explain(load, wastedTransferred),
        location: startOf(file, unit),
        details: copies.map(name),
        advice:
          kind === 'package'
            ? `Bring all that depends on ${module} to one version (npm ls ${module} says who needs which), or have the bundler resolve it to one.`
            : 'Let the bundler put what several scripts share into one of its own; a worker needs its own copy.',
        evidence: 'bundles',
        source: 'coverage',
      },
    },
  ];
}

function findGrown({ base, head, change }: PartChange, context: Context): StepFinding[] {
  const load = head ? loadOf(head.file, context.steps) : null;
  if (!head || !load || head.file.kind !== 'script' || change < leastGrowth) return [];
  const { label, file, unit } = head;
  const imported = unit ? context.imports.placesOf(file, unit) : [];
  const sizes = base ? `grew by ${bytes(change)}, from ${bytes(base.transferred)}` : `is new: ${bytes(change)}`;
  return [
    {
      step: load.step,
      finding: {
        rule: 'large-script',
        title: `${label} ${sizes}`,
        cost: { value: change, unit: 'bytes' },
        explains: explain(load, change),
        location: imported[0] ?? startOf(file, unit),
        details: [
          `In ${shortUrl(file.url, context.pageUrl)}.`,
          ...(imported.length > 0 ? [`Imported at ${some(imported.map(placeText), mostNamed)}.`] : []),
        ],
        advice: base
          ? 'See what was added to it, and whether that can be loaded when it is needed, with import().'
          : 'See whether it is needed from the start; else load it when it is, with import().',
        evidence: 'bundles',
        source: 'network',
      },
    },
  ];
}

/** Findings of every step that loaded something, in no particular order. */
export function findBundleFindings(input: BundleFindingInput): StepFinding[] {
  const context: Context = { ...input, imports: new ImportIndex(input.scripts) };
  const { bundles, steps } = context;
  const loaded = bundles.files.flatMap((file) => {
    const load = loadOf(file, steps);
    return load && file.transferred > 0 ? [{ file, load }] : [];
  });
  const ofFiles = loaded.flatMap(({ file, load }): StepFinding[] => {
    const { step } = load;
    if (file.kind === 'stylesheet') return findInStyle(file, load, context).map((finding) => ({ step, finding }));
    const total = loaded
      .filter((one) => one.file.kind === 'script' && one.load.step === step)
      .reduce((sum, one) => sum + one.file.transferred, 0);
    const findings = findInScript(file, load, total, context);
    return findings.map((finding) => ({ step, finding }));
  });
  return [
    ...ofFiles,
    ...bundles.duplicates.flatMap((duplicate) => findDuplicate(duplicate, context)),
    ...(context.base ? compareBundles(context.base, context).flatMap((part) => findGrown(part, context)) : []),
  ];
}
