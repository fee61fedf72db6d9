/** The diagnosis as part of whole commands: what it adds to a run, and what it may never do to it. */
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunDocument, ScenarioDocument } from '../src/core/document.ts';
import { busy, html, type PageServer, servePages } from './support/pages.ts';
import { createProject, type Project } from './support/project.ts';

// Up to 26 runs of a flow in one test; a bound for what hangs, as the one for all tests.
vi.setConfig({ testTimeout: 400_000 });

let pages: PageServer;

beforeAll(async () => {
  pages = await servePages({
    '/': html(
      `<h1>text</h1><button onclick="sortTheCatalogue()">sort</button>`,
      '<script src="/app.js?access_token=hunter2"></script>',
    ),
    '/app.js': (_request, response) => {
      response
        .writeHead(200, { 'content-type': 'text/javascript' })
        .end(`function sortTheCatalogue() ${busy(60)}\nnobody.knows();\n//# sourceMappingURL=app.js.map`);
    },
  });
});
afterAll(() => pages[Symbol.asyncDispose]());

const scenario = (title: string, extra = ''): string => `
import { test } from 'pacewright';
test(${JSON.stringify(title)}, async ({ measure }) => {
  await measure(async ({ page, step, sample }) => {
    ${extra}
    await step('open', () => page.goto(process.env.PAGES));
    await step('sort <b>../../it</b>', () => page.getByText('sort').click());
  });
});
`;
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PAGES: pages.url,
  PACEWRIGHT_DIAGNOSE: 'all',
  ...more,
});

function only(run: RunDocument): ScenarioDocument {
  const [document] = run.scenarios;
  if (!document || run.scenarios.length > 1) throw new Error(`${run.scenarios.length} scenarios`);
  return document;
}

/** The text of an artefact in the newest run folder. */
function readArtifact(project: Project, name: string): string {
  const content = readFileSync(path.join(project.runs().at(-1) ?? '', name));
  return (name.endsWith('.gz') ? gunzipSync(content) : content).toString();
}

test('every step is diagnosed after the samples, and its trace lies in the run folder, whatever titles say', async () => {
  using project = createProject({
    'home.perf.ts': scenario('../../etc/passwd <script>alert(1)</script>'),
    'budgets/home.json': '{ "scenario": "*", "steps": { "open": { "requests.total": 2 } } }',
  });
  const { code, output } = await project.pacewright(['run'], env());
  expect(code, output).toBe(0);
  const document = only(project.lastRun());
  // A warm-up and 3 samples, as without a diagnosis.
  expect(document.samples.map(({ index, role }) => `${index} ${role}`)).toEqual([
    '0 warm-up',
    '1 measured',
    '2 measured',
    '3 measured',
  ]);
  const { diagnosis } = document;
  expect(diagnosis).toMatchObject({ status: 'done', notes: [] });
  expect(diagnosis?.passes.filter(({ kind }) => kind === 'trace')).toHaveLength(5);
  expect(diagnosis?.steps.map(({ name, passes }) => [name, passes])).toEqual([
    ['open', 5],
    ['sort <b>../../it</b>', 5],
  ]);
  const place = `artifacts/etc-passwd-script-alert-1-script-${document.id}`;
  expect(diagnosis?.artifacts.map((artifact) => artifact.path).toSorted()).toEqual([
    `${place}/01-open/profile.cpuprofile`,
    `${place}/02-sort-b-it-b/profile.cpuprofile`,
    `${place}/network.har`,
    `${place}/trace.json.gz`,
  ]);
  const trace = readArtifact(project, `${place}/trace.json.gz`);
  const { traceEvents } = JSON.parse(trace) as { traceEvents: { name: string; ph: string }[] };
  const marks = traceEvents.filter(({ name }) => name.startsWith('step: ')).map(({ name, ph }) => `${name} ${ph}`);
  expect(marks).toEqual([
    'step: open b',
    'step: open e',
    'step: sort <b>../../it</b> b',
    'step: sort <b>../../it</b> e',
  ]);
  expect(trace).toContain('"functionName":"sortTheCatalogue"');
  expect(trace).toContain('/app.js?access_token=REDACTED');
  expect(trace).not.toContain('hunter2');
  const [open] = diagnosis?.steps ?? [];
  expect(open?.waterfall?.requests.map(({ url, status }) => [new URL(url).pathname, status])).toEqual([
    ['/', 200],
    ['/app.js', 200],
  ]);
  expect(open?.waterfall?.shots.length).toBeGreaterThan(0);
  expect(open?.console).toMatchObject([
    { level: 'error', text: expect.stringContaining('nobody is not defined'), location: { line: 2, column: 1 } },
  ]);
  const script = diagnosis?.bundles?.files.find(({ url }) => url.includes('/app.js'));
  expect(script).toMatchObject({ kind: 'script', party: 'first-party', map: 'broken' });
  const har = diagnosis?.artifacts.find((artifact) => artifact.path.endsWith('/network.har'));
  const { log } = JSON.parse(readArtifact(project, har?.path ?? '')) as {
    log: { entries: unknown[]; pages: unknown[] };
  };
  expect(log.pages).toHaveLength(2);
  expect(log.entries).toHaveLength(2);
});

