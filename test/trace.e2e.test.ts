/** Traces of steps in real Chrome, on a page whose work is known. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { combineCollectors, type HeavyCollector } from '../src/collect/heavy.ts';
import { type StepTrace, TraceCollector } from '../src/collect/trace.ts';
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

function readEvents({ file, bytes }: StepTrace): TraceEvent[] {
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

async function trace(
  options: { steps?: string[]; screenshots?: boolean; beside?: HeavyCollector[] } = {},
): Promise<{ traces: StepTrace[]; problems: string[] }> {
  const { steps = ['open', 'sort'], screenshots = false, beside = [] } = options;
  const tracer = new TraceCollector({ folder, steps: new Set(steps), screenshots });
  const problems: string[] = [];
  const heavy = combineCollectors([...beside, tracer], (what, error) => problems.push(`${what}: ${String(error)}`));
  const { sample } = await measureOnce(pool, flow, { heavy });
  await heavy.dispose();
  expect(sample.steps.map((step) => step.name)).toEqual(['open', 'sort']);
  expect(tracer.traces.every(({ step }) => sample.steps.includes(step.sample))).toBe(true);
  return { traces: tracer.traces, problems };
}

test('each step has a trace of its own; its work lies between its start and its end on one clock', async () => {
  const { traces, problems } = await trace();
  expect(problems).toEqual([]);
  expect(traces.map(({ step, cut }) => [step.name, cut])).toEqual([
    ['open', null],
    ['sort', null],
  ]);
  const own: Record<string, [string, string, number]> = {
    open: ['openTheShop', 'sortTheCatalogue', 30],
    sort: ['sortTheCatalogue', 'openTheShop', 60],
  };
  for (const each of traces) {
    const events = readEvents(each);
    const [runs, rests, length] = own[each.step.name] ?? ['', '', 0];
    expect(sampledFunctions(events)).toContain(runs);
    expect(sampledFunctions(events)).not.toContain(rests);
    // The clock of traces and ours are one: within a step lies all of the task that its work makes.
    const tasks = events.filter(({ name, dur = 0 }) => name === 'RunTask' && dur >= length * 1000);
    const inside = tasks.filter(({ ts, dur = 0 }) => ts >= each.start && ts + dur <= each.end);
    expect(inside.length).toBeGreaterThan(0);
  }
});

test('only the steps that are asked for; screenshots only where wanted', async () => {
  const { traces } = await trace({ steps: ['sort'] });
  expect(traces.map(({ step }) => step.name)).toEqual(['sort']);
  const plain = traces.flatMap((each) => readEvents(each));
  expect(plain.some(({ name }) => name === 'Screenshot')).toBe(false);
  const { traces: pictured } = await trace({ screenshots: true });
  const [open] = pictured.map((each) => readEvents(each).filter(({ name }) => name === 'Screenshot'));
  expect(open?.length).toBeGreaterThan(0);
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
  const { traces, problems } = await trace({ beside: [broken] });
  expect(problems).toEqual(['the broken one: Error: no luck']);
  expect(seen).toEqual(['open', 'disposed']);
  expect(traces).toHaveLength(2);
});

test('a folder that takes no file costs the trace, not the flow', async () => {
  mkdirSync(path.join(folder, 'trace-1.json.gz'));
  const { traces, problems } = await trace();
  expect(traces).toEqual([]);
  expect(problems).toEqual([expect.stringContaining('EISDIR')]);
});

test('a flow that fails in a step leaves no trace running: the next one can be started', async () => {
  const tracer = new TraceCollector({ folder, steps: new Set(['open']), screenshots: false });
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
