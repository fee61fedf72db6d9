/** Lighthouse's user flow on pages of known truth, on the demo shop, and on pages that it cannot audit. */
import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { chromium } from '@playwright/test';
import { afterAll, describe, expect, test } from 'vitest';
import { startShop } from '../examples/shop/server.ts';
import { lighthouseSchema, type LighthouseStep } from '../src/core/lighthouse.ts';
import { lighthouseAudits } from '../src/core/lighthouse-ids.ts';
import { findMetric } from '../src/core/metrics.ts';
import type { LighthouseOutcome } from '../src/collect/lighthouse.ts';
import { auditFlow } from './support/lighthouse.ts';
import { createPool } from './support/measure.ts';
import { busy, html, servePages } from './support/pages.ts';

const pool = createPool();
afterAll(() => pool.close());

function part({ facts }: LighthouseOutcome, step: string, mode: LighthouseStep['mode']): LighthouseStep {
  const found = facts.steps.find((each) => each.step === step && each.mode === mode);
  if (!found)
    throw new Error(`no ${mode} of ${step}: ${JSON.stringify(facts.steps.map((each) => [each.step, each.mode]))}`);
  return found;
}

function valueOf({ values }: LighthouseOutcome, step: string | null, metric: string): number | undefined {
  return values.find((each) => each.step === step && each.metric === metric)?.value;
}

const shiftingPage = html(
  `<main><h1>Boots</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="40" height="40">
   <button id="more" onclick='${busy(120)};document.querySelector("p").textContent="more";'>More</button><p>less</p></main>`,
  '<title>Boots</title><meta name="viewport" content="width=device-width">',
);

test('a navigation, a timespan and a snapshot, told and scored as Lighthouse does, without a word to anybody', async () => {
  await using pages = await servePages({ '/': shiftingPage });
  const peers = new Set<string>();
  const watch = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => peers.add(socket.remoteAddress ?? ''));
  };
  channel('net.client.socket').subscribe(watch);
  const progress: string[] = [];
  const outcome = await auditFlow(
    pool,
    { open: 'navigation', more: 'interaction' },
    async ({ page, step }) => {
      const status = await step('open', async () => (await page.goto(pages.url))?.status());
      expect(status).toBe(200);
      await step('more', async () => {
        await page.getByRole('button').click();
        await page.getByText('more', { exact: true }).waitFor();
      });
    },
    { onProgress: (text) => progress.push(text) },
  );
  channel('net.client.socket').unsubscribe(watch);

  const { facts } = outcome;
  expect(lighthouseSchema.parse(facts)).toEqual(facts);
  expect(facts).toMatchObject({ problem: null, throttling: 'network as it is; CPU as it is; nothing simulated' });
  expect(facts.version).toMatch(/^13\./);
  expect(facts.steps.map(({ step, mode, problem }) => [step, mode, problem])).toEqual([
    ['open', 'navigation', null],
    ['more', 'timespan', null],
    ['more', 'snapshot', null],
  ]);
  expect(progress).toEqual([
    'Lighthouse: step 1 of 2, open (navigation)',
    'Lighthouse: step 2 of 2, more (timespan)',
    'Lighthouse: the page at the end (snapshot)',
  ]);

  const open = part(outcome, 'open', 'navigation');
  expect(open.scores.map(({ category }) => category)).toEqual([
    'performance',
    'accessibility',
    'best-practices',
    'seo',
  ]);
  expect(open.audits.slice(0, 5).map(({ id, group }) => [id, group])).toEqual(
    [
      'first-contentful-paint',
      'largest-contentful-paint',
      'total-blocking-time',
      'cumulative-layout-shift',
      'speed-index',
    ].map((id) => [id, 'metric']),
  );
  // The image has no text in its place: a fault that Lighthouse names, and a score that a budget may name.
  expect(open.audits.find(({ id }) => id === 'image-alt')).toMatchObject({
    score: 0,
    group: 'other',
    category: 'accessibility',
  });
  expect(valueOf(outcome, 'open', 'lighthouse.image-alt')).toBe(0);
  expect(valueOf(outcome, 'open', 'lighthouse.document-title')).toBe(1);
  expect(open.audits.find(({ id }) => id === 'document-title')).toBeUndefined();
  expect(open.passed).toBeGreaterThan(20);
  expect(valueOf(outcome, 'open', 'lighthouse.accessibility')).toBeLessThan(1);

  // One task of 120 ms in the click.
  const more = part(outcome, 'more', 'timespan');
  const blocking = more.audits.find(({ id }) => id === 'total-blocking-time')?.value ?? 0;
  expect(blocking).toBeGreaterThanOrEqual(70);
  expect(more.scores.map(({ category }) => category)).toEqual(['performance', 'best-practices']);
  // What a timespan cannot tell, the snapshot of the page that it left does; what a snapshot cannot, nobody invents.
  expect(valueOf(outcome, 'more', 'lighthouse.image-alt')).toBe(0);
  expect(part(outcome, 'more', 'snapshot').scores.find(({ category }) => category === 'performance')?.score).toBeNull();
  expect(valueOf(outcome, 'more', 'lighthouse.performance')).toBe(
    more.scores.find(({ category }) => category === 'performance')?.score,
  );
  const performances = ['open', 'more'].map((step) => valueOf(outcome, step, 'lighthouse.performance') ?? Number.NaN);
  expect(valueOf(outcome, null, 'lighthouse.performance')).toBe(Math.min(...performances));
  for (const { metric, value } of outcome.values) {
    expect(findMetric(metric), metric).toBeDefined();
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
  expect(outcome.html).toContain('Lighthouse');
  expect([...peers]).toEqual(['127.0.0.1']);
});

