/** Several passes of one step as one profile. */
import type { Profile, ProfileFrame, ProfileThread } from '../core/profile.ts';
import { CallTree } from './call-tree.ts';
import { frameKey } from './frame-table.ts';

/**
 * Times and samples add up; threads are the same by name, and paths by their frames. `interval` is the mean over all
 * samples.
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  const [only] = profiles;
  if (only && profiles.length === 1) return only;
  const tree = new CallTree();
  const frames: ProfileFrame[] = [];
  const frameIndex = new Map<string, number>();
  const threads = new Map<string, ProfileThread>();
  for (const profile of profiles) {
    const frameOf = profile.frames.map((frame) => {
      const key = frameKey(frame);
      const known = frameIndex.get(key);
      if (known === undefined) {
        frameIndex.set(key, frames.length);
        return frames.push(frame) - 1;
      }
      // Only one pass has coverage.
      if (frames[known]?.calls === null && frame.calls !== null)
        frames[known] = { ...frames[known], calls: frame.calls };
      return known;
    });
    const rootNames = new Map(profile.threads.map(({ name, root }) => [root, name]));
    const nodes: number[] = [];
    for (const [node, parent] of profile.parents.entries()) {
      if (parent < 0) {
        const name = rootNames.get(node) ?? '';
        const thread = threads.get(name) ?? { name, root: tree.addRoot() };
        threads.set(name, thread);
        nodes.push(thread.root);
      } else nodes.push(tree.child(nodes[parent] ?? 0, frameOf[profile.frameOf[node] ?? 0] ?? 0));
      tree.addSelf(nodes[node] ?? 0, profile.self[node] ?? 0);
    }
  }
  const samples = sum(profiles, (profile) => profile.samples);
  return {
    frames,
    threads: [...threads.values()],
    parents: tree.parents,
    frameOf: tree.frameOf,
    self: tree.self,
    passes: sum(profiles, (profile) => profile.passes),
    samples,
    interval: samples === 0 ? 0 : sum(profiles, (profile) => profile.interval * profile.samples) / samples,
    taskTime: sum(profiles, (profile) => profile.taskTime),
    notes: [...new Set(profiles.flatMap(({ notes }) => notes))],
  };
}

function sum(profiles: readonly Profile[], of: (profile: Profile) => number): number {
  return profiles.reduce((total, profile) => total + of(profile), 0);
}
