/** Functions of a source folder, and the same source with a busy loop in one of them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export interface Place {
  /** Relative to the folder. */
  readonly file: string;
  /** As its declaration or the variable that holds it names it; empty where neither does. */
  readonly name: string;
  /** Line on which the function begins, from 1, and the last one. */
  readonly line: number;
  readonly endLine: number;
  /** Offset right after the brace that opens the body. */
  readonly body: number;
}

interface Named {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly body?: { readonly type: string; readonly start: number } | null;
  readonly id?: { readonly name: string } | null;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function functionsOf(file: string, text: string): Place[] {
  const { program } = parseSync(file, text);
  const places: Place[] = [];
  const names = new Map<number, string>();
  const note = (node: unknown): void => {
    const { start, end, body, id } = node as Named;
    if (!body || body.type !== 'BlockStatement') return;
    places.push({
      file,
      name: id?.name ?? names.get(start) ?? '',
      line: lineAt(text, start),
      endLine: lineAt(text, end),
      body: body.start + 1,
    });
  };
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (init && id.type === 'Identifier') names.set(init.start, id.name);
    },
    MethodDefinition: ({ key, value }) => {
      if (key.type === 'Identifier') names.set(value.start, key.name);
    },
    Property: ({ key, value }) => {
      if (key.type === 'Identifier') names.set(value.start, key.name);
    },
    FunctionDeclaration: note,
    FunctionExpression: note,
    ArrowFunctionExpression: note,
  }).visit(program);
  return places;
}

/** Every function with a body in braces, of the scripts of a folder. */
export async function findPlaces(folder: string): Promise<Place[]> {
  const files = (await readdir(folder)).filter((file) => /\.tsx?$/.test(file)).toSorted();
  const all = await Promise.all(
    files.map(async (file) => functionsOf(file, await readFile(path.join(folder, file), 'utf8'))),
  );
  return all.flat();
}

/** The source with a statement at the beginning of each of these functions; lines stay where they are. */
export function insert(text: string, places: readonly Place[], statement: (place: Place) => string): string {
  return places
    .toSorted((a, b) => b.body - a.body)
    .reduce((done, place) => done.slice(0, place.body) + statement(place) + done.slice(place.body), text);
}

/** Counts calls in `globalThis.ran`, by file and offset. */
export function counting(place: Place): string {
  return `{const r=((globalThis as any).ran??={});const k=${JSON.stringify(keyOf(place))};r[k]=(r[k]??0)+1;}`;
}

export function keyOf({ file, body }: Place): string {
  return `${file}:${body}`;
}

export function busy(ms: number): string {
  return `{const e=performance.now()+${ms};while(performance.now()<e);}`;
}
