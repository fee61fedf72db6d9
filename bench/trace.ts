/**
 * What interpreting a large trace costs: our reading and laying out of it beside the DevTools trace engine on the
 * same file, each in processes of its own, in turn. The trace is the demo shop used for real, repeated with shifted
 * times until it is as large as asked for.
 * `node bench/trace.ts [MB] [rounds]`: 100 MB and 3 rounds.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { startShop } from '../examples/shop/server.ts';
import { buildProfile } from '../src/analyse/build-profile.ts';
import { packProfile } from '../src/analyse/pack-profile.ts';
import { readTrace } from '../src/analyse/read-trace.ts';
import { createResolver } from '../src/analyse/source-maps.ts';
import { ChromePool } from '../src/scenario/chrome-pool.ts';
import { median } from '../src/stats/quantile.ts';

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly pid: number;
  readonly id?: string;
  readonly args: Record<string, unknown>;
}

interface Cost {
  /** ms from the file to the result. */
  readonly time: number;
  /** Largest resident set of the process, MB. */
  readonly memory: number;
  readonly result: string;
}

/** As the trace engine takes them; a file of more than 512 MB would not fit one string. */
const categories = [
  'blink.user_timing',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'disabled-by-default-devtools.timeline.stack',
  'disabled-by-default-v8.cpu_profiler',
  'loading',
  'v8',
  'v8.execute',
  'disabled-by-default-devtools.screenshot',
];

async function useShop(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByText('200 products').waitFor();
  const search = page.getByRole('searchbox');
  for (const word of ['boots', 'jacket', 'tent', 'boots']) {
    await search.fill('');
    await search.pressSequentially(word);
  }
  await page.getByText('12 results').waitFor();
  await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
  await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
}

async function recordShop(): Promise<readonly Event[]> {
  const shop = await startShop({});
  const pool = new ChromePool(chromium, { headless: true, extraFlags: [] });
  try {
    const { browser } = await pool.acquire();
    const page = await browser.newPage();
    const session = await page.context().newCDPSession(page);
    await session.send('Tracing.start', {
      transferMode: 'ReturnAsStream',
      traceConfig: { recordMode: 'recordAsMuchAsPossible', includedCategories: categories, excludedCategories: ['*'] },
    });
    await useShop(page, shop.url);
    const complete = new Promise<{ stream?: string }>((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    const { stream = '' } = await complete;
    let text = '';
    for (;;) {
      const { data, eof } = await session.send('IO.read', { handle: stream, size: 1 << 20 });
      text += data;
      if (eof) break;
    }
    return (JSON.parse(text) as { traceEvents: Event[] }).traceEvents;
  } finally {
    await pool.close();
    await shop.close();
  }
}

/** Repetitions are a page used for longer: the same events later, requests and asynchronous spans with ids of their own. */
async function enlarge(events: readonly Event[], bytes: number, file: string): Promise<void> {
  const out = createWriteStream(file);
  let written = 0;
  const write = async (event: Event): Promise<void> => {
    const line = `${written === 0 ? '{"traceEvents":[' : ','}\n${JSON.stringify(event)}`;
    written += Buffer.byteLength(line);
    if (!out.write(line)) await once(out, 'drain');
  };
  const timed = events.filter(({ ph }) => ph !== 'M').toSorted((a, b) => a.ts - b.ts);
  const first = timed[0]?.ts ?? 0;
  const period = (timed.at(-1)?.ts ?? 0) - first + 1;
  const pause = (event: Event): number => period - deltasOf(timed.filter((each) => isSame(each, event)));
  for (const event of events) if (event.ph === 'M' || event.ts < first + period) await write(event);
  for (let repeat = 1; written < bytes; repeat += 1) {
    const begun = new Set<string>();
    for (const event of timed) {
      // One profile and one start of tracing go through all.
      if (event.name === 'Profile' || event.name === 'TracingStartedInBrowser') continue;
      await write(
        event.name === 'ProfileChunk'
          ? shiftSamples(event, repeat * period, begun, pause)
          : shift(event, repeat, period),
      );
      if (written >= bytes) break;
    }
  }
  out.end('\n],"metadata":{}}\n');
  await finished(out);
}

function shift(event: Event, repeat: number, period: number): Event {
  const ts = event.ts + repeat * period;
  const data = event.args['data'] as Record<string, unknown> | undefined;
  const request = data?.['requestId'];
  return {
    ...event,
    ts,
    ...(event.id === undefined ? {} : { id: `${event.id}${repeat.toString(16)}` }),
    ...(typeof request === 'string'
      ? { args: { ...event.args, data: { ...data, requestId: `${request}.${repeat}` } } }
      : {}),
  };
}

interface Samples {
  readonly timeDeltas?: readonly number[];
}

const isSame = (one: Event, other: Event): boolean =>
  one.name === 'ProfileChunk' && one.id === other.id && one.pid === other.pid;

function deltasOf(chunks: readonly Event[]): number {
  return chunks
    .flatMap(({ args }) => (args['data'] as Samples).timeDeltas ?? [])
    .reduce((sum, delta) => sum + delta, 0);
}

/** Samples count from the one before: the first of a repetition has to reach over the rest of the period. */
function shiftSamples(event: Event, by: number, begun: Set<string>, pause: (event: Event) => number): Event {
  const ts = event.ts + by;
  const key = `${event.pid} ${event.id ?? ''}`;
  const data = event.args['data'] as Samples;
  const [first = 0, ...rest] = data.timeDeltas ?? [];
  if (begun.has(key) || data.timeDeltas === undefined) return { ...event, ts };
  begun.add(key);
  return { ...event, ts, args: { data: { ...data, timeDeltas: [first + pause(event), ...rest] } } };
}

async function ours(file: string): Promise<string> {
  const trace = await readTrace(createReadStream(file, { highWaterMark: 1 << 18 }));
  const resolver = createResolver([], 'http://127.0.0.1/');
  const profile = buildProfile(trace, { start: trace.start, end: trace.end, resolver });
  const packed = packProfile(profile);
  return `${trace.events} events, ${profile.samples} samples with a stack, ${profile.parents.length} nodes, ${packed.length} bytes packed`;
}

class Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;

  constructor(x: number, y: number, width: number, height: number) {
    this.x = x;
    this.y = y;
    this.width = width;
    this.height = height;
  }
}

async function engine(file: string): Promise<string> {
  // It asks the page for rectangles, which Node has not.
  Object.assign(globalThis, { DOMRect: Rectangle });
  const { TraceModel } = await import('@paulirish/trace_engine');
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: never[] };
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(traceEvents);
  const parsed = model.parsedTrace();
  return `${traceEvents.length} events, ${parsed?.insights?.size ?? 0} navigations with insights`;
}

