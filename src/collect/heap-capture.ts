/** The JavaScript heap of a page over the protocol: collected, photographed, and dated by object ids. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createGzip, constants } from 'node:zlib';
import type { CDPSession } from '@playwright/test';

/** What a page holds, cheaply read; counts, bytes where a name says so. */
export interface HeapCounters {
  /** Bytes of JavaScript in use after collection. */
  readonly heap: number;
  readonly nodes: number;
  readonly listeners: number;
  readonly documents: number;
  readonly frames: number;
  readonly workers: number;
}

export class HeapCapture {
  private readonly session: CDPSession;
  private lastSeen = 0;
  private told: (() => void) | undefined;

  constructor(session: CDPSession) {
    this.session = session;
    session.on('HeapProfiler.lastSeenObjectId', ({ lastSeenObjectId }) => {
      this.lastSeen = lastSeenObjectId;
      this.told?.();
    });
  }

  async start(): Promise<void> {
    await Promise.all([
      this.session.send('HeapProfiler.enable'),
      this.session.send('Performance.enable', { timeDomain: 'threadTicks' }),
    ]);
  }

  /** Twice: the second collection takes what finalizers of the first let go. */
  async collect(): Promise<void> {
    await this.session.send('HeapProfiler.collectGarbage');
    await this.session.send('HeapProfiler.collectGarbage');
  }

  /** Ids are handed out in order from now on; without stacks of allocations, which slow a page 44 times. */
  async startTracking(): Promise<void> {
    await this.session.send('HeapProfiler.startTrackingHeapObjects', { trackAllocations: false });
  }

  async stopTracking(): Promise<void> {
    await this.session.send('HeapProfiler.stopTrackingHeapObjects', { reportProgress: false });
  }

  /** The highest object id there is. Chrome tells it every 50 ms; the second message surely began after the call. */
  async boundary(): Promise<number> {
    for (let message = 0; message < 2; message += 1) await new Promise<void>((resolve) => (this.told = resolve));
    this.told = undefined;
    return this.lastSeen;
  }

  async counters(): Promise<HeapCounters> {
    const [{ usedSize }, { metrics }] = await Promise.all([
      this.session.send('Runtime.getHeapUsage'),
      this.session.send('Performance.getMetrics'),
    ]);
    const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return {
      heap: usedSize,
      nodes: of('Nodes'),
      listeners: of('JSEventListeners'),
      documents: of('Documents'),
      frames: of('Frames'),
      workers: of('WorkerGlobalScopes'),
    };
  }

  /**
   * Takes a snapshot and hands its text to `take` while it is written to a gzip file. Chrome sends pieces as fast as it
   * can whether they are wanted or not, so both sides keep up or memory fills: gzip at its fastest does.
   * @returns bytes of the text
   * @throws what the file system throws
   */
  async snapshot(file: string, take: (piece: Uint8Array) => void): Promise<number> {
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    const target = createWriteStream(file);
    gzip.pipe(target);
    const done = once(target, 'finish');
    // A disk that is full is told at the end, not as a rejection that nobody waits for.
    done.catch(() => {});
    let bytes = 0;
    const onChunk = ({ chunk }: { chunk: string }): void => {
      const piece = Buffer.from(chunk, 'utf8');
      bytes += piece.length;
      take(piece);
      gzip.write(piece);
    };
    this.session.on('HeapProfiler.addHeapSnapshotChunk', onChunk);
    try {
      await this.session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false, captureNumericValue: false });
    } finally {
      this.session.off('HeapProfiler.addHeapSnapshotChunk', onChunk);
      gzip.end();
    }
    await done;
    return bytes;
  }
}
