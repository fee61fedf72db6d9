// The treemap of scripts: other measures, zoom, search, what a box is. The picture and the tables stand without it.
import { layOut, nextBox } from './bundles-layout.js';

const namespace = 'http://www.w3.org/2000/svg';
const tones = { o: 'own', l: 'library', t: 'third-party', n: 'none' };
const measureWords = { transferred: 'on the wire', size: 'parsed', unused: 'never ran' };
/** Mean width of a letter in px; frames have bold ones. */
const letter = { plain: 6.3, bold: 7 };

function bytesText(value) {
  const [amount, unit] = value >= 1e6 ? [value / 1e6, 'MB'] : value >= 1000 ? [value / 1000, 'kB'] : [value, 'B'];
  const digits = unit === 'B' ? 0 : unit === 'kB' && amount >= 100 ? 1 : 2;
  return `${Number(amount.toFixed(digits))} ${unit}`;
}

function shareText(node) {
  return `${Math.round((100 * node.unused) / Math.max(1, node.size))} %`;
}

/** See packNode in view-bundles.ts. */
function unpack([name, , size, transferred, unused, tone, children], parent) {
  const node = { name, size, transferred, unused, tone: tones[tone], parent, children: [] };
  node.children = children.map((child) => unpack(child, node));
  return node;
}

async function readTree(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const children = await new Response(inflated).json();
  const root = unpack(['All scripts', 0, 0, 0, 0, 'n', children], null);
  const sum = (measure) => root.children.reduce((total, child) => total + (child[measure] ?? 0), 0);
  return Object.assign(root, { size: sum('size'), transferred: sum('transferred'), unused: sum('unused') });
}

function pathOf(node) {
  return node.parent ? [...pathOf(node.parent), node] : [node];
}

function fit(name, width, frame) {
  const most = Math.floor((width - 8) / (frame ? letter.bold : letter.plain));
  const short = name.length <= most ? name : name.slice(name.lastIndexOf('/') + 1);
  if (short.length <= most) return short;
  return most < 4 ? '' : `${short.slice(0, most - 1)}…`;
}

