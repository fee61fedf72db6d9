/** A merged call tree while it grows: each path of frames is one node. */

const stride = 2 ** 26;

export class CallTree {
  readonly parents: number[] = [];
  readonly frameOf: number[] = [];
  readonly self: number[] = [];
  readonly #children = new Map<number, number>();

  /** A new root, of a thread. */
  addRoot(): number {
    return this.#add(-1, -1);
  }

  /** Takes a root back under which nothing came. */
  removeLastRoot(): void {
    this.parents.pop();
    this.frameOf.pop();
    this.self.pop();
  }

  #add(parent: number, frame: number): number {
    this.parents.push(parent);
    this.frameOf.push(frame);
    return this.self.push(0) - 1;
  }

  /** The node for a frame under a node, made where there is none. */
  child(parent: number, frame: number): number {
    const key = parent * stride + frame;
    let node = this.#children.get(key);
    if (node === undefined) {
      node = this.#add(parent, frame);
      this.#children.set(key, node);
    }
    return node;
  }

  addSelf(node: number, time: number): void {
    this.self[node] = (this.self[node] ?? 0) + time;
  }
}
