/** The text of a budget file with its tree, so that each problem can say where it is. */
import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { type ErrorCode, PacewrightError, type SourcePlace } from '../core/errors.ts';

export type FullPlace = SourcePlace & { readonly line: number; readonly column: number };

export class BudgetText {
  readonly file: string;
  readonly root: Node | undefined;
  readonly problems: PacewrightError[] = [];
  private readonly lineStarts: readonly number[];

  /** Reports syntax errors and keys that stand twice at once. */
  constructor(text: string, file: string) {
    this.file = file;
    this.lineStarts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
    const errors: ParseError[] = [];
    this.root = parseTree(text, errors, { allowTrailingComma: true });
    for (const { error, offset } of errors.slice(0, 1)) {
      // What follows the first syntax error is mostly its echo.
      this.report(
        'BUDGET_SYNTAX',
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

  /** JSON lets a later key silently replace an earlier one: here the earlier limit would be lost. */
  private checkKeys(node: Node): void {
    const seen = new Map<unknown, number>();
    for (const child of node.children ?? []) {
      const key = child.type === 'property' ? child.children?.[0] : undefined;
      if (key) {
        const first = seen.get(key.value);
        if (first !== undefined) {
          const message = `The key "${key.value}" stands here twice; the first is on line ${this.place(first).line}.`;
          this.report('BUDGET_INVALID', message, 'remove one of the two', key.offset);
        } else if (key.value === '__proto__') {
          this.report('BUDGET_INVALID', 'The key "__proto__" is not allowed.', 'use another name', key.offset);
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
