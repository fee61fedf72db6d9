// The call tree of a profile in typed arrays: read, merged, folded. Times in ms of one pass.
//
// A tree is { frames, threads, parent, frame, self, base }: parents stand before their children, a thread's root has
// parent and frame -1, `base` holds the self times of the side that is compared against, or is null.

/** The profile in packed text: base64 of raw deflate of JSON. */
export async function unpackProfile(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text());
}

export function treeOf(profile) {
  const self = new Float64Array(profile.self.length);
  for (let node = 0; node < self.length; node += 1) self[node] = profile.self[node] / 1000 / profile.passes;
  return {
    frames: profile.frames,
    threads: profile.threads,
    parent: Int32Array.from(profile.parents),
    frame: Int32Array.from(profile.frameOf),
    self,
    base: null,
  };
}

/** Builds a tree in which each path of frames exists once. */
function createBuilder(comparing) {
  const frames = [];
  const frameKeys = new Map();
  const threads = [];
  const children = new Map();
  const [parent, frame, self, base] = [[], [], [], []];
  const add = (under, index) => {
    parent.push(under);
    frame.push(index);
    self.push(0);
    base.push(0);
    return parent.length - 1;
  };
  return {
    frames,
    frameFor(key, make) {
      let index = frameKeys.get(key);
      if (index === undefined) {
        index = frames.push(make()) - 1;
        frameKeys.set(key, index);
      }
      return index;
    },
    rootFor(name) {
      const known = threads.find((thread) => thread.name === name);
      if (known) return known.root;
      const root = add(-1, -1);
      threads.push({ name, root });
      return root;
    },
    childOf(under, index) {
      // exact in a double: 2^31 nodes times 2^22 frames
      const key = under * 4_194_304 + index;
      let node = children.get(key);
      if (node === undefined) {
        node = add(under, index);
        children.set(key, node);
      }
      return node;
    },
    /** The frame of a node; -1 for a root. */
    at: (node) => frame[node],
    count(node, ofSelf, ofBase) {
      self[node] += ofSelf;
      base[node] += ofBase;
    },
    finish: () => ({
      frames,
      threads,
      parent: Int32Array.from(parent),
      frame: Int32Array.from(frame),
      self: Float64Array.from(self),
      base: comparing ? Float64Array.from(base) : null,
    }),
  };
}

/** The same function of the same build. */
function exactKey(frame) {
  return [frame.category, frame.origin, frame.line, frame.column, frame.name, frame.file].join('\n');
}

/**
 * The same function of another build: lines move with every edit, the application's host is another for base and head,
 * and bundlers put a hash of the content into names of files, letters with digits or capitals.
 */
function looseKey({ category, origin, name, file, mapped }) {
  const path = origin === 'third-party' ? file : file?.replace(/^https?:\/\/[^/]*/, '');
  const plain = mapped ? file : path?.replace(/[-.](?=[\w-]*[\dA-Z])[\w-]{6,64}(?=\.\w+$)/, '');
  return [category, origin, name, plain].join('\n');
}

/**
 * Several trees as one, frames and paths that they share merged: the steps of a flow, or head with base.
 * `parts` are { tree, base }: whether the times count as those of base.
 */
export function mergeTrees(parts) {
  const comparing = parts.some((part) => part.base);
  const keyOf = comparing ? looseKey : exactKey;
  const builder = createBuilder(comparing);
  // head first: its order and its places are what is shown
  for (const { tree, base } of parts.toSorted((one, other) => Number(one.base) - Number(other.base))) {
    const indexes = tree.frames.map((frame) => {
      const index = builder.frameFor(keyOf(frame), () => ({ ...frame, calls: null }));
      const merged = builder.frames[index];
      if (base) return index;
      if (frame.calls !== null) merged.calls = (merged.calls ?? 0) + frame.calls;
      // several functions of one name in a file, most of them without any: no one place is theirs
      if (frame.line !== merged.line || frame.column !== merged.column) merged.line = merged.column = null;
      return index;
    });
    const nodes = new Int32Array(tree.parent.length);
    for (const { name, root } of tree.threads) nodes[root] = builder.rootFor(name);
    for (let node = 0; node < nodes.length; node += 1) {
      const frame = tree.frame[node];
      if (frame >= 0) nodes[node] = builder.childOf(nodes[tree.parent[node]], indexes[frame]);
      builder.count(nodes[node], base ? 0 : tree.self[node], base ? tree.self[node] : 0);
    }
  }
  return builder.finish();
}

/** The host of a URL; other text as it is. `known` keeps what was found: reading a URL is slow. */
function hostOf(url, known) {
  let host = known.get(url);
  if (host === undefined) {
    host = (URL.canParse(url) && new URL(url).host) || url || '(third party)';
    known.set(url, host);
  }
  return host;
}

/** `cdn.example` of the script, or `react-dom` of the file; empty for what is not folded. */
function blockOf(frame, { thirdParties, libraries }, hosts) {
  if (thirdParties && frame.origin === 'third-party') return hostOf(frame.script ?? frame.file ?? '', hosts);
  if (libraries && frame.origin === 'library') {
    // the last one: package managers nest packages in folders of packages
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(frame.file ?? '') ?? [];
    return name ?? frame.file ?? '(library)';
  }
  return '';
}

/** Whole stretches of a host's or a package's own calls as one block; what they call of others stays below it. */
export function foldTree(tree, options) {
  const builder = createBuilder(tree.base !== null);
  const hosts = new Map();
  const folded = tree.frames.map((frame, index) => {
    const block = blockOf(frame, options, hosts);
    if (block === '') return builder.frameFor(index, () => frame);
    const key = `${frame.origin} ${block}`;
    const made = builder.frameFor(key, () => ({
      ...frame,
      name: block,
      file: null,
      line: null,
      column: null,
      script: null,
      calls: null,
      folded: 0,
    }));
    builder.frames[made].folded += 1;
    return made;
  });
  const nodes = new Int32Array(tree.parent.length);
  for (const { name, root } of tree.threads) nodes[root] = builder.rootFor(name);
  for (let node = 0; node < nodes.length; node += 1) {
    if (tree.frame[node] >= 0) {
      const frame = folded[tree.frame[node]];
      const under = nodes[tree.parent[node]];
      const same = builder.frames[frame].folded > 0 && builder.at(under) === frame;
      nodes[node] = same ? under : builder.childOf(under, frame);
    }
    builder.count(nodes[node], tree.self[node], tree.base ? tree.base[node] : 0);
  }
  return builder.finish();
}
