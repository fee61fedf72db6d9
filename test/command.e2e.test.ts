/** Whole commands, as a user types them: exit codes, messages, files, what is left behind. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, watch } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { busy, html, type PageServer, servePages } from './support/pages.ts';
import { createProject, type Finished } from './support/project.ts';

let pages: PageServer;

beforeAll(async () => {
  pages = await servePages({
    '/': html('<h1>text</h1><script src="/app.js"></script>'),
    '/app.js': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end('/* a script */');
    },
    '/menu': html(`<button onclick="${busy(60)};document.body.append('opened')">open</button>`),
  });
});
afterAll(() => pages[Symbol.asyncDispose]());

const scenario = (title: string, where = '/', extra = ''): string => `
import { test, expect } from 'pacewright';
test(${JSON.stringify(title)}, async ({ measure }) => {
  const result = await measure(async ({ page, step }) => {
    await step('open', () => page.goto(process.env.PAGES + ${JSON.stringify(where)}));
  });
  ${extra}
});
`;
const env = (): NodeJS.ProcessEnv => ({ PAGES: pages.url });

test('passing, failing and wrong budgets: 0, 1 and 2; judge and report repeat them without Chrome', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home'),
    'budgets/home.json': '{ "scenario": "home", "steps": { "open": { "LCP": "60 s", "requests.total": 2 } } }',
    'strict/home.json': '{ "scenario": "home", "steps": { "open": { "requests.total": 1 } } }',
    'wrong/home.json': '{\n  "scenario": "home",\n  "steps": { "open": { "requests.totl": 1 } }\n}',
  });
  const passed = await project.pacewright(['run'], env());
  expect(passed).toMatchObject({ code: 0 });
  expect(passed.output).toMatch(/pass +open +requests\.total/);

  const failed = await project.pacewright(['run', '--budgets', 'strict'], env());
  expect(failed).toMatchObject({ code: 1 });
  // Step, metric, statistic, limit, value, interval, margin.
  expect(failed.output).toMatch(/FAIL +open +requests\.total p50 +1 +2 +exact +-1/);

  const wrong = await project.pacewright(['run', '--budgets', 'wrong'], env());
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.output).toContain('BUDGET_UNKNOWN_METRIC');
  expect(wrong.output).toContain('home.json:3:');
  expect(wrong.output).toContain('Did you mean "requests.total"?');

  const run = project.runs().at(0) ?? '';
  const noChrome = { CHROME_PATH: '/nonexistent' };
  expect(await project.pacewright(['judge', run], noChrome)).toMatchObject({ code: 0 });
  expect(await project.pacewright(['judge', run, '--budgets', 'strict'], noChrome)).toMatchObject({ code: 1 });
  expect(await project.pacewright(['report', run], noChrome)).toMatchObject({ code: 0 });
  expect(existsSync(path.join(run, 'index.html'))).toBe(true);
  expect(readFileSync(path.join(project.folder, 'reports/index.html'), 'utf8')).toContain(path.basename(run));
  const missing = await project.pacewright(['judge', 'reports/nothing']);
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.output).toContain('RUN_NOT_FOUND');
});

test('the sources measure as they are, as in this repository; the other tests run them compiled', async () => {
  const sources = '../../../src/index.ts';
  using project = createProject({
    'playwright.config.ts': `import { defineConfig } from '${sources}';\nexport default defineConfig({ testDir: '.', use: { noiseGate: 'off', samples: 1, lighthouse: 'off' } });\n`,
    'home.perf.ts': scenario('home').replace("'pacewright'", `'${sources}'`),
  });
  expect(await project.playwright(['test'], env())).toMatchObject({ code: 0 });
  expect(project.lastRun().scenarios).toMatchObject([{ status: 'measured' }]);
});

