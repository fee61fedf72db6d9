/**
 * Profiles as the report takes them in: unpacked, checked and cleaned, whoever wrote the document. The script in the
 * page draws what stands here without asking again.
 */
import { deflateRawSync } from 'node:zlib';
import { unpackProfile } from '../analyse/pack-profile.ts';
import type { Profile, ProfileFrame } from '../core/profile.ts';
import { cleanText } from '../core/text.ts';

/** Names of C++ templates and of minified one-liners are endless; no box is wide enough for more. */
const longestName = 160;
const longestPlace = 240;

function cleanFrame(frame: ProfileFrame): ProfileFrame {
  return {
    ...frame,
    name: cleanText(frame.name, longestName) || '(anonymous)',
    file: frame.file === null ? null : cleanText(frame.file, longestPlace),
    script: frame.script === null ? null : cleanText(frame.script, longestPlace),
  };
}

/** Beyond being a tree: its roots are the threads, and no time runs backwards. */
function isDrawable({ threads, parents, frameOf, self }: Profile): boolean {
  const roots = new Set(threads.map(({ root }) => root));
  return (
    threads.length > 0 &&
    self.every((time) => time >= 0) &&
    parents.every((parent, node) => parent >= 0 || (roots.has(node) && frameOf[node] === -1))
  );
}

export interface FlameData {
  readonly profile: Profile;
  /** As the page holds it: JSON, raw deflate, base64. */
  readonly packed: string;
}

/** Undefined for text that is no profile. */
export function readFlameData(packed: string): FlameData | undefined {
  let unpacked: Profile;
  try {
    unpacked = unpackProfile(packed);
  } catch {
    return undefined;
  }
  if (!isDrawable(unpacked)) return undefined;
  const profile: Profile = {
    ...unpacked,
    frames: unpacked.frames.map(cleanFrame),
    threads: unpacked.threads.map(({ name, root }) => ({ name: cleanText(name, 80) || '(no name)', root })),
    notes: unpacked.notes.map((note) => cleanText(note)),
  };
  // Written again always, so that nothing but base64 of clean text can reach the page; without the padding, which a
  // template would escape and a browser does not need.
  const text = deflateRawSync(JSON.stringify(profile), { level: 9 }).toString('base64').replace(/=+$/, '');
  return { profile, packed: text };
}

/** What a frame is coloured by: JavaScript by whose it is, all else by the kind of work. */
export function toneOf({ category, origin }: Pick<ProfileFrame, 'category' | 'origin'>): FlameTone {
  if (category !== 'script') return category;
  // Chrome's own frames of this category are the ways in: events, timers, calls
  if (origin === 'browser') return 'entry';
  return origin === 'application' ? 'script' : origin;
}

export const flameTones = [
  'script',
  'library',
  'third-party',
  'entry',
  'style',
  'layout',
  'paint',
  'parse',
  'gc',
  'native',
  'other',
] as const;
export type FlameTone = (typeof flameTones)[number];

export interface FunctionTimes {
  readonly frame: ProfileFrame;
  /** ms of one pass; `total` counts time once where a function calls itself. */
  readonly self: number;
  readonly total: number;
}

/** A row for each function of all threads, most time of its own first. */
export function sumFunctions({ frames, parents, frameOf, self, passes }: Profile): FunctionTimes[] {
  const rows = frames.map((frame) => ({ frame, self: 0, total: 0 }));
  const totals = Float64Array.from(self);
  for (let node = totals.length - 1; node >= 0; node -= 1) {
    const parent = parents[node] ?? -1;
    if (parent >= 0) totals[parent] = (totals[parent] ?? 0) + (totals[node] ?? 0);
  }
  for (let node = 0; node < parents.length; node += 1) {
    const own = frameOf[node] ?? -1;
    const row = rows[own];
    if (!row) continue;
    row.self += (self[node] ?? 0) / 1000 / passes;
    let above = parents[node] ?? -1;
    while (above >= 0 && frameOf[above] !== own) above = parents[above] ?? -1;
    if (above < 0) row.total += (totals[node] ?? 0) / 1000 / passes;
  }
  return rows.filter(({ total }) => total > 0).toSorted((a, b) => b.self - a.self || b.total - a.total);
}
