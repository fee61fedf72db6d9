/** What pages, browsers and machines do to a run; each costs one sample or one scenario, never the run. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { FlowArguments } from '../src/scenario/sample.ts';
import { createPool, measureOnce, runSchedule, stepOf } from './support/measure.ts';
import { busy, html, type PageServer, servePages } from './support/pages.ts';

let pool: ChromePool;
let pages: PageServer;

beforeAll(async () => {
  pool = createPool();
  pages = await servePages({
    '/': html('<h1>text</h1>'),
    '/dialogs': html(
      '<h1>text</h1><button onclick="alert(1);confirm(2);prompt(3);document.title=\'after\'">talk</button>',
    ),
    '/download': html('<a href="/file" download>get</a>'),
    '/file': (_request, response) => {
      response.writeHead(200, {
        'content-disposition': 'attachment; filename="a.bin"',
        'content-type': 'application/octet-stream',
      });
      response.end('0123456789');
    },
    '/never': () => {},
    '/loop': html(`<h1>text</h1><button onclick="${busy(3_600_000)}">hang</button>`),
    '/redirect': (_request, response) => response.writeHead(302, { location: '/redirect' }).end(),
    '/stream': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('first');
    },
    '/polling': html('<h1>text</h1><script>fetch("/stream?token=abcdefghijklmnop")</script>'),
    '/errors': html(
      '<h1>text</h1><script>fetch("/nothing");setTimeout(()=>{throw new Error("boom <b>bold</b>")})</script>',
    ),
    '/frame': html('<h1>text</h1><iframe src="/"></iframe>'),
    '/popup': html('<h1>text</h1><button onclick="window.open(\'/\')">open</button>'),
    '/hostile': html(
      '<h1>text</h1><img src="/missing?q=&lt;script&gt;alert(1)&lt;/script&gt;&amp;token=s3cr3t">',
      `<title>${'<b>"\'&amp;'.repeat(150_000)}</title>`,
    ),
  });
});

afterAll(async () => {
  await pool.close();
  await pages[Symbol.asyncDispose]();
});

const open =
  (where: string) =>
  ({ page, step }: FlowArguments) =>
    step('open', () => page.goto(`${pages.url}${where}`));

test('Chrome killed in mid-sample: a new Chrome, the sample repeated and noted', async () => {
  let sample = 0;
  const { document, thrown } = await runSchedule(
    pool,
    async ({ page, step }) => {
      sample += 1;
      await step('open', async () => {
        await page.goto(`${pages.url}/`);
        if (sample === 3) process.kill(pool.peek()?.chrome.pid ?? 0, 'SIGKILL');
        await page.getByText('text').click();
      });
    },
    { samples: 3 },
  );
  expect(thrown).toBeUndefined();
  expect(document.status).toBe('measured');
  expect(document.samples.filter((each) => each.accepted)).toHaveLength(3);
  expect(document.warnings.map((warning) => warning.code)).toEqual(['SAMPLE_REPEATED']);
  expect(new Set(document.samples.map((each) => each.launch)).size).toBe(2);
});

test('what is temporary lies in the one folder that whoever outlives us removes', () => {
  const temporary = mkdtempSync(path.join(tmpdir(), 'survive-test-'));
  try {
    // A process of its own: Playwright asks for the place as soon as it is loaded.
    const script = `
      import { readdirSync } from 'node:fs';
      import { createPool } from '${new URL('support/measure.ts', import.meta.url).href}';
      const pool = createPool();
      await pool.acquire();
      const during = readdirSync(process.env.TMPDIR);
      await pool.close();
      process.stdout.write(JSON.stringify({ during, after: readdirSync(process.env.TMPDIR) }));`;
    const env = { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' };
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: path.dirname(import.meta.dirname),
      env,
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual({ during: [expect.stringMatching(/^pacewright-chrome-/)], after: [] });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});

test('a renderer that crashes every time: the scenario fails, and says so', async () => {
  const { document } = await runSchedule(pool, async ({ page, step }) => {
    await step('crash', async () => {
      await page.goto(`${pages.url}/`);
      await page.goto('chrome://crash').catch(() => {});
      await page.getByText('never there').waitFor();
    });
  });
  expect(document.status).toBe('failed');
  expect(document.failure).toMatchObject({ code: 'PAGE_CRASHED', step: 'crash' });
  expect(document.warnings.filter((warning) => warning.code === 'SAMPLE_REPEATED')).toHaveLength(2);
});

test("a page that hangs in a loop ends at the step's limit, and the next sample works", async () => {
  const { document } = await runSchedule(
    pool,
    async ({ page, step }) => {
      await step('open', () => page.goto(`${pages.url}/loop`));
      await step('hang', () =>
        page
          .getByText('hang')
          .click()
          .then(() => page.evaluate(() => 1)),
      );
    },
    { stepTimeout: 2000 },
  );
  expect(document.failure).toMatchObject({ code: 'STEP_TIMEOUT', step: 'hang', sample: 0 });
  const { sample } = await measureOnce(pool, open('/'));
  expect(sample.accepted).toBe(true);
});

test('a page that never answers', async () => {
  const { document } = await runSchedule(pool, open('/never'), { stepTimeout: 1500 });
  expect(document.failure).toMatchObject({ code: 'STEP_TIMEOUT', step: 'open' });
  expect(document.failure?.screenshot).not.toBeNull();
});

test('a flow that throws: step, sample and screenshot of that moment', async () => {
  let samples = 0;
  const { document } = await runSchedule(pool, async ({ page, step }) => {
    samples += 1;
    await step('open', () => page.goto(`${pages.url}/`));
    await step('look', async () => {
      if (samples === 3) throw new Error('the third time it broke');
    });
  });
  expect(document.failure).toMatchObject({
    code: 'FLOW_FAILED',
    step: 'look',
    sample: 2,
    message: 'the third time it broke',
  });
  const jpeg = Buffer.from(document.failure?.screenshot ?? '', 'base64');
  expect(jpeg.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  expect(document.samples).toHaveLength(2);
});

test('a step that is not awaited is named; one that threw and was caught is not in the way of the next', async () => {
  const forgotten = await runSchedule(pool, async ({ page, step }) => {
    void step('open', () => page.goto(`${pages.url}/`));
  });
  expect(forgotten.document.failure).toMatchObject({
    code: 'SCENARIO_INVALID',
    message: 'Step "open" was not awaited.',
  });
  const caught = await runSchedule(
    pool,
    async ({ page, step }) => {
      await step('open', () => page.goto(`${pages.url}/`));
      await step('maybe', () => Promise.reject(new Error('not today'))).catch(() => {});
      await step('after', () => page.getByText('text').click());
    },
    { samples: 1 },
  );
  expect(caught.thrown).toBeUndefined();
  expect(caught.document.samples[1]?.steps.map((step) => step.name)).toEqual(['open', 'after']);
});

test('redirects without end, a server that is down', async () => {
  const endless = await runSchedule(pool, open('/redirect'));
  expect(endless.document.failure).toMatchObject({
    code: 'PAGE_UNREACHABLE',
    next: expect.stringContaining('redirects'),
  });
  const down = await runSchedule(pool, ({ page, step }) => step('open', () => page.goto('http://127.0.0.1:9/')));
  expect(down.document.failure).toMatchObject({ code: 'FLOW_FAILED' });
  const free = await servePages({});
  await free[Symbol.asyncDispose]();
  const closed = await runSchedule(pool, ({ page, step }) => step('open', () => page.goto(free.url)));
  expect(closed.document.failure).toMatchObject({
    code: 'PAGE_UNREACHABLE',
    next: expect.stringContaining('webServer'),
  });
});

test('a broken certificate is named, and can be accepted', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pacewright-test-'));
  const file = (name: string): string => path.join(folder, name);
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-keyout',
      file('key'),
      '-out',
      file('cert'),
    ],
    { stdio: 'ignore' },
  );
  const server = createServer(
    { key: readFileSync(file('key')), cert: readFileSync(file('cert')) },
    (_request, response) => response.end(html('<h1>text</h1>')),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const { document } = await runSchedule(pool, ({ page, step }) => step('open', () => page.goto(url)));
    expect(document.failure).toMatchObject({
      code: 'PAGE_UNREACHABLE',
      next: expect.stringContaining('ignoreHTTPSErrors'),
    });
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test('dialogs, downloads and popups do not block the flow', async () => {
  const { sample } = await measureOnce(pool, async ({ page, step }) => {
    await step('dialogs', () => page.goto(`${pages.url}/dialogs`));
    await step('talk', () => page.getByText('talk').click());
    await step('downloads', () => page.goto(`${pages.url}/download`));
    await step('get', () => page.getByText('get').click());
    await step('popups', () => page.goto(`${pages.url}/popup`));
    await step('open', () => page.getByText('open').click());
  });
  expect(sample.steps).toHaveLength(6);
  expect(
    sample.steps.filter((step) => step.settle.timedOut).map((step) => [step.name, step.settle.waitingFor]),
  ).toEqual([]);
});

test('a request that never ends: the wait is bounded, says what it waited for, and hides the token', async () => {
  const { sample } = await measureOnce(pool, open('/polling'), { settle: { timeout: 700 } });
  const { settle } = stepOf(sample, 'open');
  expect(settle.timedOut).toBe(true);
  expect(settle.waitingFor.join()).toContain('1 open request: GET http');
  expect(settle.waitingFor.join()).toContain('token=REDACTED');
});

test('page errors and failed requests are kept and counted', async () => {
  const { sample } = await measureOnce(pool, open('/errors'));
  const step = stepOf(sample, 'open');
  expect(step.pageErrors).toEqual(['boom <b>bold</b>']);
  expect(step.metrics).toMatchObject({ errors: 1, 'requests.failed': 1 });
  expect(step.requests.find((request) => request.url.endsWith('/nothing'))?.status).toBe(404);
});

test('a page of a title of a megabyte and markup in its URLs', async () => {
  const { sample } = await measureOnce(pool, open('/hostile'));
  const text = JSON.stringify(sample);
  expect(text.length).toBeLessThan(20_000);
  expect(text).not.toContain('s3cr3t');
});

test('no Chrome at the path that was given: a clear error with its last words', async () => {
  const broken = new ChromePool((await import('@playwright/test')).chromium, {
    headless: true,
    extraFlags: [],
    executablePath: '/bin/false',
  });
  const { thrown } = await runSchedule(broken, open('/'));
  expect(thrown).toMatchObject({ code: 'CHROME_START_FAILED', next: expect.stringContaining('doctor') });
});