test('a scenario asserts on its own result; a failing assertion is not a verdict of ours', async () => {
  using project = createProject({
    'fine.perf.ts': scenario(
      'fine',
      '/',
      "expect(result.metric('open', 'requests.total').max).toBe(2); expect(result.steps).toHaveLength(1);",
    ),
    'broken.perf.ts': scenario('broken', '/', "expect(result.metric('open', 'requests.total').max).toBe(99);"),
    'typo.perf.ts': scenario('typo', '/', "result.metric('opne', 'LCP');"),
  });
  const { code, output } = await project.pacewright(['run'], env());
  expect(code).toBe(1);
  expect(output).toContain('Did you mean "open"?');
  const run = project.lastRun();
  expect(run.scenarios.map((each) => each.status)).toEqual(['measured', 'measured', 'measured']);
  expect(run.otherFailures.map((each) => each.title).toSorted()).toEqual(['broken', 'typo']);
});

test('unknown scenario, step and folder of budgets; a config that would spoil the numbers', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home'),
    'scenario/a.json': '{ "scenario": "hme", "steps": { "open": { "LCP": "1 s" } } }',
    'step/a.json': '{ "scenario": "home", "steps": { "opne": { "LCP": "1 s" } } }',
    'traced.config.ts':
      "import { defineConfig } from '@playwright/test';\nexport default defineConfig({ testDir: '.', testMatch: '*.perf.ts', workers: 1, use: { trace: 'on' }, reporter: [['list']] });\n",
  });
  const scenarioName = await project.pacewright(['run', '--budgets', 'scenario'], env());
  expect(scenarioName).toMatchObject({ code: 2, output: expect.stringContaining('Did you mean "home"?') });
  // Nothing was measured: the mistake was seen before the first sample.
  expect(project.lastRun().scenarios).toEqual([]);
  const stepName = await project.pacewright(['run', '--budgets', 'step'], env());
  expect(stepName).toMatchObject({ code: 2, output: expect.stringContaining('Did you mean "open"?') });
  expect(await project.pacewright(['run', '--budgets', 'nowhere'], env())).toMatchObject({ code: 2 });
  expect(await project.pacewright(['run', '--samples', 'many'], env())).toMatchObject({ code: 2 });
  const traced = await project.playwright(['test', '-c', 'traced.config.ts'], env());
  expect(traced.output).toContain('trace would be part of every measured number');
  expect(traced.code).toBe(1);
});

test('the server is down: 3, and what to do', async () => {
  const gone = await servePages({});
  await gone[Symbol.asyncDispose]();
  using project = createProject({ 'home.perf.ts': scenario('home') });
  const { code, output } = await project.pacewright(['run'], { PAGES: gone.url });
  expect(code).toBe(3);
  expect(output).toContain('webServer');
  expect(project.lastRun().scenarios[0]).toMatchObject({
    status: 'failed',
    failure: { code: 'PAGE_UNREACHABLE', step: 'open' },
  });
});

test('no Chrome: 3, and how to install one', async () => {
  using project = createProject({ 'home.perf.ts': scenario('home') });
  const { code, output } = await project.pacewright(['run'], { ...env(), CHROME_PATH: '/nonexistent/chrome' });
  expect(code).toBe(3);
  expect(output).toContain('CHROME_PATH');
});

test('a full disk: the verdict is still given, and what was lost is said', async () => {
  using project = createProject({ 'home.perf.ts': scenario('home') });
  // Every write to /dev/full fails with ENOSPC, as on a full disk.
  mkdirSync(path.join(project.folder, 'reports'));
  const watcher = watch(path.join(project.folder, 'reports'), () => {
    for (const run of project.runs()) {
      try {
        symlinkSync('/dev/full', path.join(run, 'samples.ndjson'));
      } catch {
        // there already
      }
    }
  });
  const { output } = await project.pacewright(['run'], env());
  watcher.close();
  expect(output).toContain('ENOSPC');
  expect(project.lastRun().scenarios[0]?.samples.filter((sample) => sample.accepted)).toHaveLength(3);
});

