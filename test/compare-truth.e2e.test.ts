/** Comparisons of pages with known truth, in real Chrome: what differs is found, what does not is not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../src/core/comparison.ts';
import type { ScenarioDocument } from '../src/core/document.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { Flow } from '../src/scenario/sample.ts';
import { createPool, runComparison } from './support/measure.ts';
import { html, type PageServer, servePages } from './support/pages.ts';

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
