/** Which functions allocated, during a step, what is still alive at its end: samples of the page's own heap. */
import type { CDPSession } from '@playwright/test';
import type { CallFrame } from '../core/counted.ts';
import { type CallStack, ownScript } from './call-sites.ts';
import type { HeavyCollector, ObservedPage, ObservedStep } from './heavy.ts';

// A sample each 8 kB on average; Chrome's default of 32 kB misses what small steps keep.
const interval = 8192;
const mostSites = 200;

interface Node {
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly selfSize: number;
  readonly children: readonly Node[];
}

/** Bytes by stack, largest first. */
function readProfile(head: Node): CallStack[] {
  const sites: CallStack[] = [];
  // Without recursion: a page's stack may be as deep as it likes.
  const open: { node: Node; frames: readonly CallFrame[] }[] = [{ node: head, frames: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { functionName, url, lineNumber, columnNumber } = next.node.callFrame;
    if (url === ownScript) continue;
    const frames =
      url === ''
        ? next.frames
        : [{ function: functionName, url, line: lineNumber, column: columnNumber }, ...next.frames].slice(0, 10);
    if (next.node.selfSize > 0 && frames.length > 0)
      sites.push({ what: 'allocation', detail: '', amount: next.node.selfSize, frames });
    for (const child of next.node.children) open.push({ node: child, frames });
  }
  return sites.toSorted((a, b) => b.amount - a.amount).slice(0, mostSites);
}

export class AllocationCollector implements HeavyCollector {
  readonly what = 'who keeps memory';
  private readonly steps = new Map<string, CallStack[]>();
  private session: CDPSession | undefined;

  sitesOf(step: string): readonly CallStack[] {
    return this.steps.get(step) ?? [];
  }

  async attach({ page, context }: ObservedPage): Promise<void> {
    this.session = await context.newCDPSession(page);
    await this.session.send('HeapProfiler.enable');
  }

  async beginStep(): Promise<void> {
    await this.session?.send('HeapProfiler.startSampling', { samplingInterval: interval });
  }

  async endStep({ name }: ObservedStep): Promise<void> {
    if (!this.session) return;
    await this.session.send('HeapProfiler.collectGarbage');
    const { profile } = await this.session.send('HeapProfiler.stopSampling');
    this.steps.set(name, readProfile(profile.head));
  }

  async endFlow(): Promise<void> {}

  async dispose(): Promise<void> {
    await this.session?.detach().catch(() => {});
    this.session = undefined;
  }
}