const subjects = { ours, engine };
type Subject = keyof typeof subjects;

/** In the child: the cost of one subject, as JSON. */
async function measure(subject: Subject, file: string): Promise<void> {
  const started = performance.now();
  const result = await subjects[subject](file);
  const cost: Cost = {
    time: performance.now() - started,
    memory: process.resourceUsage().maxRSS / 1000,
    result,
  };
  process.stdout.write(`\n${JSON.stringify(cost)}\n`);
}

async function measureApart(subject: Subject, file: string): Promise<Cost> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=8192', import.meta.filename, '--measure', subject, file],
    { maxBuffer: 1 << 26 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Cost;
}

async function run(megabytes: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pacewright-trace-'));
  const file = path.join(folder, 'trace.json');
  try {
    await enlarge(await recordShop(), megabytes * 1e6, file);
    const costs: Record<Subject, Cost[]> = { ours: [], engine: [] };
    for (let round = 0; round < rounds; round += 1) {
      const order: readonly Subject[] = round % 2 === 0 ? ['ours', 'engine'] : ['engine', 'ours'];
      for (const subject of order) costs[subject].push(await measureApart(subject, file));
    }
    const times = (subject: Subject): number => median(costs[subject].map(({ time }) => time));
    const memory = (subject: Subject): number => Math.max(...costs[subject].map((cost) => cost.memory));
    console.log(`\na trace of ${megabytes} MB, ${rounds} rounds, Node ${process.version}\n`);
    console.log('| | median time, ms | largest memory, MB | result |\n|---|---:|---:|---|');
    for (const [subject, label] of [
      ['ours', 'pacewright'],
      ['engine', 'DevTools trace engine'],
    ] as const) {
      console.log(
        `| ${label} | ${times(subject).toFixed(0)} | ${memory(subject).toFixed(0)} | ${costs[subject][0]?.result ?? ''} |`,
      );
    }
    console.log(
      `| ratio | ${(times('ours') / times('engine')).toFixed(2)} | ${(memory('ours') / memory('engine')).toFixed(2)} | |`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [first, subject, file] = process.argv.slice(2);
if (first === '--measure' && file !== undefined && subject !== undefined && Object.hasOwn(subjects, subject)) {
  await measure(subject as Subject, file);
} else await run(Number(first ?? 100), Number(subject ?? 3));
