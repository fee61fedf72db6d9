/** Times of functions over a whole profile, for comparing one with another. */
import type { Profile, ProfileFrame } from '../core/profile.ts';
import { localUrl, withoutHashes } from './requests.ts';

export interface FunctionTime {
  /** The frame that took most of it: where several have one key, such as anonymous functions of one script. */
  readonly frame: ProfileFrame;
  /** ms a pass: of the function itself. */
  self: number;
  /** With what it called of V8 and the browser: natives, forced layout, garbage collection. */
  own: number;
  /** With all that it called. */
  total: number;
  /** Keys of the functions that it called, at whatever depth. */
  readonly callees: Set<string>;
}

/**
 * The same function in another build: by file and name, since lines move. A script without a map goes by its path,
 * without the host where it is the application's own, and without what a bundler hashes into it.
 */
function functionKey({ name, file, script, mapped, origin }: ProfileFrame): string {
  if (mapped) return JSON.stringify([file, name]);
  const url = script ?? file ?? '';
  const host = URL.canParse(url) && origin !== 'third-party' ? new URL(url).origin : '';
  return JSON.stringify([withoutHashes(localUrl(url, host)), name]);
}

const isFunction = (frame: ProfileFrame | undefined): frame is ProfileFrame =>
  frame !== undefined && frame.category === 'script' && frame.file !== null && frame.line !== null;

/** All functions of scripts with a place, by `functionKey`. */
export function functionTimes(profile: Profile): Map<string, FunctionTime> {
  const { parents, frameOf, frames, self, passes } = profile;
  const times = new Map<string, FunctionTime & { most: number; frame: ProfileFrame }>();
  const keys = frames.map((frame) => (isFunction(frame) ? functionKey(frame) : null));
  const total = [...self];
  for (let node = parents.length - 1; node >= 0; node -= 1) {
    const parent = parents[node] ?? -1;
    if (parent >= 0) total[parent] = (total[parent] ?? 0) + (total[node] ?? 0);
  }
  /** The functions around each node, the node's own included, innermost first. */
  const around: (readonly string[])[] = [];
  for (const [node, parent] of parents.entries()) {
    const outer = around[parent] ?? [];
    const key = keys[frameOf[node] ?? -1] ?? null;
    around.push(key === null ? outer : [key, ...outer.filter((each) => each !== key)]);
    const own = (self[node] ?? 0) / 1000 / passes;
    const owner = around[node]?.[0];
    const frame = frames[frameOf[node] ?? -1];
    if (key !== null && frame) {
      let time = times.get(key);
      if (!time) times.set(key, (time = { frame, self: 0, own: 0, total: 0, callees: new Set(), most: -1 }));
      if (own > time.most) Object.assign(time, { frame, most: own });
      time.self += own;
      // Of a function that calls itself only the outermost call counts.
      if (!outer.includes(key)) time.total += (total[node] ?? 0) / 1000 / passes;
      for (const each of outer) if (each !== key) times.get(each)?.callees.add(key);
    }
    const time = owner === undefined ? undefined : times.get(owner);
    if (time) time.own += own;
  }
  return times;
}
