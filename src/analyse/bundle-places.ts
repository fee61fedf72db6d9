/** Where a finding about a bundle points to, and which step and metric it belongs to. Pure. */
import type { BundleFile } from '../core/bundles.ts';
import type { ScriptSource } from '../core/recording.ts';
import type { SourceLocation } from '../core/source.ts';
import { redactUrl } from '../core/text.ts';
import type { BundleUnit } from './bundle-units.ts';
import { findImports, type ImportPlace, importsModule, importsPackage } from './import-places.ts';
import { localUrl } from './requests.ts';
import type { TransferredRequest } from './transfers.ts';

/** One step of the flow with all its requests, in order. */
export interface LoadedStep {
  readonly name: string;
  readonly requests: readonly TransferredRequest[];
}

export interface Load {
  readonly step: string;
  /** Metrics of the step that bytes of the file are part of. */
  readonly metrics: readonly string[];
}

/** The document of inline code, which its name tells in brackets; else the URL itself. */
function requestedUrl({ url }: BundleFile): string {
  return url.replace(/ \([^()]*\)$/, '');
}

/** The step that fetched a file over the network; where none is known to, the first that used it. */
export function loadOf(file: BundleFile, steps: readonly LoadedStep[]): Load | null {
  const url = requestedUrl(file);
  const type = url === file.url ? file.kind : 'document';
  const fetched = steps.find(({ requests }) => requests.some((one) => one.url === url && one.bytes > 0));
  const step = fetched?.name ?? file.firstUse[0]?.step;
  return step === undefined ? null : { step, metrics: [`bytes.${type}`, 'bytes.total', `bytes.${file.party}`] };
}

/** The part of a URL that its reader needs: without the page's own origin. */
export function shortUrl(url: string, pageUrl: string): string {
  return localUrl(url, URL.canParse(pageUrl) ? new URL(pageUrl).origin : '');
}

function originOf(file: BundleFile, unit: BundleUnit | null): SourceLocation['origin'] {
  if (file.party === 'third-party') return 'third-party';
  return unit?.package ? 'library' : 'application';
}

/** The beginning of the largest module of a unit, or of a delivered file. */
export function startOf(file: BundleFile, unit: BundleUnit | null): SourceLocation {
  return {
    function: null,
    file: unit?.largest.file ?? file.url,
    line: 1,
    column: 1,
    mapped: unit !== null,
    script: file.url,
    origin: originOf(file, unit),
  };
}

/** Imports of the application's sources by script, read when they are asked for first. */
export class ImportIndex {
  private readonly scripts: readonly ScriptSource[];
  private readonly known = new Map<string, readonly ImportPlace[]>();

  constructor(scripts: readonly ScriptSource[]) {
    this.scripts = scripts;
  }

  private importsIn(url: string): readonly ImportPlace[] {
    const known = this.known.get(url);
    if (known) return known;
    const script = this.scripts.find((one) => one.map !== null && redactUrl(one.url) === url);
    const found = script?.map ? findImports(script.map, script.url) : [];
    this.known.set(url, found);
    return found;
  }

  /** Where own code of the same script imports a unit statically. */
  placesOf(file: BundleFile, unit: BundleUnit): SourceLocation[] {
    return this.importsIn(file.url)
      .filter((place) =>
        unit.package === null ? importsModule(place, unit.largest.file) : importsPackage(place, unit.package),
      )
      .map((place) => ({
        function: null,
        file: place.file,
        line: place.line,
        column: place.column,
        mapped: true,
        script: file.url,
        origin: originOf(file, null),
      }));
  }
}

/** What the rules about one file read. */
export interface BundleContext {
  readonly steps: readonly LoadedStep[];
  readonly pageUrl: string;
  readonly imports: ImportIndex;
}

/** Of which metrics of its step an amount of bytes on the wire is a part. */
export function explain({ metrics }: Load, amount: number): Record<string, number> {
  return Object.fromEntries(metrics.map((metric) => [metric, Math.round(amount)]));
}
