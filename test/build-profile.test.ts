/** Profiles of recorded traces: exact sums, and what the pages are known to do. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildProfile } from '../src/analyse/build-profile.ts';
import { toFolded } from '../src/analyse/export-profile.ts';
import { FrameTable } from '../src/analyse/frame-table.ts';
import { countCalls } from '../src/analyse/count-calls.ts';
import { readTrace } from '../src/analyse/read-trace.ts';
import { createResolver } from '../src/analyse/source-maps.ts';
import type { TraceData } from '../src/analyse/trace-data.ts';
import type { Profile, ProfileFrame } from '../src/core/profile.ts';
import type { ScriptCoverage } from '../src/core/recording.ts';
import { seededRandom } from '../src/stats/random.ts';
import { selfTimes } from './fixtures/traces/self-times.ts';
import { openTrace, readRecorded, type RecordedTrace, type TraceName } from './fixtures/traces/traces.ts';

const names: readonly TraceName[] = ['plain', 'bundle', 'processes'];
const traces = new Map<TraceName, { trace: TraceData; recorded: RecordedTrace }>();

beforeAll(async () => {
  for (const name of names) {
    traces.set(name, { trace: await readTrace(openTrace(name)), recorded: readRecorded(name) });
  }
});

function profileOf(name: TraceName, step: string, withMaps = true): Profile {
  const found = traces.get(name);
  const window = found?.recorded.steps.find((each) => each.name === step);
  if (!found || !window) throw new Error(`no ${step} in ${name}`);
  const scripts = found.recorded.scripts.map((script) => (withMaps ? script : { ...script, map: null }));
  const resolver = createResolver(scripts, found.recorded.pageUrl);
  return buildProfile(found.trace, { start: window.start, end: window.end, resolver });
}

/** Self times of the tree of a thread, µs. */
function threadTime({ threads, parents, self }: Profile, name: string): number {
  const root = threads.find((thread) => thread.name === name)?.root;
  const rootOf = parents.map((_, node) => node);
  let sum = 0;
  for (const [node, parent] of parents.entries()) {
    rootOf[node] = parent < 0 ? node : (rootOf[parent] ?? 0);
    if (rootOf[node] === root) sum += self[node] ?? 0;
  }
  return sum;
}

/** Names from the root to the node that took most itself among those of that name. */
function pathTo(profile: Profile, name: string): string[] {
  const { frames, frameOf, parents, self } = profile;
  let best = -1;
  for (const [node, frame] of frameOf.entries()) {
    if (frames[frame]?.name === name && (self[node] ?? 0) > (self[best] ?? -1)) best = node;
  }
  const path: string[] = [];
  for (let at = best; at >= 0; at = parents[at] ?? -1) {
    const frame = frames[frameOf[at] ?? -1];
    if (frame) path.unshift(frame.name);
  }
  return path;
}

function frameOf(profile: Profile, name: string): ProfileFrame {
  const frame = profile.frames.find((each) => each.name === name);
  if (!frame) throw new Error(`no ${name} among ${profile.frames.map((each) => each.name).join(', ')}`);
  return frame;
}

