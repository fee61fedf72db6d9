/**
 * A trace of the flow, of the page's renderer with its workers and of the browser process: what the performance panel
 * of DevTools records, with sampled JavaScript. Streamed to a file as Chrome compresses it.
 */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { CDPSession } from '@playwright/test';
import type { HeavyCollector, ObservedPage } from './heavy.ts';

export interface FlowTrace {
  /** JSON, gzip. */
  readonly file: string;
  /** Of the file. */
  readonly bytes: number;
  /** What of it is missing, for the reader; null where all is there. */
  readonly cut: string | null;
}

// Those of the performance panel, without what it does not need for its view of one page: source texts, which come
// from the debugger, and the sampler's high resolution.
const categories = [
  'blink.console',
  'blink.user_timing',
  'cppgc',
  'devtools.timeline',
  'loading',
  'navigation',
  'rail',
  'v8',
  'v8.execute',
  'disabled-by-default-devtools.target-rundown',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'disabled-by-default-devtools.timeline.stack',
  'disabled-by-default-devtools.v8-source-rundown',
  'disabled-by-default-v8.cpu_profiler',
];
const screenshotCategory = 'disabled-by-default-devtools.screenshot';

const bufferKilobytes = 200_000;
const chunkBytes = 1 << 20;
// Some 3 % of the JSON text: 64 MB are a trace of 2 GB.
const mostBytes = 64_000_000;

// Chrome's traces count from the same zero as Node's clock of high resolution (CLOCK_MONOTONIC on Linux).
const traceZero = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;

/** A time of `performance.now()` (ms) on the clock of traces (µs). */
export function toTraceClock(ms: number): number {
  return ms * 1000 + traceZero;
}

export interface TraceOptions {
  readonly file: string;
  /** Frames as pictures, which cost the browser process more than the page. */
  readonly screenshots: boolean;
}

export class TraceCollector implements HeavyCollector {
  readonly what = 'the trace';
  /** Once the flow has ended. */
  trace: FlowTrace | null = null;
  private readonly options: TraceOptions;
  private session: CDPSession | undefined;
  private running = false;

  constructor(options: TraceOptions) {
    this.options = options;
  }

  async attach({ page, context }: ObservedPage): Promise<void> {
    // A session of the page records its renderer, also the next one after a change of process, and the browser's
    // process; one of the browser would record every renderer there is.
    this.session = await context.newCDPSession(page);
  }

  /**
   * One recording for the whole flow, from its first step on: V8 tells a profiler that starts later nothing of code
   * that was replaced on the stack before (a hot loop of an earlier step). The time of such a function would be given
   * to its caller; seen in Chrome 156, where a busy component of React's became time of React.
   */
  async beginStep(): Promise<void> {
    if (!this.session || this.running) return;
    this.running = true;
    await this.session.send('Tracing.start', {
      transferMode: 'ReturnAsStream',
      streamCompression: 'gzip',
      traceConfig: {
        recordMode: 'recordUntilFull',
        traceBufferSizeInKb: bufferKilobytes,
        includedCategories: [...categories, ...(this.options.screenshots ? [screenshotCategory] : [])],
        excludedCategories: ['*'],
      },
    });
  }

  async endStep(): Promise<void> {}

  async endFlow(): Promise<void> {
    const { session } = this;
    if (!session || !this.running) return;
    const complete = new Promise<{ dataLossOccurred: boolean; stream?: string }>((resolve) =>
      session.once('Tracing.tracingComplete', resolve),
    );
    this.running = false;
    await session.send('Tracing.end');
    const { stream, dataLossOccurred } = await complete;
    if (stream === undefined) throw new Error('Chrome gave no trace');
    const { file } = this.options;
    const { bytes, whole } = await save(session, stream, file);
    this.trace = { file, bytes, cut: describeCut(dataLossOccurred, whole) };
  }

  async dispose(): Promise<void> {
    // Ends a trace that a failed step left running.
    await this.session?.detach().catch(() => {});
    this.session = undefined;
  }
}

function describeCut(lost: boolean, whole: boolean): string | null {
  if (!whole) return `the trace is longer than ${mostBytes / 1e6} MB compressed; the rest was left out`;
  return lost
    ? `Chrome's buffer for the trace (${bufferKilobytes / 1000} MB) was full; what came later is missing`
    : null;
}

/** Writes a stream of Chrome's to a file no faster than the disk takes it; removes half a file. */
async function save(session: CDPSession, handle: string, file: string): Promise<{ bytes: number; whole: boolean }> {
  let bytes = 0;
  let whole = true;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const { data, base64Encoded, eof } = await session.send('IO.read', { handle, size: chunkBytes });
      const chunk = Buffer.from(data, base64Encoded ? 'base64' : 'utf8');
      bytes += chunk.length;
      if (chunk.length > 0) yield chunk;
      if (eof) return;
      if (bytes >= mostBytes) {
        whole = false;
        return;
      }
    }
  }
  try {
    await pipeline(chunks, createWriteStream(file));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await session.send('IO.close', { handle }).catch(() => {});
  }
  return { bytes, whole };
}
