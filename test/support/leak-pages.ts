/**
 * Pages whose click leaks one thing, each with its repaired twin: the same work, and what the repair takes away again.
 * Both run the same script, so that a leak is told by what it keeps and not by what it does.
 */
import { html } from './pages.ts';

/** A script with `step()`, which the button calls; `keep` is whether it leaks. */
const scripts = {
  listener: `
    function openDrawer(count) {
      const rows = new Array(500).fill(count);
      const controller = new AbortController();
      window.addEventListener('resize', function onResize() { return rows.length; }, { signal: controller.signal });
      return () => controller.abort();
    }
    function step(count) { const close = openDrawer(count); if (!keep) close(); }`,
  elementListener: `
    const box = document.getElementById('box');
    function step(count) {
      const data = { count, text: 'payload '.repeat(50) + count };
      const onMove = () => data;
      box.addEventListener('pointermove', onMove);
      if (!keep) box.removeEventListener('pointermove', onMove);
    }`,
  resizeObserver: `
    function step(count) {
      const sizes = [count, 'a'.repeat(100) + count];
      const observer = new ResizeObserver(function onSize() { sizes.push(1); });
      observer.observe(document.body);
      if (!keep) observer.disconnect();
    }`,
  mutationObserver: `
    function step(count) {
      const seen = { count };
      const observer = new MutationObserver((list) => { seen.list = list; });
      observer.observe(document.body, { childList: true });
      if (!keep) observer.disconnect();
    }`,
  intersectionObserver: `
    function step(count) {
      const seen = { count };
      const observer = new IntersectionObserver((list) => { seen.last = count; });
      observer.observe(document.body);
      if (!keep) observer.disconnect();
    }`,
  performanceObserver: `
    function step(count) {
      const seen = { count };
      const observer = new PerformanceObserver((list) => { seen.last = count; });
      observer.observe({ entryTypes: ['mark'] });
      if (!keep) observer.disconnect();
    }`,
  interval: `
    function startPolling(count) {
      const rows = new Array(300).fill(count);
      return setInterval(function poll() { rows[0] += 1; }, 1e7);
    }
    function step(count) { const timer = startPolling(count); if (!keep) clearInterval(timer); }`,
  timeout: `
    function step(count) {
      const draft = { count, text: 'x'.repeat(99) + count };
      const timer = setTimeout(() => draft, 1e8);
      if (!keep) clearTimeout(timer);
    }`,
  closure: `
    const undo = [];
    function edit(count) {
      const document = { rows: new Array(2000).fill(count) };
      const before = document.rows.length;
      return { size: () => document.rows.length, revert: () => before };
    }
    function step(count) { undo.push(edit(count).revert); if (!keep) undo.length = 0; }`,
  sharedScope: `
    let thing = null;
    function replace() {
      const original = thing;
      const unused = () => original;
      thing = { rows: new Array(1000).fill(1), method: () => 1 };
      if (!keep) { original && (original.method = null); }
    }
    function step() { replace(); if (!keep) thing = null; }`,
  map: `
    class Session { constructor(id) { this.id = id; this.rows = new Array(20).fill(id); } }
    const sessions = new Map();
    function step(count) { sessions.set('session ' + count, new Session(count)); if (!keep) sessions.delete('session ' + count); }`,
  cache: `
    const cache = {};
    function lookUp(count) { const key = 'query-' + count; cache[key] = { id: count, rows: [count], total: count * 2 }; return cache[key]; }
    function step(count) { lookUp(count); if (!keep) for (const key of Object.keys(cache)) delete cache[key]; }`,
  set: `
    class Bus { constructor() { this.handlers = new Set(); } on(handler) { this.handlers.add(handler); return () => this.handlers.delete(handler); } }
    const bus = new Bus();
    function step(count) {
      const view = { name: 'view ' + count, render: () => count };
      const off = bus.on(() => view.render());
      if (!keep) off();
    }`,
  array: `
    const history = [];
    function step(count) { history.push({ id: count, rows: [count], total: count }); if (!keep) history.length = 0; }`,
  classField: `
    class Logger { entries = []; log(text) { this.entries.push({ text, at: Date.now() }); } clear() { this.entries = []; } }
    class App { logger = new Logger(); }
    window.app = new App();
    function step(count) { app.logger.log('opened ' + count); if (!keep) app.logger.clear(); }`,
  numbers: `
    const samples = [];
    function step(count) { for (let at = 0; at < 2000; at += 1) samples.push(at); if (!keep) samples.length = 0; }`,
  text: `
    const log = { text: '' };
    function step(count) { log.text += ('line ' + count + ' ').repeat(200); if (!keep) log.text = ''; }`,
  buffers: `
    const chunks = [];
    function step(count) { chunks.push(new Uint8Array(20000).fill(count)); if (!keep) chunks.length = 0; }`,
  store: `
    let state = { items: [], title: '' };
    const listeners = new Set();
    function dispatch(item) { state = { ...state, items: [...state.items, item] }; }
    function step(count) { dispatch({ sku: 'sku ' + count, price: count }); if (!keep) state = { items: [], title: '' }; }`,
  list: `
    let newest = null;
    function step(count) { newest = { previous: newest, count }; if (!keep) newest.previous = null; }`,
  detached: `
    const rows = [];
    function step(count) {
      const row = document.createElement('section');
      row.innerHTML = '<p>one</p><p>two</p>';
      document.body.append(row);
      row.remove();
      rows.push(row);
      if (!keep) rows.length = 0;
    }`,
  detachedByListener: `
    const subscribers = [];
    function step(count) {
      const panel = document.createElement('aside');
      panel.append(document.createElement('b'));
      document.body.append(panel);
      const update = () => { panel.title = 'updated'; };
      subscribers.push(update);
      panel.remove();
      if (!keep) subscribers.splice(subscribers.indexOf(update), 1);
    }`,
  attached: `
    function step(count) {
      const toast = document.createElement('div');
      toast.className = 'toast';
      toast.style.display = 'none';
      document.getElementById('box').append(toast);
      if (!keep) toast.remove();
    }`,
  promise: `
    const ready = new Promise((resolve) => { if (!keep) resolve(); });
    async function waitForReady(count) {
      const order = { count, lines: new Array(100).fill(count) };
      await ready;
      return order;
    }
    function step(count) { waitForReady(count); }`,
  resolvers: `
    const waiting = [];
    function ask(count) { return new Promise((resolve) => { waiting.push(resolve); }); }
    async function step(count) {
      const question = { count, text: 'q'.repeat(300) + count };
      const answer = ask(count);
      if (!keep) { const all = waiting.splice(0); for (const resolve of all) resolve(1); }
      await answer;
      return question;
    }`,
  console: `
    function step(count) { const order = { id: count, rows: new Array(400).fill(count) }; console.log('order', keep ? order : order.id); }`,
  historyState: `
    function step(count) {
      const visited = keep ? (history.state?.visited ?? []) : [];
      history.pushState({ visited: [...visited, { path: '/' + count, at: count }] }, '');
    }`,
  frame: `
    function step(count) {
      const frame = document.createElement('iframe');
      frame.hidden = true;
      document.body.append(frame);
      if (!keep) frame.remove();
    }`,
  heldFrame: `
    const windows = [];
    function step(count) {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      windows.push(frame.contentWindow.Array);
      frame.remove();
      if (!keep) windows.length = 0;
    }`,
  worker: `
    const url = URL.createObjectURL(new Blob(['onmessage = () => postMessage(1)'], { type: 'text/javascript' }));
    async function step(count) {
      const worker = new Worker(url);
      const answer = new Promise((resolve) => { worker.onmessage = resolve; });
      worker.postMessage(1);
      await answer;
      if (!keep) worker.terminate();
    }
    step.waits = true;`,
  style: `
    function step(count) {
      const style = document.createElement('style');
      style.textContent = '.c' + count + ' { color: red }';
      document.head.append(style);
      if (!keep) style.remove();
    }`,
  adoptedStyle: `
    function step(count) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('.c' + count + ' { color: red }');
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      if (!keep) document.adoptedStyleSheets = [];
    }`,
  styleRules: `
    const sheet = document.head.appendChild(document.createElement('style')).sheet;
    function step(count) {
      sheet.insertRule('.c' + count + ' { color: red }', sheet.cssRules.length);
      if (!keep) sheet.deleteRule(0);
    }`,
  mediaQuery: `
    function step(count) {
      const query = matchMedia('(min-width: ' + count + 'px)');
      const onChange = function onChange() { return count; };
      query.addEventListener('change', onChange);
      if (!keep) query.removeEventListener('change', onChange);
    }`,
  channel: `
    function step(count) {
      const channel = new BroadcastChannel('cart');
      channel.onmessage = function onCart() { return count; };
      if (!keep) channel.close();
    }`,
  animation: `
    function step(count) {
      let frame = 0;
      const model = { count };
      const draw = () => { model.count += 1; frame = requestAnimationFrame(draw); };
      draw();
      if (!keep) cancelAnimationFrame(frame);
    }`,
  customElement: `
    customElements.define('x-card', class Card extends HTMLElement {
      connectedCallback() { this.onKey = () => this.title; document.addEventListener('keydown', this.onKey); }
      disconnectedCallback() { if (!keep) document.removeEventListener('keydown', this.onKey); }
    });
    function step(count) { const card = document.createElement('x-card'); document.body.append(card); card.remove(); }`,
} as const;

