/** What was seen of a page outside of its JavaScript heap, for the search for leaks. */
import type { CounterGrowth } from './leaks.ts';

/** A frame of a stack as Chrome tells it; line and column from 0. */
export interface CallFrame {
  readonly function: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Who changes what no script needs to hold: entries and state of the history, style sheets and their rules, elements
 * that stay in the document, what the console was given. The caller comes first.
 */
export interface LeakSite {
  readonly what: 'history' | 'sheet' | 'rule' | 'element' | 'console';
  /** Name of the function, or of the element. */
  readonly detail: string;
  readonly frames: readonly CallFrame[];
}

export interface Counted {
  readonly growth: readonly CounterGrowth[];
  /** The property of the history's state that grew most; null where it is no object, or none grew. */
  readonly grownState: string | null;
  /** Entries of the history that the address before them has as well, by the iteration that they were made in. */
  readonly entries: readonly number[];
  /** Of further repetitions, which are made where the counters grow. */
  readonly sites: readonly LeakSite[];
}
