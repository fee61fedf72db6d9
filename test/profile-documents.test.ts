/** Profiles merged, packed and written for other tools: no time is lost on any way. */
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { deflateRawSync } from 'node:zlib';
import { buildProfile } from '../src/analyse/build-profile.ts';
import { toCpuProfile, toFolded, toSpeedscope } from '../src/analyse/export-profile.ts';
import { mergeProfiles } from '../src/analyse/merge-profiles.ts';
import { packProfile, unpackProfile } from '../src/analyse/pack-profile.ts';
import { readTrace } from '../src/analyse/read-trace.ts';
import { createResolver } from '../src/analyse/source-maps.ts';
import type { Profile, ProfileFrame } from '../src/core/profile.ts';
import { selfTimes } from './fixtures/traces/self-times.ts';
import { openTrace, readRecorded } from './fixtures/traces/traces.ts';

let plain: Profile;
let steps: Profile[];

beforeAll(async () => {
  const trace = await readTrace(openTrace('plain'));
  const { scripts, pageUrl, steps: windows } = readRecorded('plain');
  const resolver = createResolver(scripts, pageUrl);
  plain = buildProfile(trace, { start: 0, end: Infinity, resolver });
  steps = windows.map(({ start, end }) => buildProfile(trace, { start, end, resolver }));
});

function frame(name: string, more: Partial<ProfileFrame> = {}): ProfileFrame {
  const place = { file: 'src/a.ts', line: 1, column: 1, script: 'http://page.test/a.js', mapped: true };
  return { name, ...place, category: 'script', origin: 'application', calls: null, ...more };
}

/** Of a main thread, from paths of names to self times in ms. */
function profile(paths: Readonly<Record<string, number>>, more: Partial<Profile> = {}): Profile {
  const frames: ProfileFrame[] = [];
  const parents = [-1];
  const frameOf = [-1];
  const self = [0];
  const nodes = new Map<string, number>([['', 0]]);
  for (const [path, time] of Object.entries(paths)) {
    const names = path.split(' ');
    for (const [depth, name] of names.entries()) {
      const key = names.slice(0, depth + 1).join(' ');
      if (nodes.has(key)) continue;
      let index = frames.findIndex((each) => each.name === name);
      if (index < 0) index = frames.push(frame(name)) - 1;
      parents.push(nodes.get(names.slice(0, depth).join(' ')) ?? 0);
      frameOf.push(index);
      self.push(0);
      nodes.set(key, parents.length - 1);
    }
    self[nodes.get(path) ?? 0] = time * 1000;
  }
  const threads = [{ name: 'Main thread', root: 0 }];
  const sum = self.reduce((total, time) => total + time, 0);
  return {
    frames,
    threads,
    parents,
    frameOf,
    self,
    passes: 1,
    samples: 10,
    interval: 200,
    taskTime: sum,
    notes: [],
    ...more,
  };
}

const sum = (times: readonly number[]): number => times.reduce((total, time) => total + time, 0);

describe('merging', () => {
  test('adds times by path, whatever order the passes met them in', () => {
    const merged = mergeProfiles([
      profile({ 'a b': 1, a: 2, c: 4 }),
      profile({ c: 8, 'c a': 16, 'a b': 32 }, { interval: 400, samples: 30, notes: ['one'] }),
    ]);
    expect(merged).toMatchObject({ passes: 2, samples: 40, interval: 350, taskTime: 63_000, notes: ['one'] });
    const paths = toFolded({ ...merged, passes: 1 }).replaceAll(/ \([^)]*\)/g, '');
    expect(paths.split('\n').filter(Boolean).toSorted()).toEqual([
      'Main thread;a 2000',
      'Main thread;a;b 33000',
      'Main thread;c 12000',
      'Main thread;c;a 16000',
    ]);
    for (const [node, parent] of merged.parents.entries()) expect(parent).toBeLessThan(node);
  });

  test('the steps of a recording together are what they are apart', () => {
    const merged = mergeProfiles(steps);
    expect(sum(merged.self)).toBe(sum(steps.map(({ self }) => sum(self))));
    expect(merged.passes).toBe(steps.length);
    expect(merged.threads.map(({ name }) => name)).toEqual(['Main thread', 'Worker worker.js']);
    for (const name of ['burnSixty', 'burnInWorker', 'Minor GC']) {
      const apart = sum(steps.map((step) => selfTimes(step).get(name) ?? 0));
      expect(selfTimes(merged).get(name)).toBeCloseTo(apart, 6);
    }
  });

  test('one alone, and counts that one of them has', () => {
    expect(mergeProfiles([plain])).toBe(plain);
    const counted = profile({ a: 1 });
    const merged = mergeProfiles([profile({ a: 1 }), { ...counted, frames: [frame('a', { calls: 7 })] }]);
    expect(merged.frames).toEqual([frame('a', { calls: 7 })]);
  });
});

