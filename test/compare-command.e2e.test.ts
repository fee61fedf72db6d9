/** `compare` of what is served already, and of folders. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sidesFromFolders } from '../src/compare/folders.ts';
import { Ledger } from '../src/compare/ledger.ts';
import type { Session } from '../src/compare/session.ts';
import { comparisonParametersFor } from '../src/judge/comparison-parameters.ts';
import { createPool } from './support/measure.ts';
import { html, type PageServer, servePages } from './support/pages.ts';
import { createProject } from './support/project.ts';

const few = ['--pairs', '2', '--no-budgets'];

const scenario = `
import { test } from 'pacewright';
test('home', async ({ measure }) => {
  await measure(({ page, step }) => step('open', () => page.goto('./')));
});
`;
const config = (more = ''): string =>
  `import { defineConfig } from 'pacewright';\nexport default defineConfig({ testDir: '.', use: { noiseGate: 'off', samples: 3, baseURL: 'http://localhost:4999/shop/' }, webServer: { command: 'false', url: 'http://127.0.0.1:4999' }${more} });\n`;

/** A server whose only page is below `/shop/`, with the paths that were asked for. */
async function serveShop(text: string): Promise<{ server: PageServer; asked: string[] }> {
  const asked: string[] = [];
  const server = await servePages({
    '/shop/': (message, response) => {
      asked.push(message.url ?? '');
      response.writeHead(200, { 'content-type': 'text/html' }).end(html(`<h1>${text}</h1>`));
    },
  });
  return { server, asked };
}

test('two URLs: the path comes from the config, its web server stays off, and the exit code is that of the run', async () => {
  const base = await serveShop('shop');
  const head = await serveShop('new shop');
  await using _base = base.server;
  await using _head = head.server;
  using project = createProject({ 'home.perf.ts': scenario, 'playwright.config.ts': config() });
  const urls = ['compare', '--base-url', base.server.url, '--head-url', head.server.url];
  const { code, output } = await project.pacewright([...urls, ...few]);
  expect(code, output).toBe(0);
  expect(output).toContain(`base  ${base.server.url}`);
  expect(output).toContain(`head  ${head.server.url}`);
  expect(head.asked.length).toBeGreaterThan(2);
  expect(new Set(head.asked)).toEqual(new Set(['/shop/']));
  expect(project.lastRun().command).toContain(`npx pacewright ${urls.join(' ')} --no-budgets --pairs 2`);

  project.write('budgets/home.json', '{ "scenario": "home", "steps": { "open": { "requests.total": 0 } } }');
  expect(await project.pacewright([...urls, '--pairs', '5'])).toMatchObject({ code: 1 });
});

test('a server that is down, and what is no URL', async () => {
  const gone = await servePages({});
  await gone[Symbol.asyncDispose]();
  using project = createProject({ 'home.perf.ts': scenario, 'playwright.config.ts': config() });
  const down = await project.pacewright(['compare', '--base-url', gone.url, '--head-url', gone.url]);
  expect(down).toMatchObject({ code: 3, output: expect.stringContaining('correct --base-url') });
  const none = await project.pacewright(['compare', '--base-url', 'localhost', '--head-url', gone.url]);
  expect(none).toMatchObject({ code: 2, output: expect.stringContaining('--base-url localhost') });
});

test('two folders, from start to end', async () => {
  using project = createProject({
    'home.perf.ts': scenario,
    'playwright.config.ts': config(),
    'old/index.html': '<h1>old</h1>',
    'new/index.html': '<h1>new</h1>',
    'new/about.html': '<h1>about</h1>',
  });
  const { code, output } = await project.pacewright(['compare', '--base-dir', 'old', '--head-dir', 'new', ...few]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/base {2}old {2}http:\/\/127\.0\.0\.1:\d+\/shop\//);
  const missing = await project.pacewright(['compare', '--base-dir', 'old', '--head-dir', 'dist']);
  expect(missing).toMatchObject({ code: 2, output: expect.stringContaining('--head-dir dist is no folder') });
  rmSync(path.join(project.folder, 'old/index.html'));
  const pageless = await project.pacewright(['compare', '--base-dir', 'old', '--head-dir', 'new', 'nothing-like-it']);
  expect(pageless).toMatchObject({ code: 2, output: expect.stringContaining('No tests found') });
});

/** One request as Chrome makes it; the body is as it travelled. */
function ask(
  url: string,
  headers: IncomingHttpHeaders = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip, deflate, br', ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    }).once('error', reject);
  });
}

