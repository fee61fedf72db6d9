/**
 * Reads the text of a source map, index maps included, without trusting it: the map comes from the page under test.
 * Mappings stay encoded, so that a reader who needs little of them can go through them once (`walkMappings`).
 * Format: ECMA-426.
 */
import { countMappings, largestMap, mostMappings, tooLarge, tooMany } from './map-limits.ts';
import { cleanSourceNames } from './module-names.ts';

export interface MapSection {
  /** Where the section starts in the script, from 0. */
  readonly line: number;
  readonly column: number;
  /** Base64 VLQ. */
  readonly mappings: string;
  /** Clean names; empty where the map gives none. */
  readonly sources: readonly string[];
  /** Text of each source; null where the map has none. */
  readonly contents: readonly (string | null)[];
}

export type SourceMapRead =
  | { readonly sections: readonly MapSection[]; readonly problem: null }
  | { readonly sections: null; readonly problem: string };

/** Index maps of index maps are allowed by the first draft of the format only; nobody writes deeper ones. */
const deepest = 4;

class BadMap extends Error {}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wholeNumber(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new BadMap(`${what} is not a whole number`);
  return value;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

type Start = Pick<MapSection, 'line' | 'column'>;

function readSection(map: Readonly<Record<string, unknown>>, { line, column }: Start, scriptUrl: string): MapSection {
  const { mappings, sources, sourceRoot, sourcesContent } = map;
  if (map['version'] !== 3) throw new BadMap('its version is not 3');
  if (typeof mappings !== 'string') throw new BadMap('it has no mappings');
  if (!Array.isArray(sources)) throw new BadMap('it has no list of sources');
  const contents: readonly unknown[] = Array.isArray(sourcesContent) ? sourcesContent : [];
  return {
    line,
    column,
    mappings,
    sources: cleanSourceNames(sources.map(textOrNull), textOrNull(sourceRoot) ?? '', scriptUrl),
    contents: sources.map((_source, place) => textOrNull(contents[place])),
  };
}

function readSections(map: unknown, start: Start, scriptUrl: string, depth: number): MapSection[] {
  if (!isRecord(map)) throw new BadMap('it is not an object');
  const { sections } = map;
  if (sections === undefined) return [readSection(map, start, scriptUrl)];
  if (!Array.isArray(sections)) throw new BadMap('its sections are not a list');
  if (depth >= deepest) throw new BadMap(`index maps are nested more than ${deepest} deep`);
  const found: MapSection[] = [];
  for (const section of sections as readonly unknown[]) {
    if (!isRecord(section) || !isRecord(section['offset'])) throw new BadMap('a section has no offset');
    if (section['map'] === undefined) throw new BadMap('a section lies in a file of its own, which is not read');
    const { offset } = section;
    const down = wholeNumber(offset['line'], "a section's line");
    const right = wholeNumber(offset['column'], "a section's column");
    const at = { line: start.line + down, column: down === 0 ? start.column + right : right };
    // not spread into arguments: a hostile map has more sections than a call may have of them
    for (const inner of readSections(section['map'], at, scriptUrl, depth + 1)) found.push(inner);
  }
  const ordered = found.every((section, place) => {
    const before = found[place - 1];
    return !before || before.line < section.line || (before.line === section.line && before.column <= section.column);
  });
  if (!ordered) throw new BadMap('its sections are not in order');
  return found;
}

/** The sections of a map, one where it is no index map; or in words why it cannot be read. Throws nothing. */
export function readSourceMap(text: string, scriptUrl: string): SourceMapRead {
  if (text.length > largestMap) return { sections: null, problem: `the source map ${tooLarge}` };
  let json: unknown;
  try {
    // servers may put `)]}'` before JSON, so that no other site can run it as a script
    json = JSON.parse(text.startsWith(')]}') ? text.slice(text.indexOf('\n') + 1) : text);
  } catch {
    return { sections: null, problem: 'the source map is not JSON' };
  }
  try {
    const sections = readSections(json, { line: 0, column: 0 }, scriptUrl, 0);
    // Nothing is held for lines that a section leaves out.
    if (countMappings(sections.map(({ mappings }) => ({ mappings, line: 0 }))) > mostMappings)
      return { sections: null, problem: `the source map ${tooMany}` };
    return { sections, problem: null };
  } catch (error) {
    if (error instanceof BadMap) return { sections: null, problem: `the source map is broken: ${error.message}` };
    throw error;
  }
}
