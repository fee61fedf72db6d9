/**
 * Bytes of every script and style sheet of a scenario by original module: as delivered, on the wire, and never used.
 * Pure. The sizes of a script's modules sum to the size of the script, their shares of the wire to its transfer.
 */
import type { BundleFile, BundleModule, Bundles } from '../core/bundles.ts';
import type { ScenarioRecording, ScriptCoverage, ScriptSource } from '../core/recording.ts';
import { redactText, redactUrl } from '../core/text.ts';
import { alignNames } from './align-names.ts';
import { type BundleSide, listChanges } from './bundle-growth.ts';
import { findDuplicates } from './duplicate-modules.ts';
import { joinInline, madeAtRunTime, type PlacedFile } from './join-files.ts';
import { measureStyles } from './measure-styles.ts';
import { packageOf } from './module-names.ts';
import { type ModuleSizes, type ScriptSizes, sizeScript } from './size-script.ts';
import { splitScript } from './split-script.ts';
import {
  collectTransfers,
  isFirstParty,
  shareOfDocument,
  shareOut,
  type TransferredRequest,
  type Transfers,
  transferOf,
} from './transfers.ts';
import { firstUseOfScript } from './used-ranges.ts';

/** Of one script; a build has some thousand, and the result document has a size to keep. */
const mostModules = 10_000;

/** Scripts of the browser, its extensions and of who drives it: no code of the page. */
const foreign = /^(chrome|chrome-extension|devtools|pptr|node|extensions|native):/i;

interface Context {
  readonly recording: ScenarioRecording;
  readonly transfers: Transfers;
  /** By place: URL, line and column; one list a step. */
  readonly coverage: ReadonlyMap<string, readonly (readonly ScriptCoverage[])[]>;
}

function placeKey({ url, startLine, startColumn }: Pick<ScriptSource, 'url' | 'startLine' | 'startColumn'>): string {
  return `${startLine}:${startColumn} ${url}`;
}

function indexCoverage({ coverage }: ScenarioRecording): Context['coverage'] {
  const index = new Map<string, ScriptCoverage[][]>();
  for (const [step, { scripts }] of coverage.entries()) {
    for (const script of scripts) {
      const key = placeKey(script);
      const steps = index.get(key) ?? coverage.map(() => []);
      steps[step]?.push(script);
      index.set(key, steps);
    }
  }
  return index;
}

/** Each text once, however often it was loaded. */
function uniqueScripts(scripts: readonly ScriptSource[]): ScriptSource[] {
  const byPlace = Map.groupBy(
    scripts.filter(({ url, source }) => source !== '' && !foreign.test(url)),
    placeKey,
  );
  return [...byPlace.values()].flatMap((same) => {
    const texts = Map.groupBy(same, ({ source }) => source);
    // a load whose map could be read says more
    return [...texts.values()].flatMap((loads) => loads.find(({ map }) => map !== null) ?? loads[0] ?? []);
  });
}

function joinSmallest(modules: readonly ModuleSizes[]): ModuleSizes[] {
  if (modules.length <= mostModules) return [...modules];
  const rest = modules.slice(mostModules - 1);
  const sum = (key: 'size' | 'unused' | 'later'): number => rest.reduce((total, one) => total + one[key], 0);
  const joined = {
    file: `(${rest.length} smaller modules)`,
    size: sum('size'),
    unused: sum('unused'),
    later: sum('later'),
  };
  return [...modules.slice(0, mostModules - 1), joined];
}

function describeModules(sizes: ScriptSizes, transferred: number, covered: boolean): BundleModule[] {
  const modules = joinSmallest(sizes.modules);
  const shares = shareOut(
    transferred,
    modules.map(({ size }) => size),
  );
  return modules.map(({ file, size, unused, later }, place) => {
    const owner = packageOf(file);
    return {
      file,
      package: owner?.name ?? null,
      version: owner?.version ?? null,
      size,
      transferred: shares[place] ?? 0,
      unused: covered ? unused : null,
      later: covered ? later : null,
    };
  });
}

function measureScript(script: ScriptSource, { recording, transfers, coverage }: Context): PlacedFile {
  const { source, map, mapProblem, startLine, startColumn } = script;
  const read = map === null ? null : splitScript(source, map, script.url);
  const uses = firstUseOfScript(coverage.get(placeKey(script)) ?? [], source.length);
  const sizes = sizeScript(source, read?.split ?? null, uses, recording.coverage.length);
  const transfer = transferOf(transfers, script.url);
  const url = redactUrl(script.url);
  const isInline = startLine > 0 || startColumn > 0;
  const isFile = /^(https?|file):/i.test(script.url);
  const transferred = isInline ? shareOfDocument(sizes.size, transfer) : (transfer?.bytes ?? 0);
  const problem = mapProblem ?? read?.problem ?? null;
  return {
    within: !isFile ? madeAtRunTime : isInline ? url : null,
    file: {
      url: isInline ? `${url} (inline, ${startLine + 1}:${startColumn + 1})` : url,
      kind: 'script',
      party:
        (isFile && transfer?.party) || (isFirstParty(script.url, recording.pageUrl) ? 'first-party' : 'third-party'),
      size: sizes.size,
      transferred,
      unused: uses ? sizes.unused : null,
      map: read?.split ? 'used' : problem === null ? 'none' : 'broken',
      problem: problem === null ? null : redactText(problem),
      firstUse: uses
        ? recording.coverage.flatMap(({ name }, step) => {
            const size = sizes.firstUse[step] ?? 0;
            return size > 0 ? [{ step: name, size }] : [];
          })
        : [],
      modules: describeModules(sizes, transferred, uses !== null),
    },
  };
}

function notesOn(files: readonly BundleFile[], { recording, transfers }: Context): string[] {
  const scripts = files.filter(({ kind }) => kind === 'script');
  const notes: string[] = [];
  if (recording.coverage.length === 0) notes.push('No coverage was recorded: what was never used is unknown.');
  else {
    const unknown = scripts.filter(({ unused }) => unused === null);
    if (unknown.length > 0)
      notes.push(
        `Of ${unknown.length} of ${scripts.length} scripts the coverage pass saw no load of the same text, so what they never ran is unknown.`,
      );
  }
  const lost = recording.scripts.filter(({ url, source }) => source === '' && !foreign.test(url));
  for (const url of new Set(lost.map((script) => redactUrl(script.url))))
    if (!files.some((file) => file.url === url))
      notes.push(`The text of ${url} could not be read before its worker ended; it is missing here.`);
  for (const url of new Set(files.map((file) => file.url))) {
    const loads = transfers.get(url)?.loads ?? 0;
    if (loads > 1) notes.push(`${url} came over the network ${loads} times; it is counted once.`);
  }
  return notes;
}

/**
 * What the scenario's pages loaded, largest first.
 * @param requests of all steps of one run of the flow, in order: what they cost on the wire
 * @param base in a comparison, measured before
 */
export function measureBundles(
  recording: ScenarioRecording,
  requests: readonly TransferredRequest[],
  base: BundleSide | null = null,
): Bundles {
  const context: Context = { recording, transfers: collectTransfers(requests), coverage: indexCoverage(recording) };
  const scripts = uniqueScripts(recording.scripts).map((script) => measureScript(script, context));
  const files = [
    ...alignNames(joinInline(scripts, 'scripts')),
    ...measureStyles(recording.coverage, context.transfers, recording.pageUrl),
  ];
  return {
    files,
    duplicates: findDuplicates(files),
    changes: base && listChanges(base, { bundles: { files }, pageUrl: recording.pageUrl }),
    notes: notesOn(files, context),
  };
}
