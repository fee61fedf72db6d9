/** Memory scenarios as a user runs them, in real Chrome: a planted leak fails and is named, its repaired twin passes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { html, type PageServer, servePages } from './support/pages.ts';
import { leakyPage } from './support/leaky.ts';
import { createProject } from './support/project.ts';

// A bound for what hangs: on a busy machine Chrome takes 10 s for each snapshot.
const slow = 400_000;

/** Each click adds a row, which is no leak of a script but a state that is not the first one. */
const list = html(`<button id="go">add</button><ul></ul><script>
  document.getElementById('go').onclick = () => document.querySelector('ul').append(document.createElement('li'));
</script>`);

let pages: PageServer;
beforeAll(async () => {
  pages = await servePages({ '/leaky': leakyPage(true), '/repaired': leakyPage(false), '/list': list });
});
afterAll(() => pages[Symbol.asyncDispose]());

const scenario = (where: string, more = ''): string => `import { test } from 'pacewright';
test('the button', async ({ detectLeaks }) => {
  await detectLeaks({
    setup: ({ page }) => page.goto('${pages.url}${where}'),
    action: ({ page }) => page.locator('#go').click(),
    ${more}
  });
});
`;

test(
  'a planted leak fails with exit code 1, and is named',
  async () => {
    using project = createProject({ 'a.perf.ts': scenario('/leaky') });
    const { code, output } = await project.pacewright(['run']);
    const [document] = project.lastRun().scenarios;
    expect(code, output).toBe(1);
    expect(document?.memory?.leaks.map(({ what }) => what)).toContain('CartItem');
  },
  slow,
);

test(
  'the repaired twin passes',
  async () => {
    using project = createProject({ 'a.perf.ts': scenario('/repaired') });
    const { code, output } = await project.pacewright(['run']);
    expect(code, output).toBe(0);
    const [document] = project.lastRun().scenarios;
    expect(document?.memory?.leaks).toEqual([]);
    expect(document?.memory?.growth.map(({ trend }) => trend)).not.toContain('grows');
  },
  slow,
);

test(
  'an action that does not return is warned of, with how that is known; growth budgets fail',
  async () => {
    using project = createProject({
      'a.perf.ts': scenario('/list', 'iterations: 3'),
      'budgets/a.json':
        '{ "scenario": "the button", "flow": { "leaks": 9, "nodes.growth": 0, "listeners.growth": 0 } }',
    });
    const { code, output } = await project.pacewright(['run']);
    expect(code, output).toBe(1);
    const [document] = project.lastRun().scenarios;
    expect(document?.memory?.returned.same).toBe(false);
    expect(document?.warnings.map(({ code: name }) => name)).toContain('ACTION_DOES_NOT_RETURN');
    expect(document?.memory?.returned.how).toMatch(/after iteration 3 the document has \d+ <li>/);
    const status = (metric: string) => document?.verdicts.find((verdict) => verdict.metric === metric)?.status;
    expect([status('nodes.growth'), status('listeners.growth')]).toEqual(['fail', 'pass']);
    // Each <li> has a node more, its marker: all in the document.
    expect(document?.memory?.growth.find(({ counter }) => counter === 'nodes')?.perIteration).toBe(2);
    expect(document?.memory?.growth.find(({ counter }) => counter === 'detached')?.perIteration).toBe(0);
    const judged = await project.pacewright(['judge', project.runs().at(-1) ?? '']);
    expect(judged.code, judged.output).toBe(1);
  },
  slow,
);

test(
  'interrupted, it leaves a valid run of what was counted, and nothing else',
  async () => {
    using project = createProject({
      'a.perf.ts': scenario('/repaired', 'iterations: 200').replace(
        "page.locator('#go').click()",
        "page.locator('#go').click().then(() => { console.log('clicked'); })",
      ),
    });
    const { child, finished } = project.start(['run']);
    let clicks = 0;
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (text: string) => {
        clicks += text.split('clicked').length - 1;
        if (clicks >= 6) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, output } = await finished;
    expect(code, output).not.toBe(0);
    const run = project.lastRun();
    const [document] = run.scenarios;
    expect([run.status, document?.status, document?.memory?.ended]).toEqual(['interrupted', 'interrupted', 'failed']);
    expect(document?.memory?.counters.length).toBeGreaterThan(1);
    expect(document?.failure).toBeNull();
    expect(document?.memory?.snapshots).toEqual([]);
  },
  slow,
);

test(
  'measure and detectLeaks in one test: wrong input',
  async () => {
    using project = createProject({
      'a.perf.ts': `import { test } from 'pacewright';
test('both', async ({ measure, detectLeaks }) => {
  await detectLeaks({ setup: ({ page }) => page.goto('${pages.url}/repaired'), action: async () => {}, iterations: 3 });
  await measure(({ page, step }) => step('open', () => page.goto('${pages.url}/repaired')));
});
`,
    });
    const { code, output } = await project.pacewright(['run']);
    expect(code, output).toBe(2);
    expect(output).toContain('calls both measure() and detectLeaks()');
  },
  slow,
);
