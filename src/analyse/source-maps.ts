/**
 * From places in delivered scripts to places in the sources they were built from. Without a source map a place stays
 * where it is, in the script. Never throws; what is wrong with a map is told in notes.
 */
import type { ScriptSource } from '../core/recording.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { componentName, firstWithin, type FoundFunction, isComponent, knowsHead } from './generated-functions.ts';
import type { EnclosingFunction, FunctionSpan, Place } from './original-source.ts';
import { OriginalSource } from './original-source.ts';
import { type OriginalPlace, ScriptMap } from './script-map.ts';
import { scriptOrigin } from './source-path.ts';

/** Lines and columns that go in count from 0, within the document for inline scripts; what comes out counts from 1. */
export interface SourceResolver {
  /** The place itself, with the function around it. */
  readonly resolve: (url: string, line: number, column: number) => SourceLocation;
  /** The function that starts at the place, and where it begins. @param name as V8 has it, empty for none */
  readonly resolveFunction: (url: string, line: number, column: number, name: string) => SourceLocation;
  /**
   * A variable as the original source calls it, and where it is declared: minified names say nothing.
   * @param at the start of the function that it is read from
   * @param own whether it is the function's own; else it belongs to one around it
   * @returns null where its declaration is not found
   */
  readonly resolveVariable: (
    url: string,
    at: { readonly line: number; readonly column: number; readonly own: boolean },
    name: string,
  ) => { readonly name: string; readonly location: SourceLocation } | null;
  /**
   * The function that was running at a place within a function that starts elsewhere, where that is another one: one
   * whose body a bundler put there. Null where it is the function itself or one around it, or no map tells.
   * @param start of the function; null for the top level of the script
   */
  readonly resolveRunning: (url: string, start: Place | null, at: Place) => SourceLocation | null;
  /** The script as a whole. */
  readonly resolveScript: (url: string) => SourceLocation;
  /** The file of a place alone, without looking for functions. */
  readonly fileAt: (url: string, line: number, column: number) => string;
  /** Whether an inline script starts at the place. */
  readonly startsScript: (url: string, line: number, column: number) => boolean;
  /** What is wrong with the maps that were needed so far. */
  readonly notes: () => string[];
}

interface KnownScript {
  readonly script: ScriptSource;
  /** Read when first needed; null where there is none, or none that can be read. */
  map: ScriptMap | null | undefined;
  own: OriginalSource | null;
}

const mostNotes = 20;

/** @param pageUrl of the page under test, to tell its own scripts from others' */
export function createResolver(scripts: readonly ScriptSource[], pageUrl: string): SourceResolver {
  return new ScriptResolver(scripts, pageUrl).asResolver();
}

class ScriptResolver {
  readonly #scripts = new Map<string, KnownScript[]>();
  readonly #pageUrl: string;
  readonly #shown = new Map<string, Pick<SourceLocation, 'script' | 'origin'>>();
  readonly #notes = new Set<string>();
  /** Of all maps that were read: they are held until the end. */
  #mappings = 0;

  constructor(scripts: readonly ScriptSource[], pageUrl: string) {
    this.#pageUrl = pageUrl;
    for (const [url, same] of Map.groupBy(scripts, (script) => script.url)) {
      const known = same.map((script): KnownScript => ({ script, map: undefined, own: null }));
      // In the order of the document; of several loads of one script the last.
      known.sort((a, b) => compareStart(a.script, b.script));
      this.#scripts.set(url, known);
    }
  }

