/**
 * Profiles as the report takes them in: unpacked, checked and cleaned, whoever wrote the document. The script in the
 * page draws what stands here without asking again.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { frameCategories, type Profile, type ProfileFrame } from '../core/profile.ts';
import { codeOrigins } from '../core/source.ts';
import { cleanText } from '../core/text.ts';

/** Names of C++ templates and of minified one-liners are endless; no box is wide enough for more. */
const longestName = 160;
const longestPlace = 240;
/** What a hostile document may unfold to; 50,000 nodes are 1 MB. */
const largest = 100_000_000;

const text = (limit: number): z.ZodType<string> => z.string().transform((value) => cleanText(value, limit));
const place = z.number().int().nullable().catch(null);

const frameSchema = z.object({
  name: text(longestName).transform((name) => name || '(anonymous)'),
  file: text(longestPlace).nullable(),
  line: place,
  column: place,
  script: text(longestPlace).nullable(),
  mapped: z.boolean(),
  category: z.enum(frameCategories).catch('other'),
  origin: z.enum(codeOrigins).catch('application'),
  calls: z.number().nonnegative().nullable().catch(null),
});

const profileSchema = z
  .object({
    frames: z.array(frameSchema),
    threads: z
      .array(z.object({ name: text(80).transform((name) => name || '(no name)'), root: z.number().int() }))
      .min(1),
    parents: z.array(z.number().int()),
    frameOf: z.array(z.number().int()),
    self: z.array(z.number().nonnegative()),
    passes: z.number().positive(),
    samples: z.number().nonnegative(),
    interval: z.number().nonnegative(),
    taskTime: z.number().nonnegative(),
    notes: z.array(text(300)),
  })
  .refine(isTree);

/** Every node has a parent before it and a frame, but the roots, which are those of threads. */
function isTree({ frames, threads, parents, frameOf, self }: Profile): boolean {
  const roots = new Set(threads.map(({ root }) => root));
  return (
    frameOf.length === parents.length &&
    self.length === parents.length &&
    threads.every(({ root }) => parents[root] === -1) &&
    parents.every((parent, node) => {
      const frame = frameOf[node] ?? -1;
      return parent === -1
        ? roots.has(node) && frame === -1
        : parent >= 0 && parent < node && frame >= 0 && frame < frames.length;
    })
  );
}

export interface FlameData {
  readonly profile: Profile;
  /** As the page holds it: JSON, raw deflate, base64. */
  readonly packed: string;
}

/** Undefined for text that is no profile. */
export function readFlameData(packed: string): FlameData | undefined {
  try {
    const json = inflateRawSync(Buffer.from(packed, 'base64'), { maxOutputLength: largest }).toString();
    const profile: Profile = profileSchema.parse(JSON.parse(json));
    const clean = JSON.stringify(profile);
    // Written again always, so that nothing but base64 of clean text can reach the page; without the padding, which a
    // template would escape and a browser does not need.
    return { profile, packed: deflateRawSync(clean, { level: 9 }).toString('base64').replace(/=+$/, '') };
  } catch {
    return undefined;
  }
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
