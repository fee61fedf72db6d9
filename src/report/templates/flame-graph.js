// The flame graph of a step: its controls, and what they change. Made when it is scrolled into view.
import { saveFolded, saveSpeedscope } from './flame-export.js';
import { listenToKeys, listenToPointer } from './flame-input.js';
import { bottomUp, layOut, topDown } from './flame-layout.js';
import { changeTone, rowHeight, toneNamed } from './flame-paint.js';
import { createPanel } from './flame-panel.js';
import { graphsOfFlow, treeFor } from './flame-source.js';
import { findMatches, sumFunctions } from './flame-sums.js';
import { createTable } from './flame-table.js';
import { countText, shareText, timeText, toneOf } from './flame-words.js';
import { createView } from './flame-view.js';

const views = [];

function createGraph(section) {
  const app = section.querySelector('.flame-app');
  app.append(document.getElementById('flame-tools').content.cloneNode(true));
  const part = (name) => section.querySelector(`[data-part="${name}"]`);
  const [scroller, canvas, search, tip] = ['scroller', 'canvas', 'search', 'tip'].map(part);
  const comparing = section.querySelector('script[data-profile="base"]') !== null;
  const choices = {
    scope: 'step',
    side: comparing ? 'difference' : 'head',
    direction: 'down',
    order: 'time',
    thread: '',
    thirdParties: true,
    libraries: false,
  };
  let [tree, layout, matches] = [null, null, null];
  let found = [];
  let foundAt = -1;
  let loads = 0;

  const { title } = section.dataset;
  canvas.setAttribute('aria-label', `Flame graph of ${title}`);
  part('scope').hidden = graphsOfFlow(section).length < 2;
  part('sides').hidden = !comparing;

  const panel = createPanel(part);
  const view = createView({
    scroller,
    canvas,
    sizer: part('sizer'),
    home: part('probe'),
    tell(what) {
      if (what === 'draw') {
        part('reset').disabled = view.showsAll();
        return;
      }
      panel.describe([view.hovered, view.selected, view.focus()].find((node) => node >= 0) ?? -1);
      if (what === 'zoom') panel.drawPath(view);
      if (what === 'select' && view.selected >= 0) panel.say(view.selected);
      if (what === 'hover') panel.hint(view.hovered);
    },
  });

  const isMatch = (node) => layout.frame[node] >= 0 && matches.frames[layout.frame[node]] === 1;

  const table = createTable(section.querySelector('.flame-functions'), part('more'), ({ index }) => {
    let widest = -1;
    for (const nodes of layout.rows) {
      for (const node of nodes) {
        if (layout.frame[node] === index && (widest < 0 || layout.width[node] > layout.width[widest])) widest = node;
      }
    }
    if (widest < 0) return;
    view.select(widest);
    canvas.focus({ preventScroll: true });
    scroller.scrollIntoView({ block: 'nearest' });
  });

  /** Positions of the threads that are wanted. */
  function threads() {
    const one = tree.threads.findIndex(({ name }) => name === choices.thread);
    return one < 0 ? tree.threads.map((_, index) => index) : [one];
  }

  function drawTable() {
    const wanted = threads();
    const rows = sumFunctions(topDown(tree, wanted));
    const whole = rows.reduce((sum, row) => sum + row.self, 0);
    const of = wanted.length < tree.threads.length ? ` of ${tree.threads[wanted[0]].name}` : '';
    table.update(matches ? rows.filter((row) => matches.frames[row.index] === 1) : rows, {
      whole,
      comparing: tree.base !== null,
      inside: matches ? `${of} that match` : of,
    });
  }

  function find() {
    const query = search.value.trim();
    matches = query === '' ? null : findMatches(layout, query);
    // the widest first: it is what a reader looks for
    found = matches ? layout.rows.flatMap((nodes) => [...nodes].filter(isMatch)) : [];
    found.sort((a, b) => layout.width[b] - layout.width[a]);
    foundAt = -1;
    const words = () =>
      found.length === 0
        ? 'nothing matches'
        : `${countText(matches.functions, 'function')} in ${countText(found.length, 'place')}: ${timeText(matches.time)}, ${shareText(matches.time, panel.totalTime())}`;
    part('found').textContent = matches ? words() : '';
    view.restyle({ dims: matches && Uint8Array.from(layout.frame, (_, node) => (isMatch(node) ? 0 : 1)) });
    drawTable();
  }

  /** The colour of each node, by its kind of work or by its change. */
  function tonesOf() {
    const { frame, frames, total, base, rows } = layout;
    const tones = new Uint8Array(frame.length);
    const root = toneNamed('root');
    const own = frames.map((one) => toneNamed(toneOf(one)));
    const changeOf = (node) => (frame[node] < 0 ? 0 : total[node] - base.total[node]);
    let largest = 0;
    if (base) for (const nodes of rows) for (const node of nodes) largest = Math.max(largest, Math.abs(changeOf(node)));
    for (let node = 0; node < tones.length; node += 1) {
      if (frame[node] < 0) tones[node] = root;
      else tones[node] = base ? changeTone(changeOf(node), largest) : own[frame[node]];
    }
    for (const end of part('scale').querySelectorAll('[data-end]')) {
      end.textContent = `${end.dataset.end} ${timeText(largest)}`;
    }
    return tones;
  }

  /** Everything anew from the choices; `keep` where only places change. */
  function rebuild(keep) {
    const upwards = choices.direction === 'up';
    const shape = upwards ? bottomUp(tree, threads()) : topDown(tree, threads());
    layout = layOut(shape, { heaviestFirst: upwards || choices.order === 'heavy' });
    panel.show(layout, upwards);
    section.classList.toggle('differs', layout.base !== null);
    part('order').hidden = upwards;
    const most = Math.min(28, Math.max(10, Math.floor((0.6 * innerHeight) / rowHeight)));
    scroller.style.height = `${Math.min(layout.rows.length + 1, most) * rowHeight}px`;
    const aboutOf = (node) => timeText(layout.width[node]);
    view.show({ layout, tones: tonesOf(), labelOf: (node) => panel.labelOf(node), aboutOf, dims: null }, keep);
    find();
    panel.drawPath(view);
    panel.describe(view.focus());
  }

  async function reload() {
    loads += 1;
    const load = loads;
    const next = await treeFor(section, choices);
    // of two quick choices the later one counts
    if (load !== loads) return;
    tree = next;
    const names = tree.threads.map(({ name }) => name);
    if (!names.includes(choices.thread)) choices.thread = '';
    part('thread').parentElement.hidden = names.length < 2;
    part('thread').replaceChildren(
      ...['', ...names].map((name) => new Option(name || 'all threads', name, false, name === choices.thread)),
    );
    rebuild(false);
  }

  function choose(name, value) {
    choices[name] = value;
    for (const one of app.querySelectorAll(`button[data-choice="${name}"]`)) {
      one.setAttribute('aria-pressed', String(one.value === value));
    }
    if (name === 'order' || name === 'direction' || name === 'thread') rebuild(name === 'order');
    else void reload();
  }

  for (const control of app.querySelectorAll('[data-choice]')) {
    const { choice } = control.dataset;
    if (control.type === 'checkbox') {
      control.checked = choices[choice];
      control.addEventListener('change', () => choose(choice, control.checked));
    } else if (control.type === 'button') {
      control.setAttribute('aria-pressed', String(control.value === choices[choice]));
      control.addEventListener('click', () => choose(choice, control.value));
    } else {
      control.addEventListener('change', () => choose(choice, control.value));
    }
  }
  search.addEventListener('input', find);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && found.length > 0) {
      const by = event.shiftKey ? found.length - 1 : 1;
      foundAt = foundAt < 0 && event.shiftKey ? found.length - 1 : (foundAt + by) % found.length;
      view.select(found[foundAt]);
    } else if (event.key === 'Escape') {
      search.value = '';
      find();
      canvas.focus({ preventScroll: true });
    }
  });
  part('reset').addEventListener('click', () => view.reset());
  canvas.addEventListener('pointermove', (event) => {
    const box = app.getBoundingClientRect();
    const x = Math.min(event.clientX - box.left + 12, box.width - tip.offsetWidth - 4);
    tip.style.transform = `translate(${Math.max(0, x)}px, ${event.clientY - box.top + 18}px)`;
  });
  listenToPointer(canvas, scroller, view);
  listenToKeys(canvas, view, { search });

  // as it was recorded: of head, nothing folded
  const own = () => treeFor(section, { ...choices, side: 'head', folds: false });
  const nameOfFile = () => (choices.scope === 'flow' ? 'flow' : title);
  part('speedscope').addEventListener('click', async () => saveSpeedscope(await own(), nameOfFile()));
  part('folded').addEventListener('click', async () => saveFolded(await own(), nameOfFile()));

  app.hidden = false;
  part('saves').hidden = false;
  views.push(view);
  return reload();
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      // the table below needs no script
      createGraph(target).catch((error) => {
        const app = target.querySelector('.flame-app');
        app.textContent = `The graph cannot be drawn in this browser: ${error}`;
        app.hidden = false;
      });
    }
  },
  { rootMargin: '300px' },
);
for (const section of document.querySelectorAll('.flame:has(script[data-profile="head"])')) seen.observe(section);

const recolour = () => {
  for (const view of views) view.recolour();
};
new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ['data-theme'] });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
