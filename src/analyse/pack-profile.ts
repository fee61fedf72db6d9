/** Profiles in little space, for documents: JSON, raw deflate, base64. A browser unpacks it by DecompressionStream. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { frameCategories, type Profile, type ProfileFrame } from '../core/profile.ts';
import { codeOrigins } from '../core/source.ts';
import { formatQuantity } from '../core/units.ts';
import { CallTree } from './call-tree.ts';

/** Of the text of one step. A report with ten of them, and their bases, has to stay under 3 MB with all else. */
const mostCharacters = 60_000;
/** Shares of all time under which a call is not worth a node, tried in turn. */
const shares = [0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2];

/**
 * What is too much is folded, smallest first, into frames called `(other)` of their callers, and a note says so: no
 * time is lost. Whoever fills a profile with names so long that a dozen calls do not fit gets more than `most`.
 */
export function packProfile(profile: Profile, most = mostCharacters): string {
  let text = '';
  for (const share of shares) {
    text = pack(foldSmall(profile, share));
    if (text.length <= most) break;
  }
  return text;
}

function pack(profile: Profile): string {
  return deflateRawSync(JSON.stringify(profile), { level: 9 }).toString('base64');
}

const other: ProfileFrame = {
  name: '(other)',
  file: null,
  line: null,
  column: null,
  script: null,
  mapped: false,
  category: 'other',
  origin: 'browser',
  calls: null,
};

/** Without frames that no node has, and without nodes whose time is under a share of all. */
function foldSmall(profile: Profile, share: number): Profile {
  const { parents, self } = profile;
  const total = [...self];
  for (let node = parents.length - 1; node >= 0; node -= 1) {
    const parent = parents[node] ?? -1;
    if (parent >= 0) total[parent] = (total[parent] ?? 0) + (total[node] ?? 0);
  }
  const all = total.reduce((sum, time, node) => ((parents[node] ?? -1) < 0 ? sum + time : sum), 0);
  const least = all * share;

  const tree = new CallTree();
  const frames: ProfileFrame[] = [];
  const frameIndex = new Map<ProfileFrame, number>();
  const indexOf = (frame: ProfileFrame): number => {
    let index = frameIndex.get(frame);
    if (index === undefined) {
      index = frames.push(frame) - 1;
      frameIndex.set(frame, index);
    }
    return index;
  };
  const nodes: number[] = [];
  const folded: boolean[] = [];
  let count = 0;
  for (const [node, parent] of parents.entries()) {
    const frame = profile.frames[profile.frameOf[node] ?? -1];
    if (parent < 0) nodes.push(tree.addRoot());
    else if (folded[parent] === true) nodes.push(nodes[parent] ?? 0);
    else if ((total[node] ?? 0) < least || !frame) nodes.push(tree.child(nodes[parent] ?? 0, indexOf(other)));
    else nodes.push(tree.child(nodes[parent] ?? 0, indexOf(frame)));
    folded.push(parent >= 0 && (folded[parent] === true || (total[node] ?? 0) < least));
    if (folded[node] === true) count += 1;
    tree.addSelf(nodes[node] ?? 0, self[node] ?? 0);
  }
  const note = `${count} calls of less than ${formatQuantity(least / 1000 / profile.passes, 'ms')} each are shown as "(other)" of their callers.`;
  return {
    ...profile,
    frames,
    threads: profile.threads.map(({ name, root }) => ({ name, root: nodes[root] ?? 0 })),
    parents: tree.parents,
    frameOf: tree.frameOf,
    self: tree.self.map((time) => Math.round(time)),
    interval: Math.round(profile.interval * 10) / 10,
    notes: count === 0 ? profile.notes : [...profile.notes, note],
  };
}

const place = z.number().int().nullable();
const indices = z.array(z.number().int());
const profileSchema = z.object({
  frames: z.array(
    z.object({
      name: z.string(),
      file: z.string().nullable(),
      line: place,
      column: place,
      script: z.string().nullable(),
      mapped: z.boolean(),
      category: z.enum(frameCategories),
      origin: z.enum(codeOrigins),
      calls: z.number().nullable(),
    }),
  ),
  threads: z.array(z.object({ name: z.string(), root: z.number().int() })),
  parents: indices,
  frameOf: indices,
  self: z.array(z.number()),
  passes: z.number().int().min(1),
  samples: z.number(),
  interval: z.number(),
  taskTime: z.number(),
  notes: z.array(z.string()),
});

/** A profile that a document may hold unpacks to a few MB; a document may also be made to unpack to gigabytes. */
const largestProfile = 64e6;

/** @throws Error where the text is no packed profile: a document that was changed by hand */
export function unpackProfile(packed: string): Profile {
  let profile: Profile;
  try {
    const json = inflateRawSync(Buffer.from(packed, 'base64'), { maxOutputLength: largestProfile }).toString('utf8');
    profile = profileSchema.parse(JSON.parse(json));
  } catch (error) {
    throw new Error('this is no packed profile', { cause: error });
  }
  const { parents, frameOf, frames, self, threads } = profile;
  const isTree =
    frameOf.length === parents.length &&
    self.length === parents.length &&
    parents.every((parent, node) => parent >= -1 && parent < node) &&
    frameOf.every((frame, node) => frame < frames.length && frame >= (parents[node] === -1 ? -1 : 0)) &&
    threads.every(({ root }) => parents[root] === -1);
  if (!isTree) throw new Error('the nodes of the profile do not form a tree');
  return profile;
}
