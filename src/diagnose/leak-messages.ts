/** What the thread that reads heap snapshots is told, and what it answers. */
import type { Counted } from '../core/counted.ts';
import type { MemoryCounters, Leak, OutsideGrowth } from '../core/leaks.ts';
import type { ScriptSource } from '../core/recording.ts';

export type SnapshotName = 'first' | 'last';

export interface LeakQuestion {
  /** Highest object ids before the first iteration and after each one. */
  readonly borders: readonly number[];
  readonly counters: readonly MemoryCounters[];
  readonly counted: Counted;
  /** URL by V8's number of the script. */
  readonly urls: ReadonlyMap<number, string>;
  readonly sources: readonly ScriptSource[];
  readonly pageUrl: string;
}

export interface LeakAnswer {
  readonly leaks: readonly Leak[];
  readonly outside: readonly OutsideGrowth[];
  /** What is wrong with source maps that were needed. */
  readonly notes: readonly string[];
}

/** Pieces of a snapshot need no answer; its end and the question have one each, in their order. */
export type Message =
  | { readonly about: 'piece'; readonly of: SnapshotName; readonly piece: Uint8Array }
  | { readonly about: 'end'; readonly of: SnapshotName }
  | { readonly about: 'leaks'; readonly question: LeakQuestion };

export type Reply =
  | { readonly ok: true; readonly value: LeakAnswer | null }
  | { readonly ok: false; readonly problem: string };
