// From a tree of sizes to boxes: a squarified treemap (Bruls, Huizing, van Wijk 2000), as the picture without script has.

/** Rows of boxes along the shorter side of what is left, each as near to squares as it gets. Values: positive, descending. */
export function squarify(values, x, y, width, height) {
  const boxes = [];
  let [left, top, wide, high] = [x, y, width, height];
  let rest = values.reduce((sum, value) => sum + value, 0);
  let from = 0;
  while (from < values.length) {
    const short = Math.min(wide, high);
    const scale = rest > 0 ? (wide * high) / rest : 0;
    let sum = 0;
    let worst = Infinity;
    let to = from;
    for (; to < values.length; to += 1) {
      const next = sum + values[to];
      const side = (next * scale) / short;
      const ratio = Math.max((values[from] * scale) / side ** 2, side ** 2 / (values[to] * scale));
      if (ratio > worst) break;
      [sum, worst] = [next, ratio];
    }
    if (to === from) to = from + 1;
    sum = Math.max(sum, values[from]);
    const thick = rest > 0 ? (sum / rest) * (wide < high ? high : wide) : 0;
    let offset = 0;
    for (let at = from; at < to; at += 1) {
      const long = sum > 0 ? (values[at] / sum) * short : 0;
      boxes.push(
        wide < high
          ? { x: left + offset, y: top, width: long, height: thick }
          : { x: left, y: top + offset, width: thick, height: long },
      );
      offset += long;
    }
    if (wide < high) [top, high] = [top + thick, high - thick];
    else [left, wide] = [left + thick, wide - thick];
    rest -= sum;
    from = to;
  }
  return boxes;
}

const line = 15;
/** Smaller than that nothing in a box can be seen. */
const least = 5;

/**
 * Boxes of what `root` holds, frames before what they hold; `root` itself has none. `valueOf(node)` gives sizes;
 * `titled` says whether there is room for a name.
 */
export function layOut(root, valueOf, width, height) {
  const boxes = [];
  const fill = (node, x, y, wide, high) => {
    const children = node.children.filter((child) => valueOf(child) > 0).toSorted((a, b) => valueOf(b) - valueOf(a));
    const places = squarify(children.map(valueOf), x, y, wide, high);
    for (const [at, child] of children.entries()) {
      const place = places[at];
      const box = {
        node: child,
        x: place.x,
        y: place.y,
        width: place.width - 1,
        height: place.height - 1,
        frame: false,
        titled: place.height > line,
      };
      if (!(box.width > 1) || !(box.height > 1)) continue;
      boxes.push(box);
      if (child.children.length === 0 || box.width < 2 * least || box.height < 2 * least) continue;
      box.titled = box.height > 2.5 * line && box.width > 30;
      const head = box.titled ? line + 1 : 2;
      box.frame = true;
      fill(child, box.x + 2, box.y + head, box.width - 4, box.height - head - 2);
    }
  };
  fill(root, 0, 0, width, height);
  return boxes;
}

/** The box in a direction from another: the nearest whose middle lies that way; undefined where there is none. */
export function nextBox(boxes, from, key) {
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
  const [x, y] = middle(from);
  let best;
  for (const box of boxes) {
    const [toX, toY] = middle(box);
    const along = (toX - x) * dx + (toY - y) * dy;
    const across = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
    // what lies more to the side than ahead is in another direction
    if (box === from || along <= 0 || across > 2 * along) continue;
    const distance = along + 2 * across;
    if (!best || distance < best.distance) best = { box, distance };
  }
  return best?.box;
}
