/** What a memory scenario sees of its page outside of the JavaScript heap, and, where something grows, who does it. */
import type { CDPSession } from '@playwright/test';
import { LeakSites } from '../collect/leak-sites.ts';
import { type HistoryEntry, type OutsideCounters, OutsideHeap } from '../collect/outside-heap.ts';
import type { PageProbe } from '../collect/page-probe.ts';
import type { Counted, LeakSite } from '../core/counted.ts';
import type { MemoryCounters } from '../core/leaks.ts';
import { describeGrowth } from '../judge/memory-growth.ts';

export class CountedOutside {
  private readonly session: CDPSession;
  private readonly heap: OutsideHeap;
  /** Highest number of an entry of the history before the first iteration and after each one. */
  private readonly borders: number[] = [];
  private entries: readonly HistoryEntry[] = [];

  constructor(session: CDPSession, probe: PageProbe) {
    this.session = session;
    this.heap = new OutsideHeap(session, probe);
  }

  /** Before the first snapshot. */
  start(): Promise<void> {
    return this.heap.start();
  }

  /** Before the first iteration and after each one. */
  async read(): Promise<OutsideCounters> {
    const read = await this.heap.read();
    this.entries = (await this.heap.entries()) ?? [];
    this.borders.push(Math.max(this.borders.at(-1) ?? 0, ...this.entries.map(({ id }) => id)));
    return read;
  }

  /**
   * Repeats the action where a counter grows: what it leaves behind is noted with who made it. After the last snapshot,
   * since this holds on to nodes. A repetition that fails tells nothing, and costs nothing else.
   */
  async finish(counters: readonly MemoryCounters[], repeat: () => Promise<void>): Promise<Counted> {
    const growth = describeGrowth(counters);
    const about = { growth, grownState: this.heap.grownState(), entries: this.bornEntries() };
    const suspects = growth.some(({ trend }) => trend === 'grows') || about.entries.some((count) => count > 0);
    let sites: LeakSite[] = [];
    if (suspects) sites = await new LeakSites(this.session).watch(repeat).catch(() => []);
    return { ...about, sites };
  }

  /** Entries for the address before them that are still there, by iteration. */
  private bornEntries(): number[] {
    return this.borders.slice(1).map((border, at) => {
      const since = this.borders[at] ?? 0;
      return this.entries.filter(({ id, sameAddress }) => sameAddress && id > since && id <= border).length;
    });
  }
}
