/** Whether an action ends in the state it began in, as far as its page shows. */
import type { PageState } from '../collect/page-probe.ts';
import { redactUrl } from '../core/text.ts';

/** What differs, in words; undefined where nothing does. */
function describeDifference(before: PageState, after: PageState): string | undefined {
  if (before.url !== after.url) return `the address is ${redactUrl(after.url)}, and was ${redactUrl(before.url)}`;
  if (before.open !== after.open) return `${after.open} dialogs or popovers are open, and ${before.open} were`;
  const changes = [...new Set([...Object.keys(before.tags), ...Object.keys(after.tags)])]
    .map((tag) => ({ tag, was: before.tags[tag] ?? 0, is: after.tags[tag] ?? 0 }))
    .filter(({ was, is }) => was !== is)
    .toSorted((a, b) => Math.abs(b.is - b.was) - Math.abs(a.is - a.was));
  if (changes.length === 0) return undefined;
  const shown = changes
    .slice(0, 3)
    .map(({ tag, was, is }) => `${is} ${tag === 'other' ? 'other elements' : `<${tag}>`} (${was} before)`);
  const more = changes.length > shown.length ? `, and ${changes.length - shown.length} more kinds of elements` : '';
  return `the document has ${shown.join(', ')}${more}`;
}

/** Looks at the page after every iteration. */
export class ReturnCheck {
  private readonly start: PageState | undefined;
  private looked = 0;
  private different: string[] = [];

  /** @param start before the first iteration; undefined where the page did not answer */
  constructor(start: PageState | undefined) {
    this.start = start;
  }

  /** Whether the page is back. */
  isBack(state: PageState | undefined): boolean {
    return state !== undefined && this.start !== undefined && describeDifference(this.start, state) === undefined;
  }

  /** Takes the state at the end of an iteration. */
  note(state: PageState | undefined): void {
    if (!state || !this.start) return;
    this.looked += 1;
    const difference = describeDifference(this.start, state);
    if (difference !== undefined) this.different.push(`after iteration ${this.looked} ${difference}`);
  }

  /** Pages with clocks and advertisements differ now and then; an action that does not return differs mostly. */
  result(): { same: boolean; how: string } {
    const { looked, different } = this;
    if (looked === 0) return { same: true, how: 'the page did not tell: its document was never there to be looked at' };
    const last = different.at(-1);
    if (last === undefined || different.length * 2 <= looked) {
      const times = different.length === 0 ? `all ${looked}` : `${looked - different.length} of ${looked}`;
      return {
        same: true,
        how: `after ${times} iterations the address, the open dialogs and the number of elements of each kind were as before`,
      };
    }
    return { same: false, how: last };
  }
}
