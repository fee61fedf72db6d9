// From a call tree to places on the screen. A shape adds what each node took in all; a layout adds where it stands.
//
// A shape is { frames, roots, parent, frame, self, total, base }, with base { self, total } or null.

/** Adds up what is below each node. */
function totalsOf(parent, self) {
  const total = Float64Array.from(self);
  for (let node = total.length - 1; node >= 0; node -= 1) {
    if (parent[node] >= 0) total[parent[node]] += total[node];
  }
  return total;
}

/** `children` from `first[node]` to before `first[node + 1]` are those of a node, in order of appearance. */
export function childrenOf(parent) {
  const size = parent.length;
  const first = new Int32Array(size + 1);
  for (let node = 0; node < size; node += 1) if (parent[node] >= 0) first[parent[node] + 1] += 1;
  for (let node = 0; node < size; node += 1) first[node + 1] += first[node];
  const children = new Int32Array(first[size]);
  const cursor = first.slice(0, size);
  for (let node = 0; node < size; node += 1) {
    if (parent[node] < 0) continue;
    children[cursor[parent[node]]] = node;
    cursor[parent[node]] += 1;
  }
  return { first, children };
}

/** Callers above, what they call below. `threads`: positions of those that are wanted. */
export function topDown(tree, threads) {
  const { frames, parent, frame, self, base } = tree;
  return {
    frames,
    roots: tree.threads.filter((_, index) => threads.includes(index)),
    parent,
    frame,
    self,
    total: totalsOf(parent, self),
    base: base && { self: base, total: totalsOf(parent, base) },
  };
}

/** Arrays of numbers that grow by doubling: how many nodes an inverted tree has is known when it is built. */
function growing(Kind) {
  let values = new Kind(1024);
  let size = 0;
  return {
    push(value) {
      if (size === values.length) {
        const larger = new Kind(2 * size);
        larger.set(values);
        values = larger;
      }
      values[size] = value;
      size += 1;
    },
    done: () => values.subarray(0, size),
  };
}

/**
 * Functions by their own time, their callers below. All that has time of its own walks up its stack together, level
 * by level: `at` is where each walker stands, and walkers of one group have come the same way.
 */
export function bottomUp(tree, threads) {
  const [parent, frame, total, baseTotal] = [Int32Array, Int32Array, Float64Array, Float64Array].map(growing);
  const { base } = tree;
  let size = 0;
  const open = (under, index) => {
    parent.push(under);
    frame.push(index);
    size += 1;
    return size - 1;
  };
  // which thread a node is of: that of its parent, which stands before it
  const threadOf = new Int32Array(tree.parent.length).fill(-1);
  tree.threads.forEach(({ root }, index) => (threadOf[root] = index));
  for (let node = 0; node < threadOf.length; node += 1) {
    if (tree.parent[node] >= 0) threadOf[node] = threadOf[tree.parent[node]];
  }
  const roots = [];
  const stamp = new Int32Array(tree.frames.length).fill(-1);
  const group = new Int32Array(tree.frames.length);
  for (const thread of threads) {
    const { name } = tree.threads[thread];
    const walkers = [];
    for (let node = 0; node < threadOf.length; node += 1) {
      if (threadOf[node] === thread && tree.frame[node] >= 0 && (tree.self[node] > 0 || (base && base[node] > 0)))
        walkers.push(node);
    }
    const root = open(-1, -1);
    roots.push({ name, root });
    total.push(walkers.reduce((sum, node) => sum + tree.self[node], 0));
    baseTotal.push(base ? walkers.reduce((sum, node) => sum + base[node], 0) : 0);
    let origins = Int32Array.from(walkers);
    let at = Int32Array.from(walkers);
    let ends = [walkers.length];
    let owners = [root];
    while (origins.length > 0) {
      // one pass over each group finds its callers and their sums, a second one puts the walkers of each side by side
      const next = { owners: [], sizes: [] };
      const [sums, bases] = [[], []];
      const to = new Int32Array(origins.length);
      let begin = 0;
      for (let index = 0; index < ends.length; index += 1) {
        for (let walker = begin; walker < ends[index]; walker += 1) {
          const own = tree.frame[at[walker]];
          if (own < 0) {
            to[walker] = -1;
            continue;
          }
          if (stamp[own] !== owners[index]) {
            stamp[own] = owners[index];
            group[own] = next.owners.length;
            next.owners.push(open(owners[index], own));
            next.sizes.push(0);
            sums.push(0);
            bases.push(0);
          }
          const mine = group[own];
          to[walker] = mine;
          next.sizes[mine] += 1;
          sums[mine] += tree.self[origins[walker]];
          if (base) bases[mine] += base[origins[walker]];
        }
        begin = ends[index];
      }
      for (let index = 0; index < sums.length; index += 1) {
        total.push(sums[index]);
        baseTotal.push(bases[index]);
      }
      ends = [];
      let count = 0;
      const places = next.sizes.map((amount) => {
        const place = count;
        count += amount;
        ends.push(count);
        return place;
      });
      const [nextOrigins, nextAt] = [new Int32Array(count), new Int32Array(count)];
      for (let walker = 0; walker < to.length; walker += 1) {
        if (to[walker] < 0) continue;
        const place = places[to[walker]];
        places[to[walker]] += 1;
        nextOrigins[place] = origins[walker];
        nextAt[place] = tree.parent[at[walker]];
      }
      origins = nextOrigins;
      at = nextAt;
      owners = next.owners;
    }
  }
  const [parents, totals, baseTotals] = [parent.done(), total.done(), baseTotal.done()];
  const starts = new Set(roots.map(({ root }) => root));
  // own time belongs to the function itself; its callers only lead to it
  const ownOf = (times) => times.map((time, node) => (starts.has(parents[node]) ? time : 0));
  return {
    frames: tree.frames,
    roots,
    parent: parents,
    frame: frame.done(),
    self: ownOf(totals),
    total: totals,
    base: base && { self: ownOf(baseTotals), total: baseTotals },
  };
}

