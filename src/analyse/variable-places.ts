/** Where the variables of a script are declared, by the function they belong to. */
import { childrenOf, functionTypes, readProgram, spanOf } from './function-scopes.ts';
import { asObject, asText, type JsonObject } from './json-values.ts';
import type { Position } from './function-names.ts';

/** Offsets are UTF-16 units of the source. */
interface VariableScope {
  readonly start: number;
  readonly end: number;
  /** Index of the function around it; -1 for none. */
  readonly parent: number;
  /** Offset of each variable's first declaration, in whatever block of the function it stands. */
  readonly variables: Map<string, number>;
}

export class VariablePlaces {
  /** The script as a whole comes first, then functions in order of their start. */
  readonly #scopes: readonly VariableScope[];

  /** Knows nothing of what is too large, nested too deep or no JavaScript. */
  constructor(source: string, file: string) {
    const program = readProgram(source, file);
    this.#scopes = typeof program === 'string' ? [] : collect(program, source.length);
  }

  /**
   * The declaration that a name has for a function.
   * @param offset within the function, the one that is innermost there
   * @param own whether the function's own variables come first; else those around it, among which it was made
   * @returns null where there is none
   */
  find(name: string, offset: number, own: boolean): number | null {
    const inner = this.#scopes.findLastIndex(({ start, end }) => start <= offset && offset < end);
    const around: number[] = [];
    for (let at = inner; at >= 0; at = this.#scopes[at]?.parent ?? -1) around.push(at);
    // A script's scope has none around it.
    const order = own || around.length === 1 ? around : [...around.slice(1), inner];
    for (const at of order) {
      const declared = this.#scopes[at]?.variables.get(name);
      if (declared !== undefined) return declared;
    }
    return null;
  }
}

function collect(program: JsonObject, length: number): VariableScope[] {
  const scopes: VariableScope[] = [{ start: 0, end: length + 1, parent: -1, variables: new Map() }];
  const declare = (scope: number, pattern: unknown): void => {
    for (const { name, start } of namesIn(pattern)) {
      const { variables } = scopes[scope] as VariableScope;
      if (!variables.has(name)) variables.set(name, start);
    }
  };
  // A stack of our own: the tree may be deeper than calls can nest.
  const waiting: { readonly at: Position; readonly scope: number }[] = [
    { at: { node: program, key: '', up: null }, scope: 0 },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { at } = next;
    let { scope } = next;
    const { node } = at;
    const type = asText(node['type']) ?? '';
    if (/^(VariableDeclarator|FunctionDeclaration|ClassDeclaration)$/.test(type)) declare(scope, node['id']);
    if (/^Import(Default|Namespace)?Specifier$/.test(type)) declare(scope, node['local']);
    if (type === 'CatchClause') declare(scope, node['param']);
    if (functionTypes.has(type) && node['body']) {
      scopes.push({ ...spanOf(node), parent: scope, variables: new Map() });
      scope = scopes.length - 1;
      for (const parameter of Array.isArray(node['params']) ? (node['params'] as unknown[]) : [])
        declare(scope, parameter);
    }
    for (const child of childrenOf(at).reverse()) waiting.push({ at: child, scope });
  }
  return scopes;
}

/** What a pattern declares: `{ a, b: [c] = d, ...e }` declares a, c and e. */
function namesIn(pattern: unknown): { readonly name: string; readonly start: number }[] {
  const found: { name: string; start: number }[] = [];
  const waiting = [pattern];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = asObject(next);
    const name = asText(node['name']);
    if (node['type'] === 'Identifier' && name !== null) found.push({ name, start: Number(node['start']) });
    for (const key of ['value', 'left', 'argument', 'parameter'])
      if (typeof node[key] === 'object' && node[key] !== null) waiting.push(node[key]);
    for (const key of ['properties', 'elements'])
      if (Array.isArray(node[key])) waiting.push(...(node[key] as unknown[]).filter((one) => one !== null));
  }
  return found;
}