test('folders are served as in production: compressed, cached by tag, routes to the page, alike on both sides', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'folders-test-'));
  const script = '/* a line of script */\n'.repeat(200);
  for (const [side, day] of [
    ['old', 1],
    ['new', 2],
  ] as const) {
    mkdirSync(path.join(folder, side, 'assets'), { recursive: true });
    writeFileSync(path.join(folder, side, 'index.html'), '<h1>page</h1>');
    writeFileSync(path.join(folder, side, 'assets/app.js'), script);
    writeFileSync(path.join(folder, side, 'assets/own.js'), script);
    writeFileSync(path.join(folder, side, 'assets/own.js.br'), 'compressed by the build');
    utimesSync(path.join(folder, side, 'assets/app.js'), day, day);
  }
  const complaints: string[] = [];
  const session: Session = {
    cwd: folder,
    env: {},
    say: () => undefined,
    complain: (text) => complaints.push(text),
    ledger: new Ledger(),
    measuring: undefined,
    closers: [],
  };
  try {
    const { base, head } = await sidesFromFolders(session, { base: 'old', head: 'new' }, 'http://localhost:4173/shop/');
    expect(base.url.length).toBe(head.url.length);
    const app = await ask(`${head.url}assets/app.js`);
    expect(app.headers).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': 'public,max-age=0,must-revalidate',
    });
    expect(gunzipSync(app.body).toString()).toBe(script);
    expect((await ask(`${head.url}assets/app.js`, { 'if-none-match': app.headers.etag ?? '' })).status).toBe(304);
    expect((await ask(`${head.url}assets/own.js`)).body.toString()).toBe('compressed by the build');
    // Too small to gain from it; a route of the application.
    const route = await ask(`${head.url}shoes/7`);
    expect(route.headers['content-encoding']).toBeUndefined();
    expect(route.body.toString()).toBe('<h1>page</h1>');
    expect((await ask(`${head.url}assets/gone.js`)).status).toBe(404);

    for (const file of ['', 'assets/app.js']) {
      const { date: _one, ...ofBase } = (await ask(`${base.url}${file}`)).headers;
      const { date: _other, ...ofHead } = (await ask(`${head.url}${file}`)).headers;
      expect(ofBase).toEqual(ofHead);
    }

    rmSync(path.join(folder, 'old/index.html'));
    await expect(sidesFromFolders(session, { base: 'old', head: 'new' }, undefined)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringContaining('--base-dir old holds no page'),
    });
    writeFileSync(path.join(folder, 'old/assets/about.html'), '<h1>about</h1>');
    await sidesFromFolders(session, { base: 'old', head: 'new' }, undefined);
    expect(complaints).toEqual([expect.stringContaining('old has no index.html')]);
  } finally {
    await session.ledger.close();
    await Promise.all(session.closers.map((close) => close()));
    rmSync(folder, { recursive: true, force: true });
  }
});

test('shards leave blobs, and one report and one verdict come of them', async () => {
  const pages = (more: string): Record<string, string> => ({
    'index.html': '<h1>home</h1>',
    'about.html': `<h1>about</h1>${more}`,
    'more.css': 'a{}',
  });
  const files = (folder: string, more: string): Record<string, string> =>
    Object.fromEntries(Object.entries(pages(more)).map(([name, text]) => [`${folder}/${name}`, text]));
  const visit = (title: string, file: string): string =>
    `test('${title}', ({ measure }) => measure(({ page, step }) => step('open', () => page.goto('${file}'))));\n`;
  using project = createProject({
    'one.perf.ts': `import { test } from 'pacewright';\n${visit('home', './')}${visit('home again', './')}`,
    'two.perf.ts': `import { test } from 'pacewright';\n${visit('about', 'about.html')}${visit('about again', 'about.html')}`,
    'playwright.config.ts': config(),
    ...files('old', ''),
    ...files('new', '<link rel="stylesheet" href="more.css">'),
  });
  const compare = ['compare', '--base-dir', 'old', '--head-dir', 'new', '--pairs', '3', '--no-budgets'];
  for (const shard of ['1/2', '2/2']) {
    const { code, output } = await project.pacewright([...compare, `--shard=${shard}`, '--reporter=blob'], {
      PWTEST_BLOB_DO_NOT_REMOVE: '1',
    });
    // Without our reporter the exit code is Playwright's.
    expect(code, output).toBe(shard === '1/2' ? 0 : 1);
  }
  const merged = await project.playwright(['merge-reports', '-c', 'playwright.config.ts', 'blob-report']);
  expect(merged.code, merged.output).toBe(1);
  expect(merged.output).toContain('regressed against old');
  const run = project.lastRun();
  expect(run.comparison).toMatchObject({ how: 'folders', base: { label: 'old' }, head: { label: 'new' } });
  const told = run.scenarios.map(({ title, comparison }) => [
    title,
    comparison?.status,
    comparison?.changes.filter(({ gates }) => gates).map(({ metric }) => metric),
  ]);
  expect(Object.fromEntries(told.map(([title, ...rest]) => [title, rest]))).toEqual({
    home: ['identical', []],
    'home again': ['identical', []],
    about: ['compared', ['requests.total']],
    'about again': ['compared', ['requests.total']],
  });
  // All four share the run's limit of false alarms.
  const shared = new Set(run.scenarios.map(({ comparison }) => comparison?.parameters.confirmAlpha));
  expect(shared).toEqual(new Set([comparisonParametersFor(4).confirmAlpha]));
}, 240_000);

test('another run of ours on the machine is told', async () => {
  using project = createProject({ 'home.perf.ts': scenario, 'playwright.config.ts': config() });
  const site = await serveShop('shop');
  await using _site = site.server;
  const shared = mkdtempSync(path.join(tmpdir(), 'pacewright-beside-'));
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = shared;
  const pool = createPool();
  try {
    const urls = ['compare', '--base-url', site.server.url, '--head-url', site.server.url, ...few];
    const alone = await project.pacewright(urls, { TMPDIR: shared });
    expect(alone.code, alone.output).toBe(0);
    // As few pairs as it takes to see the warning are too few to fail a time, which is told as well.
    const told = () => project.lastRun().scenarios[0]?.warnings.filter(({ code }) => code !== 'FEW_PAIRS');
    expect(told()).toEqual([]);
    await pool.acquire();
    expect(await project.pacewright(urls, { TMPDIR: shared })).toMatchObject({ code: 0 });
    expect(told()).toMatchObject([
      { code: 'MEASURED_BESIDE', message: expect.stringContaining(`(process ${process.pid})`) },
    ]);
  } finally {
    await pool.close();
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    rmSync(shared, { recursive: true, force: true });
  }
});
