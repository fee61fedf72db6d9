/** The frames of a profile, each function or task of the browser once. */
import type { ProfileFrame } from '../core/profile.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText } from '../core/text.ts';
import type { BrowserTask } from './browser-tasks.ts';
import type { SourceResolver } from './source-maps.ts';
import type { CallFrame, SliceDetail } from './trace-data.ts';

/** Code that runs once when a script or a module is loaded. */
const topLevel = '(top level)';
const anonymous = '(anonymous)';

/** Where a function starts, as the trace says it. */
type FunctionPlace = Pick<CallFrame, 'functionName' | 'url' | 'scriptId' | 'line' | 'column'>;

/**
 * What makes two frames the same one, in this pass and the next. A minified script has all functions on a line or
 * two, and most of them without a name.
 */
export function frameKey({ name, file, line, column, category, mapped }: ProfileFrame): string {
  return JSON.stringify([name, file, line, mapped ? null : column, category]);
}

export class FrameTable {
  readonly frames: ProfileFrame[] = [];
  readonly #resolver: SourceResolver;
  readonly #index = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #running = new Map<string, number>();

  constructor(resolver: SourceResolver) {
    this.#resolver = resolver;
  }

  #add(frame: ProfileFrame): number {
    const key = frameKey(frame);
    let index = this.#index.get(key);
    if (index === undefined) {
      index = this.frames.push(frame) - 1;
      this.#index.set(key, index);
    }
    return index;
  }

  /** A task of the browser; `Evaluate script` and the like say of which script. */
  task({ label, category }: BrowserTask, detail: SliceDetail | null): number {
    const type = detail?.type ?? null;
    // Playwright talks to its own script in the page by events of its own.
    const told = type?.startsWith('__playwright') ? "of the test's own tools" : type && cleanText(type, 60);
    const name = told === null ? label : `${label}: ${told}`;
    const place = detail !== null && detail.url !== '' ? this.#resolver.resolveScript(detail.url) : null;
    return this.#add({
      name,
      file: place?.file ?? null,
      line: null,
      column: null,
      script: place?.script ?? null,
      mapped: false,
      category,
      origin: place?.origin ?? 'browser',
      calls: null,
    });
  }

  collector(): number {
    return this.task({ label: 'Garbage collection', category: 'gc', script: false }, null);
  }

  /** What a test's tools evaluate in the page, which has no address. */
  evaluated(): number {
    return this.task({ label: "(eval, or the test's own code)", category: 'script', script: true }, null);
  }

  function(place: FunctionPlace, located: boolean): number {
    const key = `${place.scriptId} ${place.line} ${place.column} ${place.functionName} ${place.url} ${located}`;
    let index = this.#functions.get(key);
    if (index === undefined) {
      index = this.#add(this.#describe(place, located));
      this.#functions.set(key, index);
    }
    return index;
  }

  #describe(place: FunctionPlace, located: boolean): ProfileFrame {
    const own = cleanText(place.functionName, 120);
    if (place.url === '' || /^(native |extensions::|node:)/.test(place.url)) {
      // Functions of V8 and of the DOM, and code that was handed to the page as text (eval, a test's evaluate).
      return {
        name: own || anonymous,
        file: null,
        line: null,
        column: null,
        script: null,
        mapped: false,
        category: located ? 'script' : 'native',
        origin: 'browser',
        calls: null,
      };
    }
    const { url, line, column, functionName } = place;
    if (!located || (functionName === '' && this.#resolver.startsScript(url, line, column))) {
      return fromLocation(this.#resolver.resolveScript(url), topLevel);
    }
    const location = this.#resolver.resolveFunction(url, line, column, own);
    return fromLocation(location, location.mapped ? topLevel : anonymous);
  }

  /**
   * What was running within a function, where the source map says that it is another one: a bundler put its body
   * there, or the function is a whole bundle. -1 where it is the function itself.
   * @param line from 1, as samples have it; so is the column
   */
  running(frame: CallFrame, line: number, column: number): number {
    if (frame.url === '' || line <= 0) return -1;
    const key = `${frame.scriptId} ${frame.line} ${frame.column} ${line} ${column} ${frame.url}`;
    let index = this.#running.get(key);
    if (index === undefined) {
      const wholeScript =
        !frame.located ||
        (frame.functionName === '' && this.#resolver.startsScript(frame.url, frame.line, frame.column));
      const inner = this.#resolver.resolveRunning(
        frame.url,
        wholeScript ? null : { line: frame.line, column: frame.column },
        { line: line - 1, column: Math.max(0, column - 1) },
      );
      index = inner === null ? -1 : this.#add(fromLocation(inner, topLevel));
      this.#running.set(key, index);
    }
    return index;
  }
}

function fromLocation(location: SourceLocation, nameless: string): ProfileFrame {
  const { file, line, column, script, mapped, origin } = location;
  const isScript = location.function === null && nameless === topLevel && !mapped;
  return {
    name: location.function ?? nameless,
    file,
    line: isScript ? null : line,
    column: isScript ? null : column,
    script,
    mapped,
    category: 'script',
    origin,
    calls: null,
  };
}
