// Where the trees of a graph come from: the packed profiles of its step, or those of all steps of its flow.
import { foldTree, mergeTrees, treeOf, unpackProfile } from './flame-tree.js';

const read = new Map();

/** The tree in an inert element, unpacked once for all graphs that show it; null without one. */
function treeIn(section, side) {
  const holder = section.querySelector(`script[data-profile="${side}"]`);
  if (!holder) return Promise.resolve(null);
  let tree = read.get(holder);
  if (!tree) {
    tree = unpackProfile(holder.textContent).then(treeOf);
    read.set(holder, tree);
  }
  return tree;
}

/** Graphs of the same flow, this one among them. */
export function graphsOfFlow(section) {
  return [...section.closest('.scenario').querySelectorAll('.flame')];
}

async function merged(sections, wanted) {
  const pairs = await Promise.all(
    sections.map(async (section) => ({ head: await treeIn(section, 'head'), base: await treeIn(section, 'base') })),
  );
  // in a comparison, a step that one side alone has would look like a change of its own size
  const complete = wanted === 'head' ? pairs : pairs.filter(({ head, base }) => head && base);
  const parts = complete.flatMap(({ head, base }) => [
    ...(wanted === 'base' || !head ? [] : [{ tree: head, base: false }]),
    ...(wanted === 'head' || !base ? [] : [{ tree: base, base: wanted === 'difference' }]),
  ]);
  return parts.length === 1 && !parts[0].base ? parts[0].tree : mergeTrees(parts);
}

/** The tree as the controls ask for it. `side` is head, base or difference, `scope` step or flow. */
export async function treeFor(section, { scope, side, thirdParties, libraries, folds = true }) {
  const tree = await merged(scope === 'flow' ? graphsOfFlow(section) : [section], side);
  return folds && (thirdParties || libraries) ? foldTree(tree, { thirdParties, libraries }) : tree;
}
