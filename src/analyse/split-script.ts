/** Which text of a script came from which original source, by its source map. Pure. */
import { lineStarts } from './line-starts.ts';
import { addPiece, type Pieces } from './pieces.ts';
import { readSourceMap, type MapSection } from './read-source-map.ts';
import { noSource, walkMappings } from './walk-mappings.ts';

export interface SplitScript {
  /** Names of sources; several of one name (parts of a file) are one. */
  readonly sources: readonly string[];
  /** Place in `sources`, or -1 for text of none. */
  readonly owners: Pieces;
}

export type ScriptSplit =
  | { readonly split: SplitScript; readonly problem: null }
  | { readonly split: null; readonly problem: string };

/** A map of another build has mappings beyond the script; single ones are slips of a tool. */
const toleratedSlips = 0.01;
/** Sorting needs all mappings of a line at once; some tools write a place twice, none four times. */
const mostToSort = (text: string): number => 4 * text.length + 1000;

/**
 * Takes mappings line by line. Text between two mappings belongs to the one before, to the end of its line. Text at
 * the start of a line, or lines without mappings, belong to a source that stands on both sides of it: indentation,
 * comments within a module; else to none: what the bundler wrote between two modules.
 */
class OwnerList {
  readonly pieces: Pieces = { ends: [], values: [] };
  /** Whether mappings of a line came in another order than their columns. */
  disordered = false;
  private readonly starts: Int32Array;
  private readonly length: number;
  private readonly sorts: boolean;
  private line = -1;
  private latest = -1;
  private readonly offsets: number[] = [];
  private readonly owners: number[] = [];
  private before = -1;

  /** @param sorts keeps all mappings of a line and sorts them; else only changes of owner, for those in order */
  constructor(text: string, sorts: boolean) {
    this.starts = lineStarts(text);
    this.length = text.length;
    this.sorts = sorts;
  }

  /** Where the line ends, its line break not included; undefined where there is no such line. */
  private lineEnd(line: number): number | undefined {
    const next = this.starts[line + 1];
    return line < this.starts.length ? (next === undefined ? this.length : next - 1) : undefined;
  }

  /** False where the script has no such place. Lines must come in order. */
  add(line: number, column: number, owner: number): boolean {
    const end = this.lineEnd(line);
    const offset = (this.starts[line] ?? 0) + column;
    if (end === undefined || column < 0 || offset > end) return false;
    if (line !== this.line) {
      this.flush();
      this.line = line;
    }
    if (offset < this.latest) this.disordered = true;
    this.latest = offset;
    const { offsets, owners } = this;
    const last = offsets.length - 1;
    if (this.sorts || last < 0) {
      offsets.push(offset);
      owners.push(owner);
    } else if (offsets[last] === offset) {
      owners[last] = owner;
    } else if (owners[last] !== owner) {
      offsets.push(offset);
      owners.push(owner);
    }
    return true;
  }

  private flush(): void {
    const { offsets, owners, pieces } = this;
    if (offsets.length === 0) return;
    const order = offsets.map((_offset, place) => place);
    if (this.sorts) order.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
    const first = order[0] ?? 0;
    addPiece(pieces, offsets[first] ?? 0, owners[first] === this.before ? this.before : -1);
    const end = this.starts[this.line + 1] ?? this.length;
    for (const [place, one] of order.entries())
      addPiece(pieces, offsets[order[place + 1] ?? -1] ?? end, owners[one] ?? -1);
    this.before = owners[order.at(-1) ?? 0] ?? -1;
    offsets.length = 0;
    owners.length = 0;
  }

  finish(): Pieces {
    this.flush();
    addPiece(this.pieces, this.length, -1);
    return this.pieces;
  }
}

function isBefore(a: { line: number; column: number }, line: number, column: number): boolean {
  return a.line < line || (a.line === line && a.column <= column);
}

interface Collected {
  readonly sources: readonly string[];
  readonly list: OwnerList;
  readonly mapped: number;
  readonly slips: number;
}

/** Null where mappings are not VLQ. */
function collect(text: string, sections: readonly MapSection[], sorts: boolean): Collected | null {
  const ids = new Map<string, number>();
  const list = new OwnerList(text, sorts);
  let [mapped, slips] = [0, 0];
  for (const [place, section] of sections.entries()) {
    const next = sections[place + 1];
    const owners = section.sources.map((name) => {
      if (name === '') return -1;
      const id = ids.get(name) ?? ids.size;
      ids.set(name, id);
      return id;
    });
    if (place > 0) list.add(section.line, section.column, -1);
    const whole = walkMappings(section.mappings, (line, column, source) => {
      const [down, right] = [section.line + line, line === 0 ? section.column + column : column];
      // a section ends where the next begins
      if (next && isBefore(next, down, right)) return;
      const owner = source === noSource ? -1 : owners[source];
      if (owner !== undefined && list.add(down, right, owner)) mapped += 1;
      else slips += 1;
    });
    if (!whole) return null;
  }
  return { sources: [...ids.keys()], list, mapped, slips };
}

function splitBySections(text: string, sections: readonly MapSection[]): ScriptSplit {
  const fail = (problem: string): ScriptSplit => ({ split: null, problem });
  let found = collect(text, sections, false);
  if (!found) return fail('the source map is broken: its mappings are not base64 VLQ');
  const { mapped, slips } = found;
  if (mapped + slips === 0) return fail('the source map is broken: its mappings are empty');
  if (slips > toleratedSlips * (mapped + slips))
    return fail(
      `the source map is of another script: ${slips} of ${mapped + slips} mappings lie outside of it or name no source`,
    );
  if (found.list.disordered) {
    if (mapped > mostToSort(text)) return fail('the source map is broken: more mappings than the script has places');
    found = collect(text, sections, true) ?? found;
  }
  return { split: { sources: found.sources, owners: found.list.finish() }, problem: null };
}

/** Splits a script by the text of its source map; or says in words why the map cannot be used. Throws nothing. */
export function splitScript(text: string, map: string, scriptUrl: string): ScriptSplit {
  const { sections, problem } = readSourceMap(map, scriptUrl);
  return sections ? splitBySections(text, sections) : { split: null, problem };
}
