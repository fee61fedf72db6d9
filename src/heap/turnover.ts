/**
 * Whether what an old object holds has become more. A cache that is full, or the last pages that a router keeps, has
 * new entries after every iteration as a leak has, but as many old ones are gone: what tells the two apart is how many
 * there were before.
 */
import { none } from './graph.ts';
import type { Group } from './growth.ts';
import { NodeNames } from './nodes.ts';
import type { HeapSnapshot } from './snapshot.ts';

/** One of the two snapshots, and what is known of it so far. */
interface Side {
  readonly names: NodeNames;
  readonly held: Map<Group, ReadonlySet<number>>;
}

export class Turnover {
  private readonly last: HeapSnapshot;
  private readonly before: Side;
  private readonly after: Side;
  /** By half of the odd id: the node of the first snapshot. */
  private readonly byId: Uint32Array;

  constructor(first: HeapSnapshot, last: HeapSnapshot, names: NodeNames) {
    this.last = last;
    this.before = { names: new NodeNames(first), held: new Map() };
    this.after = { names, held: new Map() };
    this.byId = new Uint32Array((first.ids.reduce((most, id) => Math.max(most, id), 0) >>> 1) + 1).fill(none);
    first.ids.forEach((id, node) => {
      if (id % 2 === 1) this.byId[id >>> 1] = node;
    });
  }

  /**
   * How many more the group's holder has of its kind, reached in the same way. Null where that cannot be told: Chrome's
   * own objects have other ids in each snapshot, and the links of a list are not followed to its end.
   */
  more(group: Group): number | null {
    const now = this.heldBy(group, this.after);
    if (group.members.some((node) => !now.has(node))) return null;
    const then = this.oldNode(group.holder) === none ? null : this.heldBy(group, this.before);
    return then === null ? null : now.size - then.size;
  }

  private oldNode(node: number): number {
    const id = this.last.ids[node] as number;
    return id % 2 === 0 ? none : (this.byId[id >>> 1] ?? none);
  }

  /** From the holder down, by the references that lead to the group's members. */
  private heldBy(group: Group, side: Side): ReadonlySet<number> {
    const known = side.held.get(group);
    if (known) return known;
    const { parent, holder } = group;
    const from = parent
      ? this.heldBy(parent, side)
      : [side === this.after ? holder : this.oldNode(holder)].filter((node) => node !== none);
    const found = new Set<number>();
    for (const node of from) {
      const { from: edge, to } = side.names.edgesOf(node);
      for (let at = edge; at < to; at += 1) if (isLink(side.names, at, group)) found.add(side.names.target(at));
    }
    side.held.set(group, found);
    return found;
  }
}

/** Whether a reference is of the kind that leads to the group's members, and its target of theirs. */
function isLink(names: NodeNames, at: number, { edge, nodeType, className }: Group): boolean {
  if (names.edgeKind(at) !== edge.kind) return false;
  const isMany = edge.name.startsWith('[]');
  // Entries of a dictionary are properties by any name.
  if (isMany ? edge.kind !== 'property' && !names.isOneOfMany(at) : names.edgeName(at) !== edge.name) return false;
  const node = names.target(at);
  if (names.typeOf(node) !== nodeType) return false;
  return className.startsWith('(') || names.className(node) === className;
}