describe('sums', () => {
  test('every step adds up to its tasks, to the µs', () => {
    for (const [name, { trace, recorded }] of traces) {
      const resolver = createResolver(recorded.scripts, recorded.pageUrl);
      const task = trace.names.indexOf('RunTask');
      const windows = [...recorded.steps, { name: 'all', start: -Infinity, end: Infinity }];
      for (const { name: step, start, end } of windows) {
        const profile = buildProfile(trace, { start, end, resolver });
        let tasks = 0;
        for (const { kind, slices } of trace.threads.filter((thread) => thread.kind === 'main')) {
          for (const [at, from] of slices.start.entries()) {
            const inside = Math.min(slices.end[at] ?? 0, end) - Math.max(from, start);
            if (slices.name[at] === task && inside > 0) tasks += inside;
          }
          expect(kind).toBe('main');
        }
        // The trace began within a task or two, whose own spans are all that is known of them.
        const unfinished = profile.taskTime - tasks;
        expect(unfinished, `${name}, ${step}`).toBeGreaterThanOrEqual(0);
        expect(unfinished, `${name}, ${step}`).toBeLessThan(0.05 * tasks + 1);
        expect(threadTime(profile, 'Main thread'), `${name}, ${step}`).toBe(profile.taskTime);
      }
    }
  });

  test('parents stand before their children', () => {
    const { parents, frameOf: frames, self } = profileOf('plain', 'burn');
    for (const [node, parent] of parents.entries()) expect(parent).toBeLessThan(node);
    expect(frames).toHaveLength(parents.length);
    expect(self.every((time) => time >= 0)).toBe(true);
  });

  test('each root is a thread', () => {
    for (const step of ['burn', 'worker', 'later']) {
      const { parents, threads } = profileOf('plain', step);
      const roots = [...parents.keys()].filter((node) => parents[node] === -1);
      expect(roots, step).toEqual(threads.map(({ root }) => root));
    }
    // The worker comes later.
    expect(profileOf('plain', 'burn').threads.map(({ name }) => name)).toEqual(['Main thread']);
  });

  test('the order of events in the file does not matter', async () => {
    const lines = (await text(Readable.from(openTrace('plain')))).split('\n').slice(1, -1);
    const random = seededRandom(3);
    const shuffled = lines
      .map((line) => ({ line: line.replace(/,$/, ''), at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ line }) => line);
    const trace = await readTrace(Readable.from([Buffer.from(`[${shuffled.join(',')}]`)]));
    const resolver = createResolver([], 'http://127.0.0.1/');
    const ordered = buildProfile(await readTrace(openTrace('plain')), { start: 0, end: Infinity, resolver });
    expect(toFolded(buildProfile(trace, { start: 0, end: Infinity, resolver }))).toBe(toFolded(ordered));
  });

  test('without samples the tasks are told alone', () => {
    const found = traces.get('plain');
    if (!found) throw new Error('no trace');
    const trace = { ...found.trace, threads: found.trace.threads.map((thread) => ({ ...thread, stacks: null })) };
    const profile = buildProfile(trace, { start: 0, end: Infinity, resolver: createResolver([], '') });
    expect(profile.samples).toBe(0);
    expect(threadTime(profile, 'Main thread')).toBe(profile.taskTime);
    // The call itself is in the trace; what it calls is not.
    expect(selfTimes(profile).get('burnBoth')).toBeGreaterThan(85);
  });
});

describe('what ran, ms', () => {
  const tolerance = 6;
  test.each<[TraceName, string, Readonly<Record<string, number>>]>([
    ['plain', 'burn', { burnThirty: 30, burnSixty: 60, burnBoth: 0 }],
    ['plain', 'later', { burnThirty: 30, afterPromise: 20, onFrame: 20, fromTimer: 0 }],
    ['plain', 'worker', { burnInWorker: 40 }],
    ['bundle', 'open', { '(top level)': 15 }],
    ['bundle', 'list', { renderList: 60 }],
    ['bundle', 'add', { applyDiscount: 20, 'CartPage > subscribe callback': 25, 'Cart.total': 30, formatPrice: 15 }],
    ['processes', 'own', { burnInPage: 30 }],
    ['processes', 'inner', { burnInFrame: 40 }],
    ['processes', 'next', { burnOnLoad: 25 }],
  ])('%s, %s', (name, step, truth) => {
    const times = selfTimes(profileOf(name, step));
    for (const [label, ms] of Object.entries(truth)) {
      expect(Math.abs((times.get(label) ?? 0) - ms), `${label}: ${times.get(label)}`).toBeLessThan(tolerance);
    }
  });

  test('forced layout and style stand under the function that forced them', () => {
    const profile = profileOf('plain', 'thrash');
    expect(pathTo(profile, 'Layout')).toEqual(['Task', 'Event: click', 'thrashLayout', 'Layout']);
    expect(pathTo(profile, 'Recalculate style').slice(-2)).toEqual(['thrashLayout', 'Recalculate style']);
    expect(frameOf(profile, 'Layout').category).toBe('layout');
    expect(frameOf(profile, 'Recalculate style').category).toBe('style');
  });

  test('garbage collection stands under the function that allocated', () => {
    const profile = profileOf('plain', 'garbage');
    expect(pathTo(profile, 'Minor GC')).toEqual(['Task', 'Event: click', 'allocateMuch', 'Minor GC']);
    const times = selfTimes(profile);
    expect(times.get('Minor GC') ?? 0).toBeGreaterThan(5);
    expect(profile.frames.find(({ name }) => name === 'Minor GC')?.category).toBe('gc');
  });

  test('microtasks, timers and frames are where they ran', () => {
    const profile = profileOf('plain', 'later');
    expect(pathTo(profile, 'afterPromise').slice(0, 2)).toEqual(['Task', 'Timer fired']);
    expect(pathTo(profile, 'onFrame')).toEqual(['Task', 'Animation frame fired', 'onFrame']);
  });

  test('a worker is a thread, its secrets are not', () => {
    const profile = profileOf('plain', 'worker');
    expect(profile.threads.map(({ name }) => name)).toEqual(['Main thread', 'Worker worker.js']);
    expect(threadTime(profile, 'Worker worker.js')).toBeGreaterThan(40_000);
    expect(JSON.stringify(profile)).not.toContain('abcdef');
  });

  test("documents of other sites have threads of their own; the page's next process is its main thread", () => {
    const inner = profileOf('processes', 'inner');
    expect(inner.threads.map(({ name }) => name.replace(/:\d+/, ''))).toEqual([
      'Main thread',
      'Frame http://localhost/inner',
    ]);
    expect(frameOf(inner, 'burnInFrame').origin).toBe('third-party');
    expect(pathTo(profileOf('processes', 'next'), 'burnOnLoad').slice(0, 2)).toEqual(['Task', 'Parse HTML']);
  });

  test("the tools' own code is one frame", () => {
    const { frames } = profileOf('plain', 'burn');
    expect(frames.filter(({ name }) => name === "(eval, or the test's own code)")).toHaveLength(1);
    expect(frames.some(({ name }) => name === 'InjectedScript')).toBe(false);
    for (const step of ['burn', 'later', 'open'])
      expect(toFolded(profileOf('plain', step))).not.toContain('code);(evaluated');
  });
});

