/** Budgets on what the diagnosis alone knows, in whole commands: measured, diagnosed, judged, judged again. */
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunDocument } from '../src/core/document.ts';
import { html, type PageServer, servePages } from './support/pages.ts';
import { createProject } from './support/project.ts';

let pages: PageServer;
const script = `/*${'a comment that nobody needs '.repeat(200)}*/ document.title = 'Boots';`;

beforeAll(async () => {
  pages = await servePages({
    // An image without a text in its place: accessible to nobody who cannot see it.
    '/': html(
      '<main><h1>Boots</h1><img src="data:," width="9" height="9"></main>',
      '<script src="/assets/app.js"></script>',
    ),
    '/assets/app.js': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    },
  });
});
afterAll(() => pages[Symbol.asyncDispose]());

const scenario = (lighthouse: 'on' | 'off'): string => `
import { test } from 'pacewright';
test('home', async ({ measure }) => {
  await measure(({ page, step }) => step('open', () => page.goto(process.env.PAGES)), { lighthouse: '${lighthouse}' });
});
`;

const budget = (steps: object, flow: object): string => JSON.stringify({ scenario: 'home', steps, flow });
const env = (): NodeJS.ProcessEnv => ({ PAGES: pages.url, PACEWRIGHT_DIAGNOSE: 'failures' });

function verdictsOf(run: RunDocument): unknown[] {
  return run.scenarios.flatMap(({ verdicts }) =>
    verdicts.map(({ step, metric, status, gates, rule }) => [step, metric, status, gates, rule]),
  );
}

test('a score that is missed fails the run after the diagnosis, which such a line brings about by itself', async () => {
  using project = createProject({
    'home.perf.ts': scenario('on'),
    'budgets/home.json': budget(
      { open: { 'requests.total': 2, 'lighthouse.image-alt': 1, 'lighthouse.seo': { limit: 1, level: 'warn' } } },
      { 'lighthouse.performance': 0.5, 'bundle.assets/*.js': '10 kB', 'bundle.app.js': '2 kB' },
    ),
  });
  const { code, output } = await project.pacewright(['run'], env());
  expect(code, output).toBe(1);
  const run = project.lastRun();
  const expected = [
    ['open', 'requests.total', 'pass', false, 'exact'],
    ['open', 'lighthouse.seo', 'fail', false, 'one value'],
    ['open', 'lighthouse.image-alt', 'fail', true, 'one value'],
    [null, 'lighthouse.performance', 'pass', false, 'one value'],
    [null, 'bundle.assets/*.js', 'pass', false, 'one value'],
    [null, 'bundle.app.js', 'fail', true, 'one value'],
  ];
  expect(verdictsOf(run)).toEqual(expected);
  const bytes = run.scenarios[0]?.verdicts.at(-1)?.value ?? 0;
  expect(bytes).toBe(pages.log.findLast(({ path: file }) => file === '/assets/app.js')?.bytes);
  expect(output).toMatch(/FAIL +open +lighthouse\.image-alt +>= 1 +0/);

  const folder = path.relative(project.folder, project.runs().at(-1) ?? '');
  const again = await project.pacewright(['judge', folder], env());
  expect(again.code, again.output).toBe(1);
  expect(verdictsOf(project.lastRun())).toEqual(expected);
}, 300_000);

test('with Lighthouse switched off its lines are not measured, which is no pass', async () => {
  using project = createProject({
    'home.perf.ts': scenario('off'),
    'budgets/home.json': budget({ open: { 'requests.total': 2, 'lighthouse.seo': 0.1 } }, {}),
  });
  const { code, output } = await project.pacewright(['run'], env());
  expect(code, output).toBe(3);
  expect(verdictsOf(project.lastRun())).toEqual([
    ['open', 'requests.total', 'pass', false, 'exact'],
    ['open', 'lighthouse.seo', 'not measured', true, 'none'],
  ]);
  expect(project.lastRun().scenarios[0]?.diagnosis).toBeNull();
  expect(output).toContain("`lighthouse` is 'off'");
});
