/**
 * Profiles in the formats of other tools. Times are of one pass. A merged profile has no order of time any more, so
 * the largest call stands first everywhere, as in a left-heavy flame graph.
 */
import type { Profile, ProfileFrame } from '../core/profile.ts';

interface Node {
  readonly frame: ProfileFrame | null;
  readonly self: number;
  readonly total: number;
  readonly children: readonly Node[];
}

/** µs of one pass. */
function treeOf(profile: Profile, root: number): Node {
  const { parents, frameOf, frames, self, passes } = profile;
  const children = parents.map((): number[] => []);
  for (const [node, parent] of parents.entries()) children[parent]?.push(node);
  const built: Node[] = [];
  // Children stand behind their parents.
  for (let node = parents.length - 1; node >= root; node -= 1) {
    const below = (children[node] ?? []).flatMap((child) => built[child] ?? []).sort((a, b) => b.total - a.total);
    const own = (self[node] ?? 0) / passes;
    built[node] = {
      frame: frames[frameOf[node] ?? -1] ?? null,
      self: own,
      total: below.reduce((sum, child) => sum + child.total, own),
      children: below,
    };
  }
  return built[root] ?? { frame: null, self: 0, total: 0, children: [] };
}

/** The address that a tool shows for a frame, and opens where it can. */
function addressOf({ file, script, mapped }: ProfileFrame): string {
  return (mapped ? file : (script ?? file)) ?? '';
}

/** As `Profiler.stop` of the DevTools protocol returns it, and DevTools and editors open. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly scriptId: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
    readonly hitCount: number;
    readonly children: readonly number[];
  }[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * A `.cpuprofile` of one thread: a sample for each node with time of its own, as long as that time.
 * @param thread index in `profile.threads`; its first is the main thread
 */
export function toCpuProfile(profile: Profile, thread = 0): CpuProfile {
  const root = profile.threads[thread]?.root ?? 0;
  const nodes: (CpuProfile['nodes'][number] & { children: number[] })[] = [];
  const samples: number[] = [];
  const lengths: number[] = [];
  const scripts = new Map<string, string>();
  const waiting: { readonly node: Node; readonly parent: number }[] = [{ node: treeOf(profile, root), parent: -1 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, parent } = next;
    const { frame } = node;
    const url = frame === null ? '' : addressOf(frame);
    if (url !== '' && !scripts.has(url)) scripts.set(url, String(scripts.size + 1));
    const id = nodes.length + 1;
    nodes.push({
      id,
      callFrame: {
        functionName: frame === null ? '(root)' : frame.name,
        scriptId: scripts.get(url) ?? '0',
        url,
        lineNumber: (frame?.line ?? 0) - 1,
        columnNumber: (frame?.column ?? 0) - 1,
      },
      // Tools that do not look at samples take times from this, by its share of the sum.
      hitCount: node.self > 0 ? Math.max(1, Math.round(node.self)) : 0,
      children: [],
    });
    nodes[parent]?.children.push(id);
    if (node.self > 0) {
      samples.push(id);
      lengths.push(Math.max(1, Math.round(node.self)));
    }
    // The last in the list is the next to be taken.
    for (const child of node.children.toReversed()) waiting.push({ node: child, parent: id - 1 });
  }
  // A sample lasts until the next one, so each length stands before the sample after it.
  const end = lengths.reduce((sum, length) => sum + length, 0);
  return {
    nodes,
    startTime: 0,
    endTime: end,
    samples,
    timeDeltas: [0, ...lengths.slice(0, -1)].slice(0, samples.length),
  };
}

/** speedscope.app: a sampled profile for each thread, sharing frames. */
export function toSpeedscope(profile: Profile, name: string): object {
  const { frames, threads } = profile;
  const indexOf = new Map(frames.map((frame, index) => [frame, index]));
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name,
    activeProfileIndex: 0,
    exporter: 'pacewright',
    shared: {
      frames: frames.map((frame) => ({
        name: frame.name,
        ...(addressOf(frame) === '' ? {} : { file: addressOf(frame) }),
        ...(frame.line === null ? {} : { line: frame.line }),
        ...(frame.column === null ? {} : { col: frame.column }),
      })),
    },
    profiles: threads.map((thread) => {
      const samples: number[][] = [];
      const weights: number[] = [];
      visit(treeOf(profile, thread.root), (path, self) => {
        samples.push(path.map((frame) => indexOf.get(frame) ?? 0));
        weights.push(self);
      });
      return {
        type: 'sampled',
        name: thread.name,
        unit: 'microseconds',
        startValue: 0,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
        samples,
        weights,
      };
    }),
  };
}

/** Folded stacks, as flamegraph.pl and others read them: `thread;caller;function (file:line) µs`, one a line. */
export function toFolded(profile: Profile): string {
  const lines: string[] = [];
  const plain = (text: string): string => text.replace(/[;\s]+/g, ' ').trim();
  for (const thread of profile.threads) {
    visit(treeOf(profile, thread.root), (path, self) => {
      const stack = path.map((frame) => {
        const address = addressOf(frame);
        return plain(
          address === '' ? frame.name : `${frame.name} (${address}${frame.line === null ? '' : `:${frame.line}`})`,
        );
      });
      lines.push(`${[plain(thread.name), ...stack].join(';')} ${Math.round(self)}`);
    });
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Calls back for each node with time of its own, largest subtree first. */
function visit(root: Node, onNode: (path: readonly ProfileFrame[], self: number) => void): void {
  const waiting: { readonly node: Node; readonly path: readonly ProfileFrame[] }[] = [{ node: root, path: [] }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, path } = next;
    const own = node.frame === null ? path : [...path, node.frame];
    if (node.self > 0) onNode(own, node.self);
    for (const child of node.children.toReversed()) waiting.push({ node: child, path: own });
  }
}
