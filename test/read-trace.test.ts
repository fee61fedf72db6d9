/** Reading traces: whatever their layout, wherever they are cut, and whatever is wrong with them. */
import { describe, expect, test } from 'vitest';
import { readTrace, type TraceLimits } from '../src/analyse/read-trace.ts';
import type { TraceData } from '../src/analyse/trace-data.ts';
import { openTrace } from './fixtures/traces/traces.ts';

const limits: TraceLimits = { bytes: 2 ** 28, events: 1e6, eventBytes: 2 ** 24 };

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function read(text: string | Uint8Array, size = 2 ** 16, own: Partial<TraceLimits> = {}): Promise<TraceData> {
  return readTrace(pieces(typeof text === 'string' ? Buffer.from(text) : text, size), { ...limits, ...own });
}

const main = { pid: 7, tid: 7 };
/** Text that would lead a reader of brackets and quotes astray. */
const odd = '"[{" a "quoted" \\ {[ ]} \u2028 ä 😀 \n{"args":';
const events = [
  { args: { name: 'CrRendererMain' }, cat: '__metadata', name: 'thread_name', ph: 'M', ...main, ts: 0 },
  {
    args: { data: { frame: 'F', url: 'http://page.test/', isOutermostMainFrame: true } },
    cat: 'c',
    name: 'CommitLoad',
    ph: 'X',
    ...main,
    ts: 10,
    dur: 1,
  },
  { args: {}, cat: 'c', name: 'RunTask', ph: 'X', ...main, ts: 20, dur: 50 },
  { args: { data: { type: 'click', text: odd } }, cat: 'c', name: 'EventDispatch', ph: 'X', ...main, ts: 30, dur: 20 },
  { args: { data: { text: odd } }, cat: 'c', name: 'mark', ph: 'I', ...main, ts: 40 },
  { args: {}, cat: 'c', name: 'Layout', ph: 'B', ...main, ts: 31 },
  { args: {}, cat: 'c', name: 'Layout', ph: 'E', ...main, ts: 35 },
];
const lines = events.map((event) => JSON.stringify(event));
const chrome = `{"traceEvents":[\n${lines.join(',\n')}\n],"metadata":{"source":"x","list":[{"name":"not an event"}]}}`;

/** Name, start and end of each slice of the first thread, and the text of the event that has one. */
function shape({ threads, names, select }: TraceData): unknown {
  const [thread] = threads;
  if (!thread) return null;
  const { start, end, name } = thread.slices;
  return {
    slices: [...start].map((from, at) => [names[name[at] ?? -1], from, end[at]]),
    texts: select(['EventDispatch', 'mark']).map(({ args }) => JSON.stringify(args)),
  };
}

const expected = {
  slices: [
    ['CommitLoad', 10, 11],
    ['RunTask', 20, 70],
    ['EventDispatch', 30, 50],
    ['Layout', 31, 35],
  ],
  texts: [JSON.stringify(events[3]?.args), JSON.stringify(events[4]?.args)],
};

describe('layouts', () => {
  test.each([
    ['as Chrome writes it', chrome],
    ['a bare array', `[${lines.join(',')}]`],
    ['a bare array with a byte order mark', `\ufeff[\n${lines.join(',\n')}\n]\n`],
    ['indented', JSON.stringify({ metadata: { a: ['b', { c: '}' }] }, traceEvents: events }, null, 2)],
    [
      'on one line, the list last',
      JSON.stringify({ displayTimeUnit: 'traceEvents', other: [events[2], [{}]], traceEvents: events }),
    ],
    ['one object after another', `${lines.join('\n')}\n`],
    ['with line ends of Windows', chrome.replaceAll('\n', '\r\n')],
  ])('%s, however it is cut', async (_layout, text) => {
    for (const size of [2 ** 16, 1, 2, 3, 7, 64, 1000]) {
      const trace = await read(text, size);
      expect(shape(trace), `pieces of ${size} bytes`).toEqual(expected);
      expect(trace.events).toBe(events.length);
      expect(trace.notes.filter((note) => !note.includes('no samples'))).toEqual([]);
    }
  });

  test('the order of events does not matter', async () => {
    const shuffled = await read(`[${lines.toReversed().join(',')}]`);
    expect(shape(shuffled)).toEqual(expected);
  });
});

