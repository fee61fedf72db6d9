/** A name for each function of a syntax tree, as a reader of the source would say it. */
import { asObject, asText, type JsonObject } from './json-values.ts';

/** A node of the tree and the way to it: it is, or is in, the member `key` of the node above. */
export interface Position {
  readonly node: JsonObject;
  readonly key: string;
  readonly up: Position | null;
}

export interface NamedFunction {
  readonly name: string;
  readonly head: number;
}

/** What stands between a function and its name, and adds nothing to it. */
const transparent = new Set([
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
]);
/** Calls that give back the function they are given, in other clothes: what is named is the function. */
const wrappers =
  /^(memo|forwardRef|observer|useCallback|useEvent|useEffectEvent|useMemoizedFn|debounce|throttle|once|memoize|curry|batch|action|cache|lazy|defineComponent|defineAsyncComponent|markRaw|untracked|withRouter|connect)$/i;

const nameless = '(anonymous)';
const longestName = 120;

/** @param around name of the function around it, which an anonymous one is told by */
export function nameFunction(at: Position, around: string | null): NamedFunction {
  const start = Number(at.node['start']);
  const id = nameOf(at.node['id']);
  if (id !== null) return { name: id, head: exportStart(at) ?? start };
  const { name, own, head } = nameFromPlace(at);
  if (own) return { name, head };
  return { name: within(around, name), head };
}

/** Maps lead from an exported function to its `export`, which bundlers take off. */
function exportStart({ up }: Position): number | null {
  return up !== null && typeOf(up.node).startsWith('Export') ? Number(up.node['start']) : null;
}

function within(around: string | null, name: string): string {
  if (around === null) return name;
  // Who began it and what it is; what lies between is a chain of callbacks.
  const [first = around] = around.split(' > ');
  const outer = around.split(' > ').length > 2 ? `${first} > … > ${around.split(' > ').at(-1) ?? ''}` : around;
  const full = `${outer} > ${name}`;
  return full.length > longestName ? `${first} > … > ${name}` : full;
}

interface PlaceName extends NamedFunction {
  /** Whether it is a name that the author gave; else it says what the function is to the one around it. */
  readonly own: boolean;
}

function nameFromPlace(at: Position): PlaceName {
  let from = at;
  while (from.up && transparent.has(typeOf(from.up.node))) from = from.up;
  const parent = from.up;
  const start = Number(at.node['start']);
  if (!parent) return { name: nameless, own: false, head: start };
  const node = parent.node;
  const named = (name: string | null): PlaceName =>
    name === null ? { name: nameless, own: false, head: start } : { name, own: true, head: Number(node['start']) };
  const told = (name: string): PlaceName => ({ name, own: false, head: start });
  switch (typeOf(node)) {
    case 'VariableDeclarator':
      return named(from.key === 'init' ? nameOf(node['id']) : null);
    case 'AssignmentExpression':
      return named(from.key === 'right' ? assignedName(node['left'], parent) : null);
    case 'AssignmentPattern':
      return named(from.key === 'right' ? nameOf(node['left']) : null);
    case 'Property':
      return named(from.key === 'value' ? memberName(parent, objectName(parent)) : null);
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return from.key === 'value'
        ? { ...named(memberName(parent, className(parent))), head: startOf(node['key'], start) }
        : told(nameless);
    case 'ExportDefaultDeclaration':
      return { name: 'default export', own: true, head: Number(node['start']) };
    case 'ReturnStatement':
      return returnedName(parent, start) ?? told('returned function');
    case 'ArrowFunctionExpression':
      return from.key === 'body' ? (returnedName(parent, start) ?? told('returned function')) : told(nameless);
    case 'CallExpression':
    case 'NewExpression': {
      if (from.key === 'arguments') return calledName(from, parent, start);
      const value = from.key === 'callee' ? nameFromPlace(parent) : null;
      return value?.own ? { name: `${value.name} initializer`, own: true, head: start } : told(nameless);
    }
    case 'JSXExpressionContainer': {
      const attribute = parent.up?.node;
      if (!attribute || typeOf(attribute) !== 'JSXAttribute') return told('render function');
      return { name: nameOf(attribute['name']) ?? nameless, own: false, head: Number(attribute['start']) };
    }
    default:
      return told(nameless);
  }
}

