/** Profiles of recorded traces: exact sums, and what the pages are known to do. */
import { beforeAll, describe, expect, test } from 'vitest';
import { buildProfile } from '../src/analyse/build-profile.ts';
import { countCalls } from '../src/analyse/count-calls.ts';
import { readTrace } from '../src/analyse/read-trace.ts';
import { createResolver } from '../src/analyse/source-maps.ts';
import type { TraceData } from '../src/analyse/trace-data.ts';
import type { Profile, ProfileFrame } from '../src/core/profile.ts';
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
    expect(frames.filter(({ name }) => name === '(evaluated code)')).toHaveLength(1);
    expect(frames.some(({ name }) => name === 'InjectedScript')).toBe(false);
  });
});

describe('calls', () => {
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
  });
});
