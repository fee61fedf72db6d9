/**
 * Errors that a user can act on. Each code has an exit code; the message names the file, key or step, and
 * `next` says what to do. Anything else that is thrown is a defect of ours and keeps its stack trace.
 */

export const exitCodes = { pass: 0, gateFailed: 1, inputWrong: 2, notMeasured: 3 } as const;

const codes = {
  // input: exit 2
  BUDGET_SYNTAX: 2,
  BUDGET_INVALID: 2,
  BUDGET_UNKNOWN_METRIC: 2,
  BUDGET_UNKNOWN_STEP: 2,
  BUDGET_UNKNOWN_SCENARIO: 2,
  BUDGET_UNKNOWN_PROJECT: 2,
  BUDGET_BAD_UNIT: 2,
  BUDGET_CONFLICT: 2,
  BUDGETS_NOT_FOUND: 2,
  CONFIG_INVALID: 2,
  SCENARIO_INVALID: 2,
  ARGUMENT_INVALID: 2,
  RUN_NOT_FOUND: 2,
  RUN_INVALID: 2,
  BASELINE_NOT_FOUND: 2,
  BASELINE_INVALID: 2,
  SNAPSHOT_NOT_FOUND: 2,
  SNAPSHOT_INVALID: 2,
  // measuring: exit 3
  CHROME_NOT_FOUND: 3,
  CHROME_START_FAILED: 3,
  CHROME_DIED: 3,
  PAGE_CRASHED: 3,
  PAGE_UNREACHABLE: 3,
  ENVIRONMENT_TOO_NOISY: 3,
  THROTTLING_OFF: 3,
  COMPARE_PREPARE_FAILED: 3,
  WRITE_FAILED: 3,
  // the flow itself: the test fails, exit 1
  FLOW_FAILED: 1,
  STEP_TIMEOUT: 1,
  SAMPLE_TIMEOUT: 1,
} as const;

export type ErrorCode = keyof typeof codes;
export const errorCodes = Object.keys(codes) as ErrorCode[];

/** The exit code that an error code of a document stands for; 1, as for a failed flow, where this version knows none. */
export function exitCodeFor(code: string): number {
  const known: Readonly<Record<string, number>> = codes;
  return Object.hasOwn(known, code) ? (known[code] ?? exitCodes.gateFailed) : exitCodes.gateFailed;
}

/** A place in a file of the user's; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

export class PacewrightError extends Error {
  readonly code: ErrorCode;
  readonly next: string;
  readonly place: SourcePlace | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { next: string; place?: SourcePlace | undefined; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PacewrightError';
    this.code = code;
    this.next = options.next;
    this.place = options.place;
  }

  get exitCode(): number {
    return codes[this.code];
  }
}

/** `file:line:column`, as editors and CI logs link it. */
export function formatPlace(place: SourcePlace): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
}

/** Three lines at most: code and place, what is wrong, what to do next. */
export function formatError(error: PacewrightError): string {
  const where = error.place ? ` ${formatPlace(error.place)}` : '';
  return `${error.code}${where}\n  ${error.message}\n  Next: ${error.next}`;
}

export function isPacewrightError(error: unknown): error is PacewrightError {
  return error instanceof Error && error.name === 'PacewrightError' && 'code' in error && 'next' in error;
}

/** An error as documents and attachments carry it; its shape is `problemSchema`. */
export function toProblem(error: PacewrightError): {
  code: string;
  message: string;
  next: string;
  place: { file: string; line?: number; column?: number } | null;
  exitCode: number;
} {
  const { code, message, next, place, exitCode } = error;
  if (!place) return { code, message, next, place: null, exitCode };
  const { file, line, column } = place;
  return {
    code,
    message,
    next,
    place: { file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) },
    exitCode,
  };
}