/** Sends a signal as soon as so many samples are in the journal. */
async function interruptAfter(
  samples: number,
  started: {
    child: { pid?: number | undefined; kill: (signal: NodeJS.Signals) => boolean };
    finished: Promise<Finished>;
  },
  project: ReturnType<typeof createProject>,
  act: () => void,
): Promise<Finished> {
  let acted = false;
  const look = (): void => {
    if (acted || !existsSync(path.join(project.folder, 'reports'))) return;
    const journal = path.join(project.runs().at(-1) ?? '', 'samples.ndjson');
    if (!existsSync(journal) || readFileSync(journal, 'utf8').split('\n').length < samples + 2) return;
    acted = true;
    act();
  };
  const watcher = watch(project.folder, { recursive: true }, look);
  const finished = await started.finished;
  watcher.close();
  expect(acted).toBe(true);
  return finished;
}

test('Ctrl-C: a valid report of what was measured, no Chrome and no profile left', async () => {
  using project = createProject({ 'home.perf.ts': scenario('home') });
  const started = project.start(['run', '--samples', '500'], env());
  const { code, output } = await interruptAfter(3, started, project, () => started.child.kill('SIGINT'));
  expect(code).not.toBe(0);
  const run = project.lastRun();
  expect(run.status).toBe('interrupted');
  expect(run.scenarios[0]?.status).toBe('interrupted');
  expect(run.scenarios[0]?.samples.length).toBeGreaterThanOrEqual(3);
  expect(output).toContain('Report:');
});

test('SIGTERM, as a cancelled CI job gets it: the same', async () => {
  using project = createProject({ 'home.perf.ts': scenario('home') });
  const started = project.start(['run', '--samples', '500'], env());
  await interruptAfter(3, started, project, () => started.child.kill('SIGTERM'));
  expect(project.lastRun()).toMatchObject({ status: 'interrupted', scenarios: [{ status: 'interrupted' }] });
});

test('mistyped options, a missing locator, a reports folder that cannot be: each says so', async () => {
  using project = createProject({
    'typo.perf.ts': scenario('typo').replace('  });\n  \n});', '  }, { sampels: 3 });\n});'),
    'lost.perf.ts': scenario('lost').replace(
      "await step('open'",
      "await step('look', () => page.getByText('never there').click({ timeout: 300 })); await step('open'",
    ),
  });
  const { output } = await project.pacewright(['run'], env());
  expect(output).toContain('Did you mean "samples"?');
  expect(output).toContain("waiting for getByText('never there')");
  const nowhere = await project.pacewright(['run', '--reports', 'package.json'], env());
  expect(nowhere).toMatchObject({ code: 3, output: expect.stringContaining('WRITE_FAILED') });
});

test('a worker that is killed: its samples come from the journal, its Chrome is ended', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home')
      .replace("await step('open'", "if (sample.index === 3) process.kill(process.pid, 'SIGKILL'); await step('open'")
      .replace('{ page, step }', '{ page, step, sample }'),
  });
  const { code } = await project.pacewright(['run'], env());
  expect(code).not.toBe(0);
  expect(project.lastRun().scenarios[0]).toMatchObject({ status: 'interrupted' });
  expect(project.lastRun().scenarios[0]?.samples).toHaveLength(3);
});

test('shards, blob reports and merge-reports give one report and one verdict', async () => {
  using project = createProject({
    'one.perf.ts': scenario('one'),
    'two.perf.ts': scenario('two'),
    'budgets/all.json': '{ "scenario": "*", "steps": { "open": { "requests.total": 2 } } }',
    'budgets/two.json': '{ "scenario": "two", "steps": { "open": { "requests.total": 1 } } }',
  });
  for (const shard of ['1/2', '2/2']) {
    await project.playwright(['test', `--shard=${shard}`, '--reporter=blob'], {
      ...env(),
      PWTEST_BLOB_DO_NOT_REMOVE: '1',
    });
  }
  const merged = await project.playwright(['merge-reports', '-c', 'playwright.config.ts', 'blob-report']);
  expect(merged).toMatchObject({ code: 1 });
  const run = project.lastRun();
  expect(run.scenarios.map((each) => each.title).toSorted()).toEqual(['one', 'two']);
  expect(
    run.scenarios.flatMap((each) => each.verdicts.map((verdict) => `${each.title} ${verdict.status}`)).toSorted(),
  ).toEqual(['one pass', 'two fail']);
  expect(run.environments).toHaveLength(1);
  expect(merged.output).toMatch(/1 of 2 budget lines fails?/);
});