describe('a span within a stack', () => {
  /** A call of onClick for 1000 µs that is sampled in a and in b; between them a layout that V8 took a sample for. */
  function trace(sampleTraceId: number): Promise<TraceData> {
    const thread = { cat: 'c', pid: 7, tid: 7 };
    const place = { url: 'http://page.test/a.js', scriptId: 3 };
    const node = (id: number, parent: number, functionName: string): object => ({
      id,
      parent,
      callFrame: { ...place, functionName, lineNumber: id, columnNumber: 0 },
    });
    const root = { id: 1, callFrame: { functionName: '(root)', scriptId: 0 } };
    const nodes = [root, node(2, 1, 'onClick'), node(3, 2, 'a'), node(4, 2, 'b'), node(5, 2, 'forcing')];
    const call = { ...place, functionName: 'onClick', lineNumber: 3, columnNumber: 1 };
    const chunk = { cpuProfile: { nodes, samples: [3, 4], trace_ids: { 99: 5 } }, timeDeltas: [100, 800] };
    const events = [
      { ...thread, name: 'thread_name', ph: 'M', ts: 0, args: { name: 'CrRendererMain' } },
      { ...thread, name: 'Profile', ph: 'P', id: '0x1', ts: 1000, args: { data: { startTime: 1000 } } },
      { ...thread, name: 'RunTask', ph: 'X', ts: 1000, dur: 1000, args: {} },
      { ...thread, name: 'FunctionCall', ph: 'X', ts: 1000, dur: 1000, args: { data: call } },
      { ...thread, name: 'Layout', ph: 'X', ts: 1400, dur: 50, args: { beginData: { sampleTraceId } } },
      { ...thread, name: 'ProfileChunk', ph: 'P', id: '0x1', tid: 8, ts: 2000, args: { data: chunk } },
    ];
    return readTrace(Readable.from([Buffer.from(JSON.stringify(events))]));
  }
  const stacks = async (mark: number): Promise<string[]> => {
    const resolver = createResolver([], 'http://page.test/');
    const profile = buildProfile(await trace(mark), { start: 0, end: 3000, resolver });
    return toFolded(profile)
      .replaceAll(/ \([^)]*\)/g, '')
      .trim()
      .split('\n');
  };

  test('stands where V8 says that it began', async () => {
    expect(await stacks(99)).toEqual([
      'Main thread;Task;onClick;b 550',
      'Main thread;Task;onClick;a 400',
      'Main thread;Task;onClick;forcing;Layout 50',
    ]);
  });

  test('else under what both samples around it have in common', async () => {
    expect(await stacks(98)).toContain('Main thread;Task;onClick;Layout 50');
  });
});