  asResolver(): SourceResolver {
    return {
      resolve: (url, line, column) => this.#resolve(url, line, column),
      resolveFunction: (url, line, column, name) => this.#resolveFunction(url, { line, column }, name),
      resolveVariable: (url, at, name) => this.#resolveVariable(url, at, name),
      resolveRunning: (url, start, at) => this.#resolveRunning(url, start, at),
      resolveScript: (url) => this.#unmapped(url, null, { line: 0, column: 0 }),
      fileAt: (url, line, column) => this.#original(url, { line, column })?.source.file ?? this.#show(url).script,
      startsScript: (url, line, column) =>
        (this.#scripts.get(url) ?? []).some(({ script }) => script.startLine === line && script.startColumn === column),
      notes: () => [...this.#notes].slice(0, mostNotes),
    };
  }

  #show(url: string): Pick<SourceLocation, 'script' | 'origin'> {
    let shown = this.#shown.get(url);
    if (!shown) {
      shown = { script: redactUrl(url), origin: scriptOrigin(url, this.#pageUrl) };
      this.#shown.set(url, shown);
    }
    return shown;
  }

  /** The script that holds the place, which for inline ones is one of several in a document. */
  #scriptAt(url: string, { line, column }: Place): { readonly known: KnownScript; readonly at: Place } | null {
    const known = (this.#scripts.get(url) ?? []).findLast(
      ({ script }) => script.startLine < line || (script.startLine === line && script.startColumn <= column),
    );
    if (!known) return null;
    const { startLine, startColumn } = known.script;
    return { known, at: { line: line - startLine, column: line === startLine ? column - startColumn : column } };
  }

  #original(url: string, place: Place, next = false): OriginalPlace | null {
    const found = this.#scriptAt(url, place);
    if (!found) return null;
    const { known, at } = found;
    if (known.map === undefined) known.map = this.#readMap(known.script);
    return (next ? known.map?.findNext(at.line, at.column) : known.map?.find(at.line, at.column)) ?? null;
  }

  #readMap({ url, map, mapProblem }: ScriptSource): ScriptMap | null {
    const { script } = this.#show(url);
    if (mapProblem !== null)
      this.#notes.add(`The source map of ${script} could not be read: ${cleanText(mapProblem)}.`);
    if (map === null) return null;
    const read = ScriptMap.read(map, url, this.#mappings);
    if (typeof read !== 'string') {
      this.#mappings += read.size;
      return read;
    }
    this.#notes.add(`The source map of ${script} ${read}; its functions are shown as they were delivered.`);
    return null;
  }

  #resolve(url: string, line: number, column: number): SourceLocation {
    const place = { line, column };
    const found = this.#original(url, place);
    if (!found) return this.#unmapped(url, null, place);
    const around = this.#ask(found, (original) => original.around(found.line, found.column));
    return this.#mapped(url, found, around?.name ?? null, found);
  }