test("Playwright's own reporters work beside ours and carry the verdict", async () => {
  using project = createProject({
    'home.perf.ts': scenario('home'),
    'budgets/home.json': '{ "scenario": "home", "steps": { "open": { "requests.total": 1 } } }',
    'playwright.config.ts':
      "import { defineConfig } from 'pacewright';\nexport default defineConfig({ testDir: '.', use: { samples: 3, noiseGate: 'off' }, reporter: [['list'], ['github'], ['junit', { outputFile: 'junit.xml' }], ['pacewright/reporter']] });\n",
  });
  const { code, output } = await project.playwright(['test'], {
    ...env(),
    GITHUB_STEP_SUMMARY: path.join(project.folder, 'summary.md'),
    GITHUB_ACTIONS: 'true',
  });
  expect(code).toBe(1);
  expect(output).toContain('::error');
  expect(output).toContain('requests.total p50: 2, limit 1');
  expect(readFileSync(path.join(project.folder, 'junit.xml'), 'utf8')).toContain('requests.total p50: 2, limit 1');
  expect(readFileSync(path.join(project.folder, 'summary.md'), 'utf8')).toContain('requests.total');
});

test('devices are projects; a budget for one of them holds there only', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home'),
    'budgets/home.json':
      '{ "scenario": "home", "steps": { "open": { "requests.total": 2 } }, "projects": { "phone": { "steps": { "open": { "requests.total": 1 } } } } }',
    'playwright.config.ts':
      "import { defineConfig, devices } from 'pacewright';\nexport default defineConfig({ testDir: '.', use: { samples: 3, noiseGate: 'off' }, projects: [{ name: 'desktop' }, { name: 'phone', use: { ...devices['Pixel 7'], network: '4g', cpuThrottling: 2 } }] });\n",
  });
  const { code, output } = await project.pacewright(['run'], env());
  expect(code, output).toBe(1);
  const [desktop, phone] = project.lastRun().scenarios;
  expect(desktop).toMatchObject({
    project: 'desktop',
    device: { mobile: false, viewport: '1280×720' },
    verdicts: [{ status: 'pass' }],
  });
  expect(phone).toMatchObject({
    project: 'phone',
    device: { mobile: true, viewport: '412×839' },
    verdicts: [{ status: 'fail' }],
    options: { network: { name: '4g' } },
  });
  // Chrome adds the latency after the headers: no paint can come before it, while TTFB would not show it.
  const step = phone?.samples.at(-1)?.steps[0];
  expect(step?.metrics['FCP']).toBeGreaterThan(85);
  expect(step?.missing['TTFB']).toContain('emulated latency');
});

test('what `use` sets on contexts holds in measured ones: headers, storage state, locale, base URL', async () => {
  const seen: { header: string | undefined; cookie: string | undefined; language: string | undefined }[] = [];
  await using server = await servePages({
    '/': (request, response) => {
      const { 'x-team': header, cookie, 'accept-language': language } = request.headers;
      seen.push({ header: String(header), cookie, language });
      response.writeHead(200, { 'content-type': 'text/html' }).end(html('<h1>text</h1>'));
    },
  });
  using project = createProject({
    'home.perf.ts': `
import { test } from 'pacewright';
test.use({ extraHTTPHeaders: { 'x-team': 'checkout' }, locale: 'de-DE', baseURL: process.env.PAGES,
  storageState: { cookies: [{ name: 'user', value: 'ada', domain: '127.0.0.1', path: '/', expires: -1, httpOnly: false, secure: false, sameSite: 'Lax' }], origins: [] } });
test('home', async ({ measure }) => {
  await measure(({ page, step }) => step('open', () => page.goto('/')));
});`,
  });
  const { code, output } = await project.pacewright(['run'], { PAGES: server.url });
  expect(code, output).toBe(0);
  expect(seen).toHaveLength(4);
  for (const each of seen) {
    expect(each).toMatchObject({ header: 'checkout', cookie: 'user=ada', language: expect.stringMatching(/^de-DE/) });
  }
});
