/** Memory scenarios as a user runs them, in real Chrome: a planted leak fails and is named, its repaired twin passes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { html, type PageServer, servePages } from './support/pages.ts';
import { leakyPage } from './support/leaky.ts';
import { createProject } from './support/project.ts';

// A bound for what hangs: on a busy machine Chrome takes 10 s for each snapshot.
const slow = 400_000;

let pages: PageServer;
beforeAll(async () => {
  pages = await servePages({ '/leaky': leakyPage(true), '/repaired': leakyPage(false) });
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