describe('packing', () => {
  test('of a real recording: small, and the same again', () => {
    const packed = packProfile(plain);
    expect(packed.length).toBeLessThan(20_000);
    const back = unpackProfile(packed);
    expect(toFolded(back)).toBe(toFolded(plain));
    expect({ ...back, frames: [], interval: 0 }).toEqual({ ...plain, frames: [], frameOf: back.frameOf, interval: 0 });
    expect(packProfile(back)).toBe(packed);
  });

  test('what is too much is folded into the callers, and said', () => {
    const paths: Record<string, number> = { hot: 400 };
    for (let i = 0; i < 9000; i += 1) paths[`outer${i % 40} inner${i}_${(i * 7919) % 1009}`] = 0.01 + (i % 97) / 1000;
    const large = profile(paths);
    const packed = packProfile(large);
    expect(packed.length).toBeLessThan(60_000);
    const back = unpackProfile(packed);
    expect(sum(back.self)).toBeCloseTo(sum(large.self), -1);
    expect(selfTimes(back).get('hot')).toBe(400);
    expect(selfTimes(back).get('(other)')).toBeGreaterThan(50);
    expect(back.notes.at(-1)).toMatch(
      /^\d+ calls of less than [\d.]+ ms each are shown as "\(other\)" of their callers\.$/,
    );
    expect(unpackProfile(packProfile(large, 1e7)).notes).toEqual([]);
  });

  test('what is no profile is not unpacked', () => {
    const pack = (value: unknown): string => deflateRawSync(JSON.stringify(value)).toString('base64');
    expect(() => unpackProfile('not deflated')).toThrow('this is no packed profile');
    expect(() => unpackProfile(pack({}))).toThrow('this is no packed profile');
    const good = profile({ a: 1 });
    expect(unpackProfile(pack(good))).toEqual(good);
    for (const wrong of [
      { parents: [-1, 1] },
      { parents: [-1] },
      { frameOf: [-1, 5] },
      { frameOf: [-1, -1] },
      { threads: [{ name: '', root: 1 }] },
    ]) {
      expect(() => unpackProfile(pack({ ...good, ...wrong })), JSON.stringify(wrong)).toThrow('do not form a tree');
    }
    expect(() => unpackProfile(deflateRawSync(Buffer.alloc(65e6)).toString('base64'))).toThrow(
      'this is no packed profile',
    );
  });
});

describe('.cpuprofile', () => {
  /** As DevTools reads it: a sample lasts until the next. */
  function read(cpu: ReturnType<typeof toCpuProfile>): Map<string, number> {
    const times = new Map<string, number>();
    let now = cpu.startTime;
    for (const [at, id] of cpu.samples.entries()) {
      now += cpu.timeDeltas[at] ?? 0;
      const next = at + 1 < cpu.samples.length ? now + (cpu.timeDeltas[at + 1] ?? 0) : cpu.endTime;
      const name = cpu.nodes.find((node) => node.id === id)?.callFrame.functionName ?? '';
      times.set(name, (times.get(name) ?? 0) + (next - now) / 1000);
    }
    return times;
  }

  test('each thread, with the times of the profile', () => {
    for (const thread of plain.threads.keys()) {
      const cpu = toCpuProfile(plain, thread);
      expect(cpu.nodes[0]?.callFrame.functionName).toBe('(root)');
      expect(cpu.timeDeltas).toHaveLength(cpu.samples.length);
      const ids = cpu.nodes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const children = cpu.nodes.flatMap((node) => node.children);
      expect(children.toSorted((a, b) => a - b)).toEqual(ids.filter((id) => id !== 1));
    }
    const times = read(toCpuProfile(plain));
    for (const name of ['burnThirty', 'burnSixty', 'Layout', 'Minor GC']) {
      expect(times.get(name), name).toBeCloseTo(selfTimes(plain).get(name) ?? 0, 0);
    }
  });

  test('places count from 0, and are of one pass', () => {
    const cpu = toCpuProfile({
      ...profile({ 'a b': 9 }),
      frames: [frame('a'), frame('b', { line: 42, column: 7 })],
      passes: 3,
    });
    expect(cpu.nodes[2]).toMatchObject({
      callFrame: { functionName: 'b', url: 'src/a.ts', lineNumber: 41, columnNumber: 6 },
    });
    expect(cpu.endTime).toBe(3000);
    expect(toCpuProfile(profile({})).samples).toEqual([]);
  });
});

