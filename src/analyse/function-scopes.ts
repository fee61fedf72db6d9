/** The functions of a source, with names that a reader of it would give them, and where each begins and ends. */
import { parseSync } from 'oxc-parser';
import { asObject, asText, type JsonObject } from './json-values.ts';
import { nameFunction, type Position } from './function-names.ts';
import { nestsTooDeep } from './nesting.ts';

/** Offsets are UTF-16 units of the source. */
export interface FunctionScope {
  readonly name: string;
  /** Where what names it begins (`const load = …`, a method's key); the function itself where nothing does. */
  readonly head: number;
  readonly start: number;
  readonly end: number;
  /** Index of the function around it; -1 at the top level. */
  readonly parent: number;
}

/** Larger sources are bundles, whose functions the map does not name anyway. */
const largestSource = 4 * 2 ** 20;

export type ScopeProblem = 'too large' | 'nested too deep' | 'no JavaScript or TypeScript';

/** Functions in order of their start, so that one around another comes first. */
export function findFunctions(source: string, file: string): readonly FunctionScope[] | ScopeProblem {
  const program = readProgram(source, file);
  return typeof program === 'string' ? program : collect(program);
}

/** The syntax tree, or why there is none. */
export function readProgram(source: string, file: string): JsonObject | ScopeProblem {
  if (source.length > largestSource) return 'too large';
  const script = scriptOf(source, file);
  if (nestsTooDeep(script)) return 'nested too deep';
  return parse(script, file) ?? 'no JavaScript or TypeScript';
}

/** Components of Vue and Svelte: everything but their scripts is blank, so that offsets stay. */
function scriptOf(source: string, file: string): string {
  if (!/\.(vue|svelte)$/i.test(file)) return source;
  const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');
  let script = '';
  let at = 0;
  for (const block of source.matchAll(/(<script\b[^>]*>)([\s\S]*?)<\/script\s*>/gi)) {
    const from = block.index + (block[1]?.length ?? 0);
    const to = from + (block[2]?.length ?? 0);
    script += blank(source.slice(at, from)) + source.slice(from, to);
    at = to;
  }
  return script + blank(source.slice(at));
}

type Language = 'js' | 'jsx' | 'ts' | 'tsx';

function languagesOf(file: string): readonly Language[] {
  if (/\.[cm]?ts$/i.test(file)) return ['ts'];
  if (/\.tsx$/i.test(file)) return ['tsx'];
  if (/\.(vue|svelte)$/i.test(file)) return ['ts', 'tsx'];
  // JavaScript may hold JSX whatever its name is; a source without a known name may be either.
  return /\.[cm]?jsx?$/i.test(file) ? ['jsx'] : ['tsx', 'ts', 'jsx'];
}

function parse(source: string, file: string): JsonObject | null {
  for (const lang of languagesOf(file)) {
    try {
      const { program } = parseSync('source', source, { lang, sourceType: 'unambiguous' });
      // An error that the parser recovers from leaves the rest of the tree; else the tree is empty.
      if (program.body.length > 0) return program as unknown as JsonObject;
    } catch {
      // Not valid in this language.
    }
  }
  return null;
}

export const functionTypes: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

function collect(program: JsonObject): FunctionScope[] {
  const scopes: FunctionScope[] = [];
  // A stack of our own: the tree may be deeper than calls can nest.
  const waiting: { readonly at: Position; readonly scope: number }[] = [
    { at: { node: program, key: '', up: null }, scope: -1 },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { at } = next;
    let { scope } = next;
    if (functionTypes.has(asText(at.node['type']) ?? '') && at.node['body']) {
      const around = scopes[scope]?.name ?? null;
      scopes.push({ ...nameFunction(at, around), ...spanOf(at.node), parent: scope });
      scope = scopes.length - 1;
    }
    for (const child of childrenOf(at).reverse()) waiting.push({ at: child, scope });
  }
  return scopes;
}

export function spanOf(node: JsonObject): { readonly start: number; readonly end: number } {
  return { start: Number(node['start']), end: Number(node['end']) };
}

/** Types hold no functions, and are half of a TypeScript source. */
const skipped = new Set(['typeAnnotation', 'returnType', 'typeParameters', 'typeArguments', 'superTypeArguments']);

export function childrenOf(at: Position): Position[] {
  const children: Position[] = [];
  for (const [key, value] of Object.entries(at.node)) {
    if (typeof value !== 'object' || value === null || skipped.has(key)) continue;
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const node = asObject(child);
      if (typeof node['type'] === 'string') children.push({ node, key, up: at });
    }
  }
  return children;
}
