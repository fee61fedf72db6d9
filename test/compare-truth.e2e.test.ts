/** Comparisons of pages with known truth, in real Chrome: what differs is found, what does not is not. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ServerResponse } from 'node:http';
import type { Change, RegressionLine } from '../src/core/comparison.ts';
import type { ScenarioDocument } from '../src/core/document.ts';
import type { BudgetLine } from '../src/core/verdict.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { Flow } from '../src/scenario/sample.ts';
import { median } from '../src/stats/quantile.ts';
import { createPool, runComparison } from './support/measure.ts';
import { html, noiseBitmap, type PageServer, servePages } from './support/pages.ts';

// A bound for what hangs: two dozen pairs take a minute, and several on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

let pool: ChromePool;
beforeAll(() => {
  pool = createPool();
});
afterAll(() => pool.close());

const open: Flow = ({ page, step }) => step('open', () => page.goto('/'));

/** A page whose script does so many million steps: work that costs the same CPU time on a busy machine. */
function page(steps: number, extra = ''): string {
  const loop = `let s=1;for(let i=0;i<${steps}e6;i++)s=(Math.imul(s,1664525)+1013904223)|0;window.s=s`;
  return html(`<h1>Shop</h1><script>{${loop}}</script>${extra}`);
}

function script(size: number): (request: unknown, response: { writeHead: Function; end: Function }) => void {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/javascript', 'content-length': size });
    response.end(`/*${'x'.repeat(size - 4)}*/`);
  };
}

/** Never fails, whatever the metric does. */
const tolerant: RegressionLine = {
  scenario: 'test',
  project: null,
  step: 'open',
  metric: '',
  allowed: null,
  level: 'error',
  source: { file: 'budgets/test.json', line: 1, column: 1 },
};

function changeOf(document: ScenarioDocument, metric: string, step: string | null = 'open'): Change | undefined {
  return document.comparison?.changes.find((change) => change.metric === metric && change.step === step);
}

const closing: PageServer[] = [];
afterAll(async () => {
  for (const server of closing) await server[Symbol.asyncDispose]();
});
async function serve(routes: Parameters<typeof servePages>[0]): Promise<PageServer> {
  const server = await servePages(routes);
  closing.push(server);
  return server;
}

