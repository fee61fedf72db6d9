/** What the debugger says of a script, and how much of all scripts is read. */

/** Bytes of text; beyond that texts are left out: nobody reads a report about 64 MB of script. */
export const mostText = 64_000_000;
/** Of one page or worker; a build has some hundred, and text that is evaluated in a loop has no end. */
export const mostScripts = 5000;

/** Of `Debugger.scriptParsed`. Lines and columns from 0. */
export interface ParsedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly startLine: number;
  readonly startColumn: number;
  readonly length?: number;
  readonly sourceMapURL?: string;
  readonly scriptLanguage?: string;
  readonly executionContextAuxData?: { readonly type?: string };
}