describe('calls', () => {
  test('of an inline script count from its place in the document', () => {
    const map = {
      version: 3,
      mappings: 'AAAA',
      sources: ['src/one.ts'],
      names: [],
      sourcesContent: ['function one() {}'],
    };
    const source = 'function one(){}\nfunction two(){}';
    const url = 'http://page.test/';
    const scripts = [{ url, startLine: 5, startColumn: 30, source, map: JSON.stringify(map), mapProblem: null }];
    const called = (name: string, start: number, count: number): ScriptCoverage['functions'][number] => ({
      name,
      isBlockCoverage: true,
      ranges: [{ start, end: start + 16, count }],
    });
    const coverage = [{ url, startLine: 5, startColumn: 30, functions: [called('one', 0, 4), called('two', 17, 3)] }];
    const frame = { column: 1, script: url, category: 'script', origin: 'application', calls: null } as const;
    const frames: ProfileFrame[] = [
      { ...frame, name: 'one', file: 'src/one.ts', line: 1, mapped: true },
      { ...frame, name: 'two', file: url, line: 7, mapped: false },
    ];
    const counted = countCalls({ ...profileOf('plain', 'open'), frames }, coverage, {
      scripts,
      resolver: createResolver(scripts, url),
    });
    expect(counted.frames.map(({ calls }) => calls)).toEqual([4, 3]);
  });

  test('are counted by the function in the source', () => {
    const found = traces.get('bundle');
    if (!found) throw new Error('no recording');
    const { scripts, coverage, pageUrl } = found.recorded;
    const resolver = createResolver(scripts, pageUrl);
    const { frames } = countCalls(profileOf('bundle', 'add'), coverage, { scripts, resolver });
    const calls = (name: string): number | null | undefined => frames.find((frame) => frame.name === name)?.calls;
    expect(calls('applyDiscount')).toBe(1);
    expect(calls('CartPage > subscribe callback')).toBe(1);
    expect(calls('formatPrice')).toBe(1);
    expect(calls('Task')).toBeNull();
    // Inline scripts count from where they stand in their document.
    const plain = traces.get('plain');
    if (!plain) throw new Error('no recording');
    const counted = countCalls(profileOf('plain', 'burn'), plain.recorded.coverage, {
      scripts: plain.recorded.scripts,
      resolver: createResolver(plain.recorded.scripts, plain.recorded.pageUrl),
    });
    // Once by its own button, once by a timer.
    expect(counted.frames.find(({ name }) => name === 'burnThirty')?.calls).toBe(2);
    expect(counted.frames.find(({ name }) => name === 'burnSixty')?.calls).toBe(1);
  });
});

describe('where it is', () => {
  test('in the original source, with the line that names the function', () => {
    const add = profileOf('bundle', 'add');
    const place = (profile: Profile, name: string): unknown => {
      const { file, line, origin, mapped } = frameOf(profile, name);
      return { file, line, origin, mapped };
    };
    const application = { origin: 'application', mapped: true };
    expect(place(add, 'Cart.total')).toEqual({ file: 'src/cart.tsx', line: 20, ...application });
    expect(place(add, 'applyDiscount')).toEqual({ file: 'src/cart.tsx', line: 28, ...application });
    expect(place(add, 'addBoots')).toEqual({ file: 'src/main.tsx', line: 22, ...application });
    expect(place(add, 'CartPage > subscribe callback')).toEqual({ file: 'src/main.tsx', line: 17, ...application });
    expect(place(add, 'formatPrice')).toEqual({
      file: 'node_modules/tiny-format/index.js',
      line: 1,
      origin: 'library',
      mapped: true,
    });
    expect(place(profileOf('bundle', 'list'), 'renderList')).toEqual({
      file: 'src/list.tsx',
      line: 11,
      ...application,
    });
    expect(place(profileOf('bundle', 'open'), '(top level)')).toMatchObject({ origin: 'application' });
    expect(profileOf('bundle', 'open').frames).toContainEqual(
      expect.objectContaining({ name: '(top level)', file: 'src/main.tsx', line: 1 }),
    );
  });

  test('without a map in the script, by line and column', () => {
    const profile = profileOf('bundle', 'list', false);
    const times = selfTimes(profile);
    const [name] = [...times].toSorted((a, b) => b[1] - a[1]).find(([label]) => label.length < 4) ?? ['?'];
    const frame = frameOf(profile, name);
    expect(frame.file).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/assets\/index-[\w-]{8}\.js$/);
    expect(frame).toMatchObject({ line: 1, mapped: false, origin: 'application' });
    expect(frame.column).toBeGreaterThan(1000);
    expect(times.get(name)).toBeGreaterThan(54);
    // All functions stand on one line, and are still not one.
    const places = profileOf('bundle', 'add', false).frames.filter(({ line }) => line === 1);
    expect(new Set(places.map(({ column }) => column)).size).toBeGreaterThan(4);
    const table = new FrameTable(createResolver([], ''));
    const place = { functionName: '', url: 'http://page.test/a.js', scriptId: 3, line: 0 };
    expect(table.function({ ...place, column: 10 }, true)).not.toBe(table.function({ ...place, column: 20 }, true));
  });
});