describe('broken traces', () => {
  test('empty, and no trace at all', async () => {
    expect((await read('')).notes).toEqual(['The trace is empty: nothing can be said from it.']);
    for (const text of [
      '\0\u0001garbage',
      '{"a":[1,2,{"b":3}]}',
      '<!doctype html>',
      '[[[1]]]',
      '"',
      '{"traceEvents":null}',
    ]) {
      const trace = await read(text);
      expect(trace.threads).toEqual([]);
      expect(trace.notes.join(' '), text).toContain('holds no events');
    }
  });

  test('cut anywhere, what stands before is used', async () => {
    const bytes = Buffer.from(chrome);
    for (let length = 1; length < bytes.length; length += 1) {
      const trace = await read(bytes.subarray(0, length));
      const whole = lines.filter((line) => chrome.slice(0, bytes.toString('utf8', 0, length).length).includes(line));
      expect(trace.events, `${length} bytes`).toBeGreaterThanOrEqual(whole.length - 1);
      expect(trace.notes.join(' ')).toMatch(/ends in the middle|no events/);
    }
  });

  test('a piece missing within costs the events it was in', async () => {
    for (let from = 300; from < chrome.length - 400; from += 7) {
      const trace = await read(chrome.slice(0, from) + chrome.slice(from + 97));
      expect(trace.events, `without 97 bytes from ${from}`).toBeGreaterThanOrEqual(events.length - 3);
    }
    const at = chrome.indexOf('"CommitLoad"');
    const cut = await read(chrome.slice(0, at) + chrome.slice(at + 200));
    expect(cut.notes).toContain('1 event of the trace was cut in two and left out.');
  });

  test('events that are none are counted', async () => {
    const trace = await read(
      `[{"ph":"X"},{"name":"a","ph":"X","ts":"x","pid":1,"tid":1},{},{"name":"b","ph":"I","ts":1e300,"pid":1,"tid":1},{"a":tru},${lines.join(',')}]`,
    );
    expect(shape(trace)).toEqual(expected);
    expect(trace.notes).toContain('5 events of the trace were unreadable and left out.');
  });

  test('a stream that breaks off is said', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(chrome.slice(0, 900));
      await Promise.resolve();
      throw new Error('unexpected end of file');
    };
    const trace = await readTrace(broken());
    expect(trace.notes[0]).toBe('The trace could be read in part only: unexpected end of file.');
    expect(trace.events).toBeGreaterThan(2);
  });
});

describe('hostile traces', () => {
  test('limits cut, and are named', async () => {
    const long = `[${Array.from({ length: 5000 }, (_, i) => JSON.stringify({ ...events[2], ts: i * 100 })).join(',')}]`;
    const few = await read(long, 1000, { events: 1000 });
    expect(few.events).toBe(1000);
    expect(few.notes[0]).toBe('The trace is larger than 1000 events; only that much of it was read.');
    const short = await read(long, 1000, { bytes: 2 ** 18 });
    expect(short.bytes).toBe(2 ** 18);
    expect(short.notes[0]).toBe('The trace is larger than 262.1 kB; only that much of it was read.');
  });

  test('an event without end is left out, and what follows is read', async () => {
    const huge = JSON.stringify({ ...events[4], args: { text: 'x'.repeat(3e6) } });
    const trace = await read(`[${huge},${lines.join(',')}]`, 2 ** 16, { eventBytes: 1e6 });
    expect(shape(trace)).toEqual(expected);
    expect(trace.notes).toContain('1 event of the trace was too long and left out.');
    const open = await read(`[${lines.join(',')},{"args":"${'y'.repeat(3e6)}`, 2 ** 16, { eventBytes: 1e6 });
    expect(open.events).toBe(events.length);
  });

  test('much before the list is no event', async () => {
    const trace = await read(`{"metadata":{"map":"${'z'.repeat(3e6)}"},"traceEvents":[${lines.join(',')}]}`, 2 ** 16, {
      eventBytes: 1e6,
    });
    expect(shape(trace)).toEqual(expected);
    expect(trace.notes.join()).not.toContain('too long');
  });

  test('brackets without end, a million spans that nothing closes, threads without number', async () => {
    expect((await read('['.repeat(1e6))).events).toBe(0);
    expect((await read(`[{"a":${'['.repeat(1e6)}`)).events).toBe(0);
    const open = await read(
      `[${lines.slice(0, 2).join(',')},${Array.from({ length: 1e5 }, (_, i) => `{"name":"b${i % 2}","ph":"B","pid":7,"tid":7,"ts":${100 + i}}`).join(',')},${Array.from({ length: 1e5 }, (_, i) => `{"name":"c","ph":"E","pid":7,"tid":7,"ts":${3e5 + i}}`).join(',')}]`,
    );
    expect(open.threads[0]?.slices.start).toHaveLength(1e5 + 1);
    const many = await read(
      `[${Array.from({ length: 20_000 }, (_, i) => `{"name":"n${i}","ph":"X","pid":${i},"tid":1,"ts":1,"dur":1}`).join(',')}]`,
    );
    expect(many.notes.join()).toContain('they belong to more threads or kinds than a browser has');
  });

  test('times that are no times, members that are no members', async () => {
    const strange = [
      { ...events[2], ts: -5 },
      { ...events[2], dur: -5, ts: 25 },
      { ...events[2], dur: 1e300, ts: 26 },
      { ...events[2], args: [1, 2], ts: 27 },
      { ...events[2], args: null, ts: 28 },
    ].map((event) => JSON.stringify(event));
    const proto =
      '{"__proto__":{"ph":"X"},"name":"p","ph":"X","pid":7,"tid":7,"ts":29,"args":{"__proto__":{"data":1}}}';
    const trace = await read(`[${[...lines, ...strange, proto].join(',')}]`);
    for (const { slices } of trace.threads) {
      for (const [at, end] of slices.end.entries()) expect(end).toBeGreaterThanOrEqual(slices.start[at] ?? Infinity);
    }
    expect(trace.events).toBe(events.length + 5);
  });
});

