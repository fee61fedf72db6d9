/** Traces of steps in real Chrome, on a page whose work is known. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { combineCollectors, type HeavyCollector, type ObservedStep, StepLog } from '../src/collect/heavy.ts';
import { type FlowTrace, toTraceClock, TraceCollector } from '../src/collect/trace.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { Flow } from '../src/scenario/sample.ts';
import { createPool, measureOnce } from './support/measure.ts';
import { busy, html, type PageServer, servePages } from './support/pages.ts';

let pool: ChromePool;
let pages: PageServer;
let folder: string;

beforeAll(async () => {
  pool = createPool();
  pages = await servePages({
    '/': html(`<h1>text</h1><button onclick="sortTheCatalogue()">sort</button>`, '<script src="/app.js"></script>'),
    '/app.js': (_request, response) => {
      response
        .writeHead(200, { 'content-type': 'text/javascript' })
        .end(`function sortTheCatalogue() ${busy(60)}\nfunction openTheShop() ${busy(30)}\nopenTheShop();`);
    },
  });
});
afterAll(async () => {
  await pool.close();
  await pages[Symbol.asyncDispose]();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'trace-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly args: { readonly data?: Record<string, unknown> };
}

function readEvents({ file, bytes }: FlowTrace): TraceEvent[] {
  const packed = readFileSync(file);
  expect(packed).toHaveLength(bytes);
  return (JSON.parse(gunzipSync(packed).toString()) as { traceEvents: TraceEvent[] }).traceEvents;
}

/** Names of the functions that the sampler met. */
function sampledFunctions(events: readonly TraceEvent[]): Set<string> {
  const names = new Set<string>();
  for (const event of events) {
    if (event.name !== 'ProfileChunk') continue;
    const profile = event.args.data?.['cpuProfile'] as
      | { nodes?: { callFrame: { functionName: string } }[] }
      | undefined;
    for (const node of profile?.nodes ?? []) names.add(node.callFrame.functionName);
  }
  return names;
}

const flow: Flow = async ({ page, step }) => {
  await step('open', () => page.goto(`${pages.url}/`));
  await step('sort', () => page.getByText('sort').click());
};

async function trace(options: { screenshots?: boolean; beside?: HeavyCollector[] } = {}): Promise<{
  trace: FlowTrace | null;
  steps: readonly ObservedStep[];
  problems: string[];
}> {
  const { screenshots = false, beside = [] } = options;
  const tracer = new TraceCollector({ file: path.join(folder, 'trace.json.gz'), screenshots });
  const log = new StepLog();
  const problems: string[] = [];
  const heavy = combineCollectors([log, ...beside, tracer], (what, error) =>
    problems.push(`${what}: ${String(error)}`),
  );
  const { sample } = await measureOnce(pool, flow, { heavy });
  await heavy.dispose();
  expect(log.steps.map((step) => step.sample)).toEqual(sample.steps);
  return { trace: tracer.trace, steps: log.steps, problems };
}

test('one trace of the flow; the work of each step lies between its start and its end on one clock', async () => {
  const { trace: taken, steps, problems } = await trace();
  expect(problems).toEqual([]);
  if (!taken) throw new Error('no trace');
  expect(taken.cut).toBeNull();
  const events = readEvents(taken);
  expect([...sampledFunctions(events)]).toEqual(expect.arrayContaining(['openTheShop', 'sortTheCatalogue']));
  const lengths: Record<string, number> = { open: 30, sort: 60 };
  expect(steps.map(({ name }) => name)).toEqual(['open', 'sort']);
  for (const { name, start, end } of steps) {
    const [from, to] = [toTraceClock(start), toTraceClock(end)];
    const length = (lengths[name] ?? 0) * 1000;
    const tasks = events.filter((event) => event.name === 'RunTask' && (event.dur ?? 0) >= length);
    // All of the task, not a part of it: the clock of traces and ours are one.
    expect(tasks.some(({ ts, dur = 0 }) => ts >= from && ts + dur <= to)).toBe(true);
  }
  // The click is in the second step, and in no other. How long tasks take besides is the machine's business.
  const clicks = events.filter(
    ({ name, args }) => name === 'FunctionCall' && args.data?.['functionName'] === 'onclick',
  );
  expect(clicks).toHaveLength(1);
  expect(clicks[0]?.ts).toBeGreaterThan(toTraceClock(steps[1]?.start ?? 0));
});

test('screenshots only where wanted', async () => {
  const shots = async (screenshots: boolean): Promise<number> => {
    const { trace: taken } = await trace({ screenshots });
    return taken ? readEvents(taken).filter(({ name }) => name === 'Screenshot').length : Number.NaN;
  };
  expect(await shots(false)).toBe(0);
  expect(await shots(true)).toBeGreaterThan(0);
});

test('a collector that fails is told once; the flow and the other collectors go on', async () => {
  const seen: string[] = [];
  const broken: HeavyCollector = {
    what: 'the broken one',
    attach: () => Promise.resolve(),
    beginStep: async (name) => {
      seen.push(name);
      throw new Error('no luck');
    },
    endStep: () => Promise.reject(new Error('asked again')),
    endFlow: () => Promise.reject(new Error('asked again')),
    dispose: async () => void seen.push('disposed'),
  };
  const { trace: taken, problems } = await trace({ beside: [broken] });
  expect(problems).toEqual(['the broken one: Error: no luck']);
  expect(seen).toEqual(['open', 'disposed']);
  expect(taken).not.toBeNull();
});

test('a folder that takes no file costs the trace, not the flow', async () => {
  mkdirSync(path.join(folder, 'trace.json.gz'));
  const { trace: taken, problems } = await trace();
  expect(taken).toBeNull();
  expect(problems).toEqual([expect.stringContaining('EISDIR')]);
});

test('a flow that fails in a step leaves no trace running: the next one can be started', async () => {
  const tracer = new TraceCollector({ file: path.join(folder, 'trace.json.gz'), screenshots: false });
  await expect(
    measureOnce(
      pool,
      ({ step }) =>
        step('open', () => {
          throw new Error('broken');
        }),
      { heavy: tracer },
    ),
  ).rejects.toThrow('broken');
  await tracer.dispose();
  expect(readdirSync(folder)).toEqual([]);
  expect((await trace()).problems).toEqual([]);
});
