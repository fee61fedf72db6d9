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

/** Without a map many functions of a script have no name; they are told apart by who called them. */
function isNameless({ name, mapped }: ProfileFrame): boolean {
  return !mapped && name === '(anonymous)';
}

/** All functions of scripts with a place, by `functionKey`. */
export function functionTimes(profile: Profile): Map<string, FunctionTime> {
  const { parents, frameOf, frames, self, passes } = profile;
  const times = new Map<string, FunctionTime & { most: number; frame: ProfileFrame }>();
  const keyOfFrame = frames.map((frame) => (isFunction(frame) ? functionKey(frame) : null));
  const total = [...self];
  for (let node = parents.length - 1; node >= 0; node -= 1) {
    const parent = parents[node] ?? -1;
    if (parent >= 0) total[parent] = (total[parent] ?? 0) + (total[node] ?? 0);
  }
  /** Key of each node that is a function, and for every node the innermost function that it is or is in. */
  const keys: (string | null)[] = [];
  const functionOf: number[] = [];
  for (const [node, parent] of parents.entries()) {
    const frame = frames[frameOf[node] ?? -1];
    const key = keyOfFrame[frameOf[node] ?? -1] ?? null;
    const caller = functionOf[parent] ?? -1;
    functionOf.push(key === null ? caller : node);
    keys.push(key !== null && frame && isNameless(frame) ? `${key} ${keyOfFrame[frameOf[caller] ?? -1] ?? ''}` : key);
  }
  for (const node of parents.keys()) {
    const own = (self[node] ?? 0) / 1000 / passes;
    const key = keys[node] ?? null;
    const frame = frames[frameOf[node] ?? -1];
    if (key !== null && frame) {
      let time = times.get(key);
      if (!time) times.set(key, (time = { frame, self: 0, own: 0, total: 0, callees: new Set(), most: -1 }));
      if (own > time.most) Object.assign(time, { frame, most: own });
      time.self += own;
      let isOutermost = true;
      for (let at = parents[node] ?? -1; at >= 0; at = parents[at] ?? -1) {
        const outer = functionOf[at] ?? -1;
        if (outer < 0) break;
        if (keys[outer] === key) isOutermost = false;
        else times.get(keys[outer] ?? '')?.callees.add(key);
        at = outer;
      }
      // Of a function that calls itself only the outermost call counts.
      if (isOutermost) time.total += (total[node] ?? 0) / 1000 / passes;
    }
    const time = times.get(keys[functionOf[node] ?? -1] ?? '');
    if (time) time.own += own;
  }
  return times;
}
