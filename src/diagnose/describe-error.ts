import { redactText } from '../core/text.ts';

/** What was thrown, as a note for the reader. */
export function describeError(error: unknown): string {
  return redactText(error instanceof Error ? error.message : String(error));
}