  #resolveFunction(url: string, place: Place, name: string): SourceLocation {
    const start = this.#functionAt(url, place);
    if (!start) return this.#unmapped(url, name === '' ? this.#ownName(url, place) : name, place);
    const { found, own, generated } = start;
    if (own) return this.#mapped(url, found, own.name, own);
    const { file } = found.source;
    const isKnown = found.original !== null && found.original.problem === null;
    // One or two letters are a minifier's, or of a variable next to a function without a name.
    const given = [generated ? null : found.name, name].find((one) => one && one.length > 2) ?? null;
    const whole = { line: 0, column: 0 };
    if (isComponent(file)) return this.#mapped(url, found, given ?? componentName(file), generated ? whole : found);
    if (isKnown) return this.#mapped(url, found, generated ? given : null, generated && given !== null ? found : whole);
    return this.#mapped(url, found, given, found);
  }

  #resolveVariable(url: string, place: Place & { readonly own: boolean }, name: string) {
    const found = this.#scriptAt(url, place);
    if (!found) return null;
    const { known, at } = found;
    known.own ??= new OriginalSource(known.script.source, 'script.js');
    const declared = known.own.variable(name, { ...at, own: place.own });
    if (!declared) return null;
    const { startLine, startColumn } = known.script;
    const delivered = {
      line: startLine + declared.line,
      column: declared.line === 0 ? startColumn + declared.column : declared.column,
    };
    const from = this.#original(url, delivered);
    if (!from) return { name, location: this.#unmapped(url, null, delivered) };
    const word = from.name ?? from.original?.wordAt(from.line, from.column) ?? name;
    const around = this.#ask(from, (original) => original.around(from.line, from.column));
    return { name: cleanText(word, 120), location: this.#mapped(url, from, around?.name ?? null, from) };
  }

  /** The function of a source that starts at a place of the script; null where no map says anything. */
  #functionAt(url: string, place: Place): FoundFunction | null {
    const found = this.#original(url, place);
    const next = this.#original(url, place, true);
    if (!found) return this.#generatedAt(url, place, null);
    const own = this.#ask(found, (original) => original.startingAt(found.line, found.column));
    if (!next) return { found, own, generated: false };
    const within = this.#ask(next, (original) => original.around(next.line, next.column));
    const isInOwn = !own || (within !== null && (next.original?.contains(own.index, within.index) ?? false));
    if (next.source.file !== found.source.file || !isInOwn) {
      const generated = this.#generatedAt(url, place, found);
      if (generated) return generated;
    }
    // Without a place for the function itself the map leads to the call that it is given to. The next place it knows is
    // within the function.
    const outer = next.original === found.original ? (own?.index ?? -1) : -1;
    const inner = this.#ask(next, (original) => original.childAround(outer, next.line, next.column));
    return inner ? { found: next, own: inner, generated: false } : { found, own, generated: false };
  }

  /**
   * The function by what is within it, where the map has no place for its head; null where it has one.
   * @param before the nearest place before it
   */
  #generatedAt(url: string, place: Place, before: OriginalPlace | null): FoundFunction | null {
    const delivered = this.#spanAt(url, place);
    if (!delivered) return null;
    const { map, span, at } = delivered;
    if (knowsHead(map, span, at)) return null;
    const first = firstWithin(map, span);
    if (!first) return null;
    const { place: found, isOwn } = first;
    // With nothing before it, what holds several files is a whole bundle, and none of them.
    const last = map.find(span.end.line, span.end.column - 1);
    if (!before && last?.source.file !== found.source.file) return null;
    const own = isOwn ? this.#ask(found, (original) => original.around(found.line, found.column)) : null;
    return { found, own, generated: true };
  }

  /** The function of the script as it was delivered, within that script, and the script's map. */
  #spanAt(
    url: string,
    place: Place,
  ): { readonly map: ScriptMap; readonly span: FunctionSpan; readonly at: Place } | null {
    const { known, at } = this.#scriptAt(url, place) ?? {};
    if (!known?.map || !at) return null;
    known.own ??= new OriginalSource(known.script.source, 'script.js');
    const span = known.own.span(at.line, at.column);
    return span && { map: known.map, span, at };
  }

  #resolveRunning(url: string, start: Place | null, at: Place): SourceLocation | null {
    const found = this.#original(url, at);
    if (!found) return null;
    const running = this.#ask(found, (original) => original.around(found.line, found.column));
    if (start === null) return this.#mapped(url, found, running?.name ?? null, running ?? { line: 0, column: 0 });
    if (!running) return null;
    const from = this.#functionAt(url, start);
    if (from && from.found.source.file !== found.source.file) {
      // A place before the first that the map knows in the function is not where the map leads.
      const span = this.#spanAt(url, start)?.span;
      const inScript = this.#scriptAt(url, at);
      if (span && inScript?.known.map && !knowsHead(inScript.known.map, span, inScript.at)) return null;
    }
    if (from && from.found.original === found.original) {
      if (!from.own || (found.original?.contains(running.index, from.own.index) ?? true)) return null;
    }
    return this.#mapped(url, found, running.name, running);
  }

  #ask(
    { original, source }: OriginalPlace,
    question: (original: OriginalSource) => EnclosingFunction | null,
  ): EnclosingFunction | null {
    if (!original) return null;
    const answer = question(original);
    if (original.problem !== null) {
      this.#notes.add(
        `Functions of ${source.file} are named as they were delivered: the source is ${original.problem}.`,
      );
    }
    return answer;
  }

  /** What an anonymous function is to the code around it, in the script as it was delivered. */
  #ownName(url: string, place: Place): string | null {
    const found = this.#scriptAt(url, place);
    if (!found) return null;
    const { known, at } = found;
    // Of minified code the names say nothing, and are others after the next build.
    if (isMinified(known.script.source)) return null;
    known.own ??= new OriginalSource(known.script.source, 'script.js');
    return known.own.startingAt(at.line, at.column)?.name ?? null;
  }

  #mapped(url: string, { source }: OriginalPlace, name: string | null, { line, column }: Place): SourceLocation {
    const { script, origin } = this.#show(url);
    return {
      function: name === null ? null : cleanText(name, 120),
      file: source.file,
      line: line + 1,
      column: column + 1,
      mapped: true,
      script,
      origin: origin === 'application' && source.library ? 'library' : origin,
    };
  }

  #unmapped(url: string, name: string | null, { line, column }: Place): SourceLocation {
    const { script, origin } = this.#show(url);
    return {
      function: name === null || name === '' ? null : cleanText(name, 120),
      file: script,
      line: line + 1,
      column: column + 1,
      mapped: false,
      script,
      origin,
    };
  }
}

/** Lines of what people write hold some 40 characters; a minifier ends one after thousands, if ever. */
function isMinified(source: string): boolean {
  return source.length > 1000 && source.length / (source.match(/\n/g)?.length ?? 1) > 250;
}

function compareStart(a: ScriptSource, b: ScriptSource): number {
  return a.startLine - b.startLine || a.startColumn - b.startColumn;
}
