/** Where original sources import other modules statically: what has to change for a module to be loaded later. Pure. */
import { packageOf } from './module-names.ts';
import { readSourceMap } from './read-source-map.ts';

export interface ImportPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** As written: `./chart`, `lodash/debounce`, `@/pages/cart`. */
  readonly specifier: string;
}

/**
 * Import and re-export of values at the start of a line; those of types only are gone from the script. Read by a
 * pattern, not by a parser: sources are what the page says they are, and oxc-parser ends the process on some that are
 * nested deeply enough.
 */
const keyword = /^[ \t]{0,40}(?=(?:import|export)\b)/gm;
const statement = /^(?:import|export)\b(?!\s*\(|\s+type\s+[\w{*])(?:[^'"`;(]*?\bfrom\s*|\s*)(["'])([^"'\n]{1,300})\1/;
const longestStatement = 2000;
/** Of a whole script, looked at or not: a large application has some thousand, a hostile one any number. */
const mostStatements = 20_000;
const mostText = 20_000_000;

function placeAt(content: string, offset: number): { line: number; column: number } {
  const before = content.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** All imports in the application's own sources, from the texts that a source map holds; none where it holds none. */
export function findImports(map: string, scriptUrl: string): ImportPlace[] {
  const { sections } = readSourceMap(map, scriptUrl);
  let [text, statements] = [0, 0];
  const found: ImportPlace[] = [];
  for (const { sources, contents } of sections ?? []) {
    for (const [place, file] of sources.entries()) {
      const content = contents[place] ?? null;
      if (content === null || packageOf(file)) continue;
      text += content.length;
      if (text > mostText) return found;
      for (const match of content.matchAll(keyword)) {
        statements += 1;
        if (statements > mostStatements) return found;
        const start = match.index + match[0].length;
        const specifier = statement.exec(content.slice(start, start + longestStatement))?.[2];
        if (specifier !== undefined) found.push({ file, specifier, ...placeAt(content, start) });
      }
    }
  }
  return found;
}

function stem(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/i, '').replace(/(^|\/)index$/, '');
}

function resolve(from: string, specifier: string): string {
  const folders = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') folders.pop();
    else if (part !== '.' && part !== '') folders.push(part);
  }
  return folders.join('/');
}

/** Whether an import means this original module: as a path relative to the importer, or behind an alias (`@/pages/cart`). */
export function importsModule({ file, specifier }: ImportPlace, target: string): boolean {
  const path = specifier.replace(/\?.*$/s, '');
  if (path.startsWith('.')) return stem(resolve(file, path)) === stem(target);
  const [alias = '', ...rest] = path.split('/');
  if (!/^[@~#$]?[\w-]*$/.test(alias) || rest.length === 0) return false;
  const end = stem(rest.join('/'));
  return end !== '' && (stem(target) === end || stem(target).endsWith(`/${end}`)) && !packageOf(target);
}

/** Whether an import means a package, or a part of it. */
export function importsPackage({ specifier }: ImportPlace, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}
