/** Pages of known truth in real Chrome: each metric within its tolerance, for the reasons given beside it. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { Flow } from '../src/scenario/sample.ts';
import { createPool, measureOnce, stepOf } from './support/measure.ts';
import { busy, html, noiseBitmap, type PageServer, servePages } from './support/pages.ts';

const scriptBytes = 50_000;
const heroDelay = 400;
const viewport = { width: 1280, height: 720 };

// A box of the whole viewport's width and 360 px height moves down by 144 px: it touches 504 of 720 px (impact 0.7)
// and moves 144 px of the larger dimension, 1280 px (distance 0.1125).
const shiftScore = 0.7 * (144 / 1280);

let pool: ChromePool;
let pages: PageServer;

beforeAll(async () => {
  pool = createPool();
  pages = await servePages({
    '/shift': html(
      `<div id="top" style="height:0"></div><div id="box" style="height:360px;background:#888">text</div>
       <script>requestAnimationFrame(()=>requestAnimationFrame(()=>{document.getElementById('top').style.height='144px'}))</script>`,
    ),
    '/task': html(`<h1>text</h1><script>addEventListener('load',()=>setTimeout(()=>${busy(200)},100))</script>`),
    '/hero': html('<img src="/hero.bmp" width="600" height="400" alt="">'),
    '/hero.bmp': (_request, response) => {
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'image/bmp' }).end(noiseBitmap(300, 200));
      }, heroDelay);
    },
    '/script': html('<p>text</p><script src="/app.js"></script>'),
    '/app.js': (_request, response) => {
      const body = `/*${randomBytes(scriptBytes)
        .toString('hex')
        .slice(0, scriptBytes - 4)}*/`;
      response.writeHead(200, { 'content-type': 'text/javascript', 'content-length': body.length }).end(body);
    },
    '/requests': html(
      `<p>text</p><button onclick="fetch('/slow.js').then(r=>r.text()).then(()=>document.body.append('arrived'))">late</button>
       <button onclick="new Worker('/app.js')">worker</button>
       <button onclick="document.body.append(Object.assign(document.createElement('iframe'),{src:'http://localhost:'+location.port+'/app.js'}))">frame</button>
       <button onclick="setTimeout(()=>fetch('/app.js?2'),60)">delayed</button>
       <button id="gone" onclick="${busy(40)};this.remove()">remove me</button>`,
    ),
    '/slow.js': (_request, response) => {
      setTimeout(() => response.end(randomBytes(scriptBytes).toString('hex')), 900);
    },
    '/cached': html('<p>text</p><script src="/cached.js"></script>'),
    '/cached.js': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=3600' }).end('/* kept */');
    },
    '/interaction': html(
      `<button id="slow" onclick="${busy(120)}">slow</button><button id="fast" onclick="document.title='done'">fast</button>
       <a id="link" href="/task">other page</a><button id="route" onclick="history.pushState({},'','/other');document.getElementById('view').innerHTML='<h2>A new view with text enough to be painted</h2>'">route</button><main id="view">old</main>`,
    ),
    '/timings': html(
      `<p>text</p><script>performance.mark('ready');performance.measure('boot',{start:10,end:60})</script>`,
    ),
    '/layouts': html(
      `<div id="a">text</div><button onclick="for(let i=1;i<=10;i++){a.style.width=i*10+'px';a.offsetHeight}">thrash</button>`,
    ),
  });
});

afterAll(async () => {
  await pool.close();
  await pages[Symbol.asyncDispose]();
});

test('a layout shift of a computed score', async () => {
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await page.setViewportSize(viewport);
    await step('open', () => page.goto(`${pages.url}/shift`));
  });
  const open = stepOf(sample, 'open');
  // Chrome computes in device pixels: exact but for rounding.
  expect(open.metrics['CLS']).toBeCloseTo(shiftScore, 3);
  expect(open.attribution.shifts[0]?.nodes).toContain('div#box');
});

test('a main-thread task of 200 ms after the load', async () => {
  const { sample } = await measureOnce(pool, ({ page, step }) => step('open', () => page.goto(`${pages.url}/task`)));
  const { metrics } = stepOf(sample, 'open');
  // The loop spins for 200 ms of wall time; a task can only take longer, by what the machine takes from it.
  expect(metrics['longtasks.longest']).toBeGreaterThanOrEqual(200);
  expect(metrics['longtasks.longest']).toBeLessThan(400);
  expect(metrics['TBT']).toBeGreaterThanOrEqual(150);
  expect(metrics['TBT']).toBeCloseTo((metrics['longtasks.longest'] ?? 0) - 50, -2);
  // CPU time, without waiting for a core: at most what the loop spins, and most of it even on a busy machine.
  expect(metrics['cpu.script']).toBeLessThan(230);
  expect(metrics['cpu.main']).toBeGreaterThan(metrics['cpu.script'] ?? 0);
});

test('a hero image delayed by a known time is the LCP, and its load takes that time', async () => {
  const { sample } = await measureOnce(pool, ({ page, step }) => step('open', () => page.goto(`${pages.url}/hero`)));
  const open = stepOf(sample, 'open');
  const { lcp } = open.attribution;
  expect(open.metrics['LCP']).toBeGreaterThanOrEqual(heroDelay);
  expect(lcp?.element).toContain('img');
  expect(lcp?.url).toBe(`${pages.url}/hero.bmp`);
  const parts = Object.values(lcp?.parts ?? {});
  expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(open.metrics['LCP'] ?? 0, 3);
  expect(lcp?.parts.loadDuration).toBeGreaterThanOrEqual(heroDelay - 5);
  expect(lcp?.parts.loadDuration).toBeLessThan(heroDelay + 150);
});

test("a script of known bytes, to the byte of the server's log", async () => {
  pages.log.length = 0;
  const { sample } = await measureOnce(pool, ({ page, step }) => step('open', () => page.goto(`${pages.url}/script`)));
  const { metrics } = stepOf(sample, 'open');
  const sent = pages.log.find((entry) => entry.path === '/app.js')?.bytes ?? 0;
  expect(sent).toBeGreaterThan(scriptBytes);
  expect(metrics['bytes.script']).toBe(sent);
  expect(metrics['bytes.total']).toBe(pages.log.reduce((sum, entry) => sum + entry.bytes, 0));
  expect(metrics['requests.total']).toBe(2);
  expect(metrics['requests.first-party']).toBe(2);
  expect(metrics['requests.third-party']).toBe(0);
});

test('requests that end late, of workers and of frames of other sites, belong to the step in which they began', async () => {
  const { sample } = await measureOnce(
    pool,
    async ({ page, step }) => {
      await step('open', () => page.goto(`${pages.url}/requests`));
      await step('late', () => page.getByText('late').click());
      await step('wait', () => page.getByText('arrived').waitFor());
      await step('worker', () => page.getByText('worker').click());
      await step('frame', () => page.getByText('frame').click());
      await step('delayed', () => page.getByText('delayed').click());
    },
    { settle: { timeout: 400 } },
  );
  const bytes = (name: string): number => stepOf(sample, name).metrics['bytes.total'] ?? 0;
  expect(bytes('late')).toBeGreaterThan(scriptBytes);
  expect(bytes('wait')).toBe(0);
  expect(bytes('worker')).toBeGreaterThan(scriptBytes);
  expect(bytes('frame')).toBeGreaterThan(scriptBytes);
  expect(stepOf(sample, 'frame').metrics['requests.third-party']).toBe(1);
  // A request 60 ms after the click, within the quiet time, is the click's.
  expect(bytes('delayed')).toBeGreaterThan(scriptBytes);
});

test('an interaction that removes its own target still names it', async () => {
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await step('open', () => page.goto(`${pages.url}/requests`));
    await step('remove', () => page.getByText('remove me').click());
  });
  expect(stepOf(sample, 'remove').attribution.inp?.target).toBe('button#gone');
});

test('interactions of known cost, each in its own step, the fast one not hidden by the slow one', async () => {
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await step('open', () => page.goto(`${pages.url}/interaction`));
    await step('slow', () => page.locator('#slow').click());
    await step('fast', () => page.locator('#fast').click());
    await step('nothing', () => page.evaluate(() => 1));
  });
  const slow = stepOf(sample, 'slow');
  expect(slow.kind).toBe('interaction');
  // Event timing rounds to 8 ms; the next paint adds a frame or two.
  expect(slow.metrics['INP']).toBeGreaterThanOrEqual(120);
  expect(slow.metrics['INP']).toBeLessThan(260);
  expect(slow.attribution.inp?.target).toContain('button#slow');
  expect(slow.attribution.inp?.parts.processing).toBeGreaterThanOrEqual(115);
  const parts = Object.values(slow.attribution.inp?.parts ?? {});
  expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(slow.metrics['INP'] ?? 0, 3);
  expect(stepOf(sample, 'fast').metrics['INP']).toBeLessThan(100);
  const nothing = stepOf(sample, 'nothing');
  expect(nothing.kind).toBe('script');
  expect(nothing.metrics['INP']).toBeUndefined();
  expect(nothing.missing['INP']).toContain('no click');
});

test('kinds of steps: navigation, soft navigation, navigation by a click', async () => {
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await step('open', () => page.goto(`${pages.url}/interaction`));
    await step('route', () => page.locator('#route').click());
    await step('link', () => page.locator('#link').click());
  });
  expect(sample.steps.map((step) => step.kind)).toEqual(['navigation', 'soft-navigation', 'navigation']);
  expect(stepOf(sample, 'route').metrics['LCP']).toBeGreaterThan(0);
  expect(stepOf(sample, 'route').url).toBe(`${pages.url}/other`);
  // The long task of the new page comes 100 ms after its load: the step may not end before.
  expect(stepOf(sample, 'link').metrics['longtasks.longest']).toBeGreaterThanOrEqual(200);
});

test('CPU time over links, reloads, other hosts and back: each navigation has its own', async () => {
  const elsewhere = pages.url.replace('127.0.0.1', 'localhost');
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await step('open', () => page.goto(`${pages.url}/interaction`));
    await step('link', () => page.locator('#link').click());
    await step('reload', () => page.reload());
    await step('elsewhere', () => page.goto(`${elsewhere}/task`));
    await step('back', () => page.goBack());
  });
  expect(sample.steps.map((step) => step.kind)).toEqual(Array.from({ length: 5 }, () => 'navigation'));
  for (const step of sample.steps.slice(1)) {
    // The page's task spins for 200 ms of wall time; a core shared with others leaves some of it at least.
    expect(step.metrics['cpu.script'], step.name).toBeGreaterThan(20);
    expect(step.metrics['cpu.script'], step.name).toBeLessThan(260);
    expect(step.metrics['cpu.main'], step.name).toBeGreaterThan(step.metrics['cpu.script'] ?? 0);
  }
});

test('user timings, layouts, heap, and the flow as the sum of its steps', async () => {
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await step('timings', () => page.goto(`${pages.url}/timings`));
    await step('open', () => page.goto(`${pages.url}/layouts`));
    await step('thrash', () => page.getByText('thrash').click());
  });
  expect(stepOf(sample, 'timings').metrics['timing.boot']).toBe(50);
  expect(stepOf(sample, 'timings').metrics['timing.ready']).toBeGreaterThan(0);
  // Ten forced layouts, each of its own width; the click's paint may add one.
  expect(stepOf(sample, 'thrash').metrics['layouts']).toBeGreaterThanOrEqual(10);
  expect(stepOf(sample, 'thrash').metrics['layouts']).toBeLessThanOrEqual(12);
  expect(sample.flow['heap']).toBeGreaterThan(100_000);
  expect(stepOf(sample, 'timings').missing['heap']).toContain('end of the flow');
  expect(sample.flow['requests.total']).toBe(2);
  expect(sample.flow['layouts']).toBe(sample.steps.reduce((sum, step) => sum + (step.metrics['layouts'] ?? 0), 0));
});

test('a cold sample downloads all, a warm one only what may not be cached', async () => {
  const flow: Flow = ({ page, step }) => step('open', () => page.goto(`${pages.url}/cached`));
  const first = await measureOnce(pool, flow);
  const again = await measureOnce(pool, flow);
  const warm = await measureOnce(pool, flow, { cache: 'warm', warmUrls: first.visited.slice() });
  expect(first.visited).toEqual([`${pages.url}/cached`]);
  for (const cold of [first, again]) {
    expect(cold.sample.flow).toMatchObject({ 'requests.total': 2, 'requests.script': 1 });
  }
  expect(warm.sample.flow).toMatchObject({ 'requests.total': 1, 'requests.script': 0, 'bytes.script': 0 });
});

test('CPU throttling slows the page by about the factor asked for', async () => {
  const flow: Flow = ({ page, step }) => step('open', () => page.goto(`${pages.url}/timings`));
  const { facts } = await measureOnce(pool, flow, { role: 'warm-up', cpuThrottling: 4 });
  // Pauses of a busy machine go both ways; without throttling this is 1.
  expect(facts?.slowdown).toBeGreaterThan(2);
  expect(facts?.slowdown).toBeLessThan(8);
});