describe('whose threads', () => {
  test('the page, its worker, a document of another site, the next document in another process', async () => {
    const trace = await readTrace(openTrace('processes'));
    const roles = trace.threads.map(({ kind, url }) => `${kind} ${url && new URL(url).pathname}`);
    expect(roles).toEqual(['main /frame', 'main /next', 'frame /inner']);
    const plain = await readTrace(openTrace('plain'));
    expect(plain.threads.map(({ kind, url }) => `${kind} ${new URL(url).pathname}`)).toEqual([
      'main /',
      'worker /worker.js',
    ]);
    expect(plain.notes).toEqual([]);
  });

  test("without a navigation the renderer that worked most; never Chrome's own pages", async () => {
    const name = (pid: number, label: string): object => ({ ...events[0], args: { name: label }, pid, tid: pid });
    const work = (pid: number, dur: number): object => ({ ...events[2], pid, tid: pid, dur });
    const trace = await read(
      JSON.stringify([
        name(1, 'CrRendererMain'),
        name(2, 'CrRendererMain'),
        name(3, 'CrRendererMain'),
        name(4, 'CrBrowserMain'),
        { ...name(3, 'WebUI Top Renderer'), name: 'process_name' },
        work(1, 10),
        work(2, 20),
        work(3, 30),
        work(4, 40),
      ]),
    );
    expect(trace.threads.map(({ pid, kind }) => ({ pid, kind }))).toEqual([{ pid: 2, kind: 'main' }]);
  });

  test('a span that reaches beyond the one around it ends with it', async () => {
    const late = { ...events[2], name: 'Paint', ts: 60, dur: 100 };
    const after = { ...events[2], ts: 90, dur: 5 };
    const trace = await read(JSON.stringify([...events, late, after]));
    const [thread] = trace.threads;
    const spans = [...(thread?.slices.start ?? [])].map((start, at) => [start, thread?.slices.end[at]]);
    expect(spans).toContainEqual([60, 70]);
    expect(spans).toContainEqual([90, 95]);
  });

  test('documents that Chrome lists at the start of tracing', async () => {
    const frames = [
      { frame: 'A', url: 'http://page.test/', processId: 2, isOutermostMainFrame: true, isInPrimaryMainFrame: true },
      {
        frame: 'P',
        url: 'http://page.test/next',
        processId: 1,
        isOutermostMainFrame: true,
        isInPrimaryMainFrame: false,
      },
      { frame: 'B', parent: 'A', url: 'http://ads.test/', processId: 3, isOutermostMainFrame: false },
    ];
    const trace = await read(
      JSON.stringify([
        ...[1, 2, 3].map((pid) => ({ ...events[0], pid, tid: pid })),
        ...[1, 2, 3].map((pid) => ({ ...events[2], pid, tid: pid, dur: pid === 1 ? 90 : 50 })),
        { ...events[4], name: 'TracingStartedInBrowser', args: { data: { frames } } },
      ]),
    );
    expect(trace.threads.map(({ pid, kind, url }) => ({ pid, kind, url }))).toEqual([
      { pid: 2, kind: 'main', url: 'http://page.test/' },
      { pid: 1, kind: 'frame', url: 'http://page.test/next' },
      { pid: 3, kind: 'frame', url: 'http://ads.test/' },
    ]);
  });
});
