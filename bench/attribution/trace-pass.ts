/** One pass of a flow with a trace of each step, for fixtures and the attribution bench. */
import type { Browser, BrowserContextOptions, CDPSession } from '@playwright/test';
import type { Flow } from 'pacewright';
import { defaultOptions, readOptions } from '../../src/config/options.ts';
import type { ConsoleEvent, ScriptSource } from '../../src/core/recording.ts';
import type { StepSample } from '../../src/core/sample.ts';
import { recordFlow, type StepFunction } from '../../src/scenario/flow.ts';

const categories = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'disabled-by-default-devtools.timeline.stack',
  'disabled-by-default-v8.cpu_profiler',
  'devtools.timeline.async',
  'v8.execute',
  'v8',
  'loading',
  'latencyInfo',
  'blink.user_timing',
  'blink.console',
];

export interface TracedStep {
  readonly name: string;
  readonly sample: StepSample;
  /** µs on the trace's clock. */
  readonly start: number;
  readonly end: number;
  readonly console: readonly ConsoleEvent[];
}

export interface TracedPass {
  /** Of all steps, as JSON text. */
  readonly trace: Buffer;
  readonly steps: readonly TracedStep[];
  readonly scripts: readonly ScriptSource[];
}

const bufferKilobytes = 400_000;

const now = (): number => Number(process.hrtime.bigint() / 1000n);

async function readStream(session: CDPSession, handle: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await session.send('IO.read', { handle });
    chunks.push(Buffer.from(chunk.data, chunk.base64Encoded ? 'base64' : 'utf8'));
    if (chunk.eof) break;
  }
  await session.send('IO.close', { handle });
  return Buffer.concat(chunks);
}

async function readMap(url: string, source: string): Promise<string | null> {
  const name = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(source)?.[1];
  if (name === undefined) return null;
  const response = await fetch(new URL(name, url));
  return response.ok ? response.text() : null;
}

/** Runs the flow in a fresh context; scripts are those the page got as responses. */
export async function tracePass(browser: Browser, context: BrowserContextOptions, flow: Flow): Promise<TracedPass> {
  const opened = await browser.newContext(context);
  const scripts: Promise<ScriptSource | null>[] = [];
  const windows: Omit<TracedStep, 'sample'>[] = [];
  try {
    const page = await opened.newPage();
    const session = await opened.newCDPSession(page);
    page.on('response', (response) => {
      const url = response.url();
      if (response.request().resourceType() !== 'script') return;
      scripts.push(
        response
          .text()
          .then(async (source) => ({
            url,
            startLine: 0,
            startColumn: 0,
            source,
            map: await readMap(url, source),
            mapProblem: null,
          }))
          .catch(() => null),
      );
    });
    const lines: ConsoleEvent[] = [];
    session.on(
      'Runtime.exceptionThrown',
      ({ exceptionDetails: { exception, text, url, lineNumber, columnNumber } }) => {
        const place = url === undefined ? null : { url, line: lineNumber, column: columnNumber };
        lines.push({ level: 'error', text: exception?.description?.split('\n')[0] ?? text, place });
      },
    );
    session.on('Runtime.consoleAPICalled', ({ type, args, stackTrace }) => {
      const [frame] = stackTrace?.callFrames ?? [];
      if (type !== 'error') return;
      const place = frame ? { url: frame.url, line: frame.lineNumber, column: frame.columnNumber } : null;
      lines.push({ level: 'error', text: String(args[0]?.value ?? ''), place });
    });
    await session.send('Runtime.enable');
    const recorder = await recordFlow(
      {
        page,
        context: opened,
        options: readOptions(defaultOptions),
        keepRequests: true,
        heavy: null,
        present: (_name, actions) => actions(),
      },
      () => Promise.resolve(),
    );
    // One recording for all steps: V8 never tells a profiler that starts later of code that was replaced on the stack
    // before (a hot loop), and then gives its time to the caller (seen in Chrome 156).
    await session.send('Tracing.start', {
      transferMode: 'ReturnAsStream',
      streamFormat: 'json',
      traceConfig: { includedCategories: categories, excludedCategories: ['*'], traceBufferSizeInKb: bufferKilobytes },
    });
    const step: StepFunction = async (name, actions) => {
      const start = now();
      const value = await recorder.step(name, actions);
      windows.push({ name, start, end: now(), console: lines.splice(0) });
      return value;
    };
    await flow({ page, context: opened, step, sample: { index: 0, warmUp: false } });
    const complete = new Promise<{ stream?: string }>((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    const { stream } = await complete;
    if (stream === undefined) throw new Error('the trace came without a stream');
    const trace = await readStream(session, stream);
    const result = await recorder.finish();
    recorder.dispose();
    return {
      trace,
      steps: windows.flatMap((window) => {
        const sample = result.steps.find((candidate) => candidate.name === window.name);
        return sample ? [{ ...window, sample }] : [];
      }),
      scripts: (await Promise.all(scripts)).filter((script) => script !== null),
    };
  } finally {
    await opened.close();
  }
}