/**
 * Where each node stands: `start` in ms from the left of its thread, `row` from the top; `rows[r]` are the nodes of
 * row r from left to right. Threads stand below each other on one scale, an empty row between them.
 * `width` gives the time that a node is wide by: those of the shape, or of its base.
 */
export function layOut(shape, { heaviestFirst, width = shape.total }) {
  const { parent, roots } = shape;
  const size = parent.length;
  const start = new Float64Array(size);
  const row = new Int32Array(size).fill(-1);
  const { first, children } = childrenOf(parent);
  if (heaviestFirst) {
    for (let node = 0; node < size; node += 1) {
      if (first[node + 1] - first[node] > 1) {
        children.subarray(first[node], first[node + 1]).sort((a, b) => width[b] - width[a] || a - b);
      }
    }
  }
  const rows = [];
  // nodes row by row; each row is a part of it
  const order = new Int32Array(size);
  let end = 0;
  for (const { root } of roots) {
    if (rows.length > 0) rows.push(order.subarray(end, end));
    let begin = end;
    order[end] = root;
    end += 1;
    while (begin < end) {
      const level = order.subarray(begin, end);
      begin = end;
      for (const node of level) {
        row[node] = rows.length;
        let x = start[node];
        for (let index = first[node]; index < first[node + 1]; index += 1) {
          const child = children[index];
          if (width[child] <= 0) continue;
          start[child] = x;
          x += width[child];
          order[end] = child;
          end += 1;
        }
      }
      rows.push(level);
    }
  }
  const span = roots.reduce((most, { root }) => Math.max(most, width[root]), 0);
  return { ...shape, width, start, row, rows, first, children, span };
}

/** The first of a row's nodes, from one place to before another, that ends right of `x`; the latter if there is none. */
export function firstRightOf(layout, nodes, x, from = 0, until = nodes.length) {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const node = nodes[middle];
    if (layout.start[node] + layout.width[node] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The node at a place; -1 where there is none. */
export function nodeAt(layout, row, x) {
  const nodes = layout.rows[row];
  if (!nodes) return -1;
  const node = nodes[firstRightOf(layout, nodes, x)] ?? -1;
  return node >= 0 && layout.start[node] <= x ? node : -1;
}