/** `format` of `const format = (() => { … return () => … })()`: what a function that is called at once gives back. */
function returnedName(from: Position, start: number): PlaceName | null {
  let around: Position | null = from;
  while (around && !/^(Function|ArrowFunction)/.test(typeOf(around.node))) around = around.up;
  while (around?.up && transparent.has(typeOf(around.up.node))) around = around.up;
  if (around?.key !== 'callee' || !around.up) return null;
  const value = nameFromPlace(around.up);
  return value.own ? { ...value, head: start } : null;
}

/** `useEffect callback`; for a wrapper the name of what it gives back. */
function calledName(from: Position, call: Position, start: number): PlaceName {
  const callee = lastName(call.node['callee']);
  if (callee !== null && wrappers.test(callee)) {
    const outer = nameFromPlace(call);
    if (outer.own) return outer;
  }
  if (callee === null) return { name: nameless, own: false, head: start };
  const [first] = (call.node['arguments'] ?? []) as readonly unknown[];
  const event = asObject(first);
  const type = typeof event['value'] === 'string' && event !== from.node ? event['value'] : null;
  const listens = /^(addEventListener|on|once|addListener|subscribe)$/.test(callee);
  const name = listens && type !== null ? `${type} listener` : `${callee} callback`;
  return { name, own: false, head: start };
}

function typeOf(node: JsonObject): string {
  return asText(node['type']) ?? '';
}

function startOf(node: unknown, otherwise: number): number {
  const start = asObject(node)['start'];
  return typeof start === 'number' ? start : otherwise;
}

/** Of an identifier, a private one, a key written as text or number, or a name in JSX. */
function nameOf(value: unknown): string | null {
  const node = asObject(value);
  switch (typeOf(node)) {
    case 'Identifier':
    case 'JSXIdentifier':
      return asText(node['name']);
    case 'PrivateIdentifier':
      return `#${asText(node['name']) ?? ''}`;
    case 'JSXNamespacedName':
      return nameOf(node['name']);
    case 'Literal':
      return typeof node['value'] === 'string' || typeof node['value'] === 'number' ? String(node['value']) : null;
    default:
      return null;
  }
}

/** `map` of `list.items.map`. */
function lastName(value: unknown): string | null {
  const node = asObject(value);
  const type = typeOf(node);
  if (type === 'MemberExpression') return nameOf(node['property']);
  if (type === 'ChainExpression') return lastName(node['expression']);
  return nameOf(node);
}

function memberName({ node }: Position, owner: string | null): string | null {
  const key = node['computed'] === true && typeOf(asObject(node['key'])) !== 'Literal' ? null : nameOf(node['key']);
  if (key === null) return null;
  return owner === null ? key : `${owner}.${key}`;
}

/** `Cart` of `class Cart`, and of `const Cart = class …`. */
function className(member: Position): string | null {
  const body = member.up;
  const node = body?.up?.node;
  if (!body?.up || !node) return null;
  return nameOf(node['id']) ?? (typeOf(node).startsWith('Class') ? boundName(body.up) : null);
}

/** `api` of `const api = { load() {} }`; nothing for objects deeper within others. */
function objectName(member: Position): string | null {
  return member.up ? boundName(member.up) : null;
}

function boundName(value: Position): string | null {
  let from = value;
  while (from.up && transparent.has(typeOf(from.up.node))) from = from.up;
  const node = from.up?.node;
  if (!node) return null;
  if (typeOf(node) === 'VariableDeclarator') return nameOf(node['id']);
  return typeOf(node) === 'AssignmentExpression' ? lastName(node['left']) : null;
}

/** `Cart.add` of `Cart.prototype.add = …`; `load` of `this.load = …` and `exports.load = …`. */
function assignedName(left: unknown, at: Position): string | null {
  const node = asObject(left);
  if (typeOf(node) !== 'MemberExpression') return nameOf(node);
  const name = nameOf(node['property']);
  if (name === null) return null;
  const object = asObject(node['object']);
  if (typeOf(object) === 'ThisExpression') {
    const owner = enclosingClass(at);
    return owner === null ? name : `${owner}.${name}`;
  }
  const owner = lastName(object) === 'prototype' ? lastName(object['object']) : nameOf(object);
  return owner === null || owner === 'exports' || owner === 'module' ? name : `${owner}.${name}`;
}

function enclosingClass(at: Position): string | null {
  for (let from: Position | null = at; from; from = from.up) {
    if (typeOf(from.node) === 'MethodDefinition') return className(from);
  }
  return null;
}
