/** The source map of one script. */
import {
  decodedMappings,
  FlattenMap,
  isIgnored,
  type SourceMapSegment,
  traceSegment,
  TraceMap,
} from '@jridgewell/trace-mapping';
import { asArray, asObject, asText, type JsonObject } from './json-values.ts';
import { countMappings, largestMap, mostMappings, tooLarge, tooMany } from './map-limits.ts';
import { OriginalSource, type Place } from './original-source.ts';
import { readablePaths, type SourcePath } from './source-path.ts';

/** Where a place of the script comes from; line and column from 0. */
export interface OriginalPlace {
  readonly source: SourcePath;
  readonly line: number;
  readonly column: number;
  /** What the map calls it, which most do only for identifiers that the minifier changed. */
  readonly name: string | null;
  /** The source's text with its functions; null where the map does not hold it. */
  readonly original: OriginalSource | null;
}

export class ScriptMap {
  readonly #map: TraceMap;
  readonly #paths: readonly SourcePath[];
  readonly #texts: readonly unknown[];
  readonly #originals = new Map<number, OriginalSource | null>();

  /** Mappings and lines, all of which are held. */
  readonly size: number;

  private constructor(map: TraceMap, scriptUrl: string, size: number) {
    this.#map = map;
    this.size = size;
    this.#paths = readablePaths(
      map.sources.map((source) => source ?? ''),
      scriptUrl,
    );
    this.#texts = map.sourcesContent ?? [];
  }

  /**
   * @param before mappings and lines of the maps that are held already
   * @returns the map, or what is wrong with it, as the rest of a sentence
   */
  static read(text: string, scriptUrl: string, before: number): ScriptMap | string {
    if (text.length > largestMap) return tooLarge;
    let json: JsonObject;
    try {
      // Some servers put a line before JSON that keeps it from running as a script.
      json = asObject(JSON.parse(text.replace(/^\)\]\}'?[^\n]*\n/, '')));
    } catch {
      return 'is not valid JSON';
    }
    try {
      if (Array.isArray(json['sections'])) {
        const { map, sections } = sectioned(json);
        const size = countMappings(sections.map(({ offset, map: { mappings } }) => ({ mappings, line: offset.line })));
        return refuse(size, before) ?? new ScriptMap(new FlattenMap(map), scriptUrl, size);
      }
      const { mappings } = json;
      if (typeof mappings !== 'string') return 'is no source map: it has no mappings';
      const size = countMappings([{ mappings, line: 0 }]);
      return refuse(size, before) ?? new ScriptMap(new TraceMap(flat(json, mappings)), scriptUrl, size);
    } catch {
      return 'is broken';
    }
  }

  /** Null where the map says nothing about the place. @param line from 0, within the script; so is the column */
  find(line: number, column: number): OriginalPlace | null {
    return this.#place(traceSegment(this.#map, line, column));
  }

  /**
   * The first place after this one that the map knows, for a function that it has no place for: what starts there is
   * most likely in it. Null where the place itself is known.
   */
  findNext(line: number, column: number): OriginalPlace | null {
    const segments = decodedMappings(this.#map)[line] ?? [];
    const next = segments[firstFrom(segments, column)];
    return next === undefined || next[0] === column ? null : this.#place(next);
  }

  /** The first place that is known from one on, and before another; null for none. */
  firstBetween(from: Place, to: Place): OriginalPlace | null {
    const lines = decodedMappings(this.#map);
    const last = Math.min(to.line, lines.length - 1);
    for (let line = from.line; line <= last; line += 1) {
      const segments = lines[line] ?? [];
      let at = line === from.line ? firstFrom(segments, from.column) : 0;
      for (let next = segments[at]; next; next = segments[(at += 1)]) {
        if (line === to.line && next[0] >= to.column) return null;
        const place = this.#place(next);
        if (place) return place;
      }
    }
    return null;
  }

  #place(segment: Readonly<SourceMapSegment> | null): OriginalPlace | null {
    if (!segment || segment.length === 1) return null;
    const [, index, line, column, nameIndex] = segment;
    const source = this.#paths[index];
    if (!source || !(line >= 0) || !(column >= 0)) return null;
    const ignored = isIgnored(this.#map, this.#map.sources[index] ?? '');
    return {
      source: ignored ? { ...source, library: true } : source,
      line,
      column,
      name: nameIndex === undefined ? null : (this.#map.names[nameIndex] ?? null),
      original: this.#original(index, source.file),
    };
  }

  #original(index: number, file: string): OriginalSource | null {
    let original = this.#originals.get(index);
    if (original === undefined) {
      const text = this.#texts[index];
      original = typeof text === 'string' && text !== '' ? new OriginalSource(text, file) : null;
      this.#originals.set(index, original);
    }
    return original;
  }
}

function firstFrom(segments: readonly Readonly<SourceMapSegment>[], column: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.[0] ?? 0) < column) low = middle + 1;
    else high = middle;
  }
  return low;
}

function refuse(size: number, before: number): string | null {
  if (size > mostMappings) return tooMany;
  return size + before > mostMappings ? `with those before it ${tooMany}` : null;
}

/** Only what the format allows, whatever the file holds. */
function flat(json: JsonObject, mappings: string): ConstructorParameters<typeof TraceMap>[0] & { mappings: string } {
  const root = asText(json['sourceRoot']) ?? '';
  return {
    version: 3,
    mappings,
    names: asArray(json['names']).map((name) => asText(name) ?? ''),
    sources: asArray(json['sources']).map((source) => {
      const path = asText(source) ?? '';
      return root === '' || /^([a-z][a-z0-9+.-]*:|\/)/i.test(path) ? path : `${root.replace(/\/$/, '')}/${path}`;
    }),
    sourcesContent: asArray(json['sourcesContent']).map((text) => asText(text)),
    ignoreList: asArray(json['ignoreList'] ?? json['x_google_ignoreList']).filter((one) => typeof one === 'number'),
  };
}

/** Sections of sections are not allowed by the format; without them nothing recurses. */
function sectioned(json: JsonObject) {
  const sections = asArray(json['sections']).map((section) => {
    const offset = asObject(asObject(section)['offset']);
    const map = asObject(asObject(section)['map']);
    return {
      offset: { line: wholeNumber(offset['line']), column: wholeNumber(offset['column']) },
      map: flat(map, asText(map['mappings']) ?? ''),
    };
  });
  return { map: { version: 3, sections } as unknown as ConstructorParameters<typeof FlattenMap>[0], sections };
}

function wholeNumber(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 1e7 ? value : 0;
}