describe('speedscope', () => {
  // What its file format asks for, https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
  const schema = {
    type: 'object',
    required: ['$schema', 'shared', 'profiles'],
    additionalProperties: false,
    properties: {
      $schema: { const: 'https://www.speedscope.app/file-format-schema.json' },
      name: { type: 'string' },
      exporter: { type: 'string' },
      activeProfileIndex: { type: 'integer', minimum: 0 },
      shared: {
        type: 'object',
        required: ['frames'],
        properties: {
          frames: {
            type: 'array',
            items: {
              type: 'object',
              required: ['name'],
              additionalProperties: false,
              properties: {
                name: { type: 'string' },
                file: { type: 'string' },
                line: { type: 'number', minimum: 1 },
                col: { type: 'number', minimum: 1 },
              },
            },
          },
        },
      },
      profiles: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['type', 'name', 'unit', 'startValue', 'endValue', 'samples', 'weights'],
          additionalProperties: false,
          properties: {
            type: { const: 'sampled' },
            name: { type: 'string' },
            unit: { const: 'microseconds' },
            startValue: { type: 'number' },
            endValue: { type: 'number' },
            samples: { type: 'array', items: { type: 'array', items: { type: 'integer', minimum: 0 } } },
            weights: { type: 'array', items: { type: 'number', minimum: 0 } },
          },
        },
      },
    },
  };

  interface Sampled {
    readonly shared: { readonly frames: readonly { readonly name: string }[] };
    readonly profiles: readonly {
      readonly samples: readonly (readonly number[])[];
      readonly weights: readonly number[];
      readonly endValue: number;
    }[];
  }

  test('valid, a profile a thread, the times of the profile', () => {
    const file = toSpeedscope(plain, 'a step') as Sampled;
    const validate = new Ajv().compile(schema);
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
    expect(file.profiles).toHaveLength(plain.threads.length);
    const times = new Map<string, number>();
    for (const { samples, weights, endValue } of file.profiles) {
      expect(samples).toHaveLength(weights.length);
      expect(endValue).toBeCloseTo(sum(weights), 6);
      for (const [at, stack] of samples.entries()) {
        for (const index of stack) expect(index).toBeLessThan(file.shared.frames.length);
        const name = file.shared.frames[stack.at(-1) ?? -1]?.name ?? '';
        times.set(name, (times.get(name) ?? 0) + (weights[at] ?? 0) / 1000);
      }
    }
    for (const [name, time] of selfTimes(plain)) expect(times.get(name) ?? 0, name).toBeCloseTo(time, 6);
  });
});

describe('folded stacks', () => {
  test('one a line, nothing in a name can end one', () => {
    const odd = {
      ...profile({ 'a b': 2 }),
      frames: [frame('a;\nb c'), frame('x', { file: null, script: null, line: null })],
    };
    expect(toFolded(odd)).toBe('Main thread;a b c (src/a.ts:1);x 2000\n');
    expect(toFolded(profile({}))).toBe('');
    const lines = toFolded(plain).split('\n').slice(0, -1);
    const total = lines.reduce((time, line) => time + Number(/ (\d+)$/.exec(line)?.[1]), 0);
    expect(total).toBe(sum(plain.self));
    expect(
      lines.some((line) => /^Main thread;Task;Event: click;burnBoth \(.*:\d+\);burnSixty \(.*:\d+\) \d+$/.test(line)),
    ).toBe(true);
  });
});