function element(name, attributes, text = '') {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function start(section, root) {
  const app = section.querySelector('[data-part=app]');
  app.append(document.getElementById('bundle-tools').content.cloneNode(true));
  const part = (name) => app.querySelector(`[data-part=${name}]`);
  const canvas = part('canvas');
  const state = { measure: root.transferred > 0 ? 'transferred' : 'size', zoom: root, at: null, wanted: '' };
  let boxes = [];
  const drawn = new Map();
  const nodes = new WeakMap();
  const valueOf = (node) => node[state.measure] ?? 0;
  const leaves = () => boxes.filter(({ frame }) => !frame);

  function describe(node) {
    const [, ...path] = pathOf(node);
    const bold = document.createElement('b');
    bold.textContent = node.name;
    const where = path.slice(0, -1).map(({ name }) => name);
    const unused = node.unused === null ? '' : `, ${bytesText(node.unused)} of that (${shareText(node)}) never ran`;
    const facts = `${bytesText(node.transferred)} on the wire, ${bytesText(node.size)} parsed${unused}`;
    part('said').replaceChildren(bold, `${where.length > 0 ? ` in ${where.join(', ')}` : ''}: ${facts}`);
  }

  function choose(node) {
    drawn.get(state.at)?.classList.remove('at');
    state.at = node;
    drawn.get(node)?.classList.add('at');
    if (node) describe(node);
  }

  function matches(node) {
    return pathOf(node)
      .map(({ name }) => name)
      .join(' ')
      .toLowerCase()
      .includes(state.wanted);
  }

  function mark() {
    const found = state.wanted === '' ? [] : leaves().filter(({ node }) => matches(node));
    for (const { node, frame } of boxes)
      drawn.get(node).classList.toggle('dim', state.wanted !== '' && !frame && !matches(node));
    const sum = found.reduce((total, { node }) => total + valueOf(node), 0);
    part('found').textContent =
      state.wanted === '' ? '' : `${found.length} found, ${bytesText(sum)} ${measureWords[state.measure]}`;
  }

  function drawBox({ node, x, y, width, height, frame, titled }) {
    const box = element('svg', { x, y, width, height, class: `b-${node.tone} ${frame ? 'b-frame' : 'b-module'}` });
    box.append(element('rect', { width: '100%', height: '100%' }));
    const idle = frame || state.measure === 'unused' || !node.unused ? 0 : node.unused / Math.max(1, node.size);
    if (idle > 0)
      box.append(element('rect', { class: 'b-idle', y: `${100 * (1 - idle)}%`, width: '100%', height: '100%' }));
    const label = titled ? fit(node.name, width, frame) : '';
    if (label) box.append(element('text', { x: 4, y: 12 }, label));
    const facts = [bytesText(valueOf(node)), ...(idle > 0 ? [`${shareText(node)} never ran`] : [])];
    for (const [at, fact] of facts.entries())
      if (label && !frame && height >= 15 * (at + 2) && width > fact.length * letter.plain)
        box.append(element('text', { x: 4, y: 26 + 14 * at, class: 'b-size' }, fact));
    drawn.set(node, box);
    nodes.set(box, node);
    return box;
  }

  function draw() {
    const width = canvas.clientWidth;
    if (width === 0) return;
    const height = width < 600 ? 560 : 460;
    drawn.clear();
    boxes = layOut(state.zoom, valueOf, width, height);
    const picture = element('svg', { width, height, 'aria-hidden': 'true' });
    picture.append(...boxes.map(drawBox));
    canvas.replaceChildren(picture);
    for (const button of app.querySelectorAll('[data-measure]'))
      button.setAttribute('aria-pressed', String(button.dataset.measure === state.measure));
    part('out').disabled = state.zoom === root;
    part('path').textContent = pathOf(state.zoom)
      .map(({ name }) => name)
      .join(' › ');
    const [, script] = pathOf(state.zoom);
    part('scope').value = String(root.children.indexOf(script));
    mark();
    choose(drawn.has(state.at) ? state.at : null);
    if (!state.at) describe(state.zoom);
  }

  function zoomTo(node) {
    if (node.children.length === 0 || valueOf(node) === 0) return;
    state.zoom = node;
    draw();
  }

  /** One level towards a node. */
  function zoomTowards(node) {
    const path = pathOf(node);
    zoomTo(path[path.indexOf(state.zoom) + 1] ?? state.zoom);
  }

  const zoomOut = () => state.zoom.parent && zoomTo(state.zoom.parent);
  const nodeAt = (target) => nodes.get(target.closest('[class^=b-]:not(rect, text)'));

  for (const button of app.querySelectorAll('[data-measure]')) {
    button.hidden = !(root[button.dataset.measure] > 0);
    button.addEventListener('click', () => {
      state.measure = button.dataset.measure;
      if (valueOf(state.zoom) === 0) state.zoom = root;
      draw();
    });
  }
  const scope = part('scope');
  scope.append(new Option('all scripts', '-1'), ...root.children.map(({ name }, at) => new Option(name, String(at))));
  scope.addEventListener('change', () => {
    const chosen = root.children[Number(scope.value)] ?? root;
    // a script without a source map has nothing to zoom into
    if (chosen.children.length === 0 && chosen !== root) choose(chosen);
    else zoomTo(chosen);
  });
  part('search').addEventListener('input', ({ target }) => {
    state.wanted = target.value.trim().toLowerCase();
    mark();
  });
  part('out').addEventListener('click', zoomOut);
  canvas.addEventListener('pointermove', ({ target }) => {
    const node = nodeAt(target);
    if (node && node !== state.at) choose(node);
  });
  canvas.addEventListener('click', ({ target }) => {
    const node = nodeAt(target);
    if (node) zoomTowards(node);
  });
  canvas.addEventListener('keydown', (event) => {
    const { key } = event;
    if (key === 'Enter' && state.at) zoomTowards(state.at);
    else if (key === 'Escape') zoomOut();
    else if (key.startsWith('Arrow')) {
      const all = leaves();
      const from = all.find(({ node }) => node === state.at);
      const to = from ? nextBox(all, from, key) : all[0];
      if (to) choose(to.node);
    } else return;
    event.preventDefault();
  });
  section.querySelector('[data-part=picture]').hidden = true;
  app.hidden = false;
  draw();
  let width = canvas.clientWidth;
  new ResizeObserver(() => {
    if (canvas.clientWidth === width) return;
    width = canvas.clientWidth;
    draw();
  }).observe(canvas);
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      const data = target.querySelector('[data-part=data]');
      readTree(data.textContent)
        .then((root) => start(target, root))
        // the picture stays as it is
        .catch(() => {});
    }
  },
  { rootMargin: '800px' },
);
for (const data of document.querySelectorAll('.bundles [data-part=data]')) seen.observe(data.closest('.bundles'));