test('only steps that fail a gate, where that is asked for', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home'),
    'budgets/home.json': '{ "scenario": "home", "steps": { "open": { "requests.total": 1 } } }',
  });
  const { code, output } = await project.pacewright(['run', '--diagnose', 'failures'], env());
  expect(code, output).toBe(1);
  expect(only(project.lastRun()).diagnosis?.steps.map(({ name }) => name)).toEqual(['open']);
});

test('a flow that fails in every pass changes neither verdict nor exit code', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home', "if (sample.index > 3) throw new Error('not once more');"),
    'budgets/home.json': '{ "scenario": "home", "steps": { "open": { "requests.total": 2 } } }',
  });
  const { code, output } = await project.pacewright(['run'], env());
  expect(code, output).toBe(0);
  const document = only(project.lastRun());
  expect(document).toMatchObject({ status: 'measured', failure: null, diagnosis: { status: 'failed' } });
  expect(document.diagnosis?.passes.map(({ problem }) => problem)).toEqual(['not once more', 'not once more']);
});

test('a folder for artefacts that cannot be written costs the artefacts only', async () => {
  using project = createProject({ 'home.perf.ts': scenario('home') });
  mkdirSync(path.join(project.folder, 'reports'));
  const watcher = watch(path.join(project.folder, 'reports'), () => {
    for (const run of project.runs()) writeFileSync(path.join(run, 'artifacts'), 'a file in its place');
  });
  const { code, output } = await project.pacewright(['run'], env());
  watcher.close();
  expect(code, output).toBe(0);
  const { diagnosis } = only(project.lastRun());
  expect(diagnosis).toMatchObject({ status: 'partial', artifacts: [], steps: [{ passes: 5 }, { passes: 5 }] });
  expect(diagnosis?.notes.join(' ')).toContain('could not be kept');
});

test('Ctrl-C during the diagnosis: a valid report of all samples, nothing left behind', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home'),
    'budgets/home.json': '{ "scenario": "home", "steps": { "open": { "requests.total": 2 } } }',
  });
  const started = project.start(['run'], env());
  let interrupted = false;
  const watcher = watch(project.folder, { recursive: true }, () => {
    if (interrupted || !existsSync(path.join(project.folder, 'reports'))) return;
    const journal = path.join(project.runs().at(-1) ?? '', 'samples.ndjson');
    if (!existsSync(journal) || !readFileSync(journal, 'utf8').includes('"judged"')) return;
    interrupted = true;
    started.child.kill('SIGINT');
  });
  const { code, output } = await started.finished;
  watcher.close();
  expect(interrupted, output).toBe(true);
  expect(code, output).not.toBe(0);
  const run = project.lastRun();
  expect(run).toMatchObject({ status: 'interrupted', otherFailures: [] });
  const document = only(run);
  expect(document).toMatchObject({ status: 'measured', verdicts: [{ status: 'pass' }] });
  expect(document.samples).toHaveLength(4);
  expect(document.diagnosis?.notes).toContain('The run was interrupted during the diagnosis.');
  expect(output).toContain('Report:');
});