test('what the page says is cleaned in the facts, and runs in no report', async () => {
  const markup = '</script><img src=x onerror="window.hit=1"><script>window.hit=1</script>';
  await using pages = await servePages({
    '/': html(
      `<h1>text</h1><img id='${markup.replaceAll("'", '')}' src="/x.png?token=4f5c1e2d3b4a59687786950a1b2c3d4e"><script>
       console.error(${JSON.stringify(markup).replaceAll('</', String.raw`<\/`)}); throw new Error('token=hunter2 ' + ${JSON.stringify(markup).replaceAll('</', String.raw`<\/`)})</script>`,
      `<title>${markup.replaceAll('<', '&lt;')}</title>`,
    ),
  });
  const outcome = await auditFlow(pool, { 'open <b>': 'navigation' }, async ({ page, step }) => {
    await step('open <b>', () => page.goto(`${pages.url}/?token=4f5c1e2d3b4a59687786950a1b2c3d4e`));
  });
  expect(outcome.facts.problem).toBeNull();
  expect(JSON.stringify(outcome.facts)).not.toMatch(/4f5c1e2d3b4a5968|hunter2/);
  expect(outcome.html).not.toBeNull();
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${(await pool.acquire()).chrome.port}`);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: outcome.html ?? '' }));
  await page.goto('http://report.invalid/');
  await page.getByText('Performance').first().waitFor();
  expect(await page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined();
  await context.close();
  await browser.close();
});

describe('a fault costs its own part', () => {
  test('a page that never paints, and one that is an error', async () => {
    await using pages = await servePages({
      '/blank': html(''),
      '/broken': (_request, response) =>
        response.writeHead(500, { 'content-type': 'text/html' }).end(html('<h1>no</h1>')),
      '/': shiftingPage,
    });
    let runs = 0;
    const outcome = await auditFlow(
      pool,
      { blank: 'navigation', broken: 'navigation', more: 'interaction', fine: 'navigation' },
      async ({ page, step }) => {
        await step('blank', async () => {
          runs += 1;
          await page.goto(`${pages.url}/blank`);
        });
        await step('broken', () => page.goto(`${pages.url}/broken`));
        await step('more', () => page.evaluate(() => document.body.append('more')));
        await step('fine', () => page.goto(pages.url));
      },
    );
    expect(runs).toBe(1);
    expect(outcome.facts.problem).toBeNull();
    expect(part(outcome, 'blank', 'navigation')).toMatchObject({ scores: [], audits: [] });
    expect(part(outcome, 'blank', 'navigation').problem).toContain('NO_FCP');
    const broken = part(outcome, 'broken', 'navigation');
    expect(broken.problem).toContain('ERRORED_DOCUMENT_REQUEST');
    expect(valueOf(outcome, 'broken', 'lighthouse.performance')).toBeUndefined();
    expect(part(outcome, 'more', 'timespan').problem).toBeNull();
    expect(part(outcome, 'fine', 'navigation').problem).toBeNull();
    expect(valueOf(outcome, 'fine', 'lighthouse.performance')).toBeGreaterThan(0.5);
    // The last page was looked at whole: no snapshot.
    expect(outcome.facts.steps).toHaveLength(4);
  });

  test('a step that fails ends the flow, and what was learnt until then is kept', async () => {
    await using pages = await servePages({ '/': shiftingPage });
    const outcome = await auditFlow(
      pool,
      { open: 'script', lost: 'interaction', never: 'script' },
      async ({ page, step }) => {
        page.setDefaultTimeout(500);
        await step('open', () => page.goto(pages.url));
        await step('lost', () => page.getByText('not there').click());
        await step('never', () => {});
      },
    );
    expect(outcome.facts.problem).toContain('Timeout 500ms exceeded');
    expect(outcome.facts.steps.map(({ step, problem }) => [step, problem])).toEqual([
      ['open', null],
      ['lost', 'the step failed'],
    ]);
    expect(valueOf(outcome, null, 'lighthouse.performance')).toBeGreaterThan(0);
    expect(outcome.html).not.toBeNull();
  });

  test('a navigation that fails is told at once', async () => {
    const outcome = await auditFlow(pool, { open: 'navigation' }, async ({ page, step }) => {
      await step('open', () => page.goto('http://127.0.0.1:9/'));
    });
    expect(outcome.facts.problem).toContain('ERR_');
    expect(outcome.facts.steps).toMatchObject([{ step: 'open', scores: [], problem: 'the step failed' }]);
    expect(outcome).toMatchObject({ html: null, values: [] });
    // Far from the 15 s that Lighthouse would wait for a paint.
    expect(outcome.facts.wall).toBeLessThan(12_000);
  });

  test('a page that hangs costs its step, and no further wait', async () => {
    await using pages = await servePages({ '/': shiftingPage });
    const outcome = await auditFlow(
      pool,
      { open: 'script', hang: 'script' },
      async ({ page, step }) => {
        await step('open', () => page.goto(pages.url));
        await step('hang', () =>
          page.evaluate(() => {
            setTimeout(() => {
              for (;;);
            }, 0);
          }),
        );
      },
      { options: { settle: { timeout: 1000 } } },
    );
    expect(outcome.facts.steps.map(({ step, mode, problem }) => [step, mode, problem])).toEqual([
      ['open', 'timespan', null],
      ['hang', 'timespan', 'the page does not answer'],
    ]);
    // With the renderer that still spins.
    await pool.close();
  });

  test('a page that crashes, and a run that is interrupted', async () => {
    await using pages = await servePages({ '/': shiftingPage });
    // Without a document at the end, so that no part takes the 5 s of quiet that Lighthouse wants of a navigation.
    const crashed = await auditFlow(pool, { open: 'script', crash: 'script' }, async ({ page, context, step }) => {
      await step('open', () => page.goto(pages.url));
      await step('crash', async () => {
        const session = await context.newCDPSession(page);
        session.send('Page.crash').catch(() => {});
        await page.getByText('not there').waitFor();
      });
    });
    expect(crashed.facts.problem).toMatch(/crashed/i);
    expect(part(crashed, 'open', 'timespan').problem).toBeNull();
    expect(part(crashed, 'crash', 'timespan').problem).toMatch(/crashed/i);
    // Chrome's own, which no sample uses; that of the flow is closed.
    expect((await pool.acquire()).browser.contexts()).toHaveLength(1);

    const controller = new AbortController();
    const interrupted = await auditFlow(
      pool,
      { open: 'script', wait: 'script' },
      async ({ page, step }) => {
        await step('open', () => page.goto(pages.url));
        await step('wait', () => {
          controller.abort();
          return page.getByText('not there').waitFor();
        });
      },
      { signal: controller.signal },
    );
    expect(interrupted.facts.problem).toBe('interrupted');
    expect(part(interrupted, 'open', 'timespan').problem).toBeNull();
  });
});

/** ms that a fixed loop takes in a page, the best of five: what else the machine does only adds to it. */
function timeLoop(): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    let state = 1;
    for (let round = 0; round < 8e6; round += 1) state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state === 0.5 ? 0 : performance.now() - start;
  });
  return Math.min(...times);
}

test('throttling that the scenario asks for is in force while Lighthouse looks', async () => {
  await using pages = await servePages({ '/': shiftingPage });
  const network = { latency: 700, download: 5000, upload: 1000 };
  const outcome = await auditFlow(
    pool,
    { open: 'navigation', more: 'interaction' },
    async ({ page, context, step }) => {
      const other = await context.newPage();
      await step('open', () => page.goto(pages.url));
      await step('more', async () => {
        expect((await page.evaluate(timeLoop)) / (await other.evaluate(timeLoop))).toBeGreaterThan(2);
        const start = performance.now();
        await page.evaluate(() => fetch('/').then((answer) => answer.text()));
        expect(performance.now() - start).toBeGreaterThan(650);
      });
    },
    { options: { network, cpuThrottling: 6 } },
  );
  expect(outcome.facts.problem).toBeNull();
  expect(outcome.facts.throttling).toMatch(/700 ms of latency.*CPU 6 times slower/);
  const paint = part(outcome, 'open', 'navigation').audits.find(({ id }) => id === 'first-contentful-paint');
  expect(paint?.value).toBeGreaterThan(650);
});

test('the demo shop: every step, and a flow that goes on', async () => {
  const shop = await startShop();
  try {
    const outcome = await auditFlow(
      pool,
      { 'open the shop': 'navigation', search: 'script', 'open a product': 'soft-navigation' },
      async ({ page, step }) => {
        await step('open the shop', async () => {
          await page.goto('/');
          await page.getByText('200 products').waitFor();
        });
        await step('search', async () => {
          await page.getByRole('searchbox').fill('boots');
          await page.getByText('12 results').waitFor();
        });
        await step('open a product', async () => {
          await page.getByRole('link', { name: 'Alder Hiking Boots' }).click();
          await page.getByRole('heading', { name: 'Alder Hiking Boots' }).waitFor();
        });
      },
      { context: { baseURL: shop.url } },
    );
    expect(outcome.facts.problem).toBeNull();
    expect(outcome.facts.steps.map(({ mode, problem }) => [mode, problem])).toEqual(
      ['navigation', 'timespan', 'timespan', 'snapshot'].map((mode) => [mode, null]),
    );
    expect(valueOf(outcome, 'open the shop', 'lighthouse.performance')).toBeGreaterThan(0.5);
    expect(valueOf(outcome, null, 'lighthouse.accessibility')).toBeGreaterThan(0.9);
    // The pictures are larger than they are shown, and the server lets nobody keep them for long.
    const insights = part(outcome, 'open the shop', 'navigation').audits.filter(({ group }) => group === 'insight');
    expect(insights.map(({ id }) => id)).toEqual(expect.arrayContaining(['cache-insight', 'image-delivery-insight']));
    expect(insights.find(({ id }) => id === 'cache-insight')?.display).toMatch(/Est savings of \d+ KiB/);
    // What the table of ids promises is what comes: no score has a name that a budget could not write.
    const named = new Set(outcome.values.map(({ metric }) => metric.slice('lighthouse.'.length)));
    expect([...named].filter((id) => lighthouseAudits.some((audit) => audit === id)).length).toBeGreaterThan(60);
    expect(outcome.facts.wall).toBeGreaterThan(0);
  } finally {
    await shop.close();
  }
});
