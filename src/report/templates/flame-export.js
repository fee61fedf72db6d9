// The profile in formats of other tools, made from the data in the page. Times of one pass.
import { placeText } from './flame-words.js';

/** Frames from the root down to a node, without the root itself. */
function stackOf(tree, node) {
  const stack = [];
  for (let at = node; tree.frame[at] >= 0; at = tree.parent[at]) stack.push(tree.frame[at]);
  return stack.reverse();
}

/** Nodes with time of their own, by thread. */
function leavesOf(tree) {
  const thread = new Int32Array(tree.parent.length);
  const leaves = tree.threads.map(() => []);
  tree.threads.forEach(({ root }, index) => (thread[root] = index));
  for (let node = 0; node < thread.length; node += 1) {
    if (tree.frame[node] < 0) continue;
    thread[node] = thread[tree.parent[node]];
    if (tree.self[node] > 0) leaves[thread[node]].push(node);
  }
  return leaves;
}

/** speedscope's file format: one sampled profile a thread, a sample for each call path. */
export function toSpeedscope(tree, name) {
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'pacewright',
    name,
    activeProfileIndex: 0,
    shared: {
      frames: tree.frames.map((frame) => ({
        name: frame.name,
        ...(frame.file === null ? {} : { file: frame.file }),
        ...(frame.line === null ? {} : { line: frame.line }),
        ...(frame.column === null ? {} : { col: frame.column }),
      })),
    },
    profiles: leavesOf(tree).map((leaves, index) => {
      const weights = leaves.map((node) => Math.round(tree.self[node] * 1e6) / 1e3);
      return {
        type: 'sampled',
        name: tree.threads[index].name,
        unit: 'microseconds',
        startValue: 0,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
        samples: leaves.map((node) => stackOf(tree, node)),
        weights,
      };
    }),
  });
}

/** Folded stacks, `thread;caller;callee 1234`, a line for each call path; µs. */
export function toFolded(tree) {
  // a semicolon would part a name, and a space before the end its number
  const plain = (text) => text.replaceAll(';', ',');
  const names = tree.frames.map((frame) =>
    plain(frame.file === null ? frame.name : `${frame.name} (${placeText(frame)})`),
  );
  return leavesOf(tree)
    .flatMap((leaves, index) =>
      leaves.map((node) => {
        const stack = [plain(tree.threads[index].name), ...stackOf(tree, node).map((frame) => names[frame])];
        return `${stack.join(';')} ${Math.round(tree.self[node] * 1000)}\n`;
      }),
    )
    .join('');
}

/** Hands a file to the browser, which saves it as downloads are saved. `name` may be anything. */
function saveFile(name, ending, type, text) {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60);
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${plain.replaceAll(/^-|-$/g, '') || 'profile'}.${ending}`;
  link.click();
  // the download has its own hold on the data once it has begun
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function saveSpeedscope(tree, name) {
  saveFile(name, 'speedscope.json', 'application/json', toSpeedscope(tree, name));
}

export function saveFolded(tree, name) {
  saveFile(name, 'folded.txt', 'text/plain', toFolded(tree));
}