describe('in real Chrome', () => {
  test('the same bytes are recognised, whatever the port, and not measured', async () => {
    const body = (host: string): string => page(20, `<a href="${host}/next">next</a>`);
    const routes = (): Record<string, Parameters<typeof servePages>[0][string]> => ({
      '/': (request, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end(body(`http://${request.headers.host}`)),
    });
    const [base, head] = [await serve(routes()), await serve(routes())];
    const { document, thrown } = await runComparison(pool, open, { base: base.url, head: head.url });
    expect(thrown).toBeUndefined();
    expect(document.comparison?.status).toBe('identical');
    expect(document.samples.filter((sample) => sample.role === 'measured')).toHaveLength(0);
  });

  test('10 kB of script and one request more are told to the byte after three pairs', async () => {
    const routes = (size: number, extra: string): Parameters<typeof servePages>[0] => ({
      '/': html(`<h1>Shop</h1><script src="/app.js"></script>${extra}`),
      '/app.js': script(size),
      '/more.css': (_request, response) => response.writeHead(200, { 'content-type': 'text/css' }).end('a{}'),
    });
    const base = await serve(routes(50_000, ''));
    const head = await serve(routes(60_000, '<link rel="stylesheet" href="/more.css">'));
    const { document, thrown } = await runComparison(pool, open, {
      base: base.url,
      head: head.url,
      sides: { pairs: 3 },
    });
    expect(thrown).toBeUndefined();
    expect(changeOf(document, 'bytes.script')).toMatchObject({ status: 'regressed', change: 10_000, rule: 'exact' });
    expect(changeOf(document, 'requests.total')).toMatchObject({ status: 'regressed', change: 1, base: 2, head: 3 });
    expect(changeOf(document, 'requests.script')).toMatchObject({ status: 'unchanged', change: 0 });
  });

  test('a main thread that does 1.6 times the work is found, confirmed and sized', async () => {
    const [base, head] = [await serve({ '/': page(100) }), await serve({ '/': page(160) })];
    const { document, thrown } = await runComparison(pool, open, { base: base.url, head: head.url });
    expect(thrown).toBeUndefined();
    const change = changeOf(document, 'cpu.main');
    expect(change).toMatchObject({ status: 'regressed', gates: true, confirmation: { outcome: 'confirmed' } });
    // The page itself costs CPU time, too, so that the whole grows by less than the script does.
    expect(change?.change).toBeGreaterThan(0.15);
    expect(change?.change).toBeLessThan(0.6);
  });

  test('a scenario with a slowed CPU: pairs without it, then head alone with it for its limits', async () => {
    const [base, head] = [await serve({ '/': page(60) }), await serve({ '/': page(100) })];
    const limit: BudgetLine = {
      scenario: 'test',
      project: null,
      step: 'open',
      metric: 'requests.total',
      statistic: 'p50',
      limit: 1,
      tolerance: null,
      level: 'error',
      source: { file: 'budgets/test.json', line: 1, column: 1 },
    };
    const { document, thrown } = await runComparison(pool, open, {
      base: base.url,
      head: head.url,
      options: { cpuThrottling: 4, samples: 3 },
      lines: [limit],
      sides: { budgets: true, pairs: 8 },
    });
    expect(thrown).toBeUndefined();
    expect(changeOf(document, 'cpu.main')).toMatchObject({ status: 'regressed', gates: true, pairs: 8 });
    expect(document.verdicts).toMatchObject([{ status: 'pass', samples: 3 }]);
    // What slows the CPU down does so on the main thread, whose CPU time it adds to.
    const times = (paired: boolean): number[] =>
      document.samples
        .filter(({ accepted, variant, pair }) => accepted && variant === 'head' && (pair !== null) === paired)
        .map(({ steps }) => steps[0]?.metrics['cpu.main'] ?? 0);
    expect(times(false)).toHaveLength(3);
    expect(median(times(false))).toBeGreaterThan(1.5 * median(times(true)));
  });

  test('a warm cache: what is kept costs nothing on either side, what head no longer keeps is told to the byte', async () => {
    const kept = (size: number, cache: string) => (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/javascript', 'content-length': size, 'cache-control': cache });
      response.end(`/*${'x'.repeat(size - 4)}*/`);
    };
    const routes = (size: number, cache: string): Parameters<typeof servePages>[0] => ({
      '/': html('<h1>Shop</h1><script src="/app.js"></script><script src="/lib.js"></script>'),
      '/app.js': kept(size, 'max-age=600'),
      '/lib.js': kept(20_000, cache),
    });
    const base = await serve(routes(50_000, 'max-age=600'));
    const head = await serve(routes(60_000, 'no-store'));
    const { document, thrown } = await runComparison(pool, open, {
      base: base.url,
      head: head.url,
      options: { cache: 'warm' },
      sides: { pairs: 3 },
    });
    expect(thrown).toBeUndefined();
    expect(changeOf(document, 'requests.total')).toMatchObject({ status: 'regressed', base: 1, head: 2 });
    const script = changeOf(document, 'bytes.script');
    expect(script).toMatchObject({ status: 'regressed', rule: 'exact', base: 0 });
    expect(script?.head).toBe(head.log.findLast((answer) => answer.path === '/lib.js')?.bytes);
  });

  test('a largest paint that is another element is told, and does not fail', async () => {
    const routes = (image: string): Parameters<typeof servePages>[0] => ({
      '/': html(`<h1>Shop</h1>${image}`),
      '/hero.bmp': (_request, response) =>
        response.writeHead(200, { 'content-type': 'image/bmp' }).end(noiseBitmap(300, 200)),
    });
    const base = await serve(routes(''));
    const head = await serve(routes('<img id="hero" src="/hero.bmp" width="300" height="200">'));
    const { document, thrown } = await runComparison(pool, open, {
      base: base.url,
      head: head.url,
      sides: { pairs: 3 },
      regressions: [
        { ...tolerant, metric: 'bytes.total' },
        { ...tolerant, metric: 'requests.total' },
      ],
    });
    expect(thrown).toBeUndefined();
    const change = changeOf(document, 'LCP');
    expect(change).toMatchObject({ status: 'different', gates: false, p: null, visible: null });
    expect(change?.reason).toMatch(/the largest paint is ".*h1" in base and "#hero \(\/hero\.bmp\)" in head/);
    expect(document.comparison?.changes.filter(({ gates }) => gates)).toEqual([]);
  });

  test('a page that starts a web worker has all cores in pairs', async () => {
    const worker = (steps: number): string => {
      const work = `let s=1;for(let i=0;i<${steps}e6;i++)s=(Math.imul(s,1664525)+1013904223)|0;postMessage(s)`;
      return `<script>new Worker(URL.createObjectURL(new Blob([${JSON.stringify(work)}])))</script>`;
    };
    const [base, head] = [await serve({ '/': page(60) }), await serve({ '/': page(30, worker(30)) })];
    const { document, thrown } = await runComparison(pool, open, {
      base: base.url,
      head: head.url,
      sides: { pairs: 8 },
    });
    expect(thrown).toBeUndefined();
    expect(document.comparison?.parameters.oneCore).toBe(false);
    expect(pool.peek()?.oneCore).toBe(false);
    expect(changeOf(document, 'cpu.main')).toMatchObject({ status: 'improved' });
  });

  test('a page that only head has is new', async () => {
    const flow: Flow = ({ page: tab, step }) =>
      step('open', async () => {
        await tab.goto('/');
        await tab.getByText('Wish list').waitFor();
      });
    const [base, head] = [await serve({ '/': html('Shop') }), await serve({ '/': html('Wish list') })];
    const { document, thrown } = await runComparison(pool, flow, { base: base.url, head: head.url });
    expect(thrown).toBeUndefined();
    expect(document.comparison).toMatchObject({ status: 'new' });
    expect(document.comparison?.note).toContain('in step "open"');
  });

  test('an absolute address, the same for both, is refused', async () => {
    const [base, head] = [await serve({ '/': html('a') }), await serve({ '/': html('b') })];
    const { thrown } = await runComparison(pool, ({ page: tab, step }) => step('open', () => tab.goto(head.url)), {
      base: base.url,
      head: head.url,
    });
    expect(thrown).toMatchObject({ code: 'SCENARIO_INVALID' });
  });
});