test('a worker that dies in the diagnosis: its verdict comes from the journal', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home', "if (sample.index > 3) process.kill(process.pid, 'SIGKILL');"),
    'budgets/home.json': '{ "scenario": "home", "steps": { "open": { "requests.total": 2 } } }',
  });
  await project.pacewright(['run'], env());
  expect(only(project.lastRun())).toMatchObject({
    status: 'measured',
    verdicts: [{ status: 'pass' }],
    diagnosis: { status: 'failed', notes: ['The process that ran the diagnosis ended.'] },
  });
});

test('blob reports carry the artefacts to where they are merged', async () => {
  using project = createProject({ 'home.perf.ts': scenario('home') });
  await project.playwright(['test', '--reporter=blob'], env());
  // What the machine that measured kept is not there on the one that merges.
  rmSync(path.join(project.folder, 'test-results'), { recursive: true });
  const merged = await project.playwright(['merge-reports', '-c', 'playwright.config.ts', 'blob-report']);
  expect(merged.code, merged.output).toBe(0);
  const { diagnosis } = only(project.lastRun());
  expect(diagnosis).toMatchObject({ status: 'done', notes: [] });
  const trace = diagnosis?.artifacts.find(({ path: name }) => name.endsWith('trace.json.gz'));
  expect(readArtifact(project, trace?.path ?? '')).toContain('traceEvents');
});

test('budgets on what only the diagnosis knows; Lighthouse beside the rest', async () => {
  using project = createProject({
    'home.perf.ts': scenario('home').replace('});\n});', "}, { lighthouse: 'on' });\n});"),
    'budgets/home.json': JSON.stringify({
      scenario: 'home',
      flow: { 'lighthouse.best-practices': 0.1, 'bundle.app.js': '10 kB' },
      steps: { open: { 'lighthouse.performance': 0.1 } },
    }),
  });
  const { code, output } = await project.pacewright(['run'], env());
  expect(code, output).toBe(0);
  const { verdicts, diagnosis } = only(project.lastRun());
  expect(verdicts.map(({ metric, status }) => `${metric} ${status}`).toSorted()).toEqual([
    'bundle.app.js pass',
    'lighthouse.best-practices pass',
    'lighthouse.performance pass',
  ]);
  expect(diagnosis?.lighthouse?.problem).toBeNull();
  const report = diagnosis?.artifacts.find((artifact) => artifact.path.endsWith('/lighthouse.html'));
  expect(report?.bytes).toBeGreaterThan(100_000);
  const text = readArtifact(project, report?.path ?? '');
  expect(text).toContain('/app.js?access_token=REDACTED');
  expect(text).not.toContain('hunter2');
});

test('in a comparison: profiles of both sides, and the function that got slower', async () => {
  const serve = (ms: number): Promise<PageServer> =>
    servePages({
      '/': html(
        `<h1>text</h1><button onclick="sortTheCatalogue()">sort</button><script>function drawTheList() ${busy(30)}\nfunction sortTheCatalogue() ${busy(ms)}\ndrawTheList();</script>`,
      ),
    });
  await using base = await serve(10);
  await using head = await serve(60);
  using project = createProject({
    'home.perf.ts': scenario('home').replace('process.env.PAGES', "'/'"),
  });
  const sides = ['--base-url', base.url, '--head-url', head.url];
  const words = ['compare', ...sides, '--pairs', '3', '--no-budgets', '--diagnose', 'all'];
  const { output } = await project.pacewright(words, env());
  const document = only(project.lastRun());
  expect(document.comparison?.status, output).toBe('compared');
  const [open, sort] = document.diagnosis?.steps ?? [];
  expect(document.diagnosis?.passes.filter(({ kind }) => kind === 'trace').map(({ variant }) => variant)).toEqual(
    expect.arrayContaining(['base', 'head']),
  );
  expect(sort?.baseProfile).not.toBeNull();
  const [slower] = sort?.functions ?? [];
  expect(slower?.location).toMatchObject({ function: 'sortTheCatalogue', line: 2 });
  // 50 ms more, on a machine that does other things meanwhile.
  expect(slower?.interval?.low).toBeGreaterThan(10);
  expect(slower?.interval?.low).toBeLessThan(60);
  expect(slower?.interval?.high).toBeGreaterThan(40);
  expect(open?.functions.map(({ location }) => location.function)).not.toContain('sortTheCatalogue');
});
