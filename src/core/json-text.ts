/** The text of a JSON file that people write, with its tree, so that each problem can say where it is. */
import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { type ErrorCode, formatPlace, PacewrightError, type SourcePlace } from './errors.ts';

export type FullPlace = SourcePlace & { readonly line: number; readonly column: number };

/** The codes of what is wrong with any JSON; of a file's own contents its reader knows. */
export interface JsonCodes {
  readonly syntax: ErrorCode;
  readonly invalid: ErrorCode;
}

export class JsonText {
  readonly file: string;
  readonly root: Node | undefined;
  readonly problems: PacewrightError[] = [];
  private readonly lineStarts: readonly number[];
  private readonly codes: JsonCodes;

  /** Comments and trailing commas are allowed. Reports syntax errors and keys that stand twice at once. */
  constructor(text: string, file: string, codes: JsonCodes) {
    this.file = file;
    this.codes = codes;
    this.lineStarts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
    const errors: ParseError[] = [];
    this.root = parseTree(text, errors, { allowTrailingComma: true });
    for (const { error, offset } of errors.slice(0, 1)) {
      // What follows the first syntax error is mostly its echo.
      this.report(
        this.codes.syntax,
        `Not JSON: ${describeSyntax(printParseErrorCode(error))}.`,
        'correct the file',
        offset,
      );
    }
    if (this.root) this.checkKeys(this.root);
  }

  nodeAt(path: JSONPath): Node | undefined {
    return this.root && findNodeAtLocation(this.root, path);
  }

  place(offset: number): FullPlace {
    const line = this.lineStarts.findLastIndex((start) => start <= offset);
    return { file: this.file, line: line + 1, column: offset - (this.lineStarts[line] ?? 0) + 1 };
  }

  /** Where the value at a path (or the nearest that exists above it) begins; with `key`, where its key does. */
  offset(path: JSONPath, key = false): number {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = this.nodeAt(path.slice(0, length));
      if (node) return key && node.parent?.type === 'property' ? node.parent.offset : node.offset;
    }
    return 0;
  }

  report(code: ErrorCode, message: string, next: string, offset: number): void {
    this.problems.push(new PacewrightError(code, message, { next, place: this.place(offset) }));
  }

  /** JSON lets a later key silently replace an earlier one: here the earlier value would be lost. */
  private checkKeys(node: Node): void {
    const seen = new Map<unknown, number>();
    for (const child of node.children ?? []) {
      const key = child.type === 'property' ? child.children?.[0] : undefined;
      if (key) {
        const first = seen.get(key.value);
        if (first !== undefined) {
          const message = `The key "${key.value}" stands here twice; the first is on line ${this.place(first).line}.`;
          this.report(this.codes.invalid, message, 'remove one of the two', key.offset);
        } else if (key.value === '__proto__') {
          this.report(this.codes.invalid, 'The key "__proto__" is not allowed.', 'use another name', key.offset);
        }
        seen.set(key.value, first ?? key.offset);
      }
      this.checkKeys(child);
    }
  }
}

function describeSyntax(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

/** Throws the first problem, with the others beneath its message; does nothing where there is none. */
export function throwAll(problems: readonly PacewrightError[]): void {
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw first;
  const rest = others.map(
    (other) => `  ${other.code} ${other.place ? formatPlace(other.place) : ''}\n    ${other.message}`,
  );
  const more = others.length === 1 ? '1 more problem' : `${others.length} more problems`;
  throw new PacewrightError(first.code, `${first.message}\n  ${more}:\n${rest.join('\n')}`, {
    next: first.next,
    place: first.place,
  });
}
