// Draws the visible part of a layout. Boxes are written into an image of one pixel a row, which is stretched to the
// height of rows: thousands of boxes cost one drawing. What is narrower than a pixel shares one, so that the work of a
// frame is bounded by the pixels of the canvas, not by the size of the profile.
import { firstRightOf } from './flame-layout.js';

export const rowHeight = 20;
/** Narrower boxes have no label, no gap and no pattern; CSS pixels. */
const narrow = 3;
const labelled = 28;
const patterned = 9;

const kinds = [
  'script',
  'library',
  'third-party',
  'entry',
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
/** Names of the colours of boxes; a tone is a place in it. */
const tones = [...kinds, ...steps];

export function toneNamed(name) {
  return tones.indexOf(name);
}

/** Colours of the theme, and the patterns of the legend, as the canvas needs them. `home` is an element of the graph. */
export function readPalette(home, context) {
  // all at once: each reading after a change would have Chrome compute styles anew
  const names = [...tones, 'ink', 'ring'];
  const probes = names.map((name) => {
    const probe = document.createElement('i');
    probe.style.color = `var(--flame-${name})`;
    return probe;
  });
  home.replaceChildren(...probes);
  const colours = Object.fromEntries(names.map((name, index) => [name, getComputedStyle(probes[index]).color]));
  home.replaceChildren();
  const word = (name, alpha) => {
    const [red, green, blue] = colours[name].match(/\d+/g).map(Number);
    // as a little-endian machine holds red, green, blue, alpha
    return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  };
  return {
    ink: colours.ink,
    ring: colours.ring,
    font: `12px ${getComputedStyle(home).fontFamily}`,
    words: Uint32Array.from(tones, (name) => word(name, 255)),
    dimWords: Uint32Array.from(tones, (name) => word(name, 70)),
    patterns: readPatterns(context, colours.ink),
  };
}

/** By tone. */
function readPatterns(context, ink) {
  const patterns = [];
  for (const pattern of document.querySelectorAll('pattern[data-tone]')) {
    const tile = document.createElement('canvas');
    const [wide, high] = ['width', 'height'].map((side) => Number(pattern.getAttribute(side)));
    tile.width = Math.round(wide * devicePixelRatio);
    tile.height = Math.round(high * devicePixelRatio);
    const brush = tile.getContext('2d');
    brush.scale(tile.width / wide, tile.height / high);
    brush.strokeStyle = ink;
    brush.globalAlpha = 0.17;
    brush.lineWidth = 1.2;
    brush.lineCap = 'round';
    brush.stroke(new Path2D(pattern.firstElementChild.getAttribute('d')));
    const made = context.createPattern(tile, 'repeat');
    made.setTransform(new DOMMatrix().scale(wide / tile.width, high / tile.height));
    patterns[toneNamed(pattern.dataset.tone)] = made;
  }
  return patterns;
}

/** How strongly a change colours a box: 4 for most of the largest one. */
const levels = [0.02, 0.12, 0.35, 0.65];

export function changeTone(change, largest) {
  const part = largest > 0 ? Math.abs(change) / largest : 0;
  const level = levels.filter((least) => part >= least).length;
  return kinds.length + 4 + (change < 0 ? -level : level);
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

const images = new WeakMap();

/** An empty image of one pixel a row, as wide as the canvas. */
function imageFor(context, wide, rows) {
  let held = images.get(context);
  if (!held || held.image.width !== wide || held.image.height !== rows) {
    const canvas = new OffscreenCanvas(wide, rows);
    const image = new ImageData(wide, rows);
    held = { canvas, image, brush: canvas.getContext('2d'), words: new Uint32Array(image.data.buffer) };
    images.set(context, held);
  }
  held.words.fill(0);
  return held;
}

/** The first of a row's nodes that ends right of `x`, most likely near `from`. */
function gallop(layout, nodes, x, from) {
  let step = 1;
  let low = from;
  while (low + step < nodes.length) {
    const node = nodes[low + step];
    if (layout.start[node] + layout.width[node] > x) break;
    low += step;
    step *= 2;
  }
  return firstRightOf(layout, nodes, x, low, Math.min(nodes.length, low + step));
}

/** Writes the boxes of a row; adds those that are wide enough to the lists. */
function writeRow(scene, nodes, row, held, lists) {
  const { layout, from, to, width, palette, tones: toneOf, dims } = scene;
  const density = held.image.width / width;
  const scale = held.image.width / (to - from);
  const gap = Math.max(1, Math.round(density));
  const offset = row * held.image.width;
  let index = firstRightOf(layout, nodes, from, 0, nodes.length);
  while (index < nodes.length) {
    const node = nodes[index];
    const x = (layout.start[node] - from) * scale;
    if (x >= held.image.width) return;
    const wide = layout.width[node] * scale;
    if (wide < 1) {
      const column = Math.max(0, Math.floor(x));
      const next = gallop(layout, nodes, from + (column + 1) / scale, index);
      let shown = node;
      // a match among them is not to be missed
      if (dims) for (let other = index; other < next && dims[shown] === 1; other += 1) shown = nodes[other];
      held.words[offset + column] = (dims && dims[shown] === 1 ? palette.dimWords : palette.words)[toneOf[shown]];
      index = Math.max(next, index + 1);
      continue;
    }
    const dim = dims !== null && dims[node] === 1;
    const left = Math.max(0, Math.round(x));
    const right = Math.min(held.image.width, Math.round(x + wide));
    const across = (right - left) / density;
    const end = across < narrow || x + wide > held.image.width ? right : right - gap;
    held.words.fill((dim ? palette.dimWords : palette.words)[toneOf[node]], offset + left, offset + end);
    if (across >= patterned && palette.patterns[toneOf[node]])
      lists.patterned.push(toneOf[node], left / density, row, (end - left) / density, dim);
    if (across >= labelled) lists.labelled.push(node, left / density + 5, row, right / density - 5, dim);
    index += 1;
  }
}

function outline(context, scene, node, line) {
  const { layout, from, to, top, width, palette } = scene;
  if (node < 0 || layout.row[node] < 0) return;
  const scale = width / (to - from);
  const x = (layout.start[node] - from) * scale;
  const [left, right] = [Math.max(-4, x), Math.min(width + 4, x + Math.max(3, layout.width[node] * scale - 1))];
  context.strokeStyle = palette.ring;
  context.lineWidth = line;
  const y = layout.row[node] * rowHeight - top;
  context.strokeRect(left + line / 2, y + line / 2, right - left - line, rowHeight - 1 - line);
}

/**
 * `scene`: layout; from, to (ms) and top (pixels), what is to be seen; width, height (CSS pixels); palette; tones of
 * nodes; dims of nodes (1 where pale), or null; labelOf(node), aboutOf(node) in words; selected, hovered: nodes or -1.
 */
export function paintFlame(context, scene) {
  const { layout, top, width, height, palette } = scene;
  context.clearRect(0, 0, width, height);
  const firstRow = Math.max(0, Math.floor(top / rowHeight));
  const rows = Math.min(layout.rows.length, Math.ceil((top + height) / rowHeight)) - firstRow;
  if (rows <= 0) return;
  const held = imageFor(context, context.canvas.width, rows);
  const lists = { patterned: [], labelled: [] };
  for (let row = 0; row < rows; row += 1) writeRow(scene, layout.rows[firstRow + row], row, held, lists);
  held.brush.putImageData(held.image, 0, 0);
  const topOf = (row) => (firstRow + row) * rowHeight - top;
  context.imageSmoothingEnabled = false;
  context.drawImage(held.canvas, 0, topOf(0), width, rows * rowHeight);
  for (const [tone, x, row, wide, dim] of inFives(lists.patterned)) {
    context.globalAlpha = dim ? 0.3 : 1;
    context.fillStyle = palette.patterns[tone];
    context.fillRect(x, topOf(row), wide, rowHeight);
  }
  context.globalAlpha = 1;
  for (let row = 0; row < rows; row += 1) context.clearRect(0, topOf(row) + rowHeight - 1, width, 1);
  context.font = palette.font;
  context.textBaseline = 'middle';
  context.direction = 'ltr';
  context.fillStyle = palette.ink;
  for (const [node, x, row, end, dim] of inFives(lists.labelled)) {
    context.globalAlpha = dim ? 0.55 : 1;
    const middle = topOf(row) + rowHeight / 2;
    const taken = write(context, scene.labelOf(node), x, middle, end - x);
    const after = x + taken + 8;
    if (taken === 0 || after + 30 > end) continue;
    const about = scene.aboutOf(node);
    if (after + widthOf(context, about) > end) continue;
    context.globalAlpha *= 0.72;
    context.fillText(about, after, middle);
  }
  context.globalAlpha = 1;
  outline(context, scene, scene.hovered, 1);
  outline(context, scene, scene.selected, 2);
}

function* inFives(list) {
  for (let index = 0; index < list.length; index += 5) yield list.slice(index, index + 5);
}
