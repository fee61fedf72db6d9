// What a shape adds up to: by what a reader looks for, and by function.
import { childrenOf } from './flame-layout.js';

/** Which nodes match: their frame does. With what they took in all, counted once where one match is below another. */
export function findMatches(shape, query) {
  const wanted = query.toLowerCase();
  const frames = Uint8Array.from(shape.frames, ({ name, file }) =>
    name.toLowerCase().includes(wanted) || (file ?? '').toLowerCase().includes(wanted) ? 1 : 0,
  );
  const wantedRoots = new Set(shape.roots.map(({ root }) => root));
  const state = new Uint8Array(shape.parent.length);
  const found = new Set();
  let time = 0;
  for (let node = 0; node < state.length; node += 1) {
    const under = shape.parent[node];
    if (under < 0) {
      state[node] = wantedRoots.has(node) ? 1 : 0;
      continue;
    }
    if (state[under] === 0) continue;
    const hit = frames[shape.frame[node]] === 1;
    state[node] = hit || state[under] === 2 ? 2 : 1;
    if (!hit) continue;
    if (shape.total[node] > 0) found.add(shape.frame[node]);
    if (state[under] === 1) time += shape.total[node];
  }
  return { frames, functions: found.size, time };
}

/**
 * A row for each function: own time, and time in all, counted once where it calls itself.
 * Expects the shape from the top down.
 */
export function sumFunctions(shape) {
  const rows = shape.frames.map((frame, index) => ({ index, frame, self: 0, total: 0, baseSelf: 0, baseTotal: 0 }));
  const { first, children } = childrenOf(shape.parent);
  /** How often each function is on the stack. */
  const active = new Int32Array(rows.length);
  const open = [];
  const enter = (node) => {
    open.push(node, first[node]);
    const row = rows[shape.frame[node]];
    if (!row) return;
    row.self += shape.self[node];
    if (shape.base) row.baseSelf += shape.base.self[node];
    active[row.index] += 1;
    if (active[row.index] > 1) return;
    row.total += shape.total[node];
    if (shape.base) row.baseTotal += shape.base.total[node];
  };
  for (const { root } of shape.roots) {
    enter(root);
    while (open.length > 0) {
      const next = open.at(-1);
      const node = open.at(-2);
      if (next < first[node + 1]) {
        open[open.length - 1] += 1;
        enter(children[next]);
        continue;
      }
      open.length -= 2;
      if (shape.frame[node] >= 0) active[shape.frame[node]] -= 1;
    }
  }
  return rows.filter((row) => row.total > 0 || row.baseTotal > 0);
}