export type LeakKind = keyof typeof scripts;
export const leakKinds = Object.keys(scripts) as LeakKind[];

/** Each kind has a file and a scope of its own; `steps` is what the click calls. */
function scriptOf(kind: LeakKind, keep: boolean): string {
  return `(() => {\n  const keep = ${keep};${scripts[kind]}\n  steps.push(step);\n})();\n`;
}

const click = `<script>
  const steps = [];
  let clicks = 0;
  // A promise that is meant to wait forever is not waited for: the next task ends the click.
  document.getElementById('go').onclick = async () => {
    clicks += 1;
    document.title = 'busy';
    const nextTask = () => new Promise((resolve) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { port1.close(); resolve(); }; port2.postMessage(0); });
    for (const step of steps) { const done = step(clicks); if (step.waits) await done; }
    await nextTask();
    document.title = 'done ' + clicks;
  };
</script>`;

/** A page of some kinds at `/`, which leaks, and at `/repaired`, which does not. */
export function leakRoutes(kinds: readonly LeakKind[]): Record<string, string> {
  const routes: Record<string, string> = {};
  for (const keep of [true, false]) {
    const folder = keep ? '' : '/repaired';
    const tags = kinds.map((kind) => `<script src="${folder}/${kind}.js"></script>`);
    routes[`${folder}/`] = html(`<button id="go">go</button><div id="box"></div>${click}${tags.join('')}`);
    for (const kind of kinds) routes[`${folder}/${kind}.js`] = scriptOf(kind, keep);
  }
  return routes;
}
