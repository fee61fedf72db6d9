/** Beside DevTools itself: its trace engine on the same recordings, and its reader on our `.cpuprofile` files. */
import { TraceModel } from '@paulirish/trace_engine';
import { CPUProfileDataModel } from '@paulirish/trace_engine/models/cpu_profile/cpu_profile.js';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { buildProfile } from '../src/analyse/build-profile.ts';
import { toCpuProfile } from '../src/analyse/export-profile.ts';
import { readTrace } from '../src/analyse/read-trace.ts';
import { createResolver } from '../src/analyse/source-maps.ts';
import type { Profile } from '../src/core/profile.ts';
import { selfTimes } from './fixtures/traces/self-times.ts';
import { openTrace, readRecorded, type TraceName } from './fixtures/traces/traces.ts';

async function profileOf(name: TraceName): Promise<Profile> {
  const { scripts, pageUrl } = readRecorded(name);
  // Without maps, as DevTools has the functions of a trace.
  const resolver = createResolver(
    scripts.map((script) => ({ ...script, map: null })),
    pageUrl,
  );
  return buildProfile(await readTrace(openTrace(name)), { start: 0, end: Infinity, resolver });
}

/** Self times by the engine, ms, by name of the function or the event. */
async function engineTimes(name: TraceName): Promise<Map<string, number>> {
  // The engine makes rectangles as a page does, which Node has not.
  Object.assign(globalThis, { DOMRect: Object });
  const { traceEvents } = JSON.parse(await text(Readable.from(openTrace(name)))) as { traceEvents: never[] };
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(traceEvents);
  const times = new Map<string, number>();
  const entries = model.parsedTrace()?.data.Renderer.entryToNode ?? new Map();
  for (const [entry, node] of entries) {
    const label = 'callFrame' in entry ? entry.callFrame.functionName : entry.name;
    times.set(label, (times.get(label) ?? 0) + (node.selfTime ?? 0) / 1000);
  }
  return times;
}

test('functions and tasks take what the trace engine says', async () => {
  const [theirs, ours] = [await engineTimes('plain'), selfTimes(await profileOf('plain'))];
  const near = ['burnThirty', 'burnSixty', 'burnInWorker', 'afterPromise', 'onFrame', 'parseLarge', 'thrashLayout'];
  for (const name of near) {
    const seen = theirs.get(name) ?? 0;
    expect(seen, name).toBeGreaterThan(5);
    // It gives the time between two samples to the first, we half of it to each.
    expect(Math.abs((ours.get(name) ?? 0) - seen), name).toBeLessThan(1 + 0.05 * seen);
  }
  // Spans of the trace, which are exact.
  for (const [theirName, name] of [
    ['Layout', 'Layout'],
    ['UpdateLayoutTree', 'Recalculate style'],
    ['Commit', 'Commit'],
  ] as const) {
    expect(ours.get(name), name).toBeCloseTo(theirs.get(theirName) ?? 0, 6);
  }
});

test('DevTools reads an exported profile, with the same times', async () => {
  for (const name of ['plain', 'bundle'] as const) {
    const profile = await profileOf(name);
    const main = { ...profile, threads: profile.threads.slice(0, 1) };
    const model = new CPUProfileDataModel.CPUProfileDataModel(JSON.parse(JSON.stringify(toCpuProfile(main))) as never);
    const times = new Map<string, number>();
    for (const { functionName, self } of model.nodes() ?? [])
      times.set(functionName, (times.get(functionName) ?? 0) + self);
    const [first = 0] = main.threads.map(({ root }) => root);
    const mainOnly = selfTimes({
      ...profile,
      // The nodes of other threads stand behind those of the main thread.
      self: profile.self.map((time, node) => (rootOf(profile, node) === first ? time : 0)),
    });
    for (const [label, ms] of [...mainOnly].filter(([, time]) => time > 1)) {
      expect(times.get(label), `${name}, ${label}`).toBeCloseTo(ms, 0);
    }
    expect(model.nodes()?.some(({ url, lineNumber }) => url.startsWith('http') && lineNumber >= 0)).toBe(true);
  }
});

function rootOf({ parents }: Profile, node: number): number {
  let at = node;
  while ((parents[at] ?? -1) >= 0) at = parents[at] ?? -1;
  return at;
}
