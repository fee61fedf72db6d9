/** The profile of a part of a trace: what ran on the page's threads, as one merged call tree. */
import type { Profile, ProfileThread } from '../core/profile.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { CallTree } from './call-tree.ts';
import { FrameTable } from './frame-table.ts';
import { StackPlacer } from './place-stacks.ts';
import type { SourceResolver } from './source-maps.ts';
import type { TraceData, TraceThread } from './trace-data.ts';

export interface ProfileWindow {
  /** µs of the trace's clock. */
  readonly start: number;
  readonly end: number;
  readonly resolver: SourceResolver;
}

/**
 * One pass. Main-thread time adds up to the tasks in the window exactly; where a navigation moved the page to another
 * process, both main threads are one. Workers of the same script are one thread as well.
 */
export function buildProfile(trace: TraceData, { start, end, resolver }: ProfileWindow): Profile {
  const window = { start: Math.max(start, trace.start), end: Math.min(end, trace.end) };
  const tree = new CallTree();
  const table = new FrameTable(resolver);
  const roots = new Map<string, number>();
  let taskTime = 0;
  let samples = 0;
  for (const thread of trace.threads) {
    const name = threadName(thread);
    const known = roots.get(name);
    const root = known ?? tree.addRoot();
    const time = new StackPlacer({ trace, thread, tree, frames: table, window, root }).run();
    // The main thread stands even where it did nothing: there is a tree for it to be empty.
    const isEmpty = known === undefined && tree.parents.length === root + 1;
    if (isEmpty && thread.kind !== 'main') tree.removeLastRoot();
    else roots.set(name, root);
    if (thread.kind === 'main') taskTime += time.tasks;
    samples += time.samples;
  }
  return {
    frames: table.frames,
    threads: [...roots].map(([name, root]): ProfileThread => ({ name, root })),
    parents: tree.parents,
    frameOf: tree.frameOf,
    self: tree.self,
    passes: 1,
    samples,
    interval: sampleDistance(trace, window),
    taskTime,
    notes: [...trace.notes, ...resolver.notes()],
  };
}

const mainThread = 'Main thread';

function threadName({ kind, url }: TraceThread): string {
  if (kind === 'main') return mainThread;
  const shown = URL.canParse(url) ? new URL(url) : null;
  if (kind === 'frame') return cleanText(`Frame ${shown ? redactUrl(`${shown.origin}${shown.pathname}`) : ''}`.trim());
  const file = shown?.pathname.split('/').at(-1) ?? '';
  return cleanText(`Worker ${redactUrl(file === '' ? (shown?.origin ?? '') : file)}`.trim());
}

/** Mean distance of samples on main threads, µs. */
function sampleDistance(trace: TraceData, { start, end }: { readonly start: number; readonly end: number }): number {
  let count = 0;
  let span = 0;
  for (const { kind, stacks } of trace.threads) {
    if (kind !== 'main' || !stacks) continue;
    const within = stacks.time.filter((time) => time >= start && time <= end);
    if (within.length < 2) continue;
    count += within.length - 1;
    span += (within.at(-1) as number) - (within[0] as number);
  }
  return count === 0 ? 0 : span / count;
}
