// Draws the visible part of a layout. What is narrower than a pixel is one pixel for all that share it, so that the
// work of a frame is bounded by the pixels of the canvas, not by the size of the profile.
import { firstRightOf } from './flame-layout.js';

export const rowHeight = 20;
/** Narrower boxes have no label, no gap and no pattern. */
const narrow = 3;
const labelled = 26;
const patterned = 9;

const tones = [
  'script',
  'library',
  'third-party',
  'style',
  'layout',
  'paint',
  'parse',
  'gc',
  'native',
  'other',
  'root',
];
const steps = ['less4', 'less3', 'less2', 'less1', 'even', 'more1', 'more2', 'more3', 'more4'];

/** Colours of the theme, and the patterns of the legend, as the canvas needs them. `probe` is an element of the graph. */
export function readPalette(probe, context) {
  const colour = (name) => {
    probe.style.color = `var(--flame-${name})`;
    return getComputedStyle(probe).color;
  };
  const ink = colour('ink');
  const fills = Object.fromEntries([...tones, ...steps].map((name) => [name, colour(name)]));
  const patterns = {};
  for (const pattern of document.querySelectorAll('pattern[data-tone]')) {
    const tile = document.createElement('canvas');
    const scale = devicePixelRatio;
    const size = Number(pattern.getAttribute('width'));
    tile.width = tile.height = Math.round(size * scale);
    const brush = tile.getContext('2d');
    brush.scale(tile.width / size, tile.height / size);
    brush.strokeStyle = ink;
    brush.globalAlpha = 0.17;
    brush.lineWidth = 1.2;
    brush.lineCap = 'round';
    brush.stroke(new Path2D(pattern.firstElementChild.getAttribute('d')));
    const made = context.createPattern(tile, 'repeat');
    made.setTransform(new DOMMatrix().scale(size / tile.width));
    patterns[pattern.dataset.tone] = made;
  }
  return { ink, fills, patterns, ring: colour('ring'), font: `12px ${getComputedStyle(probe).fontFamily}` };
}

/** How strongly a change colours a box: 4 for most of the largest one. */
const levels = [0.02, 0.12, 0.35, 0.65];

export function changeTone(change, largest) {
  const part = largest > 0 ? Math.abs(change) / largest : 0;
  const level = levels.filter((least) => part >= least).length;
  return steps[4 + (change < 0 ? -level : level)];
}

/** Texts that were measured; emptied when they are many, since zooming cuts names at every length. */
const widths = new Map();

function widthOf(context, text) {
  let width = widths.get(text);
  if (width === undefined) {
    if (widths.size > 20_000) widths.clear();
    width = context.measureText(text).width;
    widths.set(text, width);
  }
  return width;
}

/** Text, cut to a width; returns the width it took, 0 where it was cut. */
function write(context, text, x, y, room) {
  const width = widthOf(context, text);
  if (width <= room) {
    context.fillText(text, x, y);
    return width;
  }
  const cut = (length) => `${text.slice(0, length).toWellFormed()}…`;
  let length = Math.floor((text.length * (room - 8)) / width);
  while (length > 1 && widthOf(context, cut(length)) > room) length -= 1;
  if (length > 1) context.fillText(cut(length), x, y);
  return 0;
}

/**
 * `scene`: layout; from, to (ms) and top (pixels), what is to be seen; width, height (CSS pixels); palette;
 * toneOf(node), labelOf(node), aboutOf(node) in words; isDim(node), or null; selected, hovered (nodes or -1).
 */
export function paintFlame(context, scene) {
  const { layout, from, to, top, width, height, palette, isDim } = scene;
  const scale = width / (to - from);
  const pixels = devicePixelRatio;
  const snap = (x) => Math.round(x * pixels) / pixels;
  const boxes = new Map();
  const labels = [];
  const put = (tone, dim, x, y, wide) => {
    const key = dim ? `${tone} ` : tone;
    let list = boxes.get(key);
    if (!list) boxes.set(key, (list = []));
    list.push(x, y, wide);
  };
  const last = Math.min(layout.rows.length - 1, Math.floor((top + height) / rowHeight));
  for (let row = Math.max(0, Math.floor(top / rowHeight)); row <= last; row += 1) {
    const nodes = layout.rows[row];
    const y = row * rowHeight - top;
    let index = firstRightOf(layout, nodes, from);
    while (index < nodes.length) {
      const node = nodes[index];
      const x = (layout.start[node] - from) * scale;
      if (x >= width) break;
      const wide = layout.width[node] * scale;
      if (wide < 1) {
        const column = Math.max(0, Math.floor(x));
        const next = firstRightOf(layout, nodes, from + (column + 1) / scale, index + 1);
        let shown = node;
        if (isDim) {
          // a match among them is not to be missed
          for (let other = index; other < next && isDim(shown); other += 1) shown = nodes[other];
        }
        put(scene.toneOf(shown), isDim?.(shown) ?? false, column, y, 1);
        index = next;
        continue;
      }
      const left = Math.max(-1, snap(x));
      const right = Math.min(width + 1, snap(x + wide));
      const dim = isDim?.(node) ?? false;
      put(scene.toneOf(node), dim, left, y, wide < narrow ? right - left : right - left - 1);
      if (right - left >= labelled) labels.push(node, Math.max(0, left) + 5, y, Math.min(width, right) - 5, dim);
      index += 1;
    }
  }
  context.clearRect(0, 0, width, height);
  for (const [key, list] of boxes) {
    const tone = key.trimEnd();
    context.globalAlpha = key === tone ? 1 : 0.3;
    context.fillStyle = palette.fills[tone];
    for (let index = 0; index < list.length; index += 3) {
      context.fillRect(list[index], list[index + 1], list[index + 2], rowHeight - 1);
    }
    const pattern = palette.patterns[tone];
    if (!pattern) continue;
    context.fillStyle = pattern;
    for (let index = 0; index < list.length; index += 3) {
      if (list[index + 2] >= patterned) context.fillRect(list[index], list[index + 1], list[index + 2], rowHeight - 1);
    }
  }
  context.font = palette.font;
  context.textBaseline = 'middle';
  context.direction = 'ltr';
  context.fillStyle = palette.ink;
  for (let index = 0; index < labels.length; index += 5) {
    const [node, x, y, end, dim] = labels.slice(index, index + 5);
    context.globalAlpha = dim ? 0.55 : 1;
    const middle = y + rowHeight / 2;
    const taken = write(context, scene.labelOf(node), x, middle, end - x);
    const about = scene.aboutOf(node);
    if (taken === 0 || about === '') continue;
    const after = x + taken + 8;
    if (after + widthOf(context, about) > end) continue;
    context.globalAlpha *= 0.72;
    context.fillText(about, after, middle);
  }
  context.globalAlpha = 1;
  for (const [node, line] of [
    [scene.hovered, 1],
    [scene.selected, 2],
  ]) {
    if (node < 0 || layout.row[node] < 0) continue;
    const x = (layout.start[node] - from) * scale;
    const wide = Math.max(3, layout.width[node] * scale - 1);
    context.strokeStyle = palette.ring;
    context.lineWidth = line;
    const [left, right] = [Math.max(-4, x), Math.min(width + 4, x + wide)];
    context.strokeRect(
      left + line / 2,
      layout.row[node] * rowHeight - top + line / 2,
      right - left - line,
      rowHeight - 1 - line,
    );
  }
}
