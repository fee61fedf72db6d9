// The canvas of a flame graph: what part of it is to be seen, which box is chosen, and the ways to change both.
import { firstRightOf, nodeAt } from './flame-layout.js';
import { paintFlame, readPalette, rowHeight } from './flame-paint.js';

const zoomTime = 180; // ms
/** No further than this: a millionth of a profile of a minute is 60 µs. */
const deepest = 1e-6;

/** `tell(what)` is called with 'select', 'hover' or 'zoom' after each change, and with 'draw' after each drawing. */
export function createView({ scroller, canvas, sizer, home, tell }) {
  const context = canvas.getContext('2d');
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let palette = null;
  let pixels = 0;
  let scene = null;
  let [width, height] = [0, 0];
  let [from, to] = [0, 1];
  let focus = -1;
  let trail = [];
  let waiting = 0;
  let moving = 0;
  const view = {
    selected: -1,
    hovered: -1,
    focus: () => focus,
    showsAll: () => !scene || to - from >= scene.layout.span,
  };

  function draw() {
    waiting = 0;
    if (!scene || width === 0) return;
    palette ??= readPalette(home, context);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const { selected, hovered } = view;
    paintFlame(context, { ...scene, from, to, top: scroller.scrollTop, width, height, palette, selected, hovered });
    tell('draw');
  }

  function redraw() {
    if (waiting === 0) waiting = requestAnimationFrame(draw);
  }

  function fit() {
    const [wide, high] = [scroller.clientWidth, scroller.clientHeight];
    if (wide === 0) return;
    width = wide;
    height = high;
    // patterns are drawn for one density of pixels
    if (pixels !== devicePixelRatio) palette = null;
    pixels = devicePixelRatio;
    // setting the size clears the canvas, even to what it was
    const [across, down] = [Math.round(wide * devicePixelRatio), Math.round(high * devicePixelRatio)];
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = across;
      canvas.height = down;
      canvas.style.width = `${wide}px`;
      canvas.style.height = `${high}px`;
    }
    if (scene) sizer.style.height = `${Math.max(0, scene.layout.rows.length * rowHeight - high)}px`;
    draw();
  }

  /** Keeps the part within the graph. */
  function place(start, end) {
    const span = scene.layout.span || 1;
    const length = Math.min(span, Math.max(span * deepest, end - start));
    from = Math.min(Math.max(0, start), span - length);
    to = from + length;
  }

  function moveTo(start, end) {
    cancelAnimationFrame(moving);
    if (calm.matches) {
      place(start, end);
      redraw();
      return;
    }
    const [fromStart, fromEnd] = [from, to];
    let begun = 0;
    const frame = (now) => {
      begun ||= now;
      const part = Math.min(1, (now - begun) / zoomTime);
      const eased = 1 - (1 - part) ** 3;
      place(fromStart + (start - fromStart) * eased, fromEnd + (end - fromEnd) * eased);
      draw();
      if (part < 1) moving = requestAnimationFrame(frame);
    };
    moving = requestAnimationFrame(frame);
  }

  function showRow(node) {
    const y = scene.layout.row[node] * rowHeight;
    if (y < scroller.scrollTop) scroller.scrollTop = Math.max(0, y - rowHeight);
    else if (y + rowHeight > scroller.scrollTop + height) scroller.scrollTop = y + 2 * rowHeight - height;
  }

  function focusOn(node) {
    const { layout } = scene;
    focus = node;
    if (node < 0 || layout.frame[node] < 0) moveTo(0, node < 0 ? layout.span : layout.width[node]);
    else moveTo(layout.start[node], layout.start[node] + layout.width[node]);
    tell('zoom');
  }

  /** `layout` with words and tones for its nodes; `keep` where nodes are the same as before. */
  view.show = (next, keep) => {
    scene = next;
    if (!keep) {
      view.selected = -1;
      focus = -1;
      trail = [];
      [from, to] = [0, next.layout.span || 1];
    } else if (focus >= 0) {
      place(next.layout.start[focus], next.layout.start[focus] + next.layout.width[focus]);
    }
    view.hovered = -1;
    fit();
  };

  view.restyle = (change) => {
    scene = { ...scene, ...change };
    redraw();
  };

  view.recolour = () => {
    palette = null;
    redraw();
  };

  view.zoomTo = (node) => {
    if (node === focus) return;
    trail.push(focus);
    focusOn(node);
  };

  view.out = () => focusOn(trail.pop() ?? -1);

  view.reset = () => {
    trail = [];
    scroller.scrollTop = 0;
    focusOn(-1);
  };

  /** Chooses a box and brings it into sight. */
  view.select = (node) => {
    view.selected = node;
    if (node >= 0) {
      showRow(node);
      const { start, width: wide } = scene.layout;
      const length = to - from;
      const end = start[node] + wide[node];
      if ((wide[node] / length) * width < 2) {
        const shown = wide[node] * 25;
        moveTo(start[node] - shown / 2, end + shown / 2);
      } else if (start[node] >= to || end <= from) {
        const middle = (start[node] + end) / 2;
        moveTo(middle - length / 2, middle + length / 2);
      }
    }
    redraw();
    tell('select');
  };

  /** Zooms by a factor about a place, a share of the width. */
  view.zoomBy = (factor, at = 0.5) => {
    cancelAnimationFrame(moving);
    const middle = from + (to - from) * at;
    const length = (to - from) * factor;
    place(middle - length * at, middle + length * (1 - at));
    redraw();
  };

  view.panBy = (pixels) => {
    cancelAnimationFrame(moving);
    const by = (pixels / width) * (to - from);
    place(from + by, to + by);
    redraw();
  };

  /** Where the arrow keys lead from the chosen box; -1 where there is nothing. */
  view.neighbour = (key) => {
    const { layout } = scene;
    const node = view.selected;
    if (node < 0) return focus >= 0 ? focus : (layout.roots[0]?.root ?? -1);
    if (key === 'ArrowUp') return layout.parent[node];
    if (key === 'ArrowDown') {
      let widest = -1;
      for (let index = layout.first[node]; index < layout.first[node + 1]; index += 1) {
        const child = layout.children[index];
        if (layout.width[child] > (widest < 0 ? 0 : layout.width[widest])) widest = child;
      }
      return widest;
    }
    const nodes = layout.rows[layout.row[node]];
    const place = firstRightOf(layout, nodes, layout.start[node]);
    return nodes[place + (key === 'ArrowLeft' ? -1 : 1)] ?? -1;
  };

  view.nodeAt = (clientX, clientY) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.floor((clientY - box.top + scroller.scrollTop) / rowHeight);
    return scene ? nodeAt(scene.layout, row, from + ((clientX - box.left) / width) * (to - from)) : -1;
  };

  view.hover = (node) => {
    if (node === view.hovered) return;
    view.hovered = node;
    redraw();
    tell('hover');
  };

  scroller.addEventListener('scroll', redraw, { passive: true });
  new ResizeObserver(fit).observe(scroller);
  return view;
}
