/** Hands snapshots to the thread that looks for leaks, and asks it. */
import { Worker } from 'node:worker_threads';
import type { LeakAnswer, LeakQuestion, Message, Reply, SnapshotName } from './leak-messages.ts';

// `.ts` in the repository, `.js` in the package.
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const threadFile = new URL(`./leak-thread.${ending}`, import.meta.url);

// Columns of a snapshot lie outside of V8's heap; what is within is strings and maps. A thread that needs more ends
// alone, not the process that drives Chrome.
const limits = { maxOldGenerationSizeMb: 4096 };

/** One memory scenario's analysis, of two snapshots. */
export class LeakAnalysis {
  private readonly thread = new Worker(threadFile, { resourceLimits: limits, execArgv: [] });
  private readonly waiting: { resolve: (value: LeakAnswer | null) => void; reject: (error: Error) => void }[] = [];
  private ended: Error | undefined;

  constructor() {
    this.thread.on('message', (reply: Reply) => {
      const asked = this.waiting.shift();
      if (reply.ok) asked?.resolve(reply.value);
      else asked?.reject(new Error(reply.problem));
    });
    const end = (error: Error): void => {
      this.ended ??= error;
      for (const { reject } of this.waiting.splice(0)) reject(error);
    };
    this.thread.on('error', end);
    this.thread.on('exit', () => end(new Error('the thread that reads the snapshots ended')));
  }

  /** A piece of a snapshot's text, as it comes. The memory behind it moves to the thread. */
  take(of: SnapshotName, piece: Uint8Array): void {
    // Of its own: small buffers of Node share their memory.
    const own = new Uint8Array(piece);
    const message: Message = { about: 'piece', of, piece: own };
    this.thread.postMessage(message, [own.buffer]);
  }

  /** Resolves when the snapshot is read. @throws what is wrong with it, or the end of the thread */
  async end(of: SnapshotName): Promise<void> {
    await this.ask({ about: 'end', of });
  }

  /** @throws as `end` */
  async find(question: LeakQuestion): Promise<LeakAnswer> {
    const answer = await this.ask({ about: 'leaks', question });
    if (!answer) throw new Error('the thread that looks for leaks gave no answer');
    return answer;
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }

  private ask(message: Message): Promise<LeakAnswer | null> {
    const { ended } = this;
    if (ended) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.thread.postMessage(message);
    });
  }
}
